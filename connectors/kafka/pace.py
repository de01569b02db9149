"""Sending no faster than the stages behind finish: live messages never wait behind many others."""

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self

from kafka import TopicPartition
from kafka.errors import KafkaError

from connectors.kafka.connection import unreachable
from connectors.kafka.reading import consumer
from streams import settings, topics

#: The stages that a page goes through, each with the topic that it reads.
BEHIND = {
    "enrich": topics.RAW.name, "index": topics.ENRICHED.name, "watch": topics.ENRICHED.name,
}  # fmt: skip
#: Messages that each of them may have left when old articles are sent.
MOST_LEFT = 16
_LOOK = 0.1  # seconds between two looks
#: For committed offsets; without a bound they are waited for while the broker is away.
_ASK_MS = 10_000
_SAY = 10.0  # seconds of waiting after which it is said why


class Pace:
    """Waits until consumer groups have nearly finished their topics.

    Args:
        behind: consumer groups, each with the topic that it must have finished.
        most: messages that a group may have left, at most, when `wait` returns.
        say: told when a group does not get on.
    """

    def __init__(
        self,
        kafka: settings.Kafka,
        behind: Mapping[str, str],
        *,
        most: int,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._kafka = kafka
        self._behind = dict(behind)
        self._most = most
        self._say = say
        self._stack = ExitStack()
        self._readers: dict[str, Any] = {}

    def __enter__(self) -> Self:
        """Raises Retry: the broker can't be asked now."""
        for group in self._behind:
            self._readers[group] = self._stack.enter_context(consumer(self._kafka, group))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def wait(self, stop: threading.Event) -> None:
        """Returns once every group has at most `most` messages left, or `stop` is set. Raises Retry."""
        said_at = time.monotonic() + _SAY
        while slow := self.slow():
            if stop.wait(_LOOK):
                return
            if time.monotonic() > said_at:
                said_at = float("inf")
                self._say(f"waiting: {slow}; live articles go first")

    def left(self) -> dict[str, int]:
        """For each group the messages that it has not finished yet. Raises Retry."""
        return {group: self._left(group, topic) for group, topic in self._behind.items()}

    def slow(self) -> str:
        """Which group has too many messages left, and how many; nothing when none has. Raises Retry."""
        for group, left in self.left().items():
            if left > self._most:
                return f"{group} has {left} messages of {self._behind[group]} left"
        return ""

    def _left(self, group: str, topic: str) -> int:
        reader = self._readers[group]
        try:
            parts = [TopicPartition(topic, n) for n in reader.partitions_for_topic(topic) or ()]
            ends, starts = reader.end_offsets(parts), reader.beginning_offsets(parts)
            done = {tp: reader.committed(tp, timeout_ms=_ASK_MS) or 0 for tp in parts}
        except KafkaError as error:
            raise unreachable(self._kafka, error) from error
        return sum(max(0, ends[tp] - max(starts[tp], done[tp])) for tp in parts)
