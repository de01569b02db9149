"""Shows a running stack, on a terminal or line by line into a log."""

import time
from collections import deque
from collections.abc import Callable

from rich.live import Live

from connectors.elasticsearch.client import briefly
from connectors.stack.alerts import AlertFile
from connectors.stack.figures import Rates, all_stages, moments
from connectors.stack.index import Index
from connectors.stack.stack import Stack
from connectors.stack.view import Shown, alert_line, screen
from streams.errors import Retry
from streams.health import MAIN, PROCESS
from streams.terminal import Console

_REFRESH = 0.5
#: Seconds between two status lines where there is no terminal, and between two looks at the stages:
#: their answers cost them and us some ms each.
_LINE_SECONDS = 5.0
_LOOK_SECONDS = 2.0
_QUIET_SECONDS = 300.0  # while nothing changes
_AGAIN_SECONDS = 10.0  # until a search server that did not answer is asked again
#: Seconds for one refresh: a question to the search server and one to each stage.
_TURN_SECONDS = 180.0


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
        self._line_at, self._looked_at = -_QUIET_SECONDS, -_LOOK_SECONDS
        self._counts = ""
        self._live: Live | None = None
        self._index: Index | None = None
        self._top: tuple[tuple[str, int], ...] = ()  # documents mentioned most
        self._ask_at = 0.0

    def say(self, line: str) -> None:
        """A message worth a line."""
        self._said.append(line)
        if self._live is None:
            self._console.print(line, style="dim", highlight=False, markup=False)

    def run(self, going: Callable[[], bool]) -> None:
        """Shows until `going` says no."""
        self._index = Index(briefly(self._stack.settings.elasticsearch))
        heart = PROCESS.expect(MAIN, _TURN_SECONDS)
        try:
            if self._console.is_terminal:
                with Live(console=self._console, auto_refresh=False, screen=False) as live:
                    self._live = live
                    while going():
                        heart.beat()
                        live.update(screen(self.shown()), refresh=True)
                        time.sleep(_REFRESH)
            else:
                while going():
                    heart.beat()
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
            troubles=PROCESS.ready().reasons,
        )

    def _documents(self) -> tuple[tuple[str, int], ...]:
        """The last ones that were told, while the server does not answer."""
        if self._index is not None and time.monotonic() >= self._ask_at:
            try:
                self._top = self._index.top_documents(20)
            except Retry:
                self._ask_at = time.monotonic() + _AGAIN_SECONDS
        return self._top

    def _line(self) -> None:
        """Without a terminal: alerts as they come, and now and then the counts."""
        for alert in self._alerts.new():
            self._console.print(alert_line(alert), soft_wrap=True)
        if time.monotonic() - self._looked_at < _LOOK_SECONDS:
            return
        self._looked_at = time.monotonic()
        stages = all_stages(self._stack.settings.data_dir)
        self.rates.update(stages)
        counts = ", ".join(f"{name} {figures.ok}" for name, figures in stages.items())
        pause = _LINE_SECONDS if counts != self._counts else _QUIET_SECONDS
        if time.monotonic() - self._line_at < pause:
            return
        self._line_at, self._counts = time.monotonic(), counts
        self._console.print(f"{self._heading()}: {counts}", highlight=False, soft_wrap=True)
