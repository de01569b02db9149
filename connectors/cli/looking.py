"""`dongtin status` and `dongtin doctor`: what runs, and what is wrong."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from connectors.cli.options import (
    AsJson,
    Config,
    DataDir,
    ElasticsearchUrl,
    KafkaAddress,
    settings_of,
)
from streams.settings import Settings


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
            sys.stdout.write(json.dumps({"running": False}) + "\n")
        else:
            Console().print(f"nothing runs on {settings.data_dir}; start it with dongtin up")
        raise typer.Exit(1)
    told: Report = report(*found)
    if as_json:
        sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=1) + "\n")
        return
    console = Console(highlight=False)
    for name in ("kafka", "elasticsearch", "outlet", "metrics", "data_dir"):
        if told.get(name):
            console.print(f"{name:14}{told[name]}")
    table = Table("stage", "process")
    table.add_column("metrics", no_wrap=True)
    for column in ("done", "skipped", "dead", "lag"):
        table.add_column(column, justify="right")
    for stage, figures in told["stages"].items():
        table.add_row(
            stage,
            str(figures["pid"] or "down"),
            figures["metrics"],
            *(str(figures[name]) for name in ("ok", "skipped", "dead", "lag")),
        )
    console.print(table)
    for kind in ("topics", "indices"):
        counts = ", ".join(f"{name} {count}" for name, count in told[kind].items())
        console.print(f"{kind:14}{counts}")


def doctor(
    config: Config = None,
    data_dir: DataDir = None,
    kafka: KafkaAddress = None,
    elasticsearch: ElasticsearchUrl = None,
    mend: Annotated[
        bool, typer.Option("--mend", help="Make what is missing: topics, templates, indices.")
    ] = False,
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
        told = found[1]
        config = config or (Path(told["config"]) if told["config"] else None)
        settings = settings_of(
            config, data_dir, kafka or told["kafka"], elasticsearch or told["elasticsearch"]
        )
    findings = examine(settings, found[0] if found else None, mend=mend)
    if as_json:
        rows = [
            {"what": f.what, "fine": f.fine, "detail": f.detail, "mend": f.mend} for f in findings
        ]
        sys.stdout.write(json.dumps(rows, ensure_ascii=False, indent=1) + "\n")
    else:
        table = Table("", "what", "found", "how to mend it")
        for f in findings:
            mark = "[green]ok[/]" if f.fine else "[red]![/]"
            table.add_row(mark, f.what, f.detail, f.mend)
        Console(highlight=False).print(table)
    raise typer.Exit(0 if all(f.fine for f in findings) else 1)
