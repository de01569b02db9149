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
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import faust

from streams.errors import Fatal
from streams.metrics import LAG, UP
from streams.settings import Settings
from streams.topics import MAX_MESSAGE_BYTES

log = logging.getLogger("dongtin")

#: Seconds that a stage may take to finish what is in hand when it is asked to stop.
STOP_SECONDS = 15.0

_LAG_SECONDS = 2.0

App = Any  # faust carries no types
Step = Callable[[], Awaitable[None]]


def make_app(stage: str, settings: Settings) -> App:
    """A Faust app for one stage; its id is the consumer group.

    Nothing is declared or created on the broker: topics are made before (`topics.ALL`).
    """
    batch_seconds = settings.enrich.deadline * settings.enrich.attempts
    return faust.App(
        stage,
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
        broker_rebalance_timeout=batch_seconds + 20.0,
        producer_request_timeout=60.0,  # the default is 20 minutes
        producer_max_request_size=MAX_MESSAGE_BYTES,
        consumer_max_fetch_size=MAX_MESSAGE_BYTES,
        producer_compression_type="zstd",
        producer_acks=-1,
        consumer_metadata_max_age_ms=10_000,
        producer_metadata_max_age_ms=10_000,
        consumer_auto_offset_reset="earliest",
    )


def raw_topic(app: App, name: str) -> Any:
    """A topic of bytes."""
    return app.topic(name, key_type=bytes, value_type=bytes, internal=False)


async def serve(
    *apps: App, stop: threading.Event, before: Sequence[Step] = (), after: Sequence[Step] = ()
) -> int:
    """Runs the apps in one event loop until asked to stop, or a crash.

    Args:
        stop: set from a signal handler or another thread.
        before: what must be up first, such as the lanes.
        after: what is let go of last.

    Returns:
        The exit status: 0 when asked to stop, 1 after a crash.

    Raises:
        Fatal: an app could not start, with the reason.
    """
    side: list[asyncio.Task[Any]] = []
    try:
        for step in before:
            await step()
        for app in apps:
            await _start(app)
        side = [asyncio.ensure_future(_watch_lag(app)) for app in apps]
        waits = [_asked(stop), *(e.wait() for app in apps for e in (app._crashed, app._stopped))]
        side += [asyncio.ensure_future(wait) for wait in waits]
        await asyncio.wait(side[len(apps) :], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in side:
            task.cancel()
        crashed = any(app.crashed for app in apps)
        for app in apps:
            await _stop(app, crashed)
        for step in after:
            await step()
    return 0 if stop.is_set() and not crashed else 1


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
    try:
        await asyncio.wait_for(app.stop(), STOP_SECONDS)
    # a crashed app may raise anything here; the process ends next, and Kafka has the rest
    except Exception as error:  # noqa: BLE001
        log.warning("%s: did not stop cleanly: %r", app.conf.id, error)


async def _watch_lag(app: App) -> None:
    """Keeps the lag gauge fresh, and says once when the broker goes away and comes back."""
    group, away, shown = app.conf.id, False, frozenset[Any]()
    while True:
        await asyncio.sleep(_LAG_SECONDS)
        try:
            partitions = app.consumer.assignment()
            ends = await asyncio.wait_for(app.consumer.highwaters(*partitions), 10)
        # whatever the client raises: the broker did not tell
        except Exception as error:  # noqa: BLE001
            if not away:
                log.warning("%s: broker away: %s", group, error)
            away = True
            UP.labels("kafka").set(0)
            continue
        if away:
            log.warning("%s: broker back", group)
        away = False
        UP.labels("kafka").set(1)
        shown = _show_lag(app, ends, shown)


def _show_lag(app: App, ends: Mapping[Any, int], shown: frozenset[Any]) -> frozenset[Any]:
    """Sets the gauge of each partition that is ours, takes away those that no longer are."""
    group = app.conf.id
    for partition, end in ends.items():
        # faust has no public reading of what it has committed
        done = app.consumer._committed_offset.get(partition)
        LAG.labels(group, partition.topic, partition.partition).set(max(0, end - (done or 0)))
    for partition in shown - ends.keys():
        LAG.remove(group, partition.topic, partition.partition)
    return frozenset(ends)


async def produce(topic: Any, key: bytes | None, value: bytes, headers: Any = None) -> Any:
    """Hands a message to the producer; the awaitable returned ends when the broker has it."""
    return await topic.send(key=key, value=value, headers=headers)
