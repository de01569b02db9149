"""Faust as it is safe to use: one app a stage, our own runner, crash rather than skip.

The reasons for every setting were measured on a real broker under kills and outages:
- acknowledgement by hand, after the broker has the output (`noack_take`, `stream.ack`);
- `CrashingSupervisor`: the default one acknowledges what it never processed;
- no `faust worker`: its web server listens on every interface, and its stop can hang for ever.
"""

import asyncio
import logging
import tempfile
import threading
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import faust
from faust import streams as faust_streams

from streams import codec, security
from streams.errors import Fatal
from streams.health import LOOP_SECONDS, MAIN, PROCESS, START, Heart
from streams.lag import Lag
from streams.outcome import KEY_BYTES, Outcome, dead_letter
from streams.settings import Kafka, Settings
from streams.topics import FETCH_BYTES, MAX_MESSAGE_BYTES

log = logging.getLogger("dongtin")

#: Seconds that a stage may take to finish what is in hand when it is asked to stop.
STOP_SECONDS = 12.0

_TURN_SECONDS = 1.0  # between two beats of the event loop

App = Any  # faust carries no types
Step = Callable[[], Awaitable[None]]


def make_app(stage: str, settings: Settings) -> App:
    """A Faust app for one stage; its id is the consumer group.

    Nothing is declared or created on the broker: topics are made before (`topics.ALL`).

    Raises:
        Fatal: Faust was installed without its compiled part.
    """
    if faust_streams._CStreamIterator is None:
        raise Fatal(
            "faust runs without its compiled streams, and would acknowledge after a rebalance what nobody has"
            " processed: install faust-streaming from its wheel, and unset NO_CYTHON"
        )
    article_seconds = settings.enrich.deadline * settings.enrich.attempts
    return faust.App(
        stage,
        broker_credentials=_credentials(settings.kafka),
        broker=";".join(f"kafka://{host}" for host in settings.kafka.bootstrap.split(",")),
        autodiscover=False,
        store="memory://",
        datadir=tempfile.gettempdir(),  # no tables: nothing is written there
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        # bytes in, bytes out: what can't be decoded is a dead letter, not an agent's error
        key_serializer="raw",
        value_serializer="raw",
        broker_commit_interval=1.0,  # bounds the work that is done again after a kill
        stream_buffer_maxsize=64,  # the default of 4096 pages is 200 MB of backlog
        broker_max_poll_records=50,
        broker_session_timeout=10.0,  # a killed worker's partitions move after this
        broker_heartbeat_interval=1.0,
        broker_request_timeout=30.0,
        # must exceed a batch with one article that hangs in all its attempts
        broker_rebalance_timeout=article_seconds + 20.0,
        # a batch of which every article hangs, on one lane: left the group before its end, it would be
        # begun again and again
        broker_max_poll_interval=settings.enrich.batch * article_seconds + 1000.0,
        producer_request_timeout=60.0,  # the default is 20 minutes
        producer_max_request_size=MAX_MESSAGE_BYTES,
        consumer_max_fetch_size=FETCH_BYTES,
        producer_compression_type="zstd",
        producer_acks=-1,
        consumer_metadata_max_age_ms=10_000,
        producer_metadata_max_age_ms=10_000,
        consumer_auto_offset_reset="earliest",
    )


def _credentials(kafka: Kafka) -> Any:
    """What faust gives to aiokafka for TLS and SASL; None: a plain connection, as asked for."""
    tls = kafka.security_protocol.endswith("SSL")
    context = security.context("kafka", kafka) if tls else None
    if kafka.security_protocol.startswith("SASL_"):
        return faust.SASLCredentials(
            username=kafka.user,
            password=kafka.password.reveal(),
            mechanism=kafka.sasl_mechanism,
            ssl_context=context,
        )
    return faust.SSLCredentials(context) if context else None


def raw_topic(app: App, name: str) -> Any:
    """A topic of bytes."""
    return app.topic(name, key_type=bytes, value_type=bytes, internal=False)


