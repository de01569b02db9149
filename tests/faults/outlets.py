"""What is published and what must come of it: the newspaper's stories, pages that are bad, messages that
are no records."""

import json
import random
from collections.abc import Iterable
from dataclasses import dataclass

from connectors.sample.trouble import CASES, good_path
from streams import topics
from streams.errors import Reason
from streams.identity import article_id, canonical_url
from tests.faults.fragile import CRASH, HANG, RAISE
from tests.faults.newspaper import Newspaper, Story, story
from tests.faults.poison import Poison
from tests.faults.world import Expected, Letter

#: Pages that a web server may give, each with a good one beside it. Those that a host is left alone
#: for are few: all outlets of the run are one host.
BAD_PAGES = (
    "five-mb-text", "noise-as-html", "empty-text", "list-page", "not-html", "404", "redirect-loop", "500",
)  # fmt: skip
#: What the good page beside a bad one names.
_GOOD_NAMES = "05-CT/TW"
_CRAWLED = frozenset({Reason.LIST_PAGE, Reason.EMPTY_TEXT})  # found out by enrich, not by crawl
_HOSTILE = {HANG: Reason.DEADLINE, CRASH: Reason.CRASH, RAISE: Reason.EXTRACTOR_ERROR}

_SETTINGS = """
[crawler]
poll = 1.0
pause = 0.01
attempts = 2
timeout = 10.0
[elasticsearch]
bulk_articles = 20
timeout = 5.0
[enrich]
lanes = 1
deadline = 10.0
batch = 8
"""


def stories(seed: int, count: int, *, hostile: bool = True) -> tuple[Story, ...]:
    """So many stories, among them one for each way in which an extractor can fail."""
    marks = list(_HOSTILE) if hostile else []
    places = random.Random(seed).sample(range(count), len(marks))
    by_place = dict(zip(places, marks, strict=True))
    return tuple(story(number, by_place.get(number, "")) for number in range(count))


def config(paper: Newspaper, trouble: str) -> str:
    """The settings file: the newspaper, and an outlet for each bad page."""
    feeds = {"paper": paper.feed}
    if trouble:
        feeds |= {name.replace("-", "_"): f"{trouble}/feed/{name}.xml" for name in BAD_PAGES}
    return _SETTINGS + "".join(
        f'[outlets.{key}]\nname = "{key}"\nfeeds = {json.dumps([feed])}\nloopback = true\n'
        for key, feed in feeds.items()
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """Everything that was given to the pipeline.

    Attributes:
        trouble: base address of the bad pages; empty without them.
    """

    paper: Newspaper
    trouble: str
    poison: tuple[Poison, ...]

    def expected(self) -> Expected:
        """What must come of it."""
        articles, documents, letters = set[str](), set[str](), set[Letter]()
        for id, told in self.paper.printed().items():
            if reason := _reason_of(told):
                letters.add(Letter(stage="enrich", reason=str(reason), id=id))
            else:
                articles.add(id)
                documents |= told.documents
        for id, reason in self._bad_pages():
            stage = "enrich" if reason in _CRAWLED else "crawl"
            letters.add(Letter(stage=stage, reason=str(reason), id=id))
        if self.trouble:
            articles |= {_id(self.trouble + good_path(name)) for name in BAD_PAGES}
            documents.add(_GOOD_NAMES)
        contents = dict(self._contents())
        tracked = articles | {letter.id for letter in letters} | set(self._ledger_counts())
        return Expected(
            articles=frozenset(articles),
            documents=frozenset(documents),
            letters=frozenset(letters | contents.keys()),
            contents=contents,
            tracked=frozenset(tracked),
        )

    def discovered(self) -> int:
        """How many articles the outlets' feeds name by now."""
        return len(self.paper.printed()) + (2 * len(BAD_PAGES) if self.trouble else 0)

    def _bad_pages(self) -> Iterable[tuple[str, Reason]]:
        for case in CASES:
            if self.trouble and case.name in BAD_PAGES and case.reason:
                yield _id(self.trouble + case.path), case.reason

    def _contents(self) -> Iterable[tuple[Letter, bytes]]:
        for bad in self.poison:
            for stage, reason in bad.letters:
                id = (bad.key or b"").decode()
                yield Letter(stage=stage, reason=reason, id=id), bad.value or b""

    def _ledger_counts(self) -> Iterable[str]:
        """What is no record counts as an article where an article would have stood."""
        for bad in self.poison:
            if bad.topic in (topics.RAW.name, topics.ENRICHED.name):
                yield (bad.key or b"").decode()


def _reason_of(told: Story) -> Reason | None:
    text = told.page.decode()
    return next((reason for mark, reason in _HOSTILE.items() if mark in text), None)


def _id(url: str) -> str:
    return article_id(canonical_url(url))
