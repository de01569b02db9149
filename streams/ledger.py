"""The ledger: where every article is, added up from traces that outlive every process. Pure.

    discovered = indexed + unchanged + skipped(reason) + dead(reason) + under way(place) + expired

A trace is one durable thing that tells of an article: its row in the crawler's store, a message that
a stage has not finished yet, its document in the index, its dead letter. An article whose traces
explain none of these states is missing: it breaks the sum, and is named. Expired are those from before
the time that is kept, whose traces `dongtin prune` has removed.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import groupby
from operator import attrgetter

from streams.errors import Reason

#: Missing articles that are named, at most; all of them are counted.
MOST_NAMED = 1000
#: What an operator gave up stays dead, with this in place of its reason.
DROPPED = "dropped"
#: Outlet or day of what no trace tells it of, such as bytes that are no record.
UNKNOWN = "-"


class State(StrEnum):
    """What became of an article; every article is in exactly one."""

    INDEXED = "indexed"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"
    DEAD = "dead"
    UNDER_WAY = "under way"
    EXPIRED = "expired"
    MISSING = "missing"


class Place(StrEnum):
    """Where an article is under way."""

    FETCH = "to be fetched"
    OUTBOX = "in the outbox"
    RAW = "in articles.raw before enrich"
    ENRICHED = "in articles.enriched before index"
    LETTER = "its dead letter before index"
    AGAIN = "retried just now"


class Source(StrEnum):
    """What kind of durable thing a trace was read from."""

    STORE = "crawler's store"
    OUTBOX = "outbox"
    RAW = "articles.raw, not enriched yet"
    ENRICHED = "articles.enriched, not indexed yet"
    DEAD = "articles.dead, not indexed yet"
    INDEX = "index of articles"
    LETTER = "index of dead letters"
    ARCHIVE = "articles.raw"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One durable thing that tells of an article."""

    id: str
    source: Source
    outlet: str = ""
    day: str = ""  # of first sight, ISO, UTC; of a letter the day when it was written
    url: str = ""
    state: str = ""  # the store's word; of a letter: nothing, `retried` or `dropped`
    reason: str = ""  # of the dead letter; in the outbox the topic
    at: float = 0.0  # Unix time at which its state changed


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """The one state of an article, and its reason or place."""

    state: State
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """An article that breaks the sum, and what is known of it."""

    id: str
    outlet: str
    day: str
    url: str
    known: tuple[str, ...]  # its traces in words


@dataclass(slots=True, kw_only=True)
class Row:
    """The articles of one outlet that were first seen on one day."""

    discovered: int = 0
    fates: Counter[Fate] = field(default_factory=Counter)


@dataclass(slots=True, kw_only=True)
class Balance:
    """The sum, by outlet and day of first sight."""

    rows: dict[tuple[str, str], Row] = field(default_factory=dict)
    missing: list[Missing] = field(default_factory=list)  # the first ones, by id

    @property
    def discovered(self) -> int:
        """All articles known."""
        return sum(row.discovered for row in self.rows.values())

    @property
    def fates(self) -> Counter[Fate]:
        """Articles by what became of them."""
        return sum((row.fates for row in self.rows.values()), Counter[Fate]())

    def count(self, state: State) -> int:
        """Articles in a state, whatever the reason or place."""
        return sum(n for fate, n in self.fates.items() if fate.state is state)

    @property
    def balanced(self) -> bool:
        """Whether the sum adds up: nothing is missing."""
        return self.count(State.MISSING) == 0


def day_of(moment: str) -> str:
    """The day of an ISO time in UTC; empty for what is none."""
    return moment[:10] if moment[4:5] == "-" else ""


def balance(
    traces: Iterable[Trace],
    *,
    began: float,
    kept_from: str = "",
    outlet: str | None = None,
    day: str | None = None,
) -> Balance:
    """Adds up all articles.

    Args:
        traces: in the order of their ids.
        began: Unix time at which the first of them was read.
        kept_from: the first day of which nothing has been pruned, ISO; empty: nothing ever has.
        outlet, day: count only the articles of this outlet, of this day.

    Raises:
        ValueError: the traces are not in order.
    """
    found = Balance()
    last = ""
    for id, group in groupby(traces, key=attrgetter("id")):
        if id < last:
            raise ValueError(f"the traces of {id} come after those of {last}")
        last = id
        own = tuple(group)
        place = (_first(own, "outlet") or UNKNOWN, _first(own, "day") or UNKNOWN)
        if outlet in (None, place[0]) and day in (None, place[1]):
            fate = judge(own, began=began)
            if fate.state is State.MISSING and UNKNOWN != place[1] < kept_from:
                fate = Fate(state=State.EXPIRED)
            _add(found, place, own, fate)
    return found


