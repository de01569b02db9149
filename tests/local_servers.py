"""The local servers as a user holds them: in the foreground, until asked to stop; and who does."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from connectors.local.folder import DataFolder, Holder
from connectors.local.servers import LocalServers
from streams.terminal import Console


def serve(
    data_dir: Path,
    *,
    kafka_port: int | None = None,
    elasticsearch_port: int | None = None,
    console: Console | None = None,
) -> None:
    """Start both servers, say where they are, and stay until Ctrl-C or SIGTERM; then stop them.

    Raises:
        LocalServersError: they don't start, or one of them ends by itself.
    """
    console = console or Console(stderr=True)
    servers = LocalServers(
        data_dir, kafka_port=kafka_port, elasticsearch_port=elasticsearch_port, console=console
    )
    with _told_to_stop() as told:
        servers.start(lambda step: console.print(step, highlight=False))
        try:
            console.print(f"Data in {servers.folder.path}. Ctrl-C stops both.", highlight=False)
            while not told.wait(timeout=1):
                servers.check()
        finally:
            console.print("Stopping", highlight=False)
            servers.stop()


@contextmanager
def _told_to_stop() -> Iterator[threading.Event]:
    """An event that Ctrl-C and SIGTERM set. During the start they interrupt it."""
    told = threading.Event()

    def interrupt(number: int, _frame: object) -> None:
        told.set()
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in _SIGNALS}
    try:
        yield told
    except KeyboardInterrupt:
        return
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def running_in(data_dir: Path) -> Holder | None:
    """Who holds `data_dir` on this machine right now and which servers run there; None if nobody."""
    return DataFolder(data_dir).running()
