"""The outbox to Kafka. A message leaves the outbox only after the broker's answer for it, by name.

A thread of its own. What is unacknowledged when a connection is given up is sent again by the next
one: the broker may then hold a message twice, under the same key and with the same content.

One refused message ends a connection: kafka-python's idempotent producer (3.0.12) then fails every
later message with the error of the first, so none of these answers can be believed. They are sent
again one by one, and the one that is refused alone is the one.
"""

import logging
import queue
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from kafka.errors import (
    KafkaError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
)

from connectors.crawler.kept import Message
from connectors.crawler.page import KEPT_BYTES
from connectors.crawler.producer import Producer, connect
from connectors.crawler.store import Store
from connectors.kafka.connection import unreachable
from streams import codec, settings, topics
from streams.errors import Reason
from streams.health import LOOP_SECONDS, PROCESS
from streams.metrics import LATENCY_SECONDS, NEWEST, OUTBOX, account, reach
from streams.records import DeadLetter, RawArticle

log = logging.getLogger("dongtin")

#: Messages, and bytes of them, under way to the broker at once.
MOST, MOST_BYTES = 200, 32 * 1024 * 1024
_BACKOFF_FIRST, _BACKOFF_LONGEST = 0.5, 10.0  # seconds between two tries for a connection
_SILENCE = 5.0  # seconds without an answer after which the broker counts as away
_TOO_LARGE = (MessageSizeTooLargeError, RecordListTooLargeError)


class _Refused(Exception):  # it is no error of ours
    """The broker refused a message: this connection is spent."""


