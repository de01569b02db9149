"""All traces of all articles, read in the order in which articles flow.

The store first, then what enrich has finished, then what index has finished, the indices last. An
article moves only forward, so one that leaves a place before we look there has arrived, by the time
we look, at a place where we look later: none can slip through while traffic flows.
"""

import heapq
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from connectors.elasticsearch.admin import KEPT_FROM, meta
from connectors.elasticsearch.client import asking, connect
from connectors.elasticsearch.documents import OPEN
from connectors.elasticsearch.scan import Fields, moment, scan
from connectors.kafka.intake import Message
from connectors.kafka.reading import beginnings, committed, read
from connectors.ledger.sorter import Sorter
from connectors.ledger.store import StoreReader, path_of
from connectors.ledger.tails import article_traces, letter_traces, tells
from streams import topics
from streams.ledger import Balance, Source, Trace, balance, day_of, settle
from streams.settings import Settings

#: All traces, or those of some articles, in the order of their ids.
Read = Callable[[Sequence[str] | None], AbstractContextManager[Iterator[Trace]]]

#: Seconds before those that seem missing are looked at once more.
PAUSE = 2.0
_CLOCKS = 1.0  # seconds that another machine's clock may be behind ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A balance, what could not be added up, and what it took."""

    balance: Balance
    notes: tuple[str, ...]
    seconds: float


def account(settings: Settings, *, outlet: str | None = None, day: str | None = None) -> Account:
    """Adds up everything on the servers and in the data folder of the settings.

    Raises:
        Retry: a server or the store can't be asked now.
    """
    began = time.monotonic()
    found = check(
        lambda ids: traces(settings, ids),
        kept_from=lambda: kept_from(settings),
        outlet=outlet,
        day=day,
    )
    return Account(balance=found, notes=notes(settings), seconds=time.monotonic() - began)


def check(
    read: Read,
    *,
    kept_from: Callable[[], str] = str,
    outlet: str | None = None,
    day: str | None = None,
    pause: float = PAUSE,
) -> Balance:
    """The balance; those that seem missing are looked at a second time before they are named."""
    found = _pass(read, None, kept_from, outlet, day)
    if found.balanced:
        return found
    time.sleep(pause)
    return settle(
        found, _pass(read, [suspect.id for suspect in found.missing], kept_from, outlet, day)
    )


def _pass(
    read: Read,
    ids: list[str] | None,
    kept_from: Callable[[], str],
    outlet: str | None,
    day: str | None,
) -> Balance:
    began = time.time() - _CLOCKS
    with read(ids) as found:
        # asked after the indices were opened: before anything is pruned it is noted
        return balance(found, began=began, kept_from=kept_from(), outlet=outlet, day=day)


def kept_from(settings: Settings) -> str:
    """The first day of which `dongtin prune` has removed nothing, ISO; empty: it never has.

    Raises:
        Retry: the search server can't be asked now.
    """
    with connect(settings.elasticsearch) as client, asking(client):
        prefix = settings.elasticsearch.prefix
        noted = (meta(client, prefix, kind).get(KEPT_FROM, "") for kind in ("articles", "dead"))
        return max(str(day) for day in noted)


def notes(settings: Settings) -> tuple[str, ...]:
    """What can't be added up here, and why."""
    path = path_of(settings.data_dir)
    if path.exists():
        return ()
    return (
        f"no crawler's store at {path}: counted is what reached Kafka. Not counted: articles that "
        "feeds have named and that are still to be fetched, wait in the outbox, or turned out to "
        "be known under another address. Run it on the crawler's machine, or with its --data-dir.",
    )


@contextmanager
def traces(settings: Settings, ids: Sequence[str] | None) -> Iterator[Iterator[Trace]]:
    """Every trace, or those of some articles, in the order of their ids.

    Without a crawler's store, `articles.raw` is read from its beginning in its place.

    Raises:
        Retry: a server or the store can't be asked now.
    """
    with ExitStack() as stack:
        streams: list[Iterator[Trace]] = []
        sorter = stack.enter_context(closing(Sorter()))
        path = path_of(settings.data_dir)
        if path.exists():
            store = stack.enter_context(closing(StoreReader(path)))
            streams += [store.traces(ids), store.outbox(ids)]
        else:
            whole = _wanted(read(settings.kafka, beginnings(settings.kafka, topics.RAW.name)), ids)
            sorter.add(article_traces(whole, Source.ARCHIVE))
        _add_tails(sorter, settings, ids)
        client = stack.enter_context(connect(settings.elasticsearch))
        prefix = settings.elasticsearch.prefix
        query = None if ids is None else {"terms": {"id": list(ids)}}
        for kind, fields, trace in (
            ("dead", _LETTER_FIELDS, _letter),
            ("articles", _ARTICLE_FIELDS, _article),
        ):
            point = stack.enter_context(moment(client, prefix, kind))
            streams.append(_told(scan(client, point, fields, query), trace))
        yield heapq.merge(*streams, sorter.sorted(), key=attrgetter("id"))


def _add_tails(sorter: Sorter, settings: Settings, ids: Sequence[str] | None) -> None:
    kafka = settings.kafka
    # what enrich has finished first: its output is then in the topics that are looked at next
    raw = committed(kafka, "enrich", topics.RAW.name)
    enriched = committed(kafka, "index", topics.ENRICHED.name)
    dead = committed(kafka, "index", topics.DEAD.name)
    sorter.add(article_traces(_wanted(read(kafka, raw), ids), Source.RAW))
    sorter.add(article_traces(_wanted(read(kafka, enriched), ids), Source.ENRICHED))
    sorter.add(letter_traces(_wanted(read(kafka, dead), ids)))


def _wanted(messages: Iterator[Message], ids: Sequence[str] | None) -> Iterator[Message]:
    if ids is None:
        return messages
    keys = {id.encode() for id in ids}
    return (message for message in messages if (message.key or b"") in keys)


_ARTICLE_FIELDS = ("outlet", "first_seen")
_LETTER_FIELDS = (
    "outlet", "url", "stage", "source", "reason", "at", "state", "state_at",
)  # fmt: skip


def _told(found: Iterator[Fields], trace: Callable[[Fields], Trace | None]) -> Iterator[Trace]:
    return (one for fields in found if (one := trace(fields)) is not None)


def _article(fields: Fields) -> Trace:
    return Trace(
        id=_one(fields, "id"),
        source=Source.INDEX,
        outlet=_one(fields, "outlet"),
        day=day_of(_one(fields, "first_seen")),
    )


def _letter(fields: Fields) -> Trace | None:
    if not tells(_one(fields, "stage"), _one(fields, "source")):
        return None
    state = _one(fields, "state").removeprefix(OPEN)
    return Trace(
        id=_one(fields, "id"),
        source=Source.LETTER,
        outlet=_one(fields, "outlet"),
        day=day_of(_one(fields, "at")),
        url=_one(fields, "url"),
        state=state,
        reason=_one(fields, "reason"),
        at=_unix(_one(fields, "state_at" if state else "at")),
    )


def _one(fields: Fields, name: str) -> str:
    values: list[Any] = fields.get(name) or [""]
    return str(values[0])


def _unix(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp() if moment else 0.0
