"""The record of deliveries: nothing twice, nothing forgotten."""

import sqlite3
import time
from pathlib import Path

import pytest

from connectors.notify.delivered import Book, State
from streams.errors import Fatal

STATES: tuple[State, ...] = ("pending", "delivered", "failed")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the record lies."""
    return tmp_path / "data" / "notify.sqlite3"


def add(book: Book, id: str = "first:a", addresses: tuple[str, ...] = ("x", "y")) -> bool:
    """Notes an alert."""
    return book.add(id, id.encode(), "alerts/0/1", addresses)


def give(book: Book, address: str) -> str:
    """Delivers the next alert to an address; its id."""
    (pending,) = book.waiting(address, 1)
    book.delivered([pending.number], address)
    return pending.id


def fail(book: Book, address: str, *, last: bool) -> None:
    """Fails to deliver the next alert."""
    (pending,) = book.waiting(address, 1)
    book.failed(pending.number, address, "refused", last=last)


def test_an_alert_known_by_its_id_is_not_delivered_again(path: Path) -> None:
    """Neither when the message comes twice nor when the topic is read anew after a restart."""
    book = Book(path)
    assert add(book)
    assert give(book, "x") == "first:a"
    assert not add(book)
    book.close()
    book = Book(path)
    assert not add(book)
    assert book.waiting("x", 1) == []
    assert give(book, "y") == "first:a"


def test_each_address_gets_all_in_their_order(path: Path) -> None:
    """One address that fails does not move the others."""
    book = Book(path)
    for id in ("a", "b", "c"):
        add(book, id)
    fail(book, "x", last=False)
    assert [give(book, "y") for _ in range(3)] == ["a", "b", "c"]
    assert [give(book, "x") for _ in range(3)] == ["a", "b", "c"]


def test_tries_are_counted_over_restarts(path: Path) -> None:
    """A process that restarts does not try for ever."""
    book = Book(path)
    add(book)
    fail(book, "x", last=False)
    book.close()
    (pending,) = Book(path).waiting("x", 1)
    assert pending.attempts == 1


def test_what_failed_is_told_once_all_addresses_are_done(path: Path) -> None:
    """One dead letter for an alert, naming each address that did not get it."""
    book = Book(path)
    add(book, addresses=("x", "y", "z"))
    fail(book, "x", last=True)
    fail(book, "y", last=True)
    assert book.lost() == []
    give(book, "z")
    (lost,) = book.lost()
    assert (lost.id, lost.value, lost.source) == ("first:a", b"first:a", "alerts/0/1")
    assert "x: refused" in lost.detail
    assert "y: refused" in lost.detail
    book.buried([lost.number])
    assert book.lost() == []


def test_what_is_delivered_everywhere_is_not_lost(path: Path) -> None:
    """Nothing to bury."""
    book = Book(path)
    add(book)
    give(book, "x")
    give(book, "y")
    assert book.lost() == []


def test_addresses_that_are_gone_are_given_up(path: Path) -> None:
    """What waits for them is told as lost, not kept for ever."""
    book = Book(path)
    add(book)
    give(book, "x")
    assert book.abandon(["x"]) == 1
    assert [lost.id for lost in book.lost()] == ["first:a"]


def test_several_alerts_of_one_message_are_delivered_together(path: Path) -> None:
    """The oldest first, and no more than were asked for."""
    book = Book(path)
    for id in ("a", "b", "c"):
        add(book, id)
    waiting = book.waiting("x", 2)
    assert [pending.id for pending in waiting] == ["a", "b"]
    book.delivered([pending.number for pending in waiting], "x")
    assert [pending.id for pending in book.waiting("x", 9)] == ["c"]


def test_what_was_given_up_is_tried_again_when_it_is_asked_for(path: Path) -> None:
    """At the address that never got it and at no other; asked twice nothing more happens."""
    book = Book(path)
    add(book)
    give(book, "y")
    fail(book, "x", last=True)
    book.buried([lost.number for lost in book.lost()])
    assert book.retry(["first:other"], ("x", "y")) == 0
    assert book.retry(None, ("y",)) == 0  # x is no longer configured
    assert book.retry(["first:a"], ("x", "y")) == 1
    assert book.retry(None, ("x", "y")) == 0
    (pending,) = book.waiting("x", 9)
    assert (pending.id, pending.value, pending.attempts) == ("first:a", b"first:a", 0)
    assert book.waiting("y", 9) == []
    fail(book, "x", last=True)
    assert [lost.id for lost in book.lost()] == ["first:a"]  # told as lost once more


def test_what_failed_at_an_address_that_is_gone_goes_to_the_one_in_its_place(path: Path) -> None:
    """A mended password makes another address; who has the alert does not get it again."""
    book = Book(path)
    add(book)
    give(book, "y")
    assert book.abandon(["y", "z"]) == 1
    book.buried([lost.number for lost in book.lost()])
    assert book.retry(None, ("y",)) == 0  # nothing is new
    assert book.retry(None, ("y", "z")) == 1
    assert book.retry(None, ("y", "z")) == 0
    assert book.waiting("y", 9) == []
    assert give(book, "z") == "first:a"
    assert book.lost() == []


def test_a_dead_letter_that_is_sent_again_is_tried_again(path: Path) -> None:
    """It comes as another message; the same one read twice changes nothing."""
    book = Book(path)
    add(book)
    give(book, "y")
    fail(book, "x", last=True)
    book.buried([lost.number for lost in book.lost()])
    assert not book.add("first:a", b"first:a", "alerts/0/1", ("x", "y"))
    assert book.waiting("x", 9) == []
    assert book.add("first:a", b"first:a", "alerts/0/7", ("x", "y"))
    assert not book.add("first:a", b"first:a", "alerts/0/7", ("x", "y"))
    assert [pending.id for pending in book.waiting("x", 9)] == ["first:a"]
    assert book.waiting("y", 9) == []


def test_each_delivery_can_be_looked_up(path: Path) -> None:
    """By its state and by when the alert came, the newest first."""
    began = time.time()
    book = Book(path)
    for id in ("a", "b"):
        add(book, id)
    give(book, "x")
    fail(book, "x", last=False)
    fail(book, "y", last=True)
    found = {(x.id, x.address): x for x in book.deliveries(STATES, 0.0, 99)}
    assert [x.id for x in book.deliveries(STATES, 0.0, 99)] == ["b", "b", "a", "a"]
    assert (found["a", "x"].state, found["a", "x"].detail) == ("delivered", "")
    assert (found["b", "x"].state, found["b", "x"].detail) == ("pending", "refused")
    assert (found["a", "y"].state, found["a", "y"].attempts) == ("failed", 1)
    assert found["b", "y"].at == 0.0
    assert began <= found["b", "x"].came <= found["b", "x"].at <= time.time()
    assert [(x.id, x.address) for x in book.deliveries(("failed",), 0.0, 99)] == [("a", "y")]
    assert book.deliveries(STATES, time.time() + 1, 99) == []
    assert len(book.deliveries(STATES, 0.0, 3)) == 3


def test_a_record_of_an_earlier_version_is_read_on(path: Path) -> None:
    """What waited in it is delivered."""
    path.parent.mkdir()
    old = sqlite3.connect(path)
    old.executescript(
        "CREATE TABLE alerts (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
        " source TEXT NOT NULL, value BLOB, buried INTEGER NOT NULL DEFAULT 0);"
        "CREATE TABLE deliveries (alert INTEGER NOT NULL, address TEXT NOT NULL,"
        " state TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,"
        " detail TEXT NOT NULL DEFAULT '', PRIMARY KEY (alert, address)) WITHOUT ROWID;"
        "INSERT INTO alerts (id, source, value) VALUES ('a', 'alerts/0/1', x'61');"
        "INSERT INTO deliveries (alert, address, state) VALUES (1, 'x', 'pending');"
    )
    old.close()
    for _ in range(2):
        book = Book(path)
        assert [pending.id for pending in book.waiting("x", 9)] == ["a"]
        book.close()
    book = Book(path)
    assert give(book, "x") == "a"


def test_a_file_that_is_no_record_is_told(path: Path) -> None:
    """With its name, instead of delivering everything again."""
    path.parent.mkdir()
    path.write_bytes(b"no database" * 100)
    with pytest.raises(Fatal, match=r"notify\.sqlite3"):
        Book(path)


def test_backlog_tells_how_many_wait_and_since_when(path: Path) -> None:
    """Each address by itself; what was given up waits no more; nothing waits: 0 and 0."""
    book = Book(path)
    assert book.backlog() == (0, 0.0)
    began = time.time()
    add(book, "first:a")
    add(book, "first:b")
    count, since = book.backlog()
    assert (count, began <= since <= time.time()) == (4, True)
    give(book, "x")
    fail(book, "x", last=True)
    fail(book, "y", last=False)
    assert book.backlog() == (2, since)
    give(book, "y")
    assert book.backlog()[0] == 1
    give(book, "y")
    assert book.backlog() == (0, 0.0)
    book.close()
