"""The `dongtin` command. Commands import what they need when they run: `--help` stays quick, and a
worker process does not carry the others' libraries."""

import sys
from importlib.metadata import version
from typing import Annotated, NoReturn

import typer

from connectors.cli import accounts, extracting, letters, looking, running, stages
from streams.errors import ConfigError, DongtinError

app = typer.Typer(
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
app.command(rich_help_panel=MAIN)(accounts.ledger)
app.add_typer(letters.app, name="dead", rich_help_panel=MAIN)
app.command(rich_help_panel=STAGES)(stages.crawl)
app.command(rich_help_panel=STAGES)(stages.enrich)
app.command(rich_help_panel=STAGES)(stages.watch)
app.command(rich_help_panel=STAGES)(stages.index)
app.command(rich_help_panel=STAGES)(stages.notify)
app.command(rich_help_panel=TOOLS)(extracting.extract)


def fail(error: Exception, status: int) -> NoReturn:
    """Tells on standard error what went wrong, and ends."""
    sys.stderr.write(f"dongtin: {error}\n")
    raise SystemExit(status)


def main() -> None:
    """Entry point of the `dongtin` command."""
    try:
        app()
    except ConfigError as error:
        fail(error, 2)
    except DongtinError as error:
        fail(error, getattr(error, "exit_status", 1))


if __name__ == "__main__":
    main()
