"""`dongtin up`: the pipeline with the user's outlets, until it is asked to stop."""

import threading
from contextlib import suppress

from rich.console import Console

from connectors.ledger.watch import Watch
from connectors.stack.ending import interruptible
from connectors.stack.screen import Screen
from connectors.stack.stack import Stack
from streams.errors import Fatal
from streams.extraction.catalogue import named
from streams.metrics import serve
from streams.settings import Settings


def run(
    settings: Settings,
    *,
    kafka: str | None,
    elasticsearch: str | None,
    ports: tuple[int | None, int | None],
) -> int:
    """Runs until Ctrl-C or SIGTERM; returns the exit status.

    Raises:
        DongtinError: something that it needs can't be had.
    """
    if settings.enrich.catalogue:  # told now, and not by a stage that ends again and again
        named(settings.enrich.catalogue)
    console = Console(highlight=False)
    enabled = [outlet for outlet in settings.outlets.values() if outlet.enabled]
    feeds = sum(len(outlet.feeds) for outlet in enabled)

    def heading() -> str:
        return f"dongtin up: {len(enabled)} outlets, {feeds} feeds; Ctrl-C ends it"

    screen: Screen | None = None

    def say(line: str) -> None:
        if screen:
            screen.say(line)
        else:
            console.print(line, style="dim", markup=False)

    stack = Stack(
        settings, kafka=kafka, elasticsearch=elasticsearch, say=say, console=console, ports=ports
    )
    ended = threading.Event()

    def stop() -> None:
        ended.set()
        stack.stop()

    with suppress(KeyboardInterrupt), interruptible(stop, console):
        stack.hold()
        stack.start_servers()
        screen = Screen(console, stack, heading)
        stack.metrics = _show_metrics(settings)
        stack.start_stages(settings.config)
        Watch(stack.settings, say).start(ended, settings.ledger.every)
        screen.run(lambda: True)
    return 0


def _show_metrics(settings: Settings) -> str:
    """Serves this process's own figures, those of the ledger; returns where."""
    host = settings.metrics.host
    try:
        return f"http://{host}:{serve(settings.metrics)}/metrics"
    except OSError as error:
        raise Fatal(f"no metrics on {host}:{settings.metrics.port}: {error}") from error
