"""Messages from Kafka whose offsets are committed only when the caller says that they are done.

One thread owns an `Intake`. Whatever is taken and not `done` is given again: after a restart, a
rebalance, a crash. Between `take` and `done` the caller may wait as long as it has to, with `wait`,
which keeps the membership of the group and fetches nothing more, so memory stays bounded.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, wait
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from kafka import ConsumerRebalanceListener, KafkaConsumer, TopicPartition
from kafka.errors import KafkaError
from kafka.structs import OffsetAndMetadata

from connectors.kafka.connection import arguments, unreachable
from streams import settings
from streams.errors import DongtinError
from streams.health import LOOP_SECONDS, MAIN, PROCESS, START, Flow
from streams.metrics import LAG, reach
from streams.topics import MAX_MESSAGE_BYTES

log = logging.getLogger("dongtin")
T = TypeVar("T")

_LAG_SECONDS = 2.0
#: A killed worker's partitions move to another one after this; the broker's least is 6 s.
_SESSION_MS = 10_000
_COMMIT_MS = 3_000
_STEP = 0.1  # seconds between two looks at the stop signal
#: Seconds for one call that `join` waits for. Every call has its own time limit (a bulk request, a
#: dead letter); one that is longer hangs, and the process is no longer live.
_CALL_SECONDS = 300.0
_FLOW_SECONDS = 120.0  # with lag, nothing in hand, and nothing taken


class Lost(DongtinError):
    """What is in hand belongs to another worker now, or is given again: forget it."""


class Stopped(DongtinError):
    """The process was asked to stop: leave what is in hand, uncommitted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message as it came."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: dict[str, bytes]

    @property
    def source(self) -> str:
        """`articles.enriched/3/1042`: topic, partition, offset."""
        return f"{self.topic}/{self.partition}/{self.offset}"


def background(call: Callable[[], T]) -> "Future[T]":
    """Runs a blocking call in a thread that does not keep the process from ending."""
    future: Future[T] = Future()

    def work() -> None:
        try:
            future.set_result(call())
        # handed to whoever asks for the result
        except BaseException as error:  # noqa: BLE001
            future.set_exception(error)

    threading.Thread(target=work, daemon=True).start()
    return future


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]  # kafka-python has no types
    """Counts rebalances: what was taken before the last one may no longer be ours."""

    def __init__(self) -> None:
        self.generation = 0

    def on_partitions_revoked(self, revoked: Any) -> None:
        self.generation += 1

    def on_partitions_assigned(self, assigned: Any) -> None:
        self.generation += 1


