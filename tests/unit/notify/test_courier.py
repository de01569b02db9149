"""Couriers: one address each, with tries that end."""

import threading
from pathlib import Path

import pytest

from connectors.notify.channels import Channel
from connectors.notify.delivered import Book
from connectors.notify.notify import Courier
from streams import codec
from streams.errors import Retry
from streams.records import Alert
from tests import make_index


class Address:
    """An address that fails as often as it is told to, and keeps what it gets."""

    def __init__(self, name: str, fails: int = 0, error: Exception | None = None) -> None:
        self.got: list[str] = []
        self.left = fails
        self.error = error or Retry("refused")
        self.channel = Channel(address=name, send=self.send)

    def send(self, alert: Alert) -> None:
        if self.left:
            self.left -= 1
            raise self.error
        self.got.append(alert.id)


@pytest.fixture
def book(tmp_path: Path) -> Book:
    """A record with two alerts for two addresses."""
    book = Book(tmp_path / "notify.sqlite3")
    for key in ("1-CT/TW", "2-CT/TW"):
        alert = make_index.alert(key)
        book.add(alert.id, codec.encode(alert), "alerts/0/1", ("x", "y"))
    return book


def deliver(book: Book, address: Address, attempts: int = 5) -> list[float]:
    """Delivers all that the address waits for; the waits between tries."""
    courier = Courier(address.channel, book, attempts, threading.Event())
    waits = []
    while (pending := book.next(address.channel.address)) is not None:
        waits.append(courier.deliver(pending))
    return waits


def test_a_try_that_failed_is_repeated_with_longer_waits(book: Book) -> None:
    """And the alerts keep their order."""
    address = Address("x", fails=3)
    assert deliver(book, address) == [1.0, 2.0, 4.0, 0.0, 0.0]
    assert address.got == ["first:1-CT/TW", "first:2-CT/TW"]


def test_after_the_last_try_the_next_alert_has_its_turn(book: Book) -> None:
    """The alert is lost for this address, and told as lost once the other one is done."""
    address = Address("x", fails=2)
    deliver(book, address, attempts=2)
    assert address.got == ["first:2-CT/TW"]
    deliver(book, Address("y"))
    assert [lost.id for lost in book.lost()] == ["first:1-CT/TW"]


def test_whatever_a_service_raises_is_a_failed_try(book: Book) -> None:
    """Its text, which may hold a password, is not kept."""
    address = Address("x", fails=1, error=ValueError("token=secret"))
    deliver(book, address, attempts=1)
    deliver(book, Address("y"))
    (lost,) = book.lost()
    assert "ValueError" in lost.detail
    assert "secret" not in lost.detail
