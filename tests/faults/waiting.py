"""Waiting for what must happen, for as long as anything moves."""

import time
from collections.abc import Callable, Hashable

from connectors.elasticsearch import search
from connectors.elasticsearch.client import connect
from connectors.kafka import admin
from streams.errors import Retry
from tests.faults.collect import delivered
from tests.faults.pipeline import Pipeline

#: Seconds in which nothing at all has moved, after which nothing will: a restart with the longest
#: back-off, a session that times out and a slow start fit into it several times.
STILL = 240.0


class Standstill(AssertionError):
    """Nothing moved any more, and what was waited for had not come."""


def until(
    condition: Callable[[], bool],
    progress: Callable[[], Hashable],
    what: str,
    *,
    pause: float = 0.3,
) -> None:
    """Waits for something that must happen, for as long as anything moves.

    Args:
        progress: changes when anything has moved.

    Raises:
        Standstill: nothing has moved for `STILL` seconds.
    """
    last, since = progress(), time.monotonic()
    while True:
        try:
            if condition():
                return
        except Retry:  # a server that is away on purpose
            pass
        now = progress()
        if now != last:
            last, since = now, time.monotonic()
        elif time.monotonic() - since > STILL:
            raise Standstill(f"nothing moved for {STILL:.0f} s, waiting for {what}")
        time.sleep(pause)


def lag_of(pipeline: Pipeline, group: str) -> int:
    """Messages that a group has not finished; 0 for what is no group. Raises Retry."""
    return admin.lags(pipeline.settings.kafka).get(group, 0)


def signs(pipeline: Pipeline) -> Hashable:
    """Counts that change when anything moves: messages, what groups have left, documents, deliveries."""
    settings = pipeline.settings
    try:
        with connect(settings.elasticsearch) as client:
            documents = search.counts(client, settings.elasticsearch.prefix)
        messages = admin.counts(settings.kafka)
        left = admin.lags(settings.kafka)
    except Retry:
        return None
    told = len(delivered(pipeline))
    return (*documents.items(), *messages.items(), *left.items(), told)
