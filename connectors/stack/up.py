"""`dongtin up`: the pipeline with the user's outlets, until it is asked to stop."""

from contextlib import suppress

from rich.console import Console

from connectors.stack.ending import interruptible
from connectors.stack.screen import Screen
from connectors.stack.stack import Stack
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
            console.print(line, style="dim")

    stack = Stack(
        settings, kafka=kafka, elasticsearch=elasticsearch, say=say, console=console, ports=ports
    )
    with suppress(KeyboardInterrupt), interruptible(stack.stop, console):
        stack.hold()
        stack.start_servers()
        screen = Screen(console, stack, heading)
        stack.start_stages(settings.config)
        screen.run(lambda: True)
    return 0
