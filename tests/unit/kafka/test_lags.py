"""How far the groups have read, asked of a broker on which the stages go on."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from kafka import TopicPartition

from connectors.kafka import admin
from streams import topics
from streams.settings import Kafka

_RAW, _ENRICHED = (TopicPartition(topic.name, 0) for topic in (topics.RAW, topics.ENRICHED))


@dataclass
class Moving:
    """An admin client of a broker with one partition a topic; `enrich` finishes its only message, and
    sends what comes of it, as soon as anything has been asked of the broker."""

    ends: dict[TopicPartition, int] = field(default_factory=lambda: {_RAW: 1, _ENRICHED: 0})
    done: dict[str, dict[TopicPartition, int]] = field(
        default_factory=lambda: {"enrich": {_RAW: 0}, "watch": {_ENRICHED: 0}, "index": {}}
    )

    def _goes_on(self) -> None:
        self.ends[_ENRICHED] = 1
        self.done["enrich"] = {_RAW: 1}

    def list_topics(self) -> list[str]:
        return [_RAW.topic, _ENRICHED.topic]

    def list_groups(self) -> list[dict[str, str]]:
        return [{"group_id": group} for group in self.done]

    def describe_topics(self, names: list[str]) -> list[dict[str, Any]]:
        return [{"partitions": [None]} for _ in names]

    def list_group_offsets(self, asked: Mapping[str, Any]) -> dict[str, dict[TopicPartition, Any]]:
        told = {
            group: {tp: SimpleNamespace(offset=at) for tp, at in self.done[group].items()}
            for group in asked
        }
        self._goes_on()
        return told

    def list_partition_offsets(
        self, asked: Mapping[TopicPartition, Any]
    ) -> dict[TopicPartition, Any]:
        told = {tp: SimpleNamespace(offset=self.ends.get(tp, 0)) for tp in asked}
        self._goes_on()
        return told


def test_what_is_sent_while_the_groups_are_asked_is_not_taken_for_finished(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The message of `enrich` is under way in every moment, so some group has not finished."""

    @contextmanager
    def administered(_: Kafka) -> Iterator[Moving]:
        yield broker

    broker = Moving()
    monkeypatch.setattr(admin, "administered", administered)
    first = admin.lags(Kafka())
    assert first["watch"] == first["index"] == 1
    broker.done |= {"watch": {_ENRICHED: 1}, "index": {_ENRICHED: 1}}
    assert set(admin.lags(Kafka()).values()) == {0}
