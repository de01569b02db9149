"""The outbox to the broker, on a broker of the test's own making."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from kafka.errors import KafkaConnectionError, KafkaTimeoutError, MessageSizeTooLargeError
from kafka.future import Future

from connectors.crawler import publish
from connectors.crawler.publish import Publisher
from connectors.crawler.store import Store
from streams import codec, topics
from streams.settings import Kafka
from tests.make import raw
from tests.unit.crawler.making import discover, found, message


class FakeBroker:
    """Takes messages as kafka-python's idempotent producer does: after a refusal it takes no more."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, bytes, bytes]] = []
        self.largest = 10**9
        self.away = 0  # connections that fail
        self.failures = 0  # messages that fail
        self.silent = False
        self.connections = 0

    def connect(self, _: Kafka) -> "FakeProducer":
        """A new producer."""
        self.connections += 1
        if self.away:
            self.away -= 1
            raise KafkaConnectionError
        return FakeProducer(self)


class FakeProducer:
    """One connection."""

    def __init__(self, broker: FakeBroker) -> None:
        self._broker = broker
        self._spent: BaseException | None = None

    def send(
        self, topic: str, *, value: bytes, key: bytes, headers: list[tuple[str, bytes]]
    ) -> Any:
        """The broker's answer, at once."""
        future = Future()
        if self._spent is None and len(value) > self._broker.largest:
            self._spent = MessageSizeTooLargeError()
        if self._broker.failures:
            self._broker.failures -= 1
            return future.failure(KafkaTimeoutError("no answer"))
        if self._spent is not None:
            return future.failure(self._spent)
        if self._broker.silent:
            return future
        self._broker.taken.append((topic, key, value))
        return future.success(None)

    def close(self, timeout: float | None = None) -> None:
        """Nothing is under way."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A new store."""
    store = Store(tmp_path / "crawler.sqlite3")
    yield store
    store.close()


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publish, "_BACKOFF_FIRST", 0.01)


def _run(store: Store, broker: FakeBroker, done: Callable[[], bool]) -> Publisher:
    publisher = Publisher(store, Kafka(), connect=broker.connect)
    publisher.start()
    deadline = time.monotonic() + 60
    while not done() and time.monotonic() < deadline:
        time.sleep(0.01)
    publisher.stop(0.1)
    assert not publisher.is_alive()
    return publisher


def _fill(store: Store, *values: bytes) -> None:
    for number, value in enumerate(values):
        discover(store, found(number))
        store.finish(message(found(number), value), "fetched")


def test_everything_goes_out_in_order(store: Store) -> None:
    """What waits is sent, oldest first, and leaves the outbox."""
    broker = FakeBroker()
    _fill(store, *(b"%d" % n for n in range(500)))
    _run(store, broker, lambda: store.waiting == 0)
    assert [value for _, _, value in broker.taken] == [b"%d" % n for n in range(500)]
    assert store.counts() == {("bao", "published", ""): 500}


def test_broker_away(store: Store) -> None:
    """Nothing leaves the outbox before the broker has it, however often it fails."""
    broker = FakeBroker()
    broker.away, broker.failures = 3, 2
    _fill(store, b"one", b"two")
    _run(store, broker, lambda: store.waiting == 0)
    assert sorted({value for _, _, value in broker.taken}) == [b"one", b"two"]
    assert broker.connections > 3


def test_message_without_answer_stays(store: Store) -> None:
    """A message that the broker does not answer for is still in the outbox after the end."""
    broker = FakeBroker()
    broker.silent = True
    _fill(store, b"one")
    _run(store, broker, lambda: broker.connections > 0)
    assert store.waiting == 1
    assert store.counts() == {("bao", "fetched", ""): 1}


def test_only_the_refused_message_is_buried(store: Store) -> None:
    """A refusal fails all that is under way; only the message that is refused alone is buried."""
    broker = FakeBroker()
    broker.largest = 200_000
    pages = [codec.encode(raw(html="x" * size)) for size in (90_000, 300_000, 90_000, 90_000)]
    _fill(store, *pages)
    _run(store, broker, lambda: store.waiting == 0)
    whole = [value for topic, _, value in broker.taken if topic == topics.RAW.name]
    assert {len(value) for value in whole} == {len(pages[0])}
    assert len(whole) == 3
    letters = [taken for taken in broker.taken if taken[0] == topics.DEAD.name]
    assert [key for _, key, _ in letters] == [found(1).id.encode()]
    assert store.counts() == {("bao", "published", ""): 3, ("bao", "dead", "too-large"): 1}


def test_failures_of_a_closing_connection_bury_nothing(store: Store) -> None:
    """A message that fails while the connection is given up is sent again, whatever its error says."""
    late: list[Future] = []

    class Closing(FakeProducer):
        def send(self, topic: str, **more: Any) -> Any:
            if broker.connections > 1:
                return super().send(topic, **more)
            late.append(Future())
            return late[-1] if len(late) > 1 else late[0].failure(KafkaTimeoutError("gone"))

        def close(self, timeout: float | None = None) -> None:
            for future in late:
                if not future.is_done:
                    future.failure(MessageSizeTooLargeError())

    broker = FakeBroker()
    _fill(store, *(codec.encode(raw(html="x" * 90_000)) for _ in range(2)))

    def connect(kafka: Kafka) -> FakeProducer:
        broker.connect(kafka)
        return Closing(broker)

    publisher = Publisher(store, Kafka(), connect=connect)
    publisher.start()
    deadline = time.monotonic() + 60
    while store.waiting and time.monotonic() < deadline:
        time.sleep(0.01)
    publisher.stop(0.1)
    assert store.counts() == {("bao", "published", ""): 2}


def test_what_is_under_way_is_bounded(store: Store) -> None:
    """A broker that is silent is not sent everything that waits."""
    sent: list[bytes] = []

    class Silent(FakeProducer):
        def send(self, topic: str, **more: Any) -> Any:
            sent.append(more["value"])
            return Future()

    broker = FakeBroker()
    _fill(store, *(b"%d" % n for n in range(publish.MOST + 50)))
    publisher = Publisher(store, Kafka(), connect=lambda _: Silent(broker))
    publisher.start()
    deadline = time.monotonic() + 60
    while len(sent) < publish.MOST and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.5)  # for what it would send beyond
    publisher.stop(0.1)
    assert len(sent) == publish.MOST


def test_broken_store_is_reported(store: Store) -> None:
    """A store that can't be written ends the thread and is told, never passed over."""
    told: list[BaseException] = []
    heard = threading.Event()

    def failed(error: BaseException) -> None:
        told.append(error)
        heard.set()

    _fill(store, b"one")
    publisher = Publisher(store, Kafka(), connect=FakeBroker().connect, failed=failed)
    store.close()
    publisher.start()
    assert heard.wait(60)
    assert "closed" in str(told[0])
