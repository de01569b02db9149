"""Shows a running stack, on a terminal or line by line into a log."""

import time
from collections import deque
from collections.abc import Callable

from rich.console import Console
from rich.live import Live

from connectors.stack.alerts import AlertFile
from connectors.stack.figures import Rates, all_stages, moments
from connectors.stack.index import Index
from connectors.stack.stack import Stack
from connectors.stack.view import Shown, alert_line, screen
from streams.errors import Retry

_REFRESH = 0.5
#: Seconds between two status lines where there is no terminal.
_LINE_SECONDS = 5.0
_QUIET_SECONDS = 300.0  # while nothing changes


class Screen:
    """Keeps the screen fresh while something else decides when it ends.

    Args:
        heading: gives the first line.
    """

    def __init__(self, console: Console, stack: Stack, heading: Callable[[], str]) -> None:
        self._console = console
        self._stack = stack
        self._heading = heading
        self.rates = Rates()
        self._said: deque[str] = deque(maxlen=100)
        settings = stack.settings
        self._alerts = AlertFile(settings.data_dir / settings.notify.file)
        self._line_at = -_QUIET_SECONDS
        self._counts = ""
        self._live: Live | None = None
        self._index: Index | None = None

    def say(self, line: str) -> None:
        """A message worth a line."""
        self._said.append(line)
        if self._live is None:
            self._console.print(line, style="dim", highlight=False, markup=False)

    def run(self, going: Callable[[], bool]) -> None:
        """Shows until `going` says no."""
        self._index = Index(self._stack.settings.elasticsearch)
        try:
            if self._console.is_terminal:
                with Live(console=self._console, auto_refresh=False, screen=False) as live:
                    self._live = live
                    while going():
                        live.update(screen(self.shown()), refresh=True)
                        time.sleep(_REFRESH)
            else:
                while going():
                    self._line()
                    time.sleep(_REFRESH)
        finally:
            self._live = None
            self._index.close()

    def shown(self) -> Shown:
        """Everything that is shown now."""
        settings = self._stack.settings
        found = moments(settings.data_dir)
        stages = {name: figures for name, (figures, _) in found.items()}
        deque(self._alerts.new(), maxlen=0)  # the newest are kept there
        return Shown(
            heading=self._heading(),
            addresses={
                "Kafka": settings.kafka.bootstrap,
                "Elasticsearch": settings.elasticsearch.url,
                "outlet": self._stack.outlet,
                "data": str(settings.data_dir),
            },
            stages=stages,
            rates=self.rates.update(stages),
            documents=self._documents(),
            alerts=tuple(self._alerts.newest),
            alert_count=self._alerts.count,
            memory={name: usage.memory for name, (_, usage) in found.items()},
            server_memory=self._stack.server_memory(),
            said=tuple(self._said),
        )

    def _documents(self) -> tuple[tuple[str, int], ...]:
        if self._index is None:
            return ()
        try:
            return self._index.top_documents(20)
        except Retry:
            return ()

    def _line(self) -> None:
        """Without a terminal: alerts as they come, and now and then the counts."""
        stages = all_stages(self._stack.settings.data_dir)
        self.rates.update(stages)
        for alert in self._alerts.new():
            self._console.print(alert_line(alert), soft_wrap=True)
        counts = ", ".join(f"{name} {figures.ok}" for name, figures in stages.items())
        pause = _LINE_SECONDS if counts != self._counts else _QUIET_SECONDS
        if time.monotonic() - self._line_at < pause:
            return
        self._line_at, self._counts = time.monotonic(), counts
        self._console.print(f"{self._heading()}: {counts}", highlight=False, soft_wrap=True)
