"""The watch stage: `articles.enriched` to `alerts`, each document's first mention exactly once."""

import asyncio
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

import mode

from streams import codec, topics
from streams.alerts import Claim, FirstMention, Register, alert_of, first_mentions, is_told
from streams.app import App, bury, make_app, produce, raw_topic, serve
from streams.errors import Invalid, Reason, Retry
from streams.health import PROCESS, Heart
from streams.metrics import ALERTS, reach
from streams.outcome import Outcome, note
from streams.records import EnrichedArticle
from streams.settings import Settings

STAGE = "watch"
log = logging.getLogger("dongtin")

_BATCH = 32
_GATHER_SECONDS = 0.02
_CLAIMS_AT_ONCE = 16
#: Seconds for a question to the register, the wait after it, and the broker's answer for an alert.
_STALL_SECONDS = 150.0
_ASK_SECONDS = 5.0  # between two looks for a register that is not asked anything
_FIRST_WAIT, _LONGEST_WAIT = 0.2, 10.0  # seconds between two tries while the register is away


class Known(OrderedDict[str, None]):
    """The keys last seen to be told: told once is told for ever, so it need not be asked again.

    A key that another article has claimed is none of these: that article may come again, to us.
    """

    BOUND = 50_000

    def note(self, key: str) -> None:
        """Remembers a key, forgetting the oldest beyond the bound."""
        self[key] = None
        if len(self) > self.BOUND:
            self.popitem(last=False)


class Watcher:
    """Asks the register about each first mention, and tells what it did not know."""

    def __init__(
        self, app: App, register: Register, names: Mapping[str, str], heart: Heart
    ) -> None:
        self._app = app
        self._names = names
        self._heart = heart
        self._register = register
        self._alerts = raw_topic(app, topics.ALERTS.name)
        self._known = Known()
        self._there = True
        self._waiting = 0  # questions that are asked until they are answered
        self._at_once = asyncio.Semaphore(_CLAIMS_AT_ONCE)

    async def tell_all(self, firsts: Sequence[FirstMention]) -> None:
        """Tells what is new; of several mentions of one document the first in order claims it, a quiet
        one only where there is no other."""
        by_key: dict[str, list[FirstMention]] = {}
        for first in sorted(firsts, key=attrgetter("quiet")):
            by_key.setdefault(first.key, []).append(first)
        # side by side: a claim is a write that the server makes durable, some tens of ms
        await asyncio.gather(*map(self._tell, by_key.values()))

    async def _tell(self, mentions: Sequence[FirstMention]) -> None:
        """Asks about mentions of one document until it is told.

        The second of them, too, when the first finds another article's claim: it may be that article,
        come again after a crash that cut off its telling, and nobody else will tell it.
        """
        for first in mentions:
            if first.key in self._known:
                return
            async with self._at_once:
                told = await self._claim_and_tell(first)
            if told:
                self._known.note(first.key)

    async def _claim_and_tell(self, first: FirstMention) -> bool:
        """Claims, tells, and notes that it was told, in this order; whether it is told now."""
        claim = await self._patiently(lambda: self._register.claim(first))
        if is_told(first, claim):
            name = self._names.get(first.outlet, "")
            alert = alert_of(first, now=datetime.now(UTC), outlet_name=name)
            await (await produce(self._alerts, alert.id.encode(), codec.encode(alert)))
            await self._patiently(lambda: self._register.told(first.key, alert.id))
            ALERTS.labels(STAGE, "first-mention").inc()
        return claim is not Claim.CLAIMED

    async def _patiently(self, ask: Any) -> Any:
        """The register's answer, however long it is away; nothing is acknowledged meanwhile."""
        wait = _FIRST_WAIT
        self._waiting += 1
        try:
            while True:
                self._heart.beat()
                try:
                    answer = await ask()
                except Retry as error:
                    self._register_is(False, f"register away: {error}")
                    await asyncio.sleep(max(wait, error.after))
                    wait = min(wait * 2, _LONGEST_WAIT)
                else:
                    self._register_is(True, "register back")
                    return answer
        finally:
            self._waiting -= 1

    async def look(self) -> None:
        """Asks now and then, for ever, whether the register is there while there is nothing to claim:
        an idle stage must not pretend."""
        while True:
            if not self._waiting:
                there = await self._register.there()
                self._register_is(there, "register back" if there else "register away")
            await asyncio.sleep(_ASK_SECONDS)

    def _register_is(self, there: bool, told: str) -> None:
        reach("elasticsearch", "" if there else "the register of documents can't be asked")
        if there == self._there:
            return
        self._there = there
        log.warning("watch: %s", told)
        # a stop must not wait for acknowledgements that can't come while it is away
        self._app.conf.stream_wait_empty = there


def read_article(
    value: bytes | None, quiet_before: datetime | None
) -> tuple[Outcome, tuple[FirstMention, ...]]:
    """What a message holds: its outcome so far, and the first mentions to ask about."""
    try:
        article = codec.decode(EnrichedArticle, value)
        firsts = first_mentions(article, quiet_before=quiet_before)
    except Invalid as error:
        return Outcome(reason=error.reason, detail=error.detail), ()
    # the stage's guard: what nobody thought of in one record must not stop its partition for ever
    except Exception as error:  # noqa: BLE001
        detail = f"{type(error).__name__}: {error}"[:2000]
        return Outcome(reason=Reason.CRASH, detail=detail), ()
    discovered_at = None if article.quiet else article.discovered_at
    outcome = Outcome(outlet=article.outlet, url=article.url, discovered_at=discovered_at)
    return outcome, firsts


def add_watch(app: App, register: Register, settings: Settings, heart: Heart) -> Watcher:
    """Gives the app its agent, on which the watcher that is returned works; `heart` beats with each
    question to the register."""
    names = {key: outlet.name for key, outlet in settings.outlets.items()}
    watcher = Watcher(app, register, names, heart)
    quiet_before = settings.watch.quiet_before
    dead = raw_topic(app, topics.DEAD.name)

    async def watch(stream: Any) -> None:
        async for batch in stream.noack_take(_BATCH, within=_GATHER_SECONDS):
            began = time.perf_counter()
            read = [read_article(event.value, quiet_before) for event in batch]
            await watcher.tell_all([first for _, firsts in read for first in firsts])
            for event, (outcome, _) in zip(batch, read, strict=True):
                if outcome.reason:
                    await (await bury(dead, STAGE, event, outcome))
            seconds = (time.perf_counter() - began) / len(batch)
            for event, (outcome, _) in zip(batch, read, strict=True):
                await stream.ack(event)
                note(STAGE, replace(outcome, seconds=seconds))

    source = raw_topic(app, topics.ENRICHED.name)
    app.agent(source, name=STAGE, supervisor_strategy=mode.CrashingSupervisor)(watch)
    return watcher


async def run(settings: Settings, register: Register, stop: threading.Event) -> int:
    """Runs the stage until `stop` is set or it crashes; returns the exit status."""
    app = make_app(STAGE, settings)
    heart = PROCESS.expect(f"{STAGE} stream", _STALL_SECONDS + settings.elasticsearch.timeout)
    looking = asyncio.ensure_future(add_watch(app, register, settings, heart).look())
    try:
        return await serve(
            app, stop=stop, source=topics.ENRICHED.name, heart=heart, after=[register.close]
        )
    finally:
        looking.cancel()
