"""Reading topics from outside of any group."""

import threading

import pytest
from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient

from connectors.kafka.intake import Intake
from connectors.kafka.reading import beginnings, committed, messages_at, read
from connectors.kafka.sending import send
from streams.errors import Retry
from streams.settings import Kafka

pytestmark = pytest.mark.servers


@pytest.fixture
def topic(kafka_address: str, fresh_prefix: str) -> str:
    """A topic of two partitions with ten messages each."""
    name = f"{fresh_prefix}reading"
    admin = KafkaAdminClient(bootstrap_servers=kafka_address)
    admin.create_topics({name: {"num_partitions": 2, "replication_factor": 1}})
    admin.wait_for_topics([name])
    admin.close()
    producer = KafkaProducer(bootstrap_servers=kafka_address, acks="all")
    for n in range(20):
        producer.send(name, key=b"k", value=b"%d" % n, partition=n % 2)
    producer.flush()
    producer.close()
    return name


def test_from_any_offset_to_the_end(kafka_address: str, topic: str) -> None:
    """All from the beginning; from the middle the rest; from the end nothing."""
    kafka = Kafka(bootstrap=kafka_address)
    start = beginnings(kafka, topic)
    assert start == {(topic, 0): 0, (topic, 1): 0}
    assert {m.value for m in read(kafka, start)} == {b"%d" % n for n in range(20)}
    assert [m.value for m in read(kafka, {(topic, 1): 8})] == [b"17", b"19"]
    assert list(read(kafka, {(topic, 0): 10})) == []
    assert list(read(kafka, {})) == []


def test_what_a_group_has_not_finished(kafka_address: str, topic: str, fresh_prefix: str) -> None:
    """From the beginning for a group that never was, from its commits for one that has."""
    kafka, group = Kafka(bootstrap=kafka_address), f"{fresh_prefix}group"
    assert committed(kafka, group, topic) == {(topic, 0): 0, (topic, 1): 0}
    intake = Intake(kafka, group=group, topics=(topic,), most=100, stop=threading.Event())
    taken = 0
    while taken < 20:
        messages = intake.take()
        taken += len(messages)
        intake.done(messages)
    intake.close()
    send(kafka, [(topic, b"k", b"new")])
    assert sum(committed(kafka, group, topic).values()) == 20
    assert [m.value for m in read(kafka, committed(kafka, group, topic))] == [b"new"]


def test_messages_by_their_places(kafka_address: str, topic: str) -> None:
    """Those that are named, in that order; none where there is none."""
    kafka = Kafka(bootstrap=kafka_address)
    places = (f"{topic}/1/3", f"{topic}/0/0", f"{topic}/1/9")
    none = (f"{topic}/1/10", f"{topic}/2/0", "nothing/0/0", "crawler", "", f"{topic}/a/b")
    found = list(messages_at(kafka, [*places, *none, places[0]]))
    assert [m and (m.source, m.value) for m in found] == [
        (places[0], b"7"),
        (places[1], b"0"),
        (places[2], b"19"),
        *[None] * len(none),
        (places[0], b"7"),
    ]


def test_a_broker_that_is_away_is_told() -> None:
    """With its address."""
    with pytest.raises(Retry, match=r"127\.0\.0\.1:9"):
        beginnings(Kafka(bootstrap="127.0.0.1:9"), "t")
