"""What is written for each record: pure, from a record to actions on indices.

Vietnamese search happens here, the same for documents as for queries, because a bare server has no
analysis for it: original text, folded text (`fold(one_tone_placement(...))`), segmented words.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from connectors.elasticsearch.declared import index
from connectors.elasticsearch.names import alias
from connectors.elasticsearch.versions import first_version, milliseconds, version
from streams.alerts import check_spans, people_between
from streams.identity import mention_id
from streams.records import Alert, DeadLetter, DocumentMention, EnrichedArticle, PersonMention
from streams.text import fold, one_tone_placement, sentence_span
from streams.times import in_utc

Body = dict[str, Any]

#: Words kept for clouds and rising terms, of one article.
_TERMS = 400
#: Characters of a dead letter's bytes that are shown; the topic keeps them whole.
_EXCERPT = 2_000
_DETAIL = 4_000
#: State of a dead letter that nobody has done anything about; `dongtin dead` writes the others.
OPEN = "open"
_INT = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One item of a bulk request."""

    op: Literal["index", "create", "delete"]
    index: str
    id: str
    version: int | None = None  # external: an older one never overwrites a newer one
    body: Body | None = None
    by_alias: bool = False  # `index` is an alias, and must not become an index


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleActions:
    """An article's own document, and those of its mentions, written once the article's is there:
    an older capture, refused there, must not leave mentions behind."""

    article: Action
    captured: Action  # the capture's own, also of one that a later capture has replaced
    mentions: tuple[Action, ...]
    month: str  # of the indices that all of these are in
    mentions_index: str  # where mentions of earlier captures lie
    version: int
    capture: str


def article_actions(prefix: str, article: EnrichedArticle) -> ArticleActions:
    """What is written for an enriched article.

    Raises:
        Invalid: `bad-record`: its times or its extractor's number can't be compared, or a mention
            lies outside its text.
    """
    number = version(article.fetched_at, article.extractor)
    check_spans(article)
    month = f"{in_utc(article.first_seen):%Y.%m}"
    mentions_index = index(prefix, "mentions", month)
    return ArticleActions(
        article=Action(
            op="index",
            index=index(prefix, "articles", month),
            id=article.id,
            version=number,
            body=_article_body(article, number),
        ),
        captured=Action(
            op="index",
            index=index(prefix, "captures", month),
            id=article.capture,
            version=first_version(article.fetched_at, article.extractor),
            body=_capture_body(article),
        ),
        mentions=tuple(
            Action(
                op="index",
                index=mentions_index,
                id=mention_id(article.id, mention),
                version=number,
                body=_mention_body(article, mention, number),
            )
            for mention in article.facts.documents
        ),
        month=month,
        mentions_index=mentions_index,
        version=number,
        capture=article.capture,
    )


def alert_action(prefix: str, alert: Alert) -> Action:
    """What is written for an alert: the first with an id stays."""
    body = {
        "id": alert.id,
        "kind": alert.kind,
        "document": alert.document,
        "type": alert.type,
        "issuer": alert.issuer,
        "issued": alert.issued,
        "document_title": alert.document_title,
        "novelty": alert.novelty,
        "article": alert.article,
        "outlet": alert.outlet,
        "outlet_name": alert.outlet_name,
        "url": alert.url,
        "title": alert.title,
        "published": stamp(alert.published),
        "sentence": alert.sentence,
        "people": list(alert.people),
        "discovered_at": stamp(alert.discovered_at),
        "created_at": stamp(alert.created_at),
    }
    return Action(
        op="create", index=alias(prefix, "alerts"), id=safe_id(alert.id), body=body, by_alias=True
    )


def dead_action(prefix: str, letter: DeadLetter, place: str) -> Action:
    """What is written for a dead letter; the same failure of the same input is one document.

    Args:
        place: where the letter lies, `articles.dead/0/17`: its bytes can be had from there.
    """
    content = hashlib.sha256(letter.content).hexdigest()
    identity = "\0".join((letter.stage, letter.reason, letter.source, letter.id, content))
    body = {
        "id": letter.id,
        "stage": letter.stage,
        "reason": letter.reason,
        "detail": letter.detail[:_DETAIL],
        "outlet": letter.outlet,
        "url": letter.url,
        "source": letter.source,
        "attempts": min(letter.attempts, _INT),
        "at": stamp(letter.at),
        "state": OPEN,
        "state_at": None,
        "state_by": None,
        "letter": place,
        "size": len(letter.content),
        "excerpt": letter.content[: 4 * _EXCERPT].decode(errors="replace")[:_EXCERPT],
    }
    return Action(
        op="index",
        index=alias(prefix, "dead"),
        by_alias=True,
        id=hashlib.sha256(identity.encode()).hexdigest()[:32],
        version=milliseconds(max(letter.at, datetime.fromtimestamp(0, UTC))),
        body=body,
    )


