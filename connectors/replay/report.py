"""What a replay found: which mentions the extractor of today gained and lost. Pure."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from connectors.elasticsearch.known import Known
from connectors.elasticsearch.versions import milliseconds
from streams.alerts import sentence_of
from streams.changes import Change, change
from streams.records import EnrichedArticle

#: Examples, and articles that could not be enriched, that are named; all are counted.
MOST_NAMED = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A document that an article gained or lost."""

    key: str
    gained: bool
    article: str
    url: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotEnriched:
    """An article that today's extractor has no result for either."""

    article: str
    url: str
    reason: str
    detail: str


@dataclass(slots=True, kw_only=True)
class Report:
    """The account of one replay; grows while it runs, and stays small."""

    read: int = 0  # messages
    sent: int = 0
    again: int = 0  # messages that hold a capture that was met before
    older: int = 0  # captures that a later one has replaced
    absent: int = 0  # articles that the index did not have
    changed: int = 0  # articles whose documents or people are others now
    reasons: Counter[str] = field(default_factory=Counter)  # of those not enriched
    not_enriched: list[NotEnriched] = field(default_factory=list)
    documents: Change = field(default_factory=lambda: change((), ()))
    people: Change = field(default_factory=lambda: change((), ()))
    examples: list[Example] = field(default_factory=list)

    def failed(self, article: str, url: str, reason: str, detail: str) -> None:
        """Notes an article that could not be enriched."""
        self.reasons[reason] += 1
        if len(self.not_enriched) < MOST_NAMED:
            self.not_enriched.append(
                NotEnriched(article=article, url=url, reason=reason, detail=detail[:500])
            )

    def compare(self, article: EnrichedArticle, before: Known | None) -> None:
        """Notes what the new reading of an article has that the indexed one has not."""
        if before is None:
            self.absent += 1
            return
        if milliseconds(article.fetched_at) < before.fetched:
            self.older += 1
            return
        documents = change(before.documents.elements(), (m.key for m in article.facts.documents))
        people = change(before.people, {p.person or p.surface for p in article.facts.people})
        self.changed += bool(documents or people)
        self.documents.gained.update(documents.gained)
        self.documents.lost.update(documents.lost)
        self.people.gained.update(people.gained)
        self.people.lost.update(people.lost)
        self._show(article, before, documents)

    def _show(self, article: EnrichedArticle, before: Known, documents: Change) -> None:
        sentences = {m.key: sentence_of(article, m)[0] for m in reversed(article.facts.documents)}
        both = [(key, True, sentences[key]) for key in documents.gained]
        both += [(key, False, before.sentences[key]) for key in documents.lost]
        for key, gained, sentence in both:
            if len(self.examples) < MOST_NAMED:
                self.examples.append(
                    Example(
                        key=key,
                        gained=gained,
                        article=article.id,
                        url=article.url,
                        sentence=sentence,
                    )
                )

    def told(self) -> dict[str, Any]:
        """The report as JSON has it: the most frequent keys first."""
        return {
            "read": self.read,
            "sent": self.sent,
            "again": self.again,
            "older": self.older,
            "absent": self.absent,
            "changed": self.changed,
            "documents": _ordered(self.documents),
            "people": _ordered(self.people),
            "examples": [
                {
                    "key": e.key,
                    "change": "gained" if e.gained else "lost",
                    "article": e.article,
                    "url": e.url,
                    "sentence": e.sentence,
                }
                for e in self.examples
            ],
            "not_enriched": {
                "reasons": dict(self.reasons.most_common()),
                "articles": [
                    {"article": n.article, "url": n.url, "reason": n.reason, "detail": n.detail}
                    for n in self.not_enriched
                ],
            },
        }


def _ordered(one: Change) -> dict[str, dict[str, int]]:
    return {"gained": dict(one.gained.most_common()), "lost": dict(one.lost.most_common())}