async def serve(
    app: App,
    *,
    stop: threading.Event,
    source: str,
    heart: Heart,
    before: Sequence[Step] = (),
    after: Sequence[Step] = (),
) -> int:
    """Runs the app in this event loop until asked to stop, or a crash.

    Args:
        stop: set from a signal handler or another thread.
        source: the topic that the app reads.
        heart: of the app's stream: it beats here when there is nothing to do, and in the app's agent
            while it works on a batch.
        before: what must be up first, such as the lanes.
        after: what is let go of last.

    Returns:
        The exit status: 0 when asked to stop, 1 after a crash.

    Raises:
        Fatal: the app could not start, with the reason.
    """
    asked = asyncio.ensure_future(_asked(stop))
    side = [asyncio.ensure_future(_turn()), asked]
    try:
        if await _prepared(before, stop, asked):
            await _start(app)
            PROCESS.note(START)
            heart.beat()
            side.append(asyncio.ensure_future(Lag(app, source, heart).watch()))
            ends = [asyncio.ensure_future(e.wait()) for e in (app._crashed, app._stopped)]
            side += ends
            await asyncio.wait([asked, *ends], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in side:
            task.cancel()
        crashed = bool(app.crashed)
        await _stop(app, crashed)
        for step in after:
            await step()
    return 0 if stop.is_set() and not crashed else 1


async def _prepared(
    before: Sequence[Step], stop: threading.Event, asked: "asyncio.Future[None]"
) -> bool:
    """Does what must be up first; False when the stage was asked to stop meanwhile: models take seconds
    to load, and nobody needs them then."""
    for step in before:
        if stop.is_set():  # `asked` looks at it only while a step waits
            return False
        doing = asyncio.ensure_future(step())
        await asyncio.wait([doing, asked], return_when=asyncio.FIRST_COMPLETED)
        if not doing.done():
            doing.cancel()
            await asyncio.wait([doing], timeout=STOP_SECONDS)
            return False
        doing.result()
    return not stop.is_set()


async def _turn() -> None:
    """The event loop's heart-beat."""
    heart = PROCESS.expect(MAIN, LOOP_SECONDS)
    while True:
        heart.beat()
        await asyncio.sleep(_TURN_SECONDS)


async def _asked(stop: threading.Event) -> None:
    # a signal may arrive before the loop runs, and from any thread: so a plain event, looked at
    while not stop.is_set():  # noqa: ASYNC110 - set by a signal handler
        await asyncio.sleep(0.05)


async def _start(app: App) -> None:
    try:
        await app.start()
    except Exception as error:
        bootstrap = ", ".join(str(url) for url in app.conf.broker)
        raise Fatal(
            f"{app.conf.id}: can't start on {bootstrap}: {type(error).__name__}: {error}"
        ) from error


async def _stop(app: App, crashed: bool) -> None:
    if crashed:
        app.conf.stream_wait_empty = False  # else it waits for acknowledgements that never come
    stopping = asyncio.ensure_future(app.stop())
    # not `wait_for`, which waits on where a cancellation is ignored, as Faust's waiting for
    # acknowledgements does: with the broker away it never ended
    await asyncio.wait([stopping], timeout=STOP_SECONDS)
    try:
        if not stopping.done():
            raise TimeoutError(f"not after {STOP_SECONDS:.0f} s")
        stopping.result()
    # a crashed app may raise anything here; the process ends next, and Kafka has the rest
    except Exception as error:  # noqa: BLE001
        log.warning("%s: did not stop cleanly: %r", app.conf.id, error)


async def bury(dead: Any, stage: str, event: Any, outcome: Outcome) -> Any:
    """Hands the dead letter for a message that did not go on to the producer; returns as `produce` does."""
    letter = dead_letter(stage, event, outcome)
    key = event.key and event.key[:KEY_BYTES]
    return await produce(dead, key, letter.content, codec.dead_headers(letter))


async def produce(topic: Any, key: bytes | None, value: bytes, headers: Any = None) -> Any:
    """Hands a message to the producer; the awaitable returned ends when the broker has it."""
    return await topic.send(key=key, value=value, headers=headers)
