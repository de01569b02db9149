"""The ways to a terminal and to a log: what newspapers and servers say must not command them."""

import logging
from collections.abc import Iterable
from typing import Any

import rich.console as rich_console
from rich import box
from rich.console import ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.table import Table

from streams.text import printable


class Console(rich_console.Console):  # noqa: TID251 - the one that all others stand for
    """rich's, on which no text is taken for markup (`[red]`) and no control character goes through:
    each is shown as U+FFFD. Colours come from styles, never from a text."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"markup": False, "emoji": False, "highlight": False, **options})

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Everything that is shown passes here, parts of tables and panels included."""
        for segment in super().render(renderable, options):
            if segment.control:  # rich's own: moves of the cursor
                yield segment
            else:
                yield Segment(printable(segment.text), segment.style)


def table(*headers: str, dense: bool = False, **options: Any) -> Table:
    """An empty table as all of ours look: a line below its head and none elsewhere, so that 80 columns
    hold much and a cell can be copied.

    Args:
        dense: one blank between columns and not two: for many columns of numbers.
        options: of rich's Table.
    """
    return Table(
        *headers,
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, 0) if dense else (0, 1, 0, 0),
        **options,
    )


class LogFormatter(logging.Formatter):
    """One record, one line: text from outside can neither begin a line of its own, which would pass
    for ours, nor command the terminal on which the log is read. Tracebacks keep their lines."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # logging's name
        """The line without a traceback."""
        return printable(super().formatMessage(record)).replace("\n", "\\n").replace("\t", " ")

    def formatException(self, ei: Any) -> str:  # logging's name
        """The traceback, whose last line may quote what came from outside."""
        return printable(super().formatException(ei))
