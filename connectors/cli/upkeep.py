"""`dongtin setup` and `dongtin prune`: what is on the servers beside the traffic."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from connectors.cli.accounts import stack_settings
from connectors.cli.common import print_json
from connectors.cli.options import AsJson, Config, DataDir, ElasticsearchUrl, KafkaAddress
from streams.terminal import Console, table


def setup(
    acls: Annotated[
        Path | None,
        typer.Option(
            help="Also what each of Kafka's users may do: a table such as deploy/kafka/acls.tsv.",
            show_default=False,
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only tell what would be made.")
    ] = False,
    go_on: Annotated[
        bool,
        typer.Option(
            "--go-on",
            help="End with 0 although something was refused, so that what waits for this command starts: a "
            "stage that can't work with what is there says so itself.",
        ),
    ] = False,
    config: Config = None,
    data_dir: DataDir = None,
    kafka: KafkaAddress = None,
    elasticsearch: ElasticsearchUrl = None,
    as_json: AsJson = False,
) -> None:
    """Make topics, index templates, indices and aliases as they are declared, and change those that
    are not. Done twice it changes nothing.

    It deletes nothing. What would lose something is refused, with what to do: exit status 1.
    """
    from connectors.upkeep.setup import setup as steps_of

    settings = stack_settings(config, data_dir, kafka, elasticsearch)
    rows = []
    for step in steps_of(settings, acls=acls, dry_run=dry_run):
        rows.append({"what": step.what, "state": step.state, "mend": step.mend})
        if not as_json:
            Console(stderr=True).print(f"{step.state}: {step.what}", style="dim", soft_wrap=True)
    _tell(rows, ("what", "state", "mend"), as_json, "everything is as declared")
    refused = any(row["state"] == "refused" for row in rows)
    raise typer.Exit(1 if refused and not go_on else 0)


def prune(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only tell what would be removed.")
    ] = False,
    config: Config = None,
    data_dir: DataDir = None,
    kafka: KafkaAddress = None,
    elasticsearch: ElasticsearchUrl = None,
    as_json: AsJson = False,
) -> None:
    """Remove what is older than \\[retention] keeps, and indices whose place a newer version of them
    has taken. Exit status 1: something could not go yet.

    The register of documents stays: what it forgot would be told as new. What comes back from
    articles.raw by a replay goes again the next time.
    """
    from connectors.upkeep.prune import removals

    settings = stack_settings(config, data_dir, kafka, elasticsearch)
    rows = []
    for removal in removals(settings, datetime.now(UTC)):
        state = "to be removed"
        if removal.apply is None:
            state = "not now"
        elif not dry_run:
            removal.apply()
            state = "removed"
        rows.append(
            {"what": removal.what, "why": removal.why, "state": state, "mend": removal.mend}
        )
    _tell(rows, ("what", "why", "state", "mend"), as_json, "nothing is to be removed")
    raise typer.Exit(1 if any(row["state"] == "not now" for row in rows) else 0)


def _tell(
    rows: Sequence[dict[str, Any]], columns: Sequence[str], as_json: bool, nothing: str
) -> None:
    if as_json:
        print_json(list(rows))
        return
    console = Console()
    if not rows:
        console.print(nothing, style="green")
        return
    shown = [name for name in columns if any(row[name] for row in rows)]
    grid = table(*("how to mend it" if name == "mend" else name for name in shown))
    for row in rows:
        grid.add_row(*(row[name] for name in shown))
    console.print(grid)
