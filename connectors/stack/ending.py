"""However it ends, nothing is left running."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from streams.terminal import Console


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@contextmanager
def interruptible(stop: Callable[[], None], console: Console) -> Iterator[None]:
    """Runs `stop` at the end of the block, also after Ctrl-C, SIGTERM and SIGHUP.

    A second Ctrl-C while it stops is ignored: it would leave servers behind.
    """
    # SIGINT too: a shell starts what runs in the background with it ignored
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        stop()
        console.print("all stopped", style="dim")
