"""A backlog grows in Kafka and nowhere else: the stages hold what they hold when idle."""

import os
import time

import pytest

from connectors.kafka.admin import lags
from streams import topics
from tests import make_index
from tests.pipeline.flood import Memory, absorb
from tests.pipeline.indexing import Process, Room, behind, until
from tests.resting import at_rest
from tests.trouble_proxy import TroubleProxy

pytestmark = [pytest.mark.servers, pytest.mark.timeout(900)]

_TEXT = "Bộ Chính trị ban hành Chỉ thị 05-CT/TW về việc học tập. " * 2_000  # 0.15 MB in UTF-8


def test_a_slow_search_server_slows_the_consumer_and_not_its_memory(
    place: Room, proxy: TroubleProxy
) -> None:
    """While each write takes a second, 300 MB wait in Kafka, and index grows by less than what it
    holds when idle; it goes on writing, and what it has written is committed."""
    place.started.append(Process("index", behind(place.settings, proxy)))
    warm = [make_index.article(f"warm{n}", ("05-CT/TW",), text=_TEXT) for n in range(60)]
    place.send(*warm)
    until(lambda: place.counts().get("articles", 0) == 60, "the first articles")
    until(lambda: place.finished("index"), "the first articles to be committed")
    memory = Memory(pids={"index": place.started[0].pid})
    memory.rest()
    proxy.make("slow")
    for part in range(40):
        place.send(
            *(make_index.article(f"{part}-{n}", ("05-CT/TW",), text=_TEXT) for n in range(50))
        )
        memory.look()
    until(lambda: _seen(memory, place) >= 300, "index to go on")
    assert lags(place.settings.kafka)["index"] > 1_000
    assert memory.factor("index") < 2.0, memory


def test_a_burst_waits_in_kafka_and_not_in_the_stage(place: Room) -> None:
    """Of 4,000 pages, 240 MB, enrich holds no more than it needs for those in hand."""
    enrich = place.start("enrich")
    absorb(place.settings.kafka.bootstrap, 100, mark="warm")
    until(lambda: at_rest(place.settings.kafka, "enrich"), "the first pages")
    memory = Memory(pids={"enrich": enrich.pid})
    memory.rest()
    before, rounds = 0, 0
    while before <= 1_000:  # a machine with many cores enriches many while they are put there
        absorb(place.settings.kafka.bootstrap, 4_000, mark=f"burst-{rounds}")
        before, rounds = lags(place.settings.kafka)["enrich"], rounds + 1
    while lags(place.settings.kafka)["enrich"] > before - 300:
        memory.look()
        time.sleep(0.5)
    assert memory.factor("enrich") < 1.5, memory


def test_what_is_larger_than_a_fetch_is_read(place: Room) -> None:
    """Messages of nearly the largest size, several in a row on each partition, reach `enrich`."""
    large = [os.urandom(topics.MAX_MESSAGE_BYTES - 1000) for _ in range(12)]
    assert len(large[0]) > topics.FETCH_BYTES
    sent = [
        place.producer.send(topics.RAW.name, key=b"large", value=value, partition=number % 4)
        for number, value in enumerate(large)
    ]
    records = [one.get(60) for one in sent]
    assert {record.partition for record in records} == {0, 1, 2, 3}
    place.start("enrich")
    until(lambda: at_rest(place.settings.kafka, "enrich"), "all to be read")
    wanted = [f"{record.topic}/{record.partition}/{record.offset}" for record in records]
    assert sorted(letter.source for letter in place.letters()) == sorted(wanted)


def _seen(memory: Memory, place: Room) -> int:
    memory.look()
    return place.counts().get("articles", 0)