def delete_action(index: str, mention: str, number: int) -> Action:
    """Takes away a mention that the article of version `number` no longer has."""
    return Action(op="delete", index=index, id=mention, version=number)


def safe_id(key: str) -> str:
    """A key as an Elasticsearch id: itself where it can be one (512 bytes; not a path's dots)."""
    raw = key.encode()
    if key not in ("", ".", "..") and len(raw) <= 512:
        return key
    return f"{raw[:400].decode(errors='ignore')}~{hashlib.sha256(raw).hexdigest()}"


def folded(text: str) -> str:
    """Text as folded fields and the queries on them have it; offsets hold."""
    return fold(one_tone_placement(text))


def stamp(moment: datetime | None) -> str | None:
    """ISO 8601 in the zone that it came in, where Elasticsearch can read that zone."""
    if moment is None:
        return None
    offset = moment.utcoffset()
    odd = offset is None or offset.total_seconds() % 60
    return (in_utc(moment) if odd else moment).isoformat()


def _article_body(article: EnrichedArticle, number: int) -> Body:
    facts = article.facts
    words = one_tone_placement(article.words)
    return _origin(article, number) | {
        "id": article.id,
        "canonical_url": article.canonical_url,
        "enriched_at": stamp(article.enriched_at),
        "modified": stamp(article.modified),
        "section": article.section,
        "authors": list(article.authors),
        "title": article.title,
        "lead": article.lead,
        "text": article.text,
        "title_folded": folded(article.title),
        "text_folded": folded(article.text),
        "words": words,
        "terms": _terms(words),
        "documents": list(dict.fromkeys(m.key for m in facts.documents)),
        "people": _names(facts.people),
        "titles": _titles(facts.people),
        "dates": list(dict.fromkeys(d.iso for d in facts.dates)),
        "mention_count": len(facts.documents),
        "dateline": facts.dateline,
        "byline": facts.byline,
        "photo_credits": list(facts.photo_credits),
        "source_credit": facts.source_credit,
    }


def _origin(article: EnrichedArticle, number: int) -> Body:
    """What an article's document and those of its mentions have in common."""
    return {
        "url": article.url,
        "outlet": article.outlet,
        "published": stamp(article.published),
        "first_seen": stamp(article.first_seen),
        "discovered_at": stamp(article.discovered_at),
        "fetched_at": stamp(article.fetched_at),
        "capture": article.capture,
        "version": number,
        "extractor": article.extractor,
    }


def _capture_body(article: EnrichedArticle) -> Body:
    """Documents and people as often as they are mentioned, for comparing captures."""
    return {
        "id": article.capture,
        "article": article.id,
        "url": article.url,
        "outlet": article.outlet,
        "first_seen": stamp(article.first_seen),
        "fetched_at": stamp(article.fetched_at),
        "published": stamp(article.published),
        "modified": stamp(article.modified),
        "extractor": article.extractor,
        "title": article.title,
        "text": article.text,
        "documents": [mention.key for mention in article.facts.documents],
        "people": [person.person or person.surface for person in article.facts.people],
    }


def _mention_body(article: EnrichedArticle, mention: DocumentMention, number: int) -> Body:
    sentence, people = _around(article, mention)
    return _origin(article, number) | {
        "key": mention.key,
        "type": mention.type,
        "number": mention.number,
        "year": mention.year,
        "symbol": mention.symbol,
        "issuer": mention.issuer,
        "issued": mention.issued,
        "title": mention.title,
        "tier": mention.tier,
        "complete": mention.complete,
        "ambiguous": mention.ambiguous,
        "rule": mention.rule,
        "confidence": mention.confidence,
        "article": article.id,
        "article_title": article.title,
        "field": mention.field,
        "start": mention.start,
        "end": mention.end,
        "surface": mention.surface,
        "sentence": sentence,
        "sentence_folded": folded(sentence),
        "people": _names(people),
        "titles": _titles(people),
    }


def _around(
    article: EnrichedArticle, mention: DocumentMention
) -> tuple[str, tuple[PersonMention, ...]]:
    if mention.field == "title":
        return article.title, ()  # people's spans count in the text
    start, end = sentence_span(article.text, mention.start, mention.end)
    return article.text[start:end], people_between(article.facts.people, start, end)


def _names(people: Sequence[PersonMention]) -> list[str]:
    return list(dict.fromkeys(p.person or p.surface for p in people))


def _titles(people: Sequence[PersonMention]) -> list[str]:
    return list(dict.fromkeys(title for p in people for title in p.titles))


def _terms(words: str) -> list[str]:
    """The words of several syllables, each once: single syllables say little of a subject."""
    found = dict.fromkeys(word for word in words.lower().split() if "_" in word.strip("_"))
    return list(found)[:_TERMS]
