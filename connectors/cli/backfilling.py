"""`dongtin backfill`: old articles, by their addresses or as pages that somebody has kept."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from connectors.cli.accounts import stack_settings
from connectors.cli.app import App
from connectors.cli.common import end_at_signal, print_json
from connectors.cli.options import AsJson, Config, DataDir, KafkaAddress
from streams.terminal import Console, table

if TYPE_CHECKING:
    from connectors.replay.found import Find
    from connectors.replay.tally import Tally

app = App(
    help="Take in old articles, beside live traffic and behind it, and tell nobody of their "
    "documents: by a list of addresses, from web archives, from HTML files.\n\n"
    "They go through the crawler's store: run it on the crawler's machine, with its data folder and "
    "its --config. Done again it takes in what is missing; known articles stay as they are.",
    no_args_is_help=True,
)

_SHOWN = 20  # lines of what could not be read
_NICE = 15  # the priority of a back-fill: live work goes first

Files = Annotated[
    list[Path], typer.Argument(metavar="FILE...", exists=True, dir_okay=False, show_default=False)
]
OutletKey = Annotated[
    str | None,
    typer.Option(
        "--outlet",
        metavar="KEY",
        help="The outlet whose articles all are. Without it: by the address of each, those of no "
        "outlet are left out.",
        show_default=False,
    ),
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Only read, and tell what would be taken in.")
]


@app.command("urls")
def urls(
    files: Files,
    outlet: OutletKey = None,
    dry_run: DryRun = False,
    config: Config = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Have the pages of a list of addresses fetched.

    A file has an address a line; a .tsv begins with a line of column names (url, and any of
    published, title, outlet), a .jsonl has an object with these keys a line. The running crawler
    fetches them with its usual manners, each host's live pages first.
    """
    from connectors.replay.found import Bad, Listed
    from connectors.replay.listed import ListFile

    def finds(task: "_Task") -> "Iterator[Find]":
        for path in files:
            listed = ListFile(path)
            for line in listed.lines():
                task.reached(path, listed.position)
                if isinstance(line, Bad):
                    yield line
                else:
                    yield Listed(
                        where=line.where, url=line.url, outlet=line.outlet, entry=line.entry
                    )

    _run(finds, files, (config, data_dir, None), outlet, dry_run=dry_run, as_json=as_json)


@app.command("warc")
def warc(
    files: Files,
    outlet: OutletKey = None,
    dry_run: DryRun = False,
    config: Config = None,
    data_dir: DataDir = None,
    kafka: KafkaAddress = None,
    as_json: AsJson = False,
) -> None:
    """Take pages out of web archives (.warc, .warc.gz): the good answers that hold HTML."""
    from connectors.replay.warc import Archive

    def finds(task: "_Task") -> "Iterator[Find]":
        for path in files:
            archive = Archive(path)
            for find in archive.finds():
                task.reached(path, archive.position)
                yield find

    _run(finds, files, (config, data_dir, kafka), outlet, dry_run=dry_run, as_json=as_json)


@app.command("html")
def html(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", exists=True, file_okay=False, show_default=False)
    ],
    listed: Annotated[
        Path | None,
        typer.Option(
            "--list",
            metavar="FILE",
            help="A .tsv (a line of column names first) or .jsonl with file, url, and any of fetched, "
            "published, title, outlet. Without it: each page at the address that it gives as its "
            "own (rel=canonical, og:url), of the time at which its file was last changed.",
            exists=True,
            dir_okay=False,
            show_default=False,
        ),
    ] = None,
    outlet: OutletKey = None,
    dry_run: DryRun = False,
    config: Config = None,
    data_dir: DataDir = None,
    kafka: KafkaAddress = None,
    as_json: AsJson = False,
) -> None:
    """Take in pages that lie as HTML files in a folder."""
    from connectors.replay.folder import all_files, by_list, by_themselves
    from connectors.replay.listed import ListFile

    paths = [listed] if listed else all_files(folder)

    def finds(task: "_Task") -> "Iterator[Find]":
        if listed:
            source = ListFile(listed)
            for find in by_list(folder, source):
                task.reached(listed, source.position)
                yield find
        else:
            for path in paths:
                yield from by_themselves([path])
                task.reached(path, path.stat().st_size if path.exists() else 0)

    _run(finds, paths, (config, data_dir, kafka), outlet, dry_run=dry_run, as_json=as_json)


@dataclass(slots=True)
class _Task:
    """A progress bar over the bytes of some files."""

    progress: Progress
    id: Any
    sizes: dict[Path, int]
    done: int = 0  # bytes of the files before this one
    path: Path | None = None

    def reached(self, path: Path, position: int) -> None:
        """So many bytes of a file are read."""
        if self.path is not None and path != self.path:
            self.done += self.sizes[self.path]
        self.path = path
        self.progress.update(self.id, completed=self.done + position)


def _run(
    finds: "Callable[[_Task], Iterator[Find]]",
    files: Sequence[Path],
    where: tuple[Path | None, Path | None, str | None],
    outlet: str | None,
    *,
    dry_run: bool,
    as_json: bool,
) -> None:
    from connectors.ledger.store import path_of
    from connectors.replay.backfill import Backfill
    from connectors.replay.outlets import Outlets

    settings = stack_settings(*where, None)
    if outlet and outlet not in settings.outlets:
        known = ", ".join(sorted(settings.outlets))
        raise typer.BadParameter(f"--outlet {outlet}: no such outlet; known: {known}")
    os.nice(_NICE)
    sizes = {path: path.stat().st_size for path in files if path.exists()}
    console = Console(stderr=True)
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn(),
        console=console,
    ) as progress:  # fmt: skip
        task = _Task(progress, progress.add_task("back-filling", total=sum(sizes.values())), sizes)
        run = Backfill(
            settings=settings,
            path=path_of(settings.data_dir),
            outlets=Outlets(settings.outlets, outlet),
            say=lambda line: progress.console.print(line, style="dim"),
            dry_run=dry_run,
        )
        end_at_signal(run.stop)
        tally = run.run(finds(task))
    complete = not run.stop.is_set()
    if as_json:
        told = tally.told() | {"dry_run": dry_run, "complete": complete}
        print_json(told)
    else:
        _show(tally, dry_run=dry_run, complete=complete)
    raise typer.Exit(0 if complete else 1)


def _show(tally: "Tally", *, dry_run: bool, complete: bool) -> None:
    console = Console()
    taken = "would be taken in" if dry_run else "taken in"
    console.print(
        f"{tally.read} articles read: {tally.new} {taken}, {tally.known} known, {tally.elsewhere} "
        f"of no outlet of ours; {tally.reasons.total()} could not be used"
    )
    if tally.others:
        kinds = ", ".join(f"{kind} {count}" for kind, count in tally.others.most_common())
        console.print(f"no articles' pages: {kinds}", style="dim")
    rows = table("where", "why")
    for column in rows.columns:
        column.overflow = "fold"
    for bad in tally.bad[:_SHOWN]:
        rows.add_row(bad.where, f"{bad.reason}: {bad.detail}")
    if rows.row_count:
        console.print(rows)
    if tally.reasons.total() > _SHOWN:
        console.print("and more: --json names the first 200")
    for stranger in tally.strangers[:3]:
        console.print(f"of no outlet: {stranger}", style="dim")
    if not complete:
        console.print("ended early: done again it goes on")
