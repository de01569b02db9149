"""The enrich stage: `articles.raw` to `articles.enriched`, or to `articles.dead` with the reason."""

import asyncio
import os
import threading
from collections.abc import Sequence
from functools import partial
from typing import Any, TypeVar

import mode

from streams import codec, topics
from streams.agents.jobs import warm, work
from streams.app import App, bury, make_app, produce, raw_topic, serve
from streams.errors import Invalid, Reason
from streams.health import PROCESS
from streams.lanes import START_SECONDS, Lanes
from streams.outcome import Outcome, note
from streams.records import RawArticle
from streams.settings import Settings

STAGE = "enrich"
T = TypeVar("T")

#: Seconds that a batch waits for company; idle latency against throughput (FAUST.md, §1).
_GATHER_SECONDS = 0.02
#: Seconds for the broker's answers to a batch; `producer_request_timeout` ends the stage after 60.
_HAND_OVER_SECONDS = 90.0


def stall_seconds(settings: Settings) -> float:
    """Seconds within which a lane must have done something for a batch in hand (a job, or its own
    start, ended well or not) or the broker must have taken the batch. An article has `attempts`
    tries, so a batch can't last for ever."""
    return max(settings.enrich.deadline, START_SECONDS) + _HAND_OVER_SECONDS


def add_enrich(app: App, settings: Settings, lanes: Lanes) -> None:
    """Gives the app its agent."""
    enriched, dead = raw_topic(app, topics.ENRICHED.name), raw_topic(app, topics.DEAD.name)

    async def judge(event: Any) -> Outcome:
        try:
            return await lanes.run(
                work, event.value, settings.enrich.words, settings.enrich.catalogue
            )
        except Invalid as error:  # the lane died or hung: the article's own fault, so its fate
            # what it was about is read here, where reading alone can't hang
            return described(event.value, error.reason, error.detail)

    async def settle(event: Any) -> Outcome:
        outcome = await judge(event)
        if outcome.reason is None:
            taken = await produce(enriched, event.key, outcome.value)
        else:
            taken = await bury(dead, STAGE, event, outcome)
        await taken
        return outcome

    async def enrich(stream: Any) -> None:
        async for batch in stream.noack_take(settings.enrich.batch, within=_GATHER_SECONDS):
            settling = [asyncio.ensure_future(settle(event)) for event in batch]
            try:
                # The finished beginning is acknowledged while the rest is at work: a batch with several
                # that hang takes longer than a rebalance waits, and must not begin again from its front.
                # In order, always: Faust commits past what is missing before what was acknowledged.
                for event, settled in zip(batch, settling, strict=True):
                    # a produce that failed raises here: the stage crashes, and what is left is done again
                    outcome = await _result(settled, settling)
                    await stream.ack(event)
                    note(STAGE, outcome)
            finally:
                for settled in settling:
                    settled.cancel()
                await asyncio.gather(*settling, return_exceptions=True)

    source = raw_topic(app, topics.RAW.name)
    app.agent(source, name=STAGE, supervisor_strategy=mode.CrashingSupervisor)(enrich)


async def _result(one: asyncio.Future[T], together: Sequence[asyncio.Future[T]]) -> T:
    """The result of `one`; raises as soon as any of those that work together has failed before it."""
    while True:
        if one.done():
            return one.result()
        for other in together:
            if other.done():
                other.result()
        left = [other for other in together if not other.done()]
        await asyncio.wait(left, return_when=asyncio.FIRST_COMPLETED)


def described(value: bytes | None, reason: Reason, detail: str) -> Outcome:
    """An outcome for a message whose lane could not tell what it held."""
    try:
        raw = codec.decode(RawArticle, value)
    except Invalid:
        return Outcome(reason=reason, detail=detail)
    return Outcome(
        reason=reason,
        detail=detail,
        outlet=raw.outlet,
        url=raw.url,
        discovered_at=raw.discovered_at,
    )


async def run(settings: Settings, stop: threading.Event) -> int:
    """Runs the stage until `stop` is set or it crashes; returns the exit status."""
    heart = PROCESS.expect(f"{STAGE} stream", stall_seconds(settings))
    lanes = Lanes(
        settings.enrich.lanes or os.cpu_count() or 1,
        deadline=settings.enrich.deadline,
        attempts=settings.enrich.attempts,
        preload=("streams.agents.preload",),
        turned=heart.beat,
    )
    app = make_app(STAGE, settings)
    add_enrich(app, settings, lanes)

    async def start_lanes() -> None:
        await lanes.start(partial(warm, settings.enrich.catalogue))

    async def stop_lanes() -> None:
        lanes.stop()

    return await serve(
        app,
        stop=stop,
        source=topics.RAW.name,
        heart=heart,
        before=[start_lanes],
        after=[stop_lanes],
    )