def _add(found: Balance, place: tuple[str, str], own: Sequence[Trace], fate: Fate) -> None:
    row = found.rows.setdefault(place, Row())
    row.discovered += 1
    row.fates[fate] += 1
    if fate.state is State.MISSING and len(found.missing) < MOST_NAMED:
        found.missing.append(
            Missing(
                id=own[0].id,
                outlet=place[0],
                day=place[1],
                url=_first(own, "url"),
                known=tuple(dict.fromkeys(_words(own))),
            )
        )


def _words(own: Sequence[Trace]) -> Iterator[str]:
    for trace in own:
        yield " ".join(part for part in (f"{trace.source}:", trace.state, trace.reason) if part)


#: Where several traces know it, the earlier source is believed.
_KNOWS_BEST = (
    Source.STORE, Source.INDEX, Source.RAW, Source.ENRICHED, Source.OUTBOX, Source.ARCHIVE,
    Source.LETTER, Source.DEAD,
)  # fmt: skip


def _first(own: Sequence[Trace], name: str) -> str:
    for source in _KNOWS_BEST:
        for trace in own:
            if trace.source is source and getattr(trace, name):
                return str(getattr(trace, name))
    return ""


_UNDER_WAY = (
    (Source.RAW, Place.RAW),
    (Source.ENRICHED, Place.ENRICHED),
    (Source.DEAD, Place.LETTER),
)


def judge(own: Sequence[Trace], *, began: float) -> Fate:
    """The one state of the article with these traces.

    Each source was read after those before it in the flow, so what has moved on meanwhile shows
    farther down: the farthest trace is the true one.

    Args:
        began: Unix time at which the first source was read; a letter retried later may have gone
            to where we had looked before.
    """
    by_source = {trace.source: trace for trace in own}
    store = by_source.get(Source.STORE)
    if Source.INDEX in by_source:
        return Fate(state=State.INDEXED)
    if store and store.state == "unchanged":
        return Fate(state=State.UNCHANGED)
    for source, place in _UNDER_WAY:
        if source in by_source:
            return Fate(state=State.UNDER_WAY, detail=place)
    letters = [trace for trace in own if trace.source is Source.LETTER]
    standing = [letter for letter in letters if letter.state != "retried"]
    if standing:
        return _of_letter(max(standing, key=lambda letter: (letter.state != DROPPED, letter.at)))
    if outbox := by_source.get(Source.OUTBOX):
        place = Place.LETTER if outbox.reason == "articles.dead" else Place.OUTBOX
        return Fate(state=State.UNDER_WAY, detail=place)
    if store and store.state == "discovered":
        return Fate(state=State.UNDER_WAY, detail=Place.FETCH)
    if any(letter.at >= began for letter in letters):
        return Fate(state=State.UNDER_WAY, detail=Place.AGAIN)
    return Fate(state=State.MISSING)


def _of_letter(letter: Trace) -> Fate:
    if letter.state == DROPPED:
        return Fate(state=State.DEAD, detail=DROPPED)
    try:
        disposition = Reason(letter.reason).disposition
    except ValueError:  # a newer program's
        disposition = State.DEAD
    return Fate(state=State(disposition), detail=letter.reason)


def settle(first: Balance, again: Balance) -> Balance:
    """The first sum, with those that seemed missing as they were found the second time.

    Args:
        again: the balance of exactly the articles named by `first.missing`.
    """
    rows = {key: replace(row, fates=row.fates.copy()) for key, row in first.rows.items()}
    for suspect in first.missing:
        row = rows[(suspect.outlet, suspect.day)]
        row.discovered -= 1
        row.fates -= Counter({Fate(state=State.MISSING): 1})  # drops what comes to nothing
    for key, row in again.rows.items():
        mine = rows.setdefault(key, Row())
        mine.discovered += row.discovered
        mine.fates += row.fates
    return Balance(
        rows={key: row for key, row in rows.items() if row.discovered}, missing=again.missing
    )
