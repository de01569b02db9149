"""The notify stage: alerts from Kafka to people.

An alert is first written into the record of deliveries, then committed, then delivered by one
thread for each address: an address that fails holds back no other one, and a restart goes on where
the record says. Delivery is at least once: a crash between the sending and the noting sends again.
"""

import logging
import sqlite3
import threading
import time
from contextlib import closing
from datetime import UTC, datetime
from functools import partial

from connectors.kafka.intake import Intake, Lost, Message, Stopped
from connectors.kafka.letters import Letters
from connectors.notify.channels import Channel, channels
from connectors.notify.courier import STAGE, Courier
from connectors.notify.delivered import RECORD, Book, Failed
from connectors.notify.patience import patiently
from streams import codec, topics
from streams.alone import Alone
from streams.errors import Fatal, Invalid, Reason, Retry
from streams.metrics import ALERTS, DEAD_LETTERS, OLDEST_PENDING, PENDING
from streams.records import Alert, DeadLetter
from streams.settings import Settings

log = logging.getLogger("dongtin")

_TAKE = 100  # alerts at once
#: Seconds that a delivery under way is waited for when the process is asked to stop.
_STOP_SECONDS = 4.0


class Desk:
    """Takes alerts in and hands them to the couriers; buries what they could not deliver."""

    def __init__(
        self, intake: Intake, letters: Letters, book: Book, couriers: dict[str, Courier]
    ) -> None:
        self._intake = intake
        self._letters = letters
        self._book = book
        self._couriers = couriers

    def step(self) -> None:
        """Notes the next alerts, and buries.

        Raises:
            Stopped: while the broker did not take a dead letter.
            Fatal: a courier died.
        """
        try:
            messages = self._intake.take(0.3)
            bad = [letter for message in messages if (letter := self._note(message))]
            for courier in self._couriers.values():
                courier.wake()
            self._send(bad)
            if messages:
                self._intake.done(messages)
            self._bury()
            self._measure()
        except Lost as error:
            log.info("%s", error)
        for courier in self._couriers.values():
            if courier.error:
                raise Fatal(f"notify: {courier.name} died: {courier.error!r}") from courier.error

    def _note(self, message: Message) -> DeadLetter | None:
        try:
            alert = codec.decode(Alert, message.value)
        except Invalid as error:
            return _letter_about(message, error)
        add = partial(self._book.add, alert.id, message.value or b"", message.source)
        if not patiently(lambda: add([*self._couriers]), self._intake.wait):
            ALERTS.labels(STAGE, "known").inc()
        return None

    def _bury(self) -> None:
        failed = self._book.lost()
        if failed:
            self._send([_letter_of(alert) for alert in failed])
            numbers = [alert.number for alert in failed]
            patiently(lambda: self._book.buried(numbers), self._intake.wait)

    def _measure(self) -> None:
        count, since = self._book.backlog()
        PENDING.set(count)
        OLDEST_PENDING.set(since)

    def _send(self, letters: list[DeadLetter]) -> None:
        while letters:
            try:
                self._intake.join(lambda: self._letters.send(letters))
            except Retry as error:
                log.warning("notify: %s", error)
                self._intake.wait(error.after)
            else:
                for letter in letters:
                    DEAD_LETTERS.labels(STAGE, letter.reason).inc()
                return


def _letter_about(message: Message, error: Invalid) -> DeadLetter:
    return DeadLetter(
        id=(message.key or b"").decode(errors="replace"),
        stage=STAGE,
        reason=str(error.reason),
        detail=error.detail,
        source=message.source,
        at=datetime.now(UTC),
        content=message.value or b"",
    )


def _letter_of(failed: Failed) -> DeadLetter:
    alert = codec.decode(Alert, failed.value)
    return DeadLetter(
        id=alert.article,
        stage=STAGE,
        reason=str(Reason.UNDELIVERABLE),
        detail=f"alert {alert.id}: {failed.detail}",
        outlet=alert.outlet,
        url=alert.url,
        source=failed.source,
        attempts=failed.attempts,
        at=datetime.now(UTC),
        content=failed.value,
    )


def run(settings: Settings, stop: threading.Event, to: tuple[Channel, ...] | None = None) -> int:
    """Runs the stage until `stop` is set, then returns within 10 s; the exit status.

    Args:
        to: channels in place of the configured ones.

    Raises:
        ConfigError: an address is not understood.
        Fatal: the file or the record of deliveries can't be opened, or another process delivers from it;
            a courier died.
    """
    with Alone(settings.data_dir / RECORD, "another notify"):
        return _deliver(settings, stop, channels(settings) if to is None else to)


def _deliver(settings: Settings, stop: threading.Event, targets: tuple[Channel, ...]) -> int:
    book = Book(settings.data_dir / RECORD)
    try:
        abandoned = book.abandon([channel.address for channel in targets])
    except sqlite3.Error as error:
        book.close()
        path = settings.data_dir / RECORD
        raise Fatal(f"{path}: the record of deliveries can't be written: {error}") from error
    if abandoned:
        log.warning("notify: %d deliveries to addresses that are gone", abandoned)
    ending = threading.Event()
    couriers = {
        channel.address: Courier(channel, book, settings.notify.attempts, ending)
        for channel in targets
    }
    for courier in couriers.values():
        courier.start()
    letters = Letters(settings.kafka, client=STAGE)
    try:
        _serve(settings, stop, letters, book, couriers)
    finally:
        ending.set()
        until = time.monotonic() + _STOP_SECONDS
        for courier in couriers.values():
            courier.wake()
            courier.join(max(0.0, until - time.monotonic()))
        letters.close()
        if not any(courier.is_alive() for courier in couriers.values()):
            book.close()
    return 0


def _serve(
    settings: Settings,
    stop: threading.Event,
    letters: Letters,
    book: Book,
    couriers: dict[str, Courier],
) -> None:
    try:
        intake = Intake(
            settings.kafka, group=STAGE, topics=(topics.ALERTS.name,), most=_TAKE, stop=stop
        )
    except Stopped:
        return
    with closing(intake):
        desk = Desk(intake, letters, book, couriers)
        try:
            while not stop.is_set():
                desk.step()
        except Stopped as error:
            log.info("notify: %s", error)
