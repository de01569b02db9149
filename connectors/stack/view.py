"""What `demo` and `up` show: pure functions from figures to rich renderables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from connectors.stack.figures import StageFigures
from connectors.stack.summary import Spread, Summary
from streams.terminal import table

_MEGABYTE = 1024 * 1024
_LINES = 3  # of troubles, and of what was said
_WHAT = {
    "crawl": "crawled",
    "enrich": "enriched",
    "watch": "watched",
    "index": "indexed",
    "notify": "delivered",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Everything on the screen at one moment."""

    heading: str
    addresses: Mapping[str, str]
    stages: Mapping[str, StageFigures]
    rates: Mapping[str, float]
    documents: Sequence[tuple[str, int]]  # key, mentions
    alerts: Sequence[Mapping[str, Any]]  # the newest, oldest first
    alert_count: int  # of all
    memory: Mapping[str, int] = field(default_factory=dict)  # stage -> bytes
    server_memory: Mapping[str, int] = field(default_factory=dict)
    said: Sequence[str] = ()
    troubles: Sequence[str] = ()  # what is not ready, and why
    rows: int = 8  # of documents and alerts


def screen(shown: Shown) -> RenderableType:
    """The live screen."""
    addresses = Columns(
        [
            Text.assemble((f"{name} ", "dim"), where)
            for name, where in shown.addresses.items()
            if where
        ],
        padding=(0, 2),
    )
    columns = Table.grid(padding=(0, 2, 0, 0), expand=True)
    columns.add_column()
    columns.add_column(ratio=1)
    columns.add_row(stage_table(shown), document_table(shown))
    parts: list[RenderableType] = [
        Text(shown.heading, style="bold"), addresses, Text(), columns, alert_panel(shown)
    ]  # fmt: skip
    parts += [Text(line, style="red") for line in shown.troubles[:_LINES]]
    parts += [Text(line, style="dim") for line in shown.said[-_LINES:]]
    return Group(*parts)


def stage_table(shown: Shown) -> Table:
    """Counts, rates and lag of each stage, in the order of the flow."""
    rows = table(title="Articles", title_justify="left", dense=True)
    rows.add_column("stage", no_wrap=True)
    for name in ("done", "skipped", "dead", "per s", "lag", "MB"):
        rows.add_column(name, justify="right", no_wrap=True)
    for stage, figures in shown.stages.items():
        down = "" if figures.pid else " (down)"
        rows.add_row(
            Text(_WHAT[stage] + down, style="red" if down else ""),
            str(figures.ok),
            str(figures.skipped or ""),
            Text(str(figures.dead or ""), style="red"),
            f"{shown.rates.get(stage, 0.0):.1f}",
            str(figures.lag or figures.outbox or ""),
            f"{shown.memory.get(stage, 0) / _MEGABYTE:.0f}",
        )
    for server, memory in shown.server_memory.items():
        rows.add_row(Text(server, style="dim"), "", "", "", "", "", f"{memory / _MEGABYTE:.0f}")
    return rows


def document_table(shown: Shown) -> Table:
    """The documents mentioned most."""
    rows = table(title="Documents mentioned", title_justify="left", dense=True, expand=True)
    rows.add_column("document", no_wrap=True, ratio=1)
    rows.add_column("mentions", justify="right", no_wrap=True)
    for key, count in shown.documents[: shown.rows]:
        rows.add_row(key, str(count))
    return rows


def alert_line(alert: Mapping[str, Any]) -> Text:
    """One alert in one line: `10:42:07 Chỉ thị 05-CT/TW (Bộ Chính trị) — Báo: title`."""
    at = datetime.fromisoformat(str(alert["delivered_at"])).astimezone()
    issuer = f" ({alert['issuer']})" if alert.get("issuer") else ""
    # a law's key already begins with its type
    document, kind = str(alert["document"]), str(alert.get("type") or "")
    name = document if document.lower().startswith(kind.lower()) else f"{kind} {document}"
    return Text.assemble(
        (f"{at:%H:%M:%S} ", "dim"),
        (name, "bold cyan"),
        (issuer, "cyan"),
        (f"  {alert.get('title', '')}", ""),
        no_wrap=True,
        overflow="ellipsis",
    )


def alert_panel(shown: Shown) -> Panel:
    """The newest alerts."""
    newest = [alert_line(alert) for alert in shown.alerts[-shown.rows :]]
    return Panel(
        Group(*newest) if newest else Text("none yet", style="dim"),
        title=f"First mentions: {shown.alert_count}",
        title_align="left",
    )


def _seconds(name: str, spread: Spread | None) -> tuple[str, str, str, str]:
    if spread is None:
        return (name, "-", "-", "0")
    return (name, f"{spread.p50:.2f} s", f"{spread.p99:.2f} s", str(spread.count))


def latency_table(summary: Summary) -> Table:
    """How long articles took."""
    rows = table(
        "from ... to",
        title="Latency of articles that appeared while all stages were up",
        title_justify="left",
    )
    for name in ("p50", "p99", "of"):
        rows.add_column(name, justify="right")
    rows.add_row(*_seconds("published → alert delivered", summary.to_alert))
    rows.add_row(*_seconds("published → searchable", summary.to_search))
    rows.add_row(*_seconds("  of it: waiting for the poll of the feed", summary.poll))
    rows.add_row(*_seconds("seen in the feed → alert delivered", summary.to_alert_unpolled))
    rows.add_row(*_seconds("seen in the feed → searchable", summary.to_search_unpolled))
    return rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a stage did, how fast, on how much."""

    stage: str
    articles: int
    highest: float  # articles a second, over the fastest second or more
    per_core: float | None  # articles a second of processor time, once all stages were up
    memory: int  # bytes


def work_table(work: Sequence[Work], servers: Mapping[str, int]) -> Table:
    """What each stage did, would do on one core, and holds in memory."""
    rows = table("process", title="Stages", title_justify="left")
    for name in ("articles", "most in 1 s", "per core and s", "MB"):
        rows.add_column(name, justify="right")
    for stage in work:
        rate = f"{stage.per_core:.0f}" if stage.per_core else ""
        rows.add_row(
            stage.stage,
            str(stage.articles),
            f"{stage.highest:.0f}",
            rate,
            f"{stage.memory / _MEGABYTE:.0f}",
        )
    for server, memory in servers.items():
        rows.add_row(server, "", "", "", f"{memory / _MEGABYTE:.0f}")
    everything = sum(servers.values()) + sum(stage.memory for stage in work)
    rows.add_row("all", "", "", "", f"{everything / _MEGABYTE:.0f}")
    return rows


def verdict(summary: Summary) -> Text:
    """One line that says how it went."""
    counts = (
        f"{summary.published} articles published, {summary.searchable} searchable; "
        f"{summary.alerts_expected} alerts expected, {summary.alerts_delivered} delivered"
    )
    if summary.problems:
        return Text(f"NOT COMPLETE: {counts}", style="bold red")
    return Text(f"complete: {counts}, each once", style="bold green")