class Publisher(threading.Thread):
    """Sends what is in the outbox, for as long as it runs."""

    def __init__(
        self,
        store: Store,
        kafka: settings.Kafka,
        *,
        failed: Any = None,
        connect: Any = connect,
    ) -> None:
        """
        Args:
            failed: called with what makes going on impossible (the store can't be written).
            connect: makes a Producer from the settings; another one for tests.
        """
        super().__init__(name="publisher", daemon=True)
        self._store = store
        self._kafka = kafka
        self._connect = connect
        self._failed = failed
        self._answers: queue.SimpleQueue[tuple[int, BaseException | None]] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._deadline = float("inf")
        self._under_way: dict[int, Message] = {}
        self._bytes = 0
        self._one_by_one = 0  # messages up to this number are sent alone
        self._newest = 0.0
        self._away = False
        self._heart = PROCESS.expect("publisher", LOOP_SECONDS)

    def nudge(self) -> None:
        """There is something new in the outbox."""
        self._answers.put((0, None))

    def stop(self, within: float) -> None:
        """Waits for the answers to what is under way, at most `within` seconds; the rest stays."""
        self._deadline = time.monotonic() + within
        self._stopping.set()
        self.nudge()
        if self.is_alive():
            self.join(within + 2.0)

    def run(self) -> None:
        """The thread's work."""
        failures = 0
        try:
            while not self._stopping.is_set():
                self._heart.beat()
                try:
                    self._session()
                    failures = 0
                except _Refused:
                    failures = 0
                except KafkaError as error:
                    self._note_away(error)
                    failures += 1
                    delay = _BACKOFF_FIRST * 2.0 ** min(failures - 1, 8)
                    self._stopping.wait(min(delay, _BACKOFF_LONGEST))
        # the thread's last frame: an end that nobody hears of would lose articles silently
        except Exception as error:
            log.exception("publisher")
            if self._failed:
                self._failed(error)

    def _session(self) -> None:
        """One connection, until it fails or the end. Raises KafkaError, _Refused."""
        producer = self._connect(self._kafka)
        reach("kafka")
        self._under_way.clear()
        self._bytes = 0
        self._answers = queue.SimpleQueue()
        try:
            self._serve(producer)
        finally:
            producer.close(timeout=max(0.0, min(1.0, self._deadline - time.monotonic())))
            # a failure now says nothing of the message: the connection was given up
            self._settle([(seq, error) for seq, error in self._drain(0.0) if error is None])

    def _serve(self, producer: Producer) -> None:
        last = 0
        heard = time.monotonic()
        while True:
            self._heart.beat()
            if not self._stopping.is_set():
                last = self._send(producer, last)
            elif not self._under_way or time.monotonic() > self._deadline:
                return
            answers = self._drain(0.5)
            if any(seq for seq, _ in answers) or not self._under_way:
                heard = time.monotonic()
            elif time.monotonic() - heard > _SILENCE:
                self._note_away("no answer")
            error = self._settle(answers)
            if error is not None:
                raise error

    def _send(self, producer: Producer, last: int) -> int:
        """Sends what there is room for; returns the number of the last message sent."""
        while self._bytes < MOST_BYTES:
            if len(self._under_way) >= (1 if last < self._one_by_one else MOST):
                break
            found = self._store.next_message(last)
            if found is None:
                break
            last, message = found
            self._under_way[last] = message
            self._bytes += len(message.value)
            try:
                future = producer.send(
                    message.topic,
                    value=message.value,
                    key=message.article.encode(),
                    headers=list(message.headers.items()),
                )
            except KafkaTimeoutError as error:
                raise KafkaTimeoutError(
                    f"nothing known of topic {message.topic}: `dongtin doctor` tells if it is there"
                ) from error
            except MessageSizeTooLargeError as error:  # larger than we send at all
                self._bury(last, self._forget(last), error)
                continue
            answers = self._answers  # of this connection: a late answer must not meet the next one
            future.add_callback(lambda _, seq=last, to=answers: to.put((seq, None)))
            future.add_errback(lambda error, seq=last, to=answers: to.put((seq, error)))
        return last

    def _drain(self, seconds: float) -> list[tuple[int, BaseException | None]]:
        """The answers that have come; waits `seconds` for a first one."""
        answers = []
        try:
            answers.append(
                self._answers.get(timeout=seconds) if seconds else self._answers.get_nowait()
            )
            while True:
                answers.append(self._answers.get_nowait())
        except queue.Empty:
            return answers

    def _settle(self, answers: list[tuple[int, BaseException | None]]) -> BaseException | None:
        """Acts on answers; returns the first failure that ends the connection."""
        taken = [seq for seq, error in answers if seq in self._under_way and error is None]
        if taken:
            self._store.acknowledge(taken)
            self._account([self._forget(seq) for seq in taken])
        first: BaseException | None = None
        alone = len(self._under_way) == 1
        for seq, error in answers:
            if error is None or seq not in self._under_way:
                continue
            if isinstance(error, _TOO_LARGE):
                error = self._refuse(seq, error, alone=alone)
            self._forget(seq)
            first = first or error
        OUTBOX.set(self._store.waiting)
        return first

    def _refuse(self, seq: int, error: BaseException, *, alone: bool) -> BaseException:
        """What ends the connection after the broker has refused message `seq`."""
        message = self._under_way[seq]
        if not alone:
            self._one_by_one = max(self._one_by_one, *self._under_way)
            return _Refused()
        if len(message.value) <= KEPT_BYTES:  # a topic that takes nothing: somebody has to mend it
            return error
        self._bury(seq, message, error)
        return _Refused()

    def _forget(self, seq: int) -> Message:
        message = self._under_way.pop(seq)
        self._bytes -= len(message.value)
        return message

    def _account(self, messages: list[Message]) -> None:
        if self._away:
            log.info("Kafka at %s takes articles again", self._kafka.bootstrap)
        self._away = False
        reach("kafka")
        now = time.time()
        for message in messages:
            account("crawl", message.outcome, message.outlet)
            if message.outcome == "ok":
                discovered = message.discovered_at.timestamp()
                LATENCY_SECONDS.labels("crawl").observe(max(0.0, now - discovered))
                self._newest = max(self._newest, discovered)
                NEWEST.labels("crawl").set(self._newest)

    def _bury(self, seq: int, message: Message, error: BaseException) -> None:
        """The broker refuses this one for ever: a dead letter with its beginning goes instead."""
        detail = f"{len(message.value)} bytes as a message: {error!r}"[:1000]
        log.error("article %s: too large for the broker: %s", message.article, detail)
        self._store.replace(seq, _buried(message, detail), Reason.TOO_LARGE, detail)

    def _note_away(self, error: KafkaError) -> None:
        reach("kafka", "the broker does not answer; pages wait on disk")
        if not self._away:
            log.warning(
                "%s; %d pages wait on disk, trying until it takes them",
                unreachable(self._kafka, error), self._store.waiting,
            )  # fmt: skip
        self._away = True


def _buried(message: Message, detail: str) -> Message:
    """The dead letter in place of a message: its beginning, with the headers that it had if it was
    one itself."""
    headers, outcome = message.headers, message.outcome
    if message.topic == topics.RAW.name:
        outcome = Reason.TOO_LARGE
        letter = DeadLetter(
            id=message.article,
            stage="crawl",
            reason=outcome,
            detail=detail,
            outlet=message.outlet,
            url=codec.decode(RawArticle, message.value).url,
            source="crawler",
            at=datetime.now(UTC),
        )
        headers = codec.dead_headers(letter)
    return replace(
        message,
        topic=topics.DEAD.name,
        value=message.value[:KEPT_BYTES],
        headers=headers,
        outcome=outcome,
    )
