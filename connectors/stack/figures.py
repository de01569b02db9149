"""What the running processes say of themselves, read from their /metrics and made into figures."""

import math
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from urllib.request import urlopen

import psutil
from prometheus_client.parser import text_string_to_metric_families

from connectors.stack import runfiles
from streams.errors import Reason

STAGES = ("crawl", "enrich", "watch", "index", "notify")
_TIMEOUT = 2.0

#: (sample name, labels) -> value
Samples = Mapping[tuple[str, frozenset[tuple[str, str]]], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class StageFigures:
    """One stage, as it was at one moment."""

    stage: str
    pid: int | None = None  # None: it does not run
    metrics: str = ""
    outcomes: dict[str, int] = field(default_factory=dict)  # outcome -> articles
    lag: int = 0
    outbox: int = 0

    @property
    def ok(self) -> int:
        """Articles that went on; deliveries, of the notify stage."""
        return self.outcomes.get("ok", 0) + self.outcomes.get("delivered", 0)

    @property
    def skipped(self) -> int:
        """Articles with nothing to do, such as list pages."""
        return sum(n for outcome, n in self.outcomes.items() if _disposition(outcome) == "skipped")

    @property
    def dead(self) -> int:
        """Articles in the dead letters."""
        return sum(n for outcome, n in self.outcomes.items() if _disposition(outcome) == "dead")

    @property
    def done(self) -> int:
        """Everything that the stage has finished with."""
        return sum(self.outcomes.values())


def _disposition(outcome: str) -> str:
    try:
        return Reason(outcome).disposition
    except ValueError:
        return ""


def parse(text: str) -> Samples:
    """The text of a /metrics page as samples."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def scrape(url: str) -> Samples:
    """A process's samples; none when it does not answer."""
    try:
        with urlopen(url, timeout=_TIMEOUT) as answer:  # noqa: S310 - the address is our own
            return parse(answer.read().decode())
    except (OSError, HTTPException, ValueError):  # also one that was killed in mid answer
        return {}


def total(samples: Samples, name: str, **labels: str) -> float:
    """The sum of a sample over all labels that are not given."""
    wanted = set(labels.items())
    return sum(value for (n, found), value in samples.items() if n == name and wanted <= found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a process and all below it hold and have used. Dear to read (8 ms for the enrich stage):
    only where it is shown."""

    memory: int = 0  # bytes resident; what they share counted once where the system tells (Linux)
    cpu_seconds: float = 0.0  # of processor time, since they started


def usage_of(pid: int | None) -> Usage:
    """The usage of a process and all below it that still run; none of one that is gone."""
    try:
        process = psutil.Process(pid) if pid else None
        family = [process, *process.children(recursive=True)] if process else []
    except psutil.Error:
        family = []
    memory, seconds = 0, 0.0
    for member in family:
        try:
            memory += _proportional(member)
            seconds += sum(member.cpu_times()[:2])
        except psutil.Error:
            continue
    return Usage(memory=memory, cpu_seconds=seconds)


def _proportional(process: psutil.Process) -> int:
    try:
        return int(getattr(process.memory_full_info(), "pss", 0)) or process.memory_info().rss
    except psutil.AccessDenied:  # another user's, such as a server that must not be root's
        return process.memory_info().rss


def stage_figures(data_dir: Path, stage: str) -> StageFigures:
    """One stage of the stack that keeps its data in `data_dir`."""
    told = runfiles.read(data_dir / "run" / f"{stage}.json")
    if told is None or not runfiles.alive(told):
        return StageFigures(stage=stage)
    samples = scrape(str(told["metrics"]))
    outcomes: dict[str, int] = defaultdict(int)
    counted = "dongtin_alerts_total" if stage == "notify" else "dongtin_articles_total"
    for (name, labels), value in samples.items():
        if name == counted:
            outcomes[dict(labels)["outcome"]] += int(value)
    return StageFigures(
        stage=stage,
        pid=int(told["pid"]),
        metrics=str(told["metrics"]),
        outcomes=dict(outcomes),
        lag=int(total(samples, "dongtin_consumer_lag")),
        outbox=int(total(samples, "dongtin_outbox_pages")),
    )


def all_stages(data_dir: Path) -> dict[str, StageFigures]:
    """Every stage, in the order of the flow. Asked at once: one that hangs holds up no other."""
    with ThreadPoolExecutor(len(STAGES)) as pool:
        found = pool.map(lambda stage: stage_figures(data_dir, stage), STAGES)
        return dict(zip(STAGES, found, strict=True))


Moment = tuple[StageFigures, Usage]


def moments(data_dir: Path) -> dict[str, Moment]:
    """Every stage with its usage, in the order of the flow."""
    return {name: (each, usage_of(each.pid)) for name, each in all_stages(data_dir).items()}


def per_core(before: Moment, after: Moment) -> float | None:
    """Articles that one core does in a second, from what was done and used between two moments;
    None where nothing was, or where the process is another one."""
    articles = after[0].done - before[0].done
    seconds = after[1].cpu_seconds - before[1].cpu_seconds
    if before[0].pid != after[0].pid or articles <= 0 or seconds <= 0:
        return None
    return articles / seconds


class Rates:
    """Articles a second through each stage: over the last seconds, and the highest so far."""

    SPAN, SHORTEST = 10.0, 1.0  # seconds

    def __init__(self) -> None:
        self._seen: dict[str, list[tuple[float, int]]] = defaultdict(list)
        self.highest: dict[str, float] = defaultdict(float)

    def update(self, stages: Mapping[str, StageFigures]) -> dict[str, float]:
        """Notes the counts of this moment; returns the rates."""
        now = time.monotonic()
        return {name: self._rate(name, now, figures.done) for name, figures in stages.items()}

    def _rate(self, name: str, now: float, count: int) -> float:
        seen = self._seen[name]
        if seen and count < seen[-1][1]:  # restarted: it counts from zero
            seen.clear()
        seen.append((now, count))
        while len(seen) > 1 and now - seen[0][0] > self.SPAN:
            seen.pop(0)
        for then, before in reversed(seen):
            if now - then >= self.SHORTEST:
                rate = (count - before) / (now - then)
                self.highest[name] = max(self.highest[name], rate)
                break
        passed = now - seen[0][0]
        return (count - seen[0][1]) / passed if passed > 0 else 0.0


def quantile(values: Iterable[float], share: float) -> float | None:
    """The value that `share` of all do not exceed (nearest rank); None when there is none."""
    ordered = sorted(values)
    if not ordered:
        return None
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]
