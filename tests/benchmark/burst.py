"""What a burst of articles does to the pipeline: how fast Kafka takes it, and what the stages hold.

    python -m tests.benchmark.burst [--articles N] [--for SECONDS] [--json]

Real servers and `dongtin up` on an outlet that is gone; the articles are put into `articles.raw` as the
crawler does. It reports and judges nothing.
"""

import argparse
import json
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from rich.table import Table

from connectors.kafka.admin import lags
from connectors.stack.figures import STAGES
from streams.errors import Retry
from streams.settings import Kafka
from streams.terminal import Console
from tests.pipeline.flood import Memory, absorb
from tests.pipeline.running import Running, outlet, until

_WARM_UP = 200  # articles before the burst, so that every model and buffer is there
_LOOK_SECONDS = 2.0


def measure(articles: int, seconds: float, say: Any) -> dict[str, Any]:
    """The figures: seconds to absorb, bytes, memory of each stage relative to idle, lags and memory over time."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "outlets.toml"
        config.write_text(outlet("gone", "http://127.0.0.1:9/rss.xml"), encoding="utf-8")
        running = Running(config, Path(folder) / "data")
        try:
            running.wait_for_stages()
            return _burst(running, articles, seconds, say)
        finally:
            running.interrupt()


def _burst(running: Running, articles: int, seconds: float, say: Any) -> dict[str, Any]:
    kafka = str(running.told()["kafka"])

    def lag() -> dict[str, int]:
        while True:
            try:
                return lags(Kafka(bootstrap=kafka))
            except Retry as error:  # a broker just started loads its groups; a busy one is slow
                time.sleep(error.after)

    absorb(kafka, _WARM_UP, mark="warm-up")
    until(lambda: not any(lag().values()), "the warm-up to be done")
    memory = Memory(pids={stage: running.pid(stage) for stage in STAGES})
    memory.rest()
    say(f"idle; now {articles} articles")
    size: list[int] = []
    began = time.monotonic()
    burst = threading.Thread(target=lambda: size.append(absorb(kafka, articles)))
    burst.start()
    curve: list[dict[str, Any]] = []
    absorbed = 0.0
    while burst.is_alive() or time.monotonic() - began < seconds:
        burst.join(_LOOK_SECONDS)
        memory.look()
        now, left = time.monotonic() - began, lag()
        held = {stage: round(size / 1024**2) for stage, size in memory.last.items()}
        curve.append({"seconds": round(now, 1), "lag": left, "MB": held})
        if not burst.is_alive() and not absorbed:
            absorbed = now
            say(f"the broker has them after {absorbed:.1f} s")
        say(f"{now:.0f} s, lag {left}, MB {held}")
        if absorbed and not any(left.values()):
            break
        time.sleep(0.0 if burst.is_alive() else _LOOK_SECONDS)
    return {
        "articles": articles,
        "bytes": size[0] if size else 0,
        "seconds": round(absorbed, 1),
        "memory": {
            stage: {
                "idle": memory.idle[stage],
                "highest": round(memory.factor(stage), 2),
                "last": round(memory.last[stage] / memory.idle[stage], 2),
            }
            for stage in STAGES
        },
        "curve": curve,
    }


def main() -> int:
    """Runs it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument(
        "--for", dest="seconds", type=float, default=3600.0, help="it ends then, done or not"
    )
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    console = Console(stderr=True)
    found = measure(options.articles, options.seconds, console.print)
    if options.json:
        sys.stdout.write(json.dumps(found) + "\n")
        return 0
    rate = found["articles"] / found["seconds"]
    table = Table(
        "process", "idle, MB", "highest", "at the end",
        title=f"{found['articles']} articles, {found['bytes'] / 1e6:.0f} MB, taken by Kafka in "
        f"{found['seconds']:.1f} s ({rate:.0f} a second)",
    )  # fmt: skip
    for stage, held in found["memory"].items():
        idle = f"{held['idle'] / 1024**2:.0f}"
        table.add_row(stage, idle, f"x {held['highest']:.2f}", f"x {held['last']:.2f}")
    Console().print(table)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
