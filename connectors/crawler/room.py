"""Whether old pages may be fetched now: no more of them than the stages behind take beside live ones."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from connectors.kafka.pace import BEHIND, MOST_LEFT, Pace
from streams import settings
from streams.errors import Retry

log = logging.getLogger("dongtin")

#: Old pages that may be begun after each look at the stages.
AT_ONCE = 16
_LOOK = 1.0  # seconds between two looks
_AWAY = 5.0  # seconds after the broker could not be asked
_IDLE = 60.0  # seconds without an old page after which the broker is let go
_SAY = 10.0  # seconds without room after which it is said why


class Room(threading.Thread):
    """Looks at the stages in a thread of its own, for as long as old pages wait.

    Args:
        failed: called with what makes going on impossible.
        pace: makes what looks at the stages; another one for tests.
    """

    def __init__(
        self,
        kafka: settings.Kafka,
        *,
        failed: Callable[[BaseException], None],
        pace: Callable[[settings.Kafka], Any] | None = None,
    ) -> None:
        super().__init__(name="room", daemon=True)
        self._kafka = kafka
        self._failed = failed
        self._pace = pace or (lambda kafka: Pace(kafka, BEHIND, most=MOST_LEFT))
        self._lock = threading.Lock()
        self._left = 0
        self._asked = threading.Event()
        self._stopping = threading.Event()
        self._say_at: float | None = None  # when what is in the way is told; None: nothing is

    def take(self) -> bool:
        """Whether one old page may be fetched now; each yes is for one. Never waits."""
        self._asked.set()
        with self._lock:
            if self._left <= 0:
                return False
            self._left -= 1
            return True

    def stop(self) -> None:
        """Asks the thread to end; it is not waited for."""
        self._stopping.set()
        self._asked.set()

    def run(self) -> None:
        """The thread's work."""
        try:
            while not self._stopping.is_set():
                self._asked.wait()
                try:
                    self._look()
                except Retry as error:
                    self._set(0, str(error))
                    self._stopping.wait(_AWAY)
        # the thread's last frame: without it old pages would wait for ever, and nobody would know why
        except Exception as error:
            log.exception("room")
            self._failed(error)

    def _look(self) -> None:
        """Looks again and again until no old page has been asked for in a while. Raises Retry."""
        with self._pace(self._kafka) as pace:
            while not self._stopping.is_set():
                self._asked.clear()
                slow = pace.slow()
                self._set(0 if slow else AT_ONCE, slow)
                self._stopping.wait(_LOOK)
                if not self._asked.wait(_IDLE):
                    self._set(0, "")
                    return

    def _set(self, left: int, why: str) -> None:
        with self._lock:
            self._left = left
        if not why:
            self._say_at = None
            return
        now = time.monotonic()
        if self._say_at is None:
            self._say_at = now + _SAY
        elif now > self._say_at:
            self._say_at = float("inf")
            log.info("old pages wait: %s; live articles go first", why)
