"""The watch stage: `articles.enriched` to `alerts`, each document's first mention exactly once."""

import asyncio
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
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
_CLAIMS_AT_ONCE = 16
_FIRST_WAIT, _LONGEST_WAIT = 0.2, 10.0  # seconds between two tries while the register is away


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
        self._there = True
        UP.labels("elasticsearch").set(True)
        self._at_once = asyncio.Semaphore(_CLAIMS_AT_ONCE)

    async def tell_all(self, firsts: Sequence[FirstMention]) -> None:
        """Tells what is new; of several mentions of one document the first in order is asked
        about."""
        by_key: dict[str, FirstMention] = {}
        for first in firsts:
            by_key.setdefault(first.key, first)
        # side by side: a claim is a write that the server makes durable, some tens of ms
        await asyncio.gather(*(self._tell(first) for first in by_key.values()))

    async def _tell(self, first: FirstMention) -> None:
        """Claims, tells, and notes that it was told, in this order."""
        if first.key in self._known:
            return
        async with self._at_once:
            await self._claim_and_tell(first)
        self._known.note(first.key)

    async def _claim_and_tell(self, first: FirstMention) -> None:
        claim = await self._patiently(lambda: self._register.claim(first))
        if claim is not Claim.KNOWN:
            alert = alert_of(first, now=datetime.now(UTC))
            await (await produce(self._alerts, alert.id.encode(), codec.encode(alert)))
            await self._patiently(lambda: self._register.told(first.key, alert.id))
            ALERTS.labels(STAGE, "first-mention").inc()

    async def _patiently(self, ask: Any) -> Any:
        """The register's answer, however long it is away; nothing is acknowledged meanwhile."""
        wait = _FIRST_WAIT
        while True:
            try:
                answer = await ask()
            except Retry as error:
                self._register_is(False, f"register away: {error}")
                await asyncio.sleep(max(wait, error.after))
                wait = min(wait * 2, _LONGEST_WAIT)
            else:
                self._register_is(True, "register back")
                return answer

    def _register_is(self, there: bool, told: str) -> None:
        if there == self._there:
            return
        self._there = there
        log.warning("watch: %s", told)
        UP.labels("elasticsearch").set(there)
        # a stop must not wait for acknowledgements that can't come while it is away
        self._app.conf.stream_wait_empty = there


def read_article(value: bytes | None) -> tuple[Outcome, tuple[FirstMention, ...]]:
    """What a message holds: its outcome so far, and the first mentions to ask about."""
    try:
        article = codec.decode(EnrichedArticle, value)
    except Invalid as error:
        return Outcome(reason=error.reason, detail=error.detail), ()
    outcome = Outcome(outlet=article.outlet, url=article.url, discovered_at=article.discovered_at)
    return outcome, first_mentions(article)


def add_watch(app: App, register: Register) -> None:
    """Gives the app its agent."""
    watcher = Watcher(app, register)
    dead = raw_topic(app, topics.DEAD.name)

    async def watch(stream: Any) -> None:
        async for batch in stream.noack_take(_BATCH, within=_GATHER_SECONDS):
            began = time.perf_counter()
            read = [read_article(event.value) for event in batch]
            await watcher.tell_all([first for _, firsts in read for first in firsts])
            for event, (outcome, _) in zip(batch, read, strict=True):
                if outcome.reason:
                    letter = dead_letter(STAGE, event, outcome)
                    headers = codec.dead_headers(letter)
                    await (await produce(dead, event.key, letter.content, headers))
            seconds = (time.perf_counter() - began) / len(batch)
            for event, (outcome, _) in zip(batch, read, strict=True):
                await stream.ack(event)
                note(STAGE, replace(outcome, seconds=seconds))

    source = raw_topic(app, topics.ENRICHED.name)
    app.agent(source, name=STAGE, supervisor_strategy=mode.CrashingSupervisor)(watch)


async def run(settings: Settings, register: Register, stop: threading.Event) -> int:
    """Runs the stage until `stop` is set or it crashes; returns the exit status."""
    app = make_app(STAGE, settings)
    add_watch(app, register)
    return await serve(app, stop=stop, after=[register.close])
