"""Couriers: one address each, with tries that end."""

import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from connectors.notify import patience
from connectors.notify.courier import Courier
from connectors.notify.delivered import Book
from connectors.notify.digest import Digest
from connectors.notify.webhook import Refused
from streams import codec
from streams.errors import Retry
from streams.health import PROCESS
from streams.records import Alert
from tests import make_index
from tests.unit.notify.places import Address


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
    while waiting := book.waiting(address.channel.address, address.channel.digest.most):
        waits.append(courier.deliver(waiting))
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


@pytest.mark.parametrize("write", ["begin", "delivered", "failed"])
def test_with_a_full_disk_nothing_is_told_twice(
    book: Book, monkeypatch: pytest.MonkeyPatch, write: str
) -> None:
    """What can't be noted is not sent; what was sent is noted once it can be, and not sent again."""
    monkeypatch.setattr(patience, "_AGAIN_SECONDS", 0.01)
    address, seen, real, left = Address("x", fails=1), list[list[str]](), getattr(book, write), [3]

    def full(*told: object, **more: object) -> None:
        seen.append(list(address.got))
        if left[0]:
            left[0] -= 1
            raise sqlite3.OperationalError("database or disk is full")
        real(*told, **more)

    monkeypatch.setattr(book, write, full)
    deliver(book, address)
    assert left == [0]
    assert seen[0] == seen[3]  # nothing was sent between the tries to note it
    assert address.got == ["first:1-CT/TW", "first:2-CT/TW"]


def test_a_stop_ends_the_waiting_for_a_full_disk(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing was sent, and the courier has not died of it."""

    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(book, "begin", full)
    stop, address = threading.Event(), Address("x")
    courier = Courier(address.channel, book, 5, stop)
    courier.start()
    until(lambda: "record: " in str(PROCESS.ready().reasons))
    stop.set()
    courier.wake()
    courier.join(60)
    PROCESS.note("record")
    assert not courier.is_alive()
    assert courier.error is None
    assert address.got == []


FIVE = [f"first:{number}-CT/TW" for number in range(1, 6)]
BURST = Digest(window=60.0, most=20)


@pytest.fixture
def five(tmp_path: Path) -> Book:
    """A record with five alerts for one address."""
    book = Book(tmp_path / "five.sqlite3")
    for id in FIVE:
        alert = make_index.alert(id.removeprefix("first:"))
        book.add(alert.id, codec.encode(alert), f"alerts/0/{id}", ("x",))
    return book


def test_what_waits_goes_in_one_message(five: Book) -> None:
    """In its order, each once."""
    address = Address("x", digest=BURST)
    deliver(five, address)
    assert address.messages == [FIVE]


def test_what_a_message_could_not_hold_goes_in_the_next(five: Book) -> None:
    """Only what was in the message counts as delivered."""
    address = Address("x", digest=BURST)
    address.room = 2
    deliver(five, address)
    assert address.messages == [FIVE[:2], FIVE[2:4], FIVE[4:]]


def test_a_burst_that_failed_stays_one_message(five: Book) -> None:
    """A mail server that comes back gets one mail and not five."""
    address = Address("x", fails=3, digest=BURST)
    assert deliver(five, address) == [1.0, 2.0, 4.0, 0.0]
    assert address.messages == [FIVE]


def test_one_alert_that_a_service_cannot_take_does_not_take_others_with_it(five: Book) -> None:
    """After some failed tries the oldest is tried alone: the others arrive, in their order."""
    address = Address("x", digest=BURST)
    address.poison = FIVE[0]
    deliver(five, address, attempts=12)
    assert address.got == FIVE[1:]
    assert [lost.id for lost in five.lost()] == FIVE[:1]


def test_a_refused_message_costs_only_the_alert_that_it_was_for(five: Book) -> None:
    """A receiver that says no for good is not asked again, and is given the others one by one."""
    address = Address("x", error=Refused("answered 422"), digest=BURST)
    address.poison = FIVE[2]
    deliver(five, address)
    assert address.got == [*FIVE[:2], *FIVE[3:]]
    (lost,) = five.lost()
    assert (lost.id, lost.attempts) == (FIVE[2], 1)
    assert "answered 422" in lost.detail


def test_after_a_refusal_the_order_is_kept(five: Book) -> None:
    """Each is tried alone then; one that can't be had now is waited for, and those behind it with it."""
    address = Address("x", digest=BURST)
    told: list[list[str]] = []

    def send(alerts: Sequence[Alert]) -> int:
        told.append([alert.id for alert in alerts])
        if len(alerts) > 1:
            raise Refused("answered 413")
        raise Retry("answered 429", after=60.0)

    channel = replace(address.channel, send=send)
    courier = Courier(channel, five, 5, threading.Event())
    assert courier.deliver(five.waiting("x", 5)) >= 60.0
    assert told == [FIVE, FIVE[:1]]


def test_after_a_refusal_a_stop_is_heard(five: Book) -> None:
    """Each of many may take seconds, and what is sent must still be noted."""
    address, stop = Address("x", digest=BURST), threading.Event()

    def send(alerts: Sequence[Alert]) -> int:
        if len(alerts) > 1:
            raise Refused("answered 413")
        stop.set()
        return address.send(alerts)

    courier = Courier(replace(address.channel, send=send), five, 5, stop)
    assert courier.deliver(five.waiting("x", 5)) == 0.0
    assert address.got == FIVE[:1]


def test_the_wait_that_a_service_asks_for_is_kept(five: Book) -> None:
    """It knows better than our back-off when it will be ready."""
    address = Address("x", fails=1, error=Retry("answered 429", after=77.0), digest=BURST)
    assert deliver(five, address) == [77.0, 0.0]


def test_the_first_goes_at_once_and_a_burst_after_it_in_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A courier at work: one message for what came alone, one for all that came within its
    window, which here is over when all have come, however long that takes."""
    now = [1000.0]
    clock = SimpleNamespace(monotonic=lambda: now[0], time=time.time)
    monkeypatch.setattr("connectors.notify.courier.time", clock)
    book = Book(tmp_path / "live.sqlite3")
    address = Address("x", digest=Digest(window=2.0, most=20))
    stop = threading.Event()
    courier = Courier(address.channel, book, 5, stop)
    courier.start()
    add_to(book, FIVE[:1])
    courier.wake()
    until(lambda: address.messages == [FIVE[:1]])
    for id in FIVE[1:]:
        add_to(book, [id])
        courier.wake()
    now[0] += 2.0
    until(lambda: len(address.got) == 5)
    stop.set()
    courier.join()
    assert courier.error is None
    assert address.messages == [FIVE[:1], FIVE[1:]]


def add_to(book: Book, ids: list[str]) -> None:
    """Notes alerts for the address `x`."""
    for id in ids:
        alert = make_index.alert(id.removeprefix("first:"))
        book.add(alert.id, codec.encode(alert), f"alerts/0/{id}", ("x",))


def until(condition: Callable[[], bool]) -> None:
    """Waits for what must happen; the test's own time limit ends it if it does not."""
    while not condition():
        time.sleep(0.01)
