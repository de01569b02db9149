"""What runs, as `dongtin status` tells it."""

from pathlib import Path
from typing import Any

from connectors.kafka import admin
from connectors.stack.figures import moments
from connectors.stack.index import Index
from streams.errors import Retry
from streams.settings import Elasticsearch

#: See `report`.
Report = dict[str, Any]


def report(folder: Path, told: dict[str, Any]) -> Report:
    """The running stack as one JSON object.

    Args:
        folder: its data folder.
        told: its `stack.json`.

    Returns:
        running, pid, kafka, elasticsearch, outlet, metrics (of the ledger), data_dir; servers (name -> pid);
        stages (name -> pid, metrics, restarts, ok, skipped, dead, outcomes, lag, memory in bytes);
        topics (name -> messages taken), groups (name -> lag), indices (name -> documents).
    """
    stages = {}
    for name, (figures, usage) in moments(folder).items():
        stages[name] = {
            "pid": figures.pid,
            "metrics": figures.metrics,
            "restarts": told["processes"].get(name, {}).get("restarts", 0),
            "ok": figures.ok,
            "skipped": figures.skipped,
            "dead": figures.dead,
            "outcomes": figures.outcomes,
            "lag": figures.lag,
            "memory": usage.memory,
        }
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
        **_topics(str(told["kafka"])),
        "indices": _indices(Elasticsearch(url=told["elasticsearch"], prefix=told["prefix"])),
    }


def _topics(bootstrap: str) -> dict[str, dict[str, int]]:
    try:
        return {"topics": admin.counts(bootstrap), "groups": admin.lags(bootstrap)}
    except Retry:
        return {"topics": {}, "groups": {}}


def _indices(settings: Elasticsearch) -> dict[str, int]:
    index = Index(settings)
    try:
        return index.counts()
    except Retry:
        return {}
    finally:
        index.close()
