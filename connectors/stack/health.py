"""`dongtin doctor`: what is reachable, which versions, what is missing or differs."""

import platform
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from connectors.elasticsearch import admin as search_admin
from connectors.elasticsearch.client import briefly, connect
from connectors.kafka import admin as kafka_admin
from connectors.stack.figures import all_stages
from connectors.stack.vitals import of_stages
from streams.errors import DongtinError
from streams.settings import Settings

_PACKAGES = ("kafka-python", "faust-streaming", "underthesea", "elasticsearch", "prometheus-client")
_FREE_BYTES = 1024**3


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

    what: str
    fine: bool
    detail: str
    mend: str = ""


def examine(settings: Settings, running: Path | None) -> tuple[Finding, ...]:
    """Looks at everything.

    Args:
        running: the data folder of the stack that runs, if one does.
    """
    return (
        *_environment(settings),
        *_guarded("Kafka", lambda: _kafka(settings), _hint("kafka", running)),
        *_guarded("Elasticsearch", lambda: _search(settings), _hint("elasticsearch", running)),
        *(_stages(running) if running else ()),
    )


def _hint(server: str, running: Path | None) -> str:
    """What to do about a server that can't be asked; where the stack runs it, there is its log."""
    log = running / "logs" / f"{server}.log" if running else None
    if log and log.exists():
        return f"its log: {log}"
    return f"start it (dongtin up), or give its address: --{server}"


def _guarded(what: str, look: Callable[[], list[Finding]], mend: str) -> list[Finding]:
    try:
        return look()
    except DongtinError as error:
        return [Finding(what=what, fine=False, detail=str(error), mend=mend)]


def _environment(settings: Settings) -> Iterator[Finding]:
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    yield Finding(what="Python", fine=True, detail=platform.python_version())
    yield Finding(what="packages", fine=True, detail=packages)
    there = next(p for p in (settings.data_dir, *settings.data_dir.parents) if p.exists())
    free = shutil.disk_usage(there).free
    yield Finding(
        what=f"data folder {settings.data_dir}",
        fine=free > _FREE_BYTES,
        detail=f"{free / 1e9:.1f} GB free",
        mend="" if free > _FREE_BYTES else "free some space, or move it with --data-dir",
    )
    if there == settings.data_dir and there.stat().st_mode & 0o077:
        yield Finding(
            what="data folder", fine=False, detail="other users of this machine may read it",
            mend=f"chmod -R go= {there}",
        )  # fmt: skip
    outlets = [outlet for outlet in settings.outlets.values() if outlet.enabled]
    feeds = sum(len(outlet.feeds) for outlet in outlets)
    yield Finding(what="outlets", fine=bool(outlets), detail=f"{len(outlets)}, {feeds} feeds")


def _kafka(settings: Settings) -> list[Finding]:
    kafka = settings.kafka
    detail = f"speaks the protocol of {kafka_admin.version(kafka)}"
    found = [Finding(what=f"Kafka {kafka.bootstrap}", fine=True, detail=detail)]
    differences = kafka_admin.differences(settings)
    found += [Finding(what="topics", fine=False, detail=d.what, mend=d.mend) for d in differences]
    if not differences:
        counts = kafka_admin.counts(kafka)
        detail = ", ".join(f"{name} {count}" for name, count in counts.items())
        found.append(Finding(what="topics", fine=True, detail=detail))
    return found


def _search(settings: Settings) -> list[Finding]:
    with connect(briefly(settings.elasticsearch)) as client:
        health = search_admin.health(client)
        found = [
            Finding(
                what=f"Elasticsearch {settings.elasticsearch.url}",
                fine=health.status != "red",
                detail=f"{health.version}, {health.status}, {health.nodes} node(s)",
                mend="" if health.status != "red" else "a shard is missing: see the server's log",
            )
        ]
        differences = search_admin.differences(client, settings)
        older = search_admin.older(client, settings.elasticsearch.prefix)
    found += [Finding(what="indices", fine=False, detail=d.what, mend=d.mend) for d in differences]
    if not differences:
        found.append(Finding(what="indices", fine=True, detail="templates and indices as declared"))
    for index, count in older.items():
        detail = f"{index} has {count} documents of an earlier version"
        mend = "dongtin replay --since all moves them, then dongtin prune"
        found.append(Finding(what="indices", fine=True, detail=detail, mend=mend))
    return found


def _stages(running: Path) -> Iterator[Finding]:
    found = all_stages(running)
    vitals = of_stages(found)
    for stage, figures in found.items():
        health = vitals[stage]
        process = f"process {figures.pid}" if figures.pid else ""
        yield Finding(
            what=f"stage {stage}",
            fine=health.ready,
            detail=": ".join(part for part in (process, "; ".join(health.reasons)) if part),
            mend="" if health.ready else f"its log: {running / 'logs' / stage}.log",
        )
