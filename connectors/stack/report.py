"""What runs, as `dongtin status` tells it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from connectors.elasticsearch.client import briefly
from connectors.kafka import admin
from connectors.stack.figures import moments
from connectors.stack.index import Index
from connectors.stack.vitals import of_stages
from streams.errors import Retry
from streams.settings import Elasticsearch, Kafka, Settings

#: See `report`.
Report = dict[str, Any]


def report(folder: Path, told: dict[str, Any], settings: Settings) -> Report:
    """The running stack as one JSON object. All are asked at once, each with a bound of its own: it comes
    within seconds, whatever hangs.

    Args:
        folder: its data folder.
        told: its `stack.json`.
        settings: how its servers are reached.

    Returns:
        running, pid, kafka, elasticsearch, outlet, metrics (of the ledger), data_dir; servers (name -> pid);
        stages (name -> pid, metrics, restarts, cause and reason of the last one, live, ready, reasons,
        ok, skipped, dead, outcomes, lag, memory in bytes);
        topics (name -> messages taken), groups (name -> lag), indices (name -> documents);
        silent (kafka, elasticsearch -> why it can't be asked; then nothing stands in its place).
    """
    search = briefly(replace(settings.elasticsearch, prefix=told["prefix"]))
    silent: dict[str, str] = {}
    with ThreadPoolExecutor() as pool:
        topics = pool.submit(_asked, "kafka", lambda: _topics(settings.kafka), silent)
        indices = pool.submit(_asked, "elasticsearch", lambda: _indices(search), silent)
        stages = _stages(folder, told)
    return {
        "running": True,
        "pid": told["pid"],
        "kafka": told["kafka"],
        "elasticsearch": told["elasticsearch"],
        "outlet": told.get("outlet", ""),
        "metrics": told.get("metrics", ""),
        "data_dir": str(folder),
        "servers": told.get("servers", {}),
        "stages": stages,
        "topics": {},
        "groups": {},
        **topics.result(),
        "indices": indices.result(),
        "silent": silent,
    }


def _stages(folder: Path, told: dict[str, Any]) -> dict[str, Any]:
    found = moments(folder)
    vitals = of_stages({name: figures for name, (figures, _) in found.items()})
    stages = {}
    for name, (figures, usage) in found.items():
        process, health = told["processes"].get(name, {}), vitals[name]
        stages[name] = {
            "pid": figures.pid,
            "metrics": figures.metrics,
            "restarts": process.get("restarts", 0),
            "cause": process.get("cause", ""),
            "reason": process.get("reason", ""),
            "live": health.live,
            "ready": health.ready,
            "reasons": list(health.reasons),
            "ok": figures.ok,
            "skipped": figures.skipped,
            "dead": figures.dead,
            "outcomes": figures.outcomes,
            "lag": figures.lag,
            "memory": usage.memory,
        }
    return stages


def _asked(
    server: str, question: Callable[[], dict[str, Any]], silent: dict[str, str]
) -> dict[str, Any]:
    try:
        return question()
    except Retry as error:
        silent[server] = str(error)
        return {}


def _topics(kafka: Kafka) -> dict[str, dict[str, int]]:
    return {"topics": admin.counts(kafka), "groups": admin.lags(kafka)}


def _indices(search: Elasticsearch) -> dict[str, int]:
    index = Index(search)
    try:
        return index.counts()
    finally:
        index.close()
