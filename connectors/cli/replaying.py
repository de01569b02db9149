"""`dongtin replay`: what we have had before, by the extractor of today."""

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from connectors.cli.accounts import stack_settings
from connectors.cli.common import end_at_signal, print_json
from connectors.cli.options import (
    AsJson,
    Config,
    DataDir,
    ElasticsearchUrl,
    KafkaAddress,
)
from streams.terminal import Console, table

if TYPE_CHECKING:
    from connectors.replay.report import Report

_SPAN = re.compile(r"(\d{1,6})([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_ROWS = 20  # keys shown of what was gained, and of what was lost


def moment_of(text: str, now: datetime) -> datetime | None:
    """`2026-11-01`, `2026-11-01T08:00+07:00`, `90m`, `24h`, `7d` before `now`; None for `all`.

    Raises:
        typer.BadParameter: it is none of these.
    """
    if text == "all":
        return None
    if found := _SPAN.fullmatch(text):
        return now - timedelta(**{_UNITS[found[2]]: int(found[1])})
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise typer.BadParameter(
            f"{text!r}: a day (2026-11-01), a time (2026-11-01T08:00), a span back from now "
            "(90m, 24h, 7d) or all"
        ) from None


Since = Annotated[
    str,
    typer.Option(
        help="From when on, by the time at which Kafka got the page: a day (2026-11-01), a time, a "
        "span back from now (90m, 24h, 7d), or all.",
        show_default=False,
    ),
]


def replay(
    since: Since,
    until: Annotated[
        str | None, typer.Option(help="Up to when; as --since.", show_default="now")
    ] = None,
    outlet: Annotated[str | None, typer.Option(help="Only articles of this outlet.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only compare: nothing is sent.")
    ] = False,
    config: Config = None,
    data_dir: DataDir = None,
    kafka: KafkaAddress = None,
    elasticsearch: ElasticsearchUrl = None,
    as_json: AsJson = False,
) -> None:
    """Enrich again what lies in articles.raw, and tell which mentions were gained and lost.

    It runs beside live traffic without delaying it, and tells nobody of documents that are found in
    old articles only now. Ctrl-C ends it after the articles in hand; done again it changes nothing
    more.
    """
    from connectors.replay.replay import Replay, Wanted, span_of

    now = datetime.now(UTC)
    wanted = Wanted(
        since=moment_of(since, now),
        until=moment_of(until, now) if until else None,
        outlet=outlet,
        dry_run=dry_run,
    )
    settings = stack_settings(config, data_dir, kafka, elasticsearch)
    span = span_of(settings, wanted)
    console = Console(stderr=True)
    with _progress(console) as progress:
        task = progress.add_task("replaying", total=span.messages)
        run = Replay(
            settings=settings,
            wanted=wanted,
            advanced=lambda count: progress.advance(task, count),
            say=lambda line: progress.console.print(line, style="dim", markup=False),
        )
        end_at_signal(run.stop)
        report = run.run(span)
    if as_json:
        told = report.told() | {"dry_run": dry_run, "complete": not run.stop.is_set()}
        print_json(told)
    else:
        _show(report, dry_run=dry_run)
    raise typer.Exit(1 if run.stop.is_set() else 0)


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
    )


def _show(report: "Report", *, dry_run: bool) -> None:
    console = Console()
    sent = "none sent (--dry-run)" if dry_run else f"{report.sent} sent"
    console.print(
        f"{report.read} messages read, {sent}; {report.changed} articles differ, "
        f"{report.absent} were not in the index, {report.older} are captures since replaced, "
        f"{report.again} the same once more, {report.reasons.total()} without a result"
    )
    for reason, count in report.reasons.most_common():
        console.print(f"  without a result: {reason} {count}", style="dim")
    sentences = {(e.key, e.gained): e.sentence for e in reversed(report.examples)}
    rows = table("", "document", "mentions", "for example", show_lines=True)
    for name in (0, 2):
        rows.columns[name].no_wrap = True
    for gained, counts in ((True, report.documents.gained), (False, report.documents.lost)):
        for key, count in counts.most_common(_ROWS):
            rows.add_row(
                "gained" if gained else "lost",
                key,
                str(count),
                sentences.get((key, gained), ""),
            )
    if rows.row_count:
        console.print(rows)
    people = report.people
    console.print(
        f"people gained {people.gained.total()}, lost {people.lost.total()}; --json names them all"
    )
