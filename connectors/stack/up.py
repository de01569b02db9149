"""`dongtin up`: the pipeline with the user's outlets, until it is asked to stop."""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

from connectors.ledger.watch import Watch
from connectors.stack.baseline import quiet_until
from connectors.stack.ending import interruptible
from connectors.stack.screen import Screen
from connectors.stack.stack import Stack
from connectors.stack.targets import targets
from streams.errors import Fatal
from streams.extraction.catalogue import named
from streams.health import PROCESS
from streams.serving import serve
from streams.settings import Settings
from streams.settings import Watch as WatchSettings
from streams.terminal import Console


def run(
    settings: Settings,
    *,
    kafka: str | None,
    elasticsearch: str | None,
    ports: tuple[int | None, int | None],
    baseline: timedelta | None = None,
) -> int:
    """Runs until Ctrl-C or SIGTERM; returns the exit status.

    Args:
        baseline: what is found in this time after the first start is remembered and not told.

    Raises:
        DongtinError: something that it needs can't be had.
    """
    if settings.enrich.catalogue:  # told now, and not by a stage that ends again and again
        named(settings.enrich.catalogue)
    console = Console()
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
        if baseline:
            _be_quiet(stack, baseline, say)
        stack.start_servers()
        screen = Screen(console, stack, heading)
        stack.metrics = _show_metrics(settings)
        stack.start_stages(settings.config)
        Watch(stack.settings, say).start(ended, settings.ledger.every)
        screen.run(lambda: True)
    return 0


def _be_quiet(stack: Stack, baseline: timedelta, say: Callable[[str], None]) -> None:
    now = datetime.now(UTC)
    until = quiet_until(stack.settings.data_dir, baseline, now)
    watch = WatchSettings(quiet_until=until.isoformat())
    stack.settings = replace(stack.settings, watch=watch)
    told = "is remembered and not told" if until > now else "was remembered and not told"
    say(f"baseline: what is found before {until:%Y-%m-%d %H:%M} UTC {told}")


def _show_metrics(settings: Settings) -> str:
    """Serves this process's own figures and health, and where the stages' are; returns where."""
    PROCESS.name = "up"
    pages = {"/targets": partial(targets, settings.data_dir)}
    try:
        return serve(settings.metrics, pages=pages)
    except OSError as error:
        told = f"no metrics on {settings.metrics.host}:{settings.metrics.port}: {error}"
        raise Fatal(told) from error
