"""How the index stage lets time pass while the search server does not answer."""

import logging
from collections.abc import Callable
from typing import Protocol, TypeVar

from connectors.elasticsearch.client import FAILURES
from streams.errors import Retry

log = logging.getLogger("dongtin")
T = TypeVar("T")

FIRST_WAIT = 0.1  # seconds, doubled with each try that brought nothing
LONGEST_WAIT = 5.0


class Patience(Protocol):
    """How the caller lets time pass; raises when what is in hand is to be left."""

    def wait(self, seconds: float) -> None:
        """Returns after `seconds`."""
        ...

    def join(self, call: Callable[[], T]) -> T:
        """The call's result."""
        ...


def patiently(patience: Patience, ask: Callable[[], T], what: str) -> T:
    """The answer to a question, however long the server is away.

    Args:
        what: what is being done, for the log.

    Raises:
        Whatever `patience` raises.
    """
    wait = FIRST_WAIT
    while True:
        try:
            return patience.join(ask)
        except (*FAILURES, Retry) as error:
            if wait == FIRST_WAIT:
                log.warning("index: %s: %s", what, error)
        patience.wait(wait)
        wait = min(wait * 2, LONGEST_WAIT)
