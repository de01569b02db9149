"""How a download is shown: a bar on a terminal, a line now and then elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from streams.terminal import Console

#: Told the bytes that came in; negative when a file has to be fetched again.
Advance = Callable[[int], None]

_LINE_EVERY = 0.2  # of the whole, where there is no terminal


@contextmanager
def download_bar(console: Console, total: int, title: str) -> Iterator[Advance]:
    """Show `total` bytes coming in; the callback it gives may be called from any thread."""
    if not console.is_terminal:
        yield _lines(console, total, title)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(title, total=total)
        yield lambda count: progress.update(task, advance=count)


def _lines(console: Console, total: int, title: str) -> Advance:
    lock = Lock()
    done = 0
    said = 0.0

    def advance(count: int) -> None:
        nonlocal done, said
        with lock:
            done += count
            share = done / total
            if share >= min(said + _LINE_EVERY, 1) > said:
                said = share
                console.print(f"{title}: {done / 1e6:.0f} of {total / 1e6:.0f} MB", highlight=False)

    console.print(f"{title}: {total / 1e6:.0f} MB", highlight=False)
    return advance
