"""The watch stage: `articles.enriched` to `alerts`, each document's first mention exactly once."""

import asyncio
import logging
import threading
import time
from collections import OrderedDict
from datetime import UTC, datetime
from typing import Any

import mode

from streams import codec, topics
from streams.alerts import Claim, FirstMention, Register, alert_of, first_mentions
from streams.app import App, make_app, produce, raw_topic, serve
from streams.errors import Invalid, Retry
from streams.metrics import ALERTS, UP
from streams.outcome import Outcome, dead_letter, note
from streams.records import EnrichedArticle
from streams.settings import Settings

STAGE = "watch"
log = logging.getLogger("dongtin")

_BATCH = 32
_GATHER_SECONDS = 0.02
_LONGEST_WAIT = 10.0  # seconds between two tries while the register is away


class Known(OrderedDict[str, None]):
    """The keys last seen to be told: known once is known for ever, so it need not be asked again."""

    BOUND = 50_000

    def note(self, key: str) -> None:
        """Remembers a key, forgetting the oldest beyond the bound."""
        self[key] = None
        if len(self) > self.BOUND:
            self.popitem(last=False)


class Watcher:
    """Asks the register about each first mention, and tells what it did not know."""

    def __init__(self, app: App, register: Register) -> None:
        self._app = app
        self._register = register
        self._alerts = raw_topic(app, topics.ALERTS.name)
        self._known = Known()

    async def tell(self, first: FirstMention) -> None:
        """Claims, tells, and notes that it was told, in this order."""
        if first.key in self._known:
            return
        claim = await self._patiently(lambda: self._register.claim(first))
        if claim is not Claim.KNOWN:
            alert = alert_of(first, now=datetime.now(UTC))
            await (await produce(self._alerts, alert.id.encode(), codec.encode(alert)))
            await self._patiently(lambda: self._register.told(first.key, alert.id))
            ALERTS.labels(STAGE, "first-mention").inc()
        self._known.note(first.key)

    async def _patiently(self, ask: Any) -> Any:
        """The register's answer, however long it is away; nothing is acknowledged meanwhile."""
        wait = 0.2
        while True:
            try:
                answer = await ask()
            except Retry as error:
                if wait == 0.2:
                    log.warning("watch: register away: %s", error)
                UP.labels("elasticsearch").set(0)
                # a stop must not wait for acknowledgements that can't come while it is away
                self._app.conf.stream_wait_empty = False
                await asyncio.sleep(max(wait, error.after))
                wait = min(wait * 2, _LONGEST_WAIT)
                continue
            if wait != 0.2:
                log.warning("watch: register back")
                self._app.conf.stream_wait_empty = True
            UP.labels("elasticsearch").set(1)
            return answer


def add_watch(app: App, register: Register) -> None:
    """Gives the app its agent."""
    watcher = Watcher(app, register)
    dead = raw_topic(app, topics.DEAD.name)

    async def watch(stream: Any) -> None:
        async for batch in stream.noack_take(_BATCH, within=_GATHER_SECONDS):
            # one after the other: the first article in a partition's order is the first to mention
            for event in batch:
                began = time.perf_counter()
                outcome = Outcome()
                try:
                    article = codec.decode(EnrichedArticle, event.value)
                except Invalid as error:
                    outcome = Outcome(reason=error.reason, detail=error.detail)
                    letter = dead_letter(STAGE, event, outcome)
                    headers = codec.dead_headers(letter)
                    await (await produce(dead, event.key, letter.content, headers))
                else:
                    for first in first_mentions(article):
                        await watcher.tell(first)
                    outcome = Outcome(
                        outlet=article.outlet,
                        url=article.url,
                        discovered_at=article.discovered_at,
                        seconds=time.perf_counter() - began,
                    )
                await stream.ack(event)
                note(STAGE, outcome)

    source = raw_topic(app, topics.ENRICHED.name)
    app.agent(source, name=STAGE, supervisor_strategy=mode.CrashingSupervisor)(watch)


async def run(settings: Settings, register: Register, stop: threading.Event) -> int:
    """Runs the stage until `stop` is set or it crashes; returns the exit status."""
    app = make_app(STAGE, settings)
    add_watch(app, register)
    return await serve(app, stop=stop, after=[register.close])
