"""The demo: a sample outlet that publishes while the real pipeline watches it, and the account."""

import json
import shutil
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

from connectors.sample.articles import load_articles
from connectors.sample.server import SampleOutlet
from connectors.stack.alerts import AlertFile, all_alerts
from connectors.stack.ending import interruptible
from connectors.stack.figures import Moment, moments, per_core
from connectors.stack.index import Index
from connectors.stack.screen import Screen
from connectors.stack.stack import Stack
from connectors.stack.summary import Published, Summary, summarise
from connectors.stack.view import Work, latency_table, verdict, work_table
from streams.errors import Retry
from streams.identity import article_id, canonical_url
from streams.settings import Settings
from streams.terminal import Console

#: Articles that are there when the demo begins; the others appear one by one.
INITIAL = 12
#: Seconds between two articles when the demo has no end.
INTERVAL = 1.5
#: Share of the demo's time in which all articles appear.
_SHARE = 0.7
#: Seconds after the end in which something must still arrive, or it is over: a slow machine is slow.
DRAIN_SECONDS = 30.0
_SAMPLE_SECONDS = 0.1

_CONFIG = """\
[crawler]
poll = 1.0
pause = 0.02

[outlets.dongtin]
name = "Báo Dòng Tin"
feeds = ["{url}/rss.xml"]
loopback = true
"""


class Book:
    """Notes from outside, as a user would, when each published article can be found."""

    def __init__(self, outlet: SampleOutlet, settings: Settings) -> None:
        self._outlet = outlet
        self._settings = settings
        self._documents = {
            article.path: frozenset(article.front.documents) for article in load_articles()
        }
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self.searchable: dict[str, datetime] = {}
        self.discovered: dict[str, datetime] = {}

    def published(self) -> dict[str, Published]:
        """Article id -> what the outlet has published by now."""
        return {
            article_id(canonical_url(url)): Published(
                url=url, at=at, documents=self._documents[url.removeprefix(self._outlet.base_url)]
            )
            for url, at in self._outlet.published().items()
        }

    def start(self) -> None:
        """Begins to look."""
        self._thread.start()

    def stop(self) -> None:
        """Ends looking."""
        self._stop.set()
        self._thread.join()

    def _sample(self) -> None:
        index = Index(self._settings.elasticsearch)
        while not self._stop.wait(_SAMPLE_SECONDS):
            waiting = self.published().keys() - self.searchable.keys()
            if not waiting:
                continue
            try:
                found = index.discovered(sorted(waiting))
            except Retry:
                continue
            now = datetime.now(UTC)
            self.searchable.update(dict.fromkeys(found, now))
            self.discovered.update(found)
        index.close()


def run(settings: Settings, *, seconds: float | None, as_json: bool) -> int:
    """Runs the demo; returns the exit status.

    Raises:
        DongtinError: something that it needs can't be had.
    """
    began = time.monotonic()
    console = Console(stderr=as_json)
    settings = replace(settings, data_dir=settings.data_dir / "demo")
    stack = Stack(settings, kafka=None, elasticsearch=None, say=_printer(console), console=console)
    with interruptible(stack.stop, console):
        stack.hold()
        _begin_anew(settings.data_dir)
        stack.start_servers()
        articles = len(load_articles())
        interval = _SHARE * seconds / (articles - INITIAL) if seconds else INTERVAL
        with SampleOutlet(initial=INITIAL, interval=interval) as outlet:
            config = settings.data_dir / "demo.toml"
            config.write_text(_CONFIG.format(url=outlet.base_url), encoding="utf-8")
            book = Book(outlet, stack.settings)
            book.start()
            stack.start_stages(config, outlet=outlet.base_url)
            summary, work = _watch(stack, book, console, articles, seconds)
            book.stop()
        servers = stack.server_memory()
        first = _first_alert(settings)
    console.print(verdict(summary))
    for problem in summary.problems:
        console.print(f"  {problem}", style="red")
    if as_json:
        told = asdict(summary) | {
            "first_alert_seconds": first and first - began,
            "stages": [asdict(stage) for stage in work],
            "servers": servers,
        }
        sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
    else:
        console.print(latency_table(summary))
        console.print(work_table(work, servers))
        if first:
            console.print(f"first alert {first - began:.1f} s after the start of the command")
    return 1 if summary.problems else 0


def _printer(console: Console) -> Callable[[str], None]:
    return lambda line: console.print(line, style="dim")


def _begin_anew(folder: Path) -> None:
    """Empties the demo's folder: documents told in an earlier demo would not be told again."""
    for path in (*folder.iterdir(), *(folder / "logs").iterdir()):
        if path.name in ("servers.lock", "servers.json", "logs"):  # those of the holder: us
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _watch(
    stack: Stack, book: Book, console: Console, articles: int, seconds: float | None
) -> tuple[Summary, list[Work]]:
    """Shows the run until its end or Ctrl-C; returns the account and what the stages did."""
    end = time.monotonic() + seconds if seconds else None
    settings = stack.settings

    def account() -> Summary:
        alerts = all_alerts(settings.data_dir / settings.notify.file)
        return summarise(book.published(), book.discovered, book.searchable, alerts)

    def heading() -> str:
        left = f", {max(0, end - time.monotonic()):.0f} s left" if end else "; Ctrl-C ends it"
        count = len(book.published())
        return f"dongtin demo: {count} of {articles} articles published{left}"

    before: dict[str, Moment] = {}
    arrived_at, left = end or 0.0, 0

    def going() -> bool:
        nonlocal arrived_at, left
        if not before and _first_alert(settings):
            before.update(moments(settings.data_dir))
        if end is None or time.monotonic() < end:
            return True
        problems = len(account().problems)
        if problems != left:
            arrived_at, left = time.monotonic(), problems
        return bool(problems) and time.monotonic() < arrived_at + DRAIN_SECONDS

    screen = Screen(console, stack, heading)
    try:
        screen.run(going)
    except KeyboardInterrupt:
        console.print("stopping", style="dim")
    work = [
        Work(
            stage=name,
            articles=now[0].done,
            highest=screen.rates.highest[name],
            per_core=per_core(before[name], now) if before else None,
            memory=now[1].memory,
        )
        for name, now in moments(settings.data_dir).items()
    ]
    return account(), work


def _first_alert(settings: Settings) -> float | None:
    """When the first alert was delivered, on the monotonic clock."""
    first = next(AlertFile(settings.data_dir / settings.notify.file).new(), None)
    if first is None:
        return None
    at = datetime.fromisoformat(str(first["delivered_at"]))
    return time.monotonic() - (datetime.now(UTC) - at).total_seconds()
