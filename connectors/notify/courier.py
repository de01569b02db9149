"""One thread for each address: takes from the record of deliveries what waits, sends, notes."""

import logging
import threading
import time
from collections.abc import Sequence
from functools import partial

from connectors.notify.channels import Channel
from connectors.notify.delivered import Book, Pending
from connectors.notify.digest import back_off
from connectors.notify.patience import patiently
from connectors.notify.webhook import Refused
from streams import codec
from streams.errors import Retry
from streams.health import PROCESS
from streams.metrics import ALERTS, LATENCY_SECONDS
from streams.records import Alert

STAGE = "notify"
log = logging.getLogger("dongtin")

_LOOK_SECONDS = 0.5
#: Failed tries in a row after which the oldest alert is tried alone: a message that a service can't
#: take must not be the end of all that travel with it.
_TOGETHER = 5
#: Seconds for one message to one address: apprise's services have limits of their own, some tens of
#: seconds. A courier that is longer hangs.
_SEND_SECONDS = 300.0


class _Ending(Exception):
    """The process was asked to stop while the record of deliveries could not be written."""


class Courier(threading.Thread):
    """Delivers to one address, in the order in which the alerts came."""

    def __init__(self, channel: Channel, book: Book, attempts: int, stop: threading.Event) -> None:
        super().__init__(name=f"notify-{channel.address}", daemon=True)
        self._channel = channel
        self._book = book
        self._attempts = attempts
        self._stopping = stop
        self._news = threading.Event()
        self._failures = 0  # in a row
        self._last: float | None = None  # when a message went, on the monotonic clock
        self._heart = PROCESS.expect(f"courier {channel.address}", _SEND_SECONDS)
        self.error: BaseException | None = None

    def wake(self) -> None:
        """There may be something to deliver."""
        self._news.set()

    def run(self) -> None:
        """Delivers until the process stops."""
        try:
            while not self._stopping.is_set():
                self._heart.beat()
                self._news.clear()
                waiting = self._book.waiting(self._channel.address, self._channel.digest.most)
                wait = self._wait(len(waiting))
                if wait:
                    self._news.wait(wait)
                else:
                    self._pause(self.deliver(waiting))
        except _Ending:
            return
        # told to the main thread, which ends the process: a courier that died delivers nothing
        except BaseException as error:  # noqa: BLE001
            self.error = error

    def _pause(self, seconds: float) -> None:
        """Waits, and shows meanwhile that it is not the service that holds it up."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self._heart.beat()
            if self._stopping.wait(min(left, _SEND_SECONDS / 4)):
                return

    def _wait(self, waiting: int) -> float:
        """Seconds until there is something to do, or to look again; 0: now."""
        if not waiting:
            return _LOOK_SECONDS
        since = None if self._last is None else time.monotonic() - self._last
        return min(self._channel.digest.wait(waiting=waiting, since=since), _LOOK_SECONDS)

    def deliver(self, waiting: Sequence[Pending]) -> float:
        """One try with one message; returns the seconds to wait before the next one."""
        if self._failures >= _TOGETHER:
            waiting = waiting[:1]
        alerts = [codec.decode(Alert, pending.value) for pending in waiting]
        numbers = [pending.number for pending in waiting]
        # what can't be noted (a full disk) must not be sent: it would be again, at each start
        patiently(lambda: self._book.begin(numbers, self._channel.address), self._await_record)
        self._heart.beat()
        try:
            count = self._channel.send(alerts)
        except Refused as error:
            if len(waiting) > 1:  # which of them is it?
                for pending in waiting:
                    if self._stopping.is_set():  # the process ends soon, whatever is under way
                        return 0.0
                    if wait := self.deliver([pending]):
                        return wait  # those behind it come after it
                return 0.0
            return self._failed(waiting, str(error), last=True)
        except Retry as error:
            return self._failed(waiting, str(error), asked=error.after)
        # a service's client may raise anything: it is the address that failed, not we
        except Exception as error:  # noqa: BLE001
            return self._failed(waiting, type(error).__name__)
        self._delivered(waiting[:count], alerts[:count])
        self._last = time.monotonic() if count == len(waiting) else None
        return 0.0

    def _delivered(self, done: Sequence[Pending], alerts: Sequence[Alert]) -> None:
        self._failures = 0
        numbers = [pending.number for pending in done]
        patiently(lambda: self._book.delivered(numbers, self._channel.address), self._await_record)
        for alert in alerts:
            ALERTS.labels(STAGE, "delivered").inc()
            passed = time.time() - alert.discovered_at.timestamp()
            LATENCY_SECONDS.labels(STAGE).observe(max(0.0, passed))

    def _await_record(self, seconds: float) -> None:
        self._heart.beat()
        if self._stopping.wait(seconds):
            raise _Ending

    def _failed(
        self, waiting: Sequence[Pending], detail: str, *, asked: float = 0.0, last: bool = False
    ) -> float:
        """Notes a failed try; the oldest alert sets the pace."""
        address = self._channel.address
        self._failures += 1
        for pending in waiting:
            given_up = last or pending.attempts + 1 >= self._attempts
            note = partial(self._book.failed, pending.number, address, detail, last=given_up)
            patiently(note, self._await_record)
            ALERTS.labels(STAGE, "undeliverable" if given_up else "failed").inc()
        first = waiting[0]
        told = f"{first.id} and {len(waiting) - 1} more" if len(waiting) > 1 else first.id
        log.warning("notify: %s to %s, try %d: %s", told, address, first.attempts + 1, detail)
        if last or first.attempts + 1 >= self._attempts:
            return 0.0
        return back_off(max(self._failures, first.attempts + 1), asked)
