"""The broker's own state: which topics there are, how long, and how far each group has read."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from kafka import TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient, OffsetSpec
from kafka.errors import KafkaError, TopicAlreadyExistsError

from streams import topics
from streams.errors import Retry

#: The consumer groups, each with the topics that it reads.
GROUPS = {
    "enrich": (topics.RAW,),
    "watch": (topics.ENRICHED,),
    "index": (topics.ENRICHED, topics.DEAD, topics.ALERTS),
    "notify": (topics.ALERTS,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Something on the broker that is not as it is declared."""

    what: str
    mend: str


@contextmanager
def _admin(bootstrap: str) -> Iterator[Any]:
    try:
        client = KafkaAdminClient(
            bootstrap_servers=bootstrap.split(","),
            client_id="dongtin-admin",
            request_timeout_ms=10_000,
            bootstrap_timeout_ms=5_000,
        )
    except (KafkaError, OSError, ValueError) as error:
        raise Retry(f"no Kafka at {bootstrap}: {type(error).__name__}: {error}") from error
    try:
        yield client
    except (KafkaError, OSError) as error:
        raise Retry(f"Kafka at {bootstrap}: {type(error).__name__}: {error}") from error
    finally:
        client.close()


def ensure(bootstrap: str, *, replication: int = 1) -> tuple[str, ...]:
    """Makes the topics that are missing; returns their names. What exists is left as it is.

    Raises:
        Retry: the broker can't be asked now.
    """
    with _admin(bootstrap) as client:
        there = set(client.list_topics())
        missing = {
            topic.name: {
                "num_partitions": topic.partitions,
                "replication_factor": replication,
                "configs": topic.config(),
            }
            for topic in topics.ALL
            if topic.name not in there
        }
        if missing:
            try:
                client.create_topics(missing, timeout_ms=10_000, wait_for_metadata=True)
            except TopicAlreadyExistsError:  # another process made them at the same moment
                client.wait_for_topics(list(missing))
        return tuple(missing)


def version(bootstrap: str) -> str:
    """The broker's version as far as it tells: the newest that its protocol speaks. Raises Retry."""
    with _admin(bootstrap) as client:
        broker = client.describe_cluster()["brokers"][0]
        data = client.get_broker_version_data(broker.get("broker_id", broker.get("node_id")))
        return ".".join(str(part) for part in data.broker_version)


def differences(bootstrap: str) -> tuple[Difference, ...]:
    """What `streams.topics` declares and the broker does not have. Raises Retry."""
    with _admin(bootstrap) as client:
        there = set(client.list_topics())
        found = [
            Difference(
                what=f"topic {topic.name} is missing",
                mend="dongtin doctor --mend makes it",
            )
            for topic in topics.ALL
            if topic.name not in there
        ]
        present = [topic for topic in topics.ALL if topic.name in there]
        for topic in present:
            found += _compare(client, topic)
        return tuple(found)


def _compare(client: Any, topic: topics.Topic) -> Iterator[Difference]:
    described = client.describe_topics([topic.name])[0]
    count = len(described["partitions"])
    if count != topic.partitions:
        yield Difference(
            what=f"topic {topic.name} has {count} partitions, {topic.partitions} are declared",
            mend="captures of one article could overtake each other: empty the stages, then make it anew",
        )
    resource = ConfigResource(ConfigResourceType.TOPIC, topic.name, dict.fromkeys(topic.config()))
    answer = client.describe_configs([resource], config_filter="all")
    settings = next(iter(next(iter(answer.values())).values()))
    for key, wanted in topic.config().items():
        entry = settings.get(key)
        value = entry.get("value") if isinstance(entry, dict) else entry
        if str(value) != wanted:
            yield Difference(
                what=f"topic {topic.name}: {key} is {value}, {wanted} is declared",
                mend=f"kafka-configs --alter --topic {topic.name} --add-config {key}={wanted}",
            )


def counts(bootstrap: str) -> dict[str, int]:
    """Messages that each of our topics has taken so far. Raises Retry."""
    with _admin(bootstrap) as client:
        there = set(client.list_topics())
        ends = _ends(client, [topic for topic in topics.ALL if topic.name in there])
    return {
        topic.name: sum(end for partition, end in ends.items() if partition.topic == topic.name)
        for topic in topics.ALL
    }


def lags(bootstrap: str) -> dict[str, int]:
    """For each consumer group the messages that it has not finished yet. Raises Retry."""
    with _admin(bootstrap) as client:
        there = set(client.list_topics())
        ends = _ends(client, [topic for topic in topics.ALL if topic.name in there])
        done = {
            group: client.list_group_offsets({group: None}).get(group, {})
            if group in {entry["group_id"] for entry in client.list_groups()}
            else {}
            for group in GROUPS
        }
    return {
        group: sum(
            max(0, end - (done[group][partition].offset if partition in done[group] else 0))
            for partition, end in ends.items()
            if partition.topic in {topic.name for topic in read}
        )
        for group, read in GROUPS.items()
    }


def finished(bootstrap: str, group: str) -> dict[tuple[str, int], int]:
    """By topic and partition the offset up to which a group has finished. Raises Retry."""
    with _admin(bootstrap) as client:
        if group not in {entry["group_id"] for entry in client.list_groups()}:
            return {}
        told = client.list_group_offsets({group: None}).get(group, {})
    return {(tp.topic, tp.partition): found.offset for tp, found in told.items()}


def _ends(client: Any, which: list[topics.Topic]) -> dict[Any, int]:
    partitions = {
        TopicPartition(topic.name, number): OffsetSpec.LATEST
        for topic in which
        for number in range(
            len(client.describe_topics([topic.name])[0]["partitions"]),
        )
    }
    offsets = client.list_partition_offsets(partitions) if partitions else {}
    return {partition: found.offset for partition, found in offsets.items()}
