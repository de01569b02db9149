"""`dongtin notify` and `dongtin alerts`: alerts to people, and what became of each."""

import sys
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from connectors.cli.accounts import stack_settings
from connectors.cli.app import App
from connectors.cli.common import print_json
from connectors.cli.options import AsJson, Config, DataDir, KafkaAddress, settings_of
from connectors.cli.stages import MetricsPort, Parent, run_stage
from streams.errors import DongtinError
from streams.settings import Settings
from streams.terminal import Console, table

if TYPE_CHECKING:
    from connectors.notify.delivered import Book, Delivery, State

notify_app = App(
    help="alerts to people: the addresses of \\[notify] urls, else the terminal and a file.",
    invoke_without_command=True,
)
alerts_app = App(
    help="Alerts and their addresses: what waits, was delivered, or failed; try again.",
    no_args_is_help=True,
)


@notify_app.callback()
def notify(
    context: typer.Context,
    config: Config = None,
    data_dir: DataDir = None,
    kafka: KafkaAddress = None,
    metrics_port: MetricsPort = None,
    parent: Parent = None,
) -> None:
    r"""alerts to people: the addresses of \[notify] urls, else the terminal and a file."""
    if context.invoked_subcommand:
        return

    def runner(settings: Settings, stop: threading.Event) -> int:
        from connectors.notify.notify import run

        return run(settings, stop)

    run_stage("notify", settings_of(config, data_dir, kafka), runner, metrics_port, parent)


@notify_app.command("test")
def send_test(
    address: Annotated[
        int | None,
        typer.Option(min=1, help="Only this one, by its place in \\[notify] urls: 1 is the first."),
    ] = None,
    config: Config = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Send a message that says that it is a test through every address.

    Exit status 1 when one failed.

    Nothing of the pipeline need run. The file gets no line: scripts count its lines as alerts.
    """
    from connectors.notify.channels import channels
    from connectors.notify.trial import trial

    there = channels(settings_of(config, data_dir), trial=True)
    if address is not None and address > len(there):
        raise typer.BadParameter(f"there are {len(there)} addresses", param_hint="--address")
    chosen = there if address is None else there[address - 1 : address]
    outcomes = [(channel.address, *trial(channel)) for channel in chosen]
    if as_json:
        rows = [{"address": name, "sent": sent, "what": what} for name, sent, what in outcomes]
        print_json({"addresses": rows})
    else:
        console = Console()
        for name, sent, what in outcomes:
            mark = ("ok    ", "green") if sent else ("failed", "red")
            console.print(Text.assemble(mark, f"  {name}  {what}"), soft_wrap=True)
    raise typer.Exit(0 if all(sent for _, sent, _ in outcomes) else 1)


@alerts_app.command("list")
def list_alerts(
    pending: Annotated[
        bool, typer.Option("--pending", help="What waits, or is tried again.")
    ] = False,
    failed: Annotated[bool, typer.Option("--failed", help="What was given up.")] = False,
    delivered: Annotated[bool, typer.Option("--delivered", help="What has arrived.")] = False,
    since: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"], help="Only alerts from then on (UTC)."
        ),
    ] = None,
    most: Annotated[int, typer.Option(min=1, help="At most so many, the newest first.")] = 100,
    config: Config = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """List alerts with what became of each at each address, the newest first."""
    asked: dict[State, bool] = {"pending": pending, "failed": failed, "delivered": delivered}
    states = [state for state, wanted in asked.items() if wanted or not any(asked.values())]
    book = _book(stack_settings(config, data_dir, None, None))
    begin = since.replace(tzinfo=UTC).timestamp() if since else 0.0
    found = book.deliveries(states, begin, most + 1)
    book.close()
    if as_json:
        told = {"deliveries": [_json_of(x) for x in found[:most]], "more": len(found) > most}
        print_json(told)
        return
    rows = table()
    rows.add_column("alert", overflow="fold")  # it is copied from here
    rows.add_column("address", overflow="fold")
    for name in ("state", "tries", "came (UTC)"):
        rows.add_column(name, no_wrap=True)
    rows.add_column("last trouble", overflow="fold")
    for x in found[:most]:
        came = f"{datetime.fromtimestamp(x.came, UTC):%Y-%m-%d %H:%M:%S}"
        cells = (x.id, x.address, x.state, str(x.attempts), came, x.detail)
        rows.add_row(*(Text(cell) for cell in cells))
    console = Console()
    console.print(rows if found else "no alerts")
    if len(found) > most:
        console.print(f"and more; --most shows more than {most}")


@alerts_app.command("retry")
def retry(
    ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="ID...", help="Alerts' ids; none: all.", show_default=False),
    ] = None,
    config: Config = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Take up again what was given up: the running notify stage delivers it, or the next one does.

    What an address has is not sent to it again. Done twice it changes nothing more.
    """
    from connectors.notify.channels import addresses

    settings = stack_settings(config, data_dir, None, None)
    book = _book(settings)
    count = book.retry(ids, addresses(settings))
    book.close()
    if as_json:
        print_json({"taken_up": count})
    else:
        sys.stdout.write(f"{count} deliveries are tried again\n")


def _book(settings: Settings) -> "Book":
    from connectors.notify.delivered import RECORD, Book

    path = settings.data_dir / RECORD
    if not path.exists():
        raise DongtinError(
            f"{path}: no alert was ever taken in there; --data-dir names another folder"
        )
    return Book(path)


def _json_of(delivery: "Delivery") -> dict[str, Any]:
    def moment(seconds: float) -> str | None:
        return datetime.fromtimestamp(seconds, UTC).isoformat() if seconds else None

    return {
        "alert": delivery.id,
        "address": delivery.address,
        "state": delivery.state,
        "tries": delivery.attempts,
        "detail": delivery.detail,
        "came": moment(delivery.came),
        "tried": moment(delivery.at),
    }
