"""More partitions, so that more workers of a stage get work: raised while the stages run, on a broker of its
own."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from kafka import KafkaProducer

from connectors.kafka import admin
from connectors.kafka.reading import beginnings, read
from connectors.local.kafka import KafkaServer
from connectors.local.servers import LocalServers
from streams import codec, topics
from streams.settings import Kafka, Settings
from tests import make
from tests.pipeline.indexing import Room, room, until

pytestmark = [pytest.mark.servers, pytest.mark.timeout(600)]

_PAGE = """<html lang="vi"><head><title>Bài {n}</title><meta property="og:type" content="article">
<meta property="og:title" content="Bài {n}"></head><body><article><h1>Bài {n}</h1>
<p>Cuộc họp ở xã số {n} bàn về việc làm đường theo Chỉ thị {n}-CT/TW trước mùa mưa.</p>
<p>Người dân ba thôn đã hiến đất, góp công, và chờ ngày xe ô tô vào được tới sân nhà văn hóa.</p>
</article></body></html>"""


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Kafka]:
    """A Kafka whose topics are nobody else's."""
    with LocalServers(tmp_path / "servers", only=(KafkaServer,)) as servers:
        yield Kafka(bootstrap=servers.addresses.kafka)


def spread(kafka: Kafka, partitions: int) -> tuple[admin.Difference, ...]:
    """What differs where so many partitions are declared."""
    return admin.differences(Settings(kafka=replace(kafka, partitions=partitions)))


def put(kafka: Kafka, numbers: range) -> None:
    """Pages for the enrich stage."""
    producer = KafkaProducer(bootstrap_servers=kafka.bootstrap, acks="all")
    for raw in (make.raw(_PAGE.format(n=n), f"https://bao.example/bai-{n}.html") for n in numbers):
        producer.send(topics.RAW.name, key=raw.id.encode(), value=codec.encode(raw)).get(30)
    producer.close()


def test_what_is_unread_is_not_overtaken_and_nothing_is_taken_away(
    broker: Kafka, elasticsearch_url: str, fresh_prefix: str, tmp_path: Path
) -> None:
    """Refused, with what to do, for as long as a stage has something to read; and so are fewer."""
    with room(broker.bootstrap, elasticsearch_url, fresh_prefix, tmp_path) as place:
        put(broker, range(1))
        refused = {each.what.split()[1]: each for each in spread(broker, 6)}
        assert refused["articles.raw"].fix is None
        assert "enrich has still to read 1 messages" in refused["articles.raw"].mend
        assert refused["articles.enriched"].fix is not None
        place.commit("enrich")
        for each in spread(broker, 6):
            assert each.fix
            each.fix()
        until(lambda: spread(broker, 6) == (), "the partitions to be told")
        for each in spread(broker, 4):
            assert each.fix is None
            assert each.mend == "[kafka] partitions = 6: none can be taken away"


def test_stages_at_work_find_them(
    broker: Kafka, elasticsearch_url: str, fresh_prefix: str, tmp_path: Path
) -> None:
    """Nothing is stopped, and what goes to the new partitions arrives like everything else."""
    with room(broker.bootstrap, elasticsearch_url, fresh_prefix, tmp_path) as place:
        for stage in ("enrich", "watch", "index"):
            place.start(stage)
        put(broker, range(100, 120))
        arrived(place, 20)
        for each in spread(broker, 8):
            assert each.fix
            each.fix()
        until(lambda: spread(broker, 8) == (), "the partitions to be told")
        place.settings = replace(place.settings, kafka=replace(broker, partitions=8))
        put(broker, range(200, 240))
        new = {(topics.RAW.name, n): 0 for n in range(4, 8)}
        assert new.keys() <= beginnings(broker, topics.RAW.name).keys()
        assert {message.partition for message in read(broker, new)} == {4, 5, 6, 7}
        arrived(place, 60)


def arrived(place: Room, articles: int) -> None:
    """Waits until so many are indexed, and every stage has finished what it reads."""
    until(lambda: place.counts().get("articles") == articles, f"{articles} articles")
    for group in ("enrich", "watch", "index"):
        until(lambda group=group: place.finished(group), f"{group} to finish")  # type: ignore[misc]
