"""Looks at a running Faust app from beside it: its lag, its broker, and whether its stream flows."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from streams.health import PROCESS, Flow, Heart
from streams.metrics import LAG, reach

log = logging.getLogger("dongtin")

_LAG_SECONDS = 2.0
_ANSWER_SECONDS = 10.0
_UNKNOWN = "input"  # the check of the topic that is read


class Lag:
    """Keeps the lag gauge fresh, and says once when the broker goes away and comes back.

    Args:
        app: a Faust app; it carries no types.
        source: the topic that it reads.
        heart: beats while the stream flows, has nothing to do, or can't flow for a reason told.
    """

    def __init__(self, app: Any, source: str, heart: Heart) -> None:
        self._app = app
        self._source = source
        self._flow = Flow(heart)
        self._away = False
        self._shown: frozenset[Any] = frozenset()

    async def watch(self) -> None:
        """Looks again and again, for ever."""
        while True:
            await asyncio.sleep(_LAG_SECONDS)
            await self._look()

    async def _look(self) -> None:
        group, consumer = self._app.conf.id, self._app.consumer
        try:
            partitions = consumer.assignment()
            ends = await asyncio.wait_for(consumer.highwaters(*partitions), _ANSWER_SECONDS)
            there = bool(partitions) or _known(consumer, self._source)
        # whatever the client raises: the broker did not tell
        except Exception as error:  # noqa: BLE001
            if not self._away:
                log.warning("%s: broker away: %s", group, error)
            self._away = True
            reach("kafka", "the broker does not answer")
            self._flow.excuse()
            return
        if self._away:
            log.warning("%s: broker back", group)
        self._away = False
        reach("kafka")
        # without partitions of a topic that is there it is a stand-by: others have them all.
        # A topic that is missing would be waited for in silence: a start makes it
        PROCESS.note(_UNKNOWN, "" if there else f"topic {self._source} is not there")
        lag = self._show(ends)
        finished = sum(self._finished(partition) for partition in ends)
        self._flow.see(finished=finished if there else -1, lag=lag if there else 1)

    def _finished(self, partition: Any) -> int:
        # faust has no public reading of what it has committed
        return int(self._app.consumer._committed_offset.get(partition) or 0)

    def _show(self, ends: Mapping[Any, int]) -> int:
        """Sets the gauge of each partition that is ours, takes away those that no longer are.

        Returns: the lag of all.
        """
        group, whole = self._app.conf.id, 0
        for partition, end in ends.items():
            lag = max(0, end - self._finished(partition))
            LAG.labels(group, partition.topic, partition.partition).set(lag)
            whole += lag
        for partition in self._shown - ends.keys():
            LAG.remove(group, partition.topic, partition.partition)
        self._shown = frozenset(ends)
        return whole


def _known(consumer: Any, topic: str) -> bool:
    """Whether the broker has the topic. Faust's own `topic_partitions` knows it in the group's leader
    only: every other worker would seem to have nothing to read."""
    return bool(consumer._thread._consumer._client.cluster.partitions_for_topic(topic))
