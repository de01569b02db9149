"""The record of deliveries: nothing twice, nothing forgotten."""

from pathlib import Path

import pytest

from connectors.notify.delivered import Book
from streams.errors import Fatal


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the record lies."""
    return tmp_path / "data" / "notify.sqlite3"


def add(book: Book, id: str = "first:a", addresses: tuple[str, ...] = ("x", "y")) -> bool:
    """Notes an alert."""
    return book.add(id, id.encode(), "alerts/0/1", addresses)


def give(book: Book, address: str) -> str:
    """Delivers the next alert to an address; its id."""
    pending = book.next(address)
    assert pending is not None
    book.delivered(pending.number, address)
    return pending.id


def fail(book: Book, address: str, *, last: bool) -> None:
    """Fails to deliver the next alert."""
    pending = book.next(address)
    assert pending is not None
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
    assert book.next("x") is None
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
    pending = Book(path).next("x")
    assert pending is not None
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


def test_a_file_that_is_no_record_is_told(path: Path) -> None:
    """With its name, instead of delivering everything again."""
    path.parent.mkdir()
    path.write_bytes(b"no database" * 100)
    with pytest.raises(Fatal, match=r"notify\.sqlite3"):
        Book(path)