class Intake:
    """A consumer group's share of some topics."""

    def __init__(
        self,
        kafka: settings.Kafka,
        *,
        group: str,
        topics: Sequence[str],
        most: int,
        stop: threading.Event,
    ) -> None:
        """Joins the group as soon as the broker answers.

        Args:
            most: messages given by one `take`, at most.

        Raises:
            Stopped: `stop` was set before the broker answered.
        """
        self._group = group
        self._stop = stop
        self._listener = _Listener()
        self._taken_in = 0  # the listener's generation when the messages in hand were taken
        self._in_hand: dict[TopicPartition, int] = {}  # the first offset not yet finished
        self._owed: dict[TopicPartition, int] = {}  # finished, and the broker does not know it
        self._lag_at = 0.0
        self._silent = 0  # looks at the lag, in a row, that the broker did not answer
        self._shown: set[TopicPartition] = set()  # partitions in the lag gauge
        self._loop = PROCESS.expect(MAIN, LOOP_SECONDS)
        self._consumer = self._connect(kafka, most)
        self._heart = PROCESS.expect(f"{group} intake", _FLOW_SECONDS)
        self._flow = Flow(self._heart)
        self._consumer.subscribe(topics=list(topics), listener=self._listener)
        with suppress(KafkaError):  # polling would do it too, after a rebalance without partitions
            self._consumer.bootstrap(timeout_ms=3_000, refresh=True)
        PROCESS.note(START)

    def take(self, seconds: float = 0.5) -> list[Message]:
        """The next messages, in the order of their partitions; none after `seconds` without any.

        Messages that the last `take` gave and that were not `done` are given again.
        """
        self._loop.beat()
        self._give_back()
        self._pay()
        self._resume()
        found = self._poll(seconds)
        self._taken_in = self._listener.generation
        self._in_hand = {tp: records[0].offset for tp, records in found.items()}
        self._report_lag()
        return [
            Message(
                topic=tp.topic,
                partition=tp.partition,
                offset=record.offset,
                key=record.key,
                value=record.value,
                headers={name: value or b"" for name, value in record.headers},
            )
            for tp, records in found.items()
            for record in records
        ]

    def wait(self, seconds: float) -> None:
        """Lets time pass with messages in hand.

        Raises:
            Lost, Stopped: don't go on with what is in hand.
        """
        until = time.monotonic() + seconds
        while True:
            self._keep()
            left = until - time.monotonic()
            if left <= 0:
                return
            self._stop.wait(min(left, _STEP))

    def join(self, call: Callable[[], T], *, grace: float = 4.0) -> T:
        """The result of a blocking call, keeping the membership alive meanwhile.

        Args:
            grace: seconds that the call is still waited for after the stop signal.

        Raises:
            Lost, Stopped: the call was left to itself; its effect may or may not come.
        """
        future = background(call)
        began = time.monotonic()
        asked: float | None = None
        while True:
            wait([future], timeout=_STEP)
            if future.done():
                return future.result()
            if self._stop.is_set():
                asked = asked or time.monotonic()
                if time.monotonic() - asked > grace:
                    raise Stopped("stopped with a request under way")
            else:
                self._keep(hangs=time.monotonic() - began > _CALL_SECONDS)

    def done(self, messages: Sequence[Message]) -> None:
        """Commits that these messages, all that the last `take` gave, are finished.

        A broker that is away does not matter: the next `take` tells it.

        Raises:
            Lost: others own the partitions now; they are given these messages again.
        """
        self._check_ours()
        reached = {
            TopicPartition(message.topic, message.partition): message.offset + 1
            for message in messages
        }
        try:
            self._commit(reached)
        except KafkaError as error:
            if not error.retriable:
                raise Lost(f"{self._group}: not committed: {error!r}") from error
            log.warning("%s: broker away, the commit waits: %r", self._group, error)
            self._owed |= reached
        else:
            self._owed = {tp: at for tp, at in self._owed.items() if tp not in reached}
        self._in_hand.clear()

    def close(self) -> None:
        """Leaves the group, so that others need not wait for this member's session to end."""
        self._pay()
        self._consumer.close(autocommit=False, timeout_ms=2_000)

    def _connect(self, kafka: settings.Kafka, most: int) -> Any:
        away = False
        while not self._stop.is_set():
            try:
                return KafkaConsumer(
                    **arguments(kafka),
                    client_id=f"dongtin-{self._group}",
                    group_id=self._group,
                    enable_auto_commit=False,
                    auto_offset_reset="earliest",
                    allow_auto_create_topics=False,
                    max_poll_records=most,
                    fetch_max_bytes=MAX_MESSAGE_BYTES,
                    max_partition_fetch_bytes=MAX_MESSAGE_BYTES // 4,
                    session_timeout_ms=_SESSION_MS,
                    heartbeat_interval_ms=_SESSION_MS // 5,
                    reconnect_backoff_max_ms=2_000,
                    bootstrap_timeout_ms=3_000,
                    metrics_enabled=False,
                )
            except KafkaError as error:
                self._loop.beat()
                reach("kafka", "the broker does not answer")
                if not away:
                    log.warning("%s: waiting: %s", self._group, unreachable(kafka, error))
                away = True
                self._stop.wait(0.5)
        raise Stopped("stopped before Kafka answered")

    def _poll(self, seconds: float) -> dict[TopicPartition, list[Any]]:
        try:
            found: dict[TopicPartition, list[Any]] = self._consumer.poll(int(seconds * 1000))
        except KafkaError as error:
            log.warning("%s: can't fetch: %r", self._group, error)
            self._stop.wait(seconds)
            return {}
        return found

    def _keep(self, *, hangs: bool = False) -> None:
        """One poll that takes nothing; messages that come all the same are put back."""
        if not hangs:
            self._loop.beat()
            self._heart.beat()  # with messages in hand nothing has to flow
        if self._stop.is_set():
            raise Stopped("stopped with messages in hand")
        ours = self._consumer.assignment()
        self._consumer.pause(*ours)
        for tp, records in self._poll(0).items():  # of partitions assigned by this very poll
            self._consumer.pause(tp)
            self._consumer.seek(tp, records[0].offset)
        self._check_ours()
        self._report_lag()

    def _commit(self, reached: Mapping[TopicPartition, int]) -> None:
        offsets = {tp: OffsetAndMetadata(at, "", -1) for tp, at in reached.items()}
        self._consumer.commit(offsets, timeout_ms=_COMMIT_MS)

    def _pay(self) -> None:
        """Commits what is owed, or leaves it for the next time: also what is another worker's now, which
        may come back. What that one has finished meanwhile must not be set back."""
        ours = self._consumer.assignment() if self._owed else ()
        mine = {tp: at for tp, at in self._owed.items() if tp in ours}
        try:
            further = {
                tp: at
                for tp, at in mine.items()
                if at > (self._consumer.committed(tp, timeout_ms=_COMMIT_MS) or 0)
            }
            if further:
                self._commit(further)
        except KafkaError:  # still away, or this member has to join again first
            return
        self._owed = {tp: at for tp, at in self._owed.items() if tp not in mine}

    def _check_ours(self) -> None:
        if self._listener.generation != self._taken_in:
            raise Lost(f"{self._group}: rebalanced with messages in hand; they are given again")

    def _give_back(self) -> None:
        """A rebalance leaves the positions of partitions that stay ours where they are: beyond the
        messages that were in hand. Without this they would be skipped."""
        ours = self._consumer.assignment()
        for tp, offset in self._in_hand.items():
            if tp in ours:
                self._consumer.seek(tp, offset)
        self._in_hand.clear()

    def _resume(self) -> None:
        paused = self._consumer.paused()
        if paused:
            self._consumer.resume(*paused)

    def _report_lag(self) -> None:
        now = time.monotonic()
        if now - self._lag_at < _LAG_SECONDS:
            return
        self._lag_at = now
        ours = sorted(self._consumer.assignment())
        try:
            ends = self._consumer.end_offsets(ours, timeout_ms=500) if ours else {}
            reached = {tp: self._consumer.position(tp, timeout_ms=500) or 0 for tp in ours}
        except KafkaError:
            self._silent += 1
            if self._silent > 1:  # once may be a broker that is busy for half a second
                reach("kafka", "the broker does not answer")
            self._flow.excuse()
            return
        self._silent = 0
        reach("kafka")
        for tp in self._shown.difference(ours):  # another worker's now
            LAG.remove(self._group, tp.topic, tp.partition)
        self._shown = set(ours)
        finished = {tp: self._in_hand.get(tp, reached[tp]) for tp in ours}
        lags = {tp: max(0, ends[tp] - finished[tp]) for tp in ours}
        for tp, lag in lags.items():
            LAG.labels(self._group, tp.topic, tp.partition).set(lag)
        self._flow.see(finished=sum(finished.values()), lag=sum(lags.values()))
