"""Writing into the record of deliveries while the disk is full."""

import logging
import sqlite3
from collections.abc import Callable
from typing import TypeVar

from streams.health import PROCESS

log = logging.getLogger("dongtin")
T = TypeVar("T")

_AGAIN_SECONDS = 2.0  # between two tries


def patiently(write: Callable[[], T], wait: Callable[[float], None]) -> T:
    """What `write`, a call of a book's, returns. While the record can't be written (a full disk) it is tried
    again, and the process says that it is not ready.

    Args:
        wait: lets so many seconds pass; raises to give up.
    """
    said = False
    try:
        while True:
            try:
                answer = write()
            except sqlite3.OperationalError as error:  # others tell of a record that is damaged
                if not said:
                    log.warning("notify: the record of deliveries can't be written: %s", error)
                said = True
                PROCESS.note("record", f"the record of deliveries can't be written: {error}")
                wait(_AGAIN_SECONDS)
            else:
                if said:
                    log.info("notify: the record of deliveries can be written again")
                return answer
    finally:
        if said:
            PROCESS.note("record")
