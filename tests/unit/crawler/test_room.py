"""How many old pages the stages behind leave room for."""

import logging
import threading
from collections.abc import Callable
from typing import Any, Self

import pytest

from connectors.crawler import room as module
from connectors.crawler.room import AT_ONCE, Room
from streams.errors import Retry
from streams.settings import Kafka

pytestmark = pytest.mark.timeout(60)


class Stages:
    """What `Pace` says: each look waits for the test, which says what is there to see."""

    def __init__(self) -> None:
        self.seen: list[str | Exception] = []
        self.looks = threading.Semaphore(0)
        self.looked = threading.Semaphore(0)
        self.closed = threading.Event()

    def __call__(self, _kafka: Kafka) -> Self:
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.closed.set()

    def slow(self) -> str:
        """One look."""
        self.looked.release()
        self.looks.acquire()
        found = self.seen.pop(0)
        if isinstance(found, Exception):
            raise found
        return found


@pytest.fixture
def stages() -> Stages:
    """Nothing has been looked at."""
    return Stages()


@pytest.fixture
def room(stages: Stages, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A room that looks as fast as the test lets it."""
    monkeypatch.setattr(module, "_LOOK", 0.0)
    monkeypatch.setattr(module, "_AWAY", 0.0)
    monkeypatch.setattr(module, "_SAY", 0.0)
    failures: list[BaseException] = []
    room = Room(Kafka(), failed=failures.append, pace=stages)
    room.start()
    yield room
    room.stop()
    stages.seen += [""] * 3
    stages.looks.release(3)
    room.join(30)
    assert not room.is_alive()
    assert failures == []


def see(stages: Stages, room: Room, found: str | Exception) -> None:
    """The next look sees this; returns when the one after has begun."""
    stages.seen.append(found)
    stages.looks.release()
    wait_for(stages, room)


def wait_for(stages: Stages, room: Room) -> None:
    """Until a look has begun; somebody goes on asking."""
    while not stages.looked.acquire(timeout=0.01):
        room._asked.set()


def granted(take: Callable[[], bool]) -> int:
    """How many pages may be fetched now."""
    count = 0
    while take():
        count += 1
    return count


def test_nobody_looks_before_an_old_page_waits(stages: Stages, room: Room) -> None:
    """Without one the broker is left alone."""
    assert not stages.looked.acquire(timeout=0.3)
    assert not room.take()
    wait_for(stages, room)


def test_each_look_grants_a_few(stages: Stages, room: Room) -> None:
    """No more until the next look; none while a stage is behind, or can't be asked."""
    room.take()
    wait_for(stages, room)
    assert granted(room.take) == 0  # not looked yet
    see(stages, room, "")
    assert granted(room.take) == AT_ONCE
    assert granted(room.take) == 0
    see(stages, room, "")
    see(stages, room, "enrich has 17 messages of articles.raw left")
    assert granted(room.take) == 0
    see(stages, room, "")
    see(stages, room, Retry("Kafka at x: away"))
    assert granted(room.take) == 0
    assert stages.closed.is_set()
    see(stages, room, "")
    assert granted(room.take) == AT_ONCE


def test_what_is_in_the_way_is_told_once(
    stages: Stages, room: Room, caplog: pytest.LogCaptureFixture
) -> None:
    """And once more when it comes again."""
    caplog.set_level(logging.INFO, "dongtin")
    room.take()
    wait_for(stages, room)
    for found in ("enrich has 17 left", "enrich has 18 left", "enrich has 19 left", "",
                  "watch has 20 left", "watch has 21 left"):  # fmt: skip
        see(stages, room, found)
    told = [record.getMessage() for record in caplog.records]
    assert told == [
        "old pages wait: enrich has 18 left; live articles go first",
        "old pages wait: watch has 21 left; live articles go first",
    ]
