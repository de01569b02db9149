"""What a running process says of its own health, asked from outside."""

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

from connectors.stack import runfiles
from connectors.stack.figures import StageFigures

#: Seconds that a process may take to answer; the thread that answers does nothing else.
ANSWER_SECONDS = 5.0
_MOST = 64 * 1024  # bytes of an answer that are read
_SILENT = "does not answer when asked for its health"


@dataclass(frozen=True, slots=True, kw_only=True)
class Vitals:
    """An answer of /health."""

    live: bool
    ready: bool
    reasons: tuple[str, ...] = ()  # why not, in words
    silent: bool = False  # nothing came in time


#: Of a process that does not run.
DOWN = Vitals(live=False, ready=False, reasons=("does not run",))


def ask(metrics: str) -> Vitals:
    """The vitals of the process whose figures are at the address `metrics`; neither live nor ready
    when it does not answer."""
    url = metrics.removesuffix("/metrics") + "/health"
    try:
        with urlopen(url, timeout=ANSWER_SECONDS) as answer:  # noqa: S310 - the address is our own
            return _read(answer.read(_MOST))
    except HTTPError as error:  # 503 has an answer too
        with error:
            return _read(error.read(_MOST))
    except (OSError, HTTPException, ValueError):  # also one that was killed in mid answer
        return Vitals(live=False, ready=False, reasons=(_SILENT,), silent=True)


def of_stages(stages: Mapping[str, StageFigures]) -> dict[str, Vitals]:
    """The vitals of all stages, asked at once: of several that hang each has its own time."""
    with ThreadPoolExecutor(max(1, len(stages))) as pool:
        return dict(zip(stages, pool.map(_of_stage, stages.values()), strict=True))


def _of_stage(figures: StageFigures) -> Vitals:
    return ask(figures.metrics) if figures.pid else DOWN


def _read(body: bytes) -> Vitals:
    try:
        told: dict[str, Any] = json.loads(body)
        reasons = tuple(str(reason) for reason in told["reasons"])
        return Vitals(live=told["live"] is True, ready=told["ready"] is True, reasons=reasons)
    except (ValueError, KeyError, TypeError):
        return Vitals(live=False, ready=False, reasons=("its answer is not one of ours",))


def of_process(data_dir: Path, name: str, pid: int) -> Vitals | None:
    """The vitals of a stage's process; None while it has not told yet where it can be asked."""
    told = runfiles.read(data_dir / "run" / f"{name}.json")
    if told is None or told.get("pid") != pid:
        return None
    return ask(str(told["metrics"]))
