"""The `dongtin` command. Commands import what they need when they run: `--help` stays quick, and a
worker process does not carry the others' libraries."""

import os
import sys
from importlib.metadata import version
from typing import Annotated, NoReturn

import typer

from connectors.cli import (
    accounts,
    backfilling,
    extracting,
    letters,
    looking,
    replaying,
    revisions,
    running,
    stages,
    telling,
    upkeep,
)
from connectors.cli.app import App
from streams.errors import Away, ConfigError, DongtinError
from streams.text import printable

app = App(
    name="dongtin",
    help="Watches Vietnamese news and tells which Party and State documents are mentioned, by whom, "
    "where and when.\n\nBegin with [bold]dongtin demo[/]: the whole pipeline on this machine, with "
    "a sample outlet. Then [bold]dongtin up[/] with the outlets that you follow.",
    epilog="Exit status: 0 done, 1 failed, 2 a wrong setting or argument, 3 the data folder is in use.",
    rich_markup_mode="rich",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

MAIN, STAGES, TOOLS = "The whole pipeline", "Its stages, as processes of their own", "Tools"


def _tell_version(asked: bool) -> None:
    if asked:
        typer.echo(f"dongtin {version('dongtin')}")
        raise typer.Exit


@app.callback()
def _options(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_tell_version, is_eager=True, help="Tell it, and end."),
    ] = False,
) -> None:
    """Replaced by the app's own help."""


app.command(rich_help_panel=MAIN)(running.demo)
app.command(rich_help_panel=MAIN)(running.up)
app.command(rich_help_panel=MAIN)(looking.status)
app.command(rich_help_panel=MAIN)(looking.doctor)
app.command(rich_help_panel=MAIN)(upkeep.setup)
app.command(rich_help_panel=MAIN)(upkeep.prune)
app.command(rich_help_panel=MAIN)(accounts.ledger)
app.add_typer(letters.app, name="dead", rich_help_panel=MAIN)
app.command(rich_help_panel=MAIN)(replaying.replay)
app.add_typer(telling.alerts_app, name="alerts", rich_help_panel=MAIN)
app.add_typer(backfilling.app, name="backfill", rich_help_panel=MAIN)
app.command(rich_help_panel=MAIN)(revisions.revisions)
app.command(rich_help_panel=STAGES)(stages.crawl)
app.command(rich_help_panel=STAGES)(stages.enrich)
app.command(rich_help_panel=STAGES)(stages.watch)
app.command(rich_help_panel=STAGES)(stages.index)
app.add_typer(telling.notify_app, name="notify", rich_help_panel=STAGES)
app.command(rich_help_panel=TOOLS)(extracting.extract)


#: What to do where a server does not answer: a wrong folder is the commonest cause.
_AWAY = (
    "does it run, and is this its address? A stack of dongtin up is found by its --data-dir; "
    "dongtin doctor tells what can be reached"
)


def fail(error: Exception | str, status: int) -> NoReturn:
    """Tells on standard error what went wrong, and ends."""
    sys.stderr.write(f"dongtin: {printable(error)}\n")
    raise SystemExit(status)


def main() -> None:
    """Entry point of the `dongtin` command."""
    # what was seen, told and configured is the operator's alone; child processes inherit it
    os.umask(0o077)
    try:
        app()
    except ConfigError as error:
        fail(error, 2)
    except Away as error:
        fail(f"{error}; {_AWAY}", 1)
    except DongtinError as error:
        fail(error, getattr(error, "exit_status", 1))


if __name__ == "__main__":
    main()
