"""What the ledger reads: the crawler's store beside the crawler, messages, a sorted whole."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.crawler.store import Store
from connectors.kafka.intake import Message
from connectors.ledger.snapshot import check, notes
from connectors.ledger.sorter import Sorter
from connectors.ledger.store import StoreReader, path_of
from connectors.ledger.tails import article_traces, letter_traces, tells
from streams import codec
from streams.errors import Retry
from streams.ledger import Source, State, Trace
from streams.records import DeadLetter
from streams.settings import Settings
from tests import make, make_index
from tests.unit.crawler.making import discover, found, message


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A crawler's store, in use."""
    with closing(Store(path_of(tmp_path))) as store:
        yield store


def test_a_snapshot_does_not_see_what_is_written_later(store: Store, tmp_path: Path) -> None:
    """Articles, their states and the outbox are of one moment, while the crawler writes on."""
    discover(store, found(1), found(2), found(3))
    store.finish(message(found(1)), "fetched")
    with closing(StoreReader(path_of(tmp_path))) as reader:
        store.finish(message(found(2)), "fetched")
        discover(store, found(4))
        told = list(reader.traces(None))
        assert {trace.id: trace.state for trace in told} == {
            found(1).id: "fetched",
            found(2).id: "discovered",
            found(3).id: "discovered",
        }
        assert [trace.id for trace in told] == sorted(trace.id for trace in told)
        assert {(t.outlet, t.day, t.source) for t in told} == {("bao", "2026-11-24", Source.STORE)}
        assert [(t.id, t.reason) for t in reader.outbox(None)] == [(found(1).id, "articles.raw")]
        assert [trace.id for trace in reader.traces([found(3).id, "x"])] == [found(3).id]
        assert list(reader.outbox([found(3).id])) == []


def test_a_store_that_is_none_is_told(tmp_path: Path) -> None:
    """With its path."""
    path_of(tmp_path).write_text("no database, by any means, not at all")
    with pytest.raises(Retry, match=r"crawler\.sqlite3"):
        StoreReader(path_of(tmp_path))


def test_without_a_store_it_is_said(store: Store, tmp_path: Path) -> None:
    """What could not be added up, and where the store was looked for."""
    assert notes(Settings(data_dir=tmp_path)) == ()
    (note,) = notes(Settings(data_dir=tmp_path / "elsewhere"))
    assert "elsewhere" in note


def put(value: bytes, key: bytes | None = b"k", headers: dict[str, bytes] | None = None) -> Message:
    """A message of a topic."""
    return Message(
        topic="t", partition=0, offset=0, key=key, value=value, headers=headers or {}
    )  # fmt: skip


def test_messages_tell_of_their_article() -> None:
    """Raw and enriched records by outlet and day; bytes that are no record by their key."""
    raw, poison = put(codec.encode(make.raw())), put(b"\xff{", key=b"\xffodd")
    enriched = put(codec.encode(make.enriched("Bài.")), key=None)
    told = list(article_traces([raw, poison, enriched], Source.RAW))
    assert [(t.id, t.outlet, t.day) for t in told] == [
        ("k", "bao", "2026-11-24"),
        ("\ufffdodd", "", ""),
        ("", "bao", "2026-11-24"),
    ]


def letter(stage: str, source: str) -> DeadLetter:
    """A dead letter."""
    return make_index.dead_letter(stage=stage, source=source)


@pytest.mark.parametrize(
    ("stage", "source", "told"),
    [
        ("crawl", "crawler", True),
        ("enrich", "articles.raw/0/1", True),
        ("index", "articles.enriched/0/1", True),
        ("index", "alerts/0/1", False),
        ("watch", "articles.enriched/0/1", False),
        ("notify", "alerts/0/1", False),
    ],
)
def test_only_letters_that_end_an_articles_way_tell_of_it(
    stage: str, source: str, told: bool
) -> None:
    """A letter about an alert must not hide that its article is missing."""
    assert tells(stage, source) is told
    record = letter(stage, source)
    sent = put(record.content, key=record.id.encode(), headers=codec.dead_headers(record))
    traces = list(letter_traces([sent]))
    assert [(t.id, t.outlet) for t in traces] == ([(record.id, "bao")] if told else [])


def test_sorting_keeps_each_article_and_source_once() -> None:
    """In the order of Python's strings, whatever came in which order."""
    ids = ["b", "a", "ạ", "Z", "b", "~", ""]
    with closing(Sorter()) as sorter:
        sorter.add(Trace(id=id, source=Source.RAW, outlet="bao") for id in ids)
        sorter.add([Trace(id="a", source=Source.DEAD)])
        told = [(t.id, t.source) for t in sorter.sorted()]
    assert [id for id, _ in told] == sorted([*set(ids), "a"])
    assert ("a", Source.DEAD) in told
    assert len(told) == len(set(told))


def test_suspects_are_looked_at_again_before_they_are_named() -> None:
    """One that has arrived by then is no longer missing; the other is."""
    asked: list[Sequence[str] | None] = []
    moment = f"{datetime.now(UTC):%Y-%m-%d}"
    rows = [Trace(id=x, source=Source.STORE, state="published", day=moment) for x in "abc"]

    @contextmanager
    def read(ids: Sequence[str] | None) -> Iterator[Iterator[Trace]]:
        asked.append(ids)
        arrived = [Trace(id="a", source=Source.INDEX)]
        if ids is not None:
            arrived.append(Trace(id="b", source=Source.INDEX))
        told = sorted([*rows, *arrived], key=lambda trace: trace.id)
        yield iter([trace for trace in told if ids is None or trace.id in ids])

    told = check(read, pause=0.0)
    assert asked == [None, ["b", "c"]]
    assert [missing.id for missing in told.missing] == ["c"]
    assert told.count(State.INDEXED) == 2
    assert told.discovered == 3
