"""What runs, on disk: `stack.json` by the one who started all, `run/<stage>.json` by each stage."""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import psutil

from connectors.local.started import started_at


def write(path: Path, value: dict[str, Any]) -> None:
    """Writes JSON so that a reader sees the old or the new, never half of it.

    Raises:
        OSError: it can't be written; what was there is still there.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(value, file, ensure_ascii=False, indent=1)
        Path(name).replace(path)
    except OSError:  # a full disk is not filled further, once for each try
        Path(name).unlink(missing_ok=True)
        raise


def read(path: Path) -> dict[str, Any] | None:
    """The JSON object in a file; None where there is none or it is not one."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None


def me() -> dict[str, Any]:
    """This process, so that it can be told from a later one that has the same id."""
    return {"pid": os.getpid(), "started": started_at(psutil.Process())}


def alive(who: dict[str, Any]) -> bool:
    """Whether the process that wrote `me()` still runs."""
    try:
        process = psutil.Process(int(who["pid"]))
        return (
            abs(started_at(process) - float(who["started"])) < 1.0
            and process.status() != psutil.STATUS_ZOMBIE
        )
    except (psutil.Error, KeyError, TypeError, ValueError):
        return False


def note_stage(data_dir: Path, stage: str, metrics: str) -> None:
    """Tells where a stage's metrics are."""
    write(data_dir / "run" / f"{stage}.json", me() | {"stage": stage, "metrics": metrics})
