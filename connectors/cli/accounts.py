"""`dongtin ledger` and `dongtin dead`: where every article is, and what did not go on."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from connectors.cli.common import end_at_signal, print_json
from connectors.cli.options import (
    AsJson,
    Config,
    DataDir,
    ElasticsearchUrl,
    KafkaAddress,
    settings_of,
)
from streams.errors import Fatal
from streams.ledger import MOST_NAMED, Balance, Fate, Row, State
from streams.settings import Settings
from streams.terminal import Console, table

_SHOWN = 20  # missing articles on a terminal


def stack_settings(
    config: Path | None, data_dir: Path | None, kafka: str | None, elasticsearch: str | None
) -> Settings:
    """Settings that point at the stack that runs on the data folder, else at what they say."""
    from dataclasses import replace

    from connectors.cli.looking import stack_folder

    settings = settings_of(config, data_dir, kafka, elasticsearch)
    found = stack_folder(settings)
    if found is None:
        return settings
    folder, told = found
    config = config or (Path(told["config"]) if told.get("config") else None)
    settings = settings_of(config, data_dir, kafka, elasticsearch)
    search = replace(
        settings.elasticsearch,
        url=elasticsearch or told["elasticsearch"],
        prefix=told.get("prefix") or settings.elasticsearch.prefix,
    )
    return replace(
        settings,
        data_dir=folder,
        kafka=replace(settings.kafka, bootstrap=kafka or told["kafka"]),
        elasticsearch=search,
    )


def ledger(
    config: Config = None,
    data_dir: DataDir = None,
    kafka: KafkaAddress = None,
    elasticsearch: ElasticsearchUrl = None,
    outlet: Annotated[str | None, typer.Option(help="Only articles of this outlet.")] = None,
    day: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Only articles first seen on this day (UTC)."),
    ] = None,
    as_json: AsJson = False,
    every: Annotated[
        float | None,
        typer.Option(
            min=1,
            help="Go on, adding up every so many seconds: a line when the answer changes, figures "
            "for Prometheus on \\[metrics] port.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Add up where every article is: indexed, unchanged, skipped, dead, under way. Exit status 1
    when an article is missing; it is named.

    It reads what lasts (the crawler's store, the topics, the indices), by id, while traffic flows.
    """
    from connectors.ledger.snapshot import account

    settings = stack_settings(config, data_dir, kafka, elasticsearch)
    if every:
        _watch(settings, every)
        return
    found = account(settings, outlet=outlet, day=f"{day:%Y-%m-%d}" if day else None)
    if as_json:
        told = json_of(found.balance) | {
            "notes": list(found.notes),
            "seconds": round(found.seconds, 3),
        }
        print_json(told)
    else:
        _show(found.balance, found.notes)
        rate = found.balance.discovered / found.seconds
        Console(stderr=True).print(
            f"{found.seconds:.1f} s, {rate:.0f} articles a second", style="dim"
        )
    raise typer.Exit(0 if found.balance.balanced else 1)


def _watch(settings: Settings, every: float) -> None:
    """Adds up again and again until a signal."""
    import threading

    from connectors.ledger.snapshot import notes
    from connectors.ledger.watch import Watch
    from streams.health import PROCESS
    from streams.serving import serve

    PROCESS.name = "ledger"
    console = Console()
    stop = threading.Event()
    end_at_signal(stop)
    try:
        console.print(f"metrics on {serve(settings.metrics)}")
    except OSError as error:
        told = f"no metrics on {settings.metrics.host}:{settings.metrics.port}: {error}"
        raise Fatal(told) from error
    for line in notes(settings):
        console.print(line, soft_wrap=True)
    watch = Watch(settings, lambda line: console.print(line, soft_wrap=True))
    watch.look(stop)
    watch.run(stop, every)


def json_of(balance: Balance) -> dict[str, Any]:
    """The balance as one JSON object; each sum also by outlet and day."""
    return {
        "balanced": balance.balanced,
        "discovered": balance.discovered,
        **_states(balance.fates.items()),
        "rows": [
            {"outlet": outlet, "day": day, "discovered": row.discovered}
            | _states(row.fates.items())
            for (outlet, day), row in sorted(balance.rows.items())
        ],
        "named": [
            {"id": m.id, "outlet": m.outlet, "day": m.day, "url": m.url, "known": list(m.known)}
            for m in balance.missing
        ],
    }


def _states(fates: Iterable[tuple[Fate, int]]) -> dict[str, Any]:
    told: dict[str, Any] = {"indexed": 0, "unchanged": 0, "expired": 0, "missing": 0}
    told |= {"skipped": {}, "dead": {}, "under_way": {}}
    for fate, count in sorted(fates, key=lambda item: item[0].detail):
        name = fate.state.value.replace(" ", "_")
        if fate.detail:
            told[name][fate.detail] = count
        else:
            told[name] += count
    return told


def _show(balance: Balance, notes: Iterable[str]) -> None:
    console = Console()
    rows = table(dense=True)
    rows.add_column("outlet", overflow="fold")
    for name in ("seen", "found", *(state.value for state in State)):
        rows.add_column(name, justify="left" if name == "seen" else "right", no_wrap=True)
    for (outlet, day), row in sorted(balance.rows.items()):
        rows.add_row(outlet, day, *_cells(row))
    whole = Row(discovered=balance.discovered, fates=balance.fates)
    rows.add_section()
    rows.add_row("all", "", *_cells(whole), style="bold")
    console.print(rows)
    for fate, count in sorted(
        whole.fates.items(), key=lambda item: (item[0].state, item[0].detail)
    ):
        if fate.detail:
            console.print(f"{count:>8}  {fate.state}: {fate.detail}")
    for note in notes:
        console.print(note, style="yellow")
    missing = balance.count(State.MISSING)
    if not missing:
        console.print("it adds up", style="green")
        return
    console.print(f"it does not add up: {missing} missing", style="red")
    for m in balance.missing[:_SHOWN]:
        line = f"  {m.id}  {m.outlet} {m.day}  {m.url}  ({'; '.join(m.known)})"
        console.print(line, soft_wrap=True)
    if missing > _SHOWN:
        named = min(missing, MOST_NAMED)
        console.print(f"  and {missing - _SHOWN} more; --json names {named}")


def _cells(row: Row) -> list[str]:
    counts = dict.fromkeys(State, 0)
    for fate, count in row.fates.items():
        counts[fate.state] += count
    return [str(row.discovered), *(str(count or "") for count in counts.values())]
