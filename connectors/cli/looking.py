"""`dongtin status` and `dongtin doctor`: what runs, and what is wrong."""

from pathlib import Path
from typing import Any

import typer
from rich.columns import Columns
from rich.table import Table
from rich.text import Text

from connectors.cli.common import print_json
from connectors.cli.options import (
    AsJson,
    Config,
    DataDir,
    ElasticsearchUrl,
    KafkaAddress,
    settings_of,
)
from streams.settings import Settings
from streams.terminal import Console, table


def stack_folder(settings: Settings) -> tuple[Path, dict[str, Any]] | None:
    """The folder of the running stack, the user's own or the demo's, and what it says of itself."""
    from connectors.stack import runfiles

    for folder in (settings.data_dir, settings.data_dir / "demo"):
        told = runfiles.read(folder / "stack.json")
        if told and runfiles.alive(told):
            return folder, told
    return None


def status(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Tell what runs: addresses, processes, counts of each stage. Exit status 1: nothing runs."""
    from connectors.stack.report import Report, report

    settings = settings_of(None, data_dir)
    found = stack_folder(settings)
    if found is None:
        if as_json:
            print_json({"running": False})
        else:
            Console().print(f"nothing runs on {settings.data_dir}; start it with dongtin up")
        raise typer.Exit(1)
    folder, there = found
    config = Path(there["config"]) if there["config"] else None
    settings = settings_of(config, folder, there["kafka"], there["elasticsearch"])
    told: Report = report(folder, there, settings)
    if as_json:
        print_json(told)
        return
    console = Console()
    for name in ("kafka", "elasticsearch", "outlet", "metrics", "data_dir"):
        if told.get(name):
            console.print(f"{name:14}{told[name]}", soft_wrap=True)
    console.print()
    rows = table(dense=True)
    for column in ("stage", "process"):
        rows.add_column(column, no_wrap=True)
    for column in ("done", "skipped", "dead", "lag", "restarts"):
        rows.add_column(column, justify="right", no_wrap=True)
    rows.add_column("metrics", overflow="fold")
    for stage, figures in told["stages"].items():
        rows.add_row(
            stage,
            str(figures["pid"] or "down"),
            *(str(figures[name]) for name in ("ok", "skipped", "dead", "lag", "restarts")),
            figures["metrics"],
        )
    console.print(rows)
    console.print()
    _show_troubles(console, told)
    _show_counts(console, told)


def _show_counts(console: Console, told: dict[str, Any]) -> None:
    """Topics and indices with what they hold; no count is parted from its name."""
    counts = Table.grid(padding=(0, 2, 0, 0))
    for kind in ("topics", "indices"):
        pairs = [f"{name} {count}" for name, count in told[kind].items()]
        if pairs:
            counts.add_row(kind.ljust(12), Columns(pairs, padding=(0, 2)))
    console.print(counts)


def _show_troubles(console: Console, told: dict[str, Any]) -> None:
    """What is not live or not ready and why, what had to be started again, who does not answer."""
    for stage, figures in told["stages"].items():
        if not figures["ready"]:
            state = "is not ready" if figures["live"] else "is not live"
            console.print(f"{stage} {state}: {'; '.join(figures['reasons'])}", style="red")
        if figures["restarts"]:
            times = "once" if figures["restarts"] == 1 else f"{figures['restarts']} times"
            console.print(f"{stage} was started again {times}, last: {figures['reason']}")
    for why in told["silent"].values():
        console.print(f"{why}; dongtin doctor tells what to do", style="red")


def doctor(
    config: Config = None,
    data_dir: DataDir = None,
    kafka: KafkaAddress = None,
    elasticsearch: ElasticsearchUrl = None,
    as_json: AsJson = False,
) -> None:
    """Tell what is reachable, which versions, what is missing or differs, and how to mend it.

    Without addresses it looks at the stack that runs on the data folder, else at those in the
    settings. Exit status 1 when something is wrong.
    """
    from connectors.stack.health import examine

    settings = settings_of(config, data_dir, kafka, elasticsearch)
    found = stack_folder(settings)
    if found:
        there = found[1]
        config = config or (Path(there["config"]) if there["config"] else None)
        settings = settings_of(
            config, data_dir, kafka or there["kafka"], elasticsearch or there["elasticsearch"]
        )
    findings = examine(settings, found[0] if found else None)
    if as_json:
        told = [
            {"what": f.what, "fine": f.fine, "detail": f.detail, "mend": f.mend} for f in findings
        ]
        print_json(told)
    else:
        rows = table("", "what", "found", "how to mend it")
        for column in rows.columns:
            column.overflow = "fold"
        for f in findings:
            mark = Text("ok", style="green") if f.fine else Text("!", style="red")
            rows.add_row(mark, f.what, f.detail, f.mend)
        Console().print(rows)
    raise typer.Exit(0 if all(f.fine for f in findings) else 1)
