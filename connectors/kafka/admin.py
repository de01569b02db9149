"""The broker's own state: which topics there are, how long, and how far each group has read."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from kafka import TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient, OffsetSpec
from kafka.errors import KafkaError, TopicAlreadyExistsError

from connectors.kafka.connection import arguments, unreachable
from streams import topics
from streams.settings import Kafka, Retention, Settings

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
    #: Makes it as declared; None: that would lose something, and is for a person to decide.
    fix: Callable[[], None] | None = None


@contextmanager
def administered(kafka: Kafka) -> Iterator[Any]:
    """An admin client, for as long as the block lasts. Raises Retry."""
    try:
        client = KafkaAdminClient(
            **arguments(kafka),
            client_id="dongtin-admin",
            request_timeout_ms=10_000,
            bootstrap_timeout_ms=5_000,
        )
    except (KafkaError, OSError, ValueError) as error:
        raise unreachable(kafka, error) from error
    try:
        yield client
    except (KafkaError, OSError) as error:
        raise unreachable(kafka, error) from error
    finally:
        client.close()


def ensure(settings: Settings) -> tuple[str, ...]:
    """Makes the topics that are missing; returns their names. What exists is left as it is.

    Raises:
        Retry: the broker can't be asked now.
    """
    with administered(settings.kafka) as client:
        there = set(client.list_topics())
        missing = {
            topic.name: {
                "num_partitions": topic.partitions(settings.kafka.partitions),
                "replication_factor": settings.kafka.replication,
                "configs": topic.config(days_of(topic, settings.retention)),
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


def days_of(topic: topics.Topic, retention: Retention) -> int:
    """How many days a topic's messages are kept; 0: for ever."""
    return int(getattr(retention, topic.kept))


def version(kafka: Kafka) -> str:
    """The broker's version as far as it tells: the newest that its protocol speaks. Raises Retry."""
    with administered(kafka) as client:
        broker = client.describe_cluster()["brokers"][0]
        data = client.get_broker_version_data(broker.get("broker_id", broker.get("node_id")))
        return ".".join(str(part) for part in data.broker_version)


def differences(settings: Settings) -> tuple[Difference, ...]:
    """What is declared and the broker does not have. Raises Retry."""
    with administered(settings.kafka) as client:
        there = set(client.list_topics())
        found: list[Difference] = []
        for topic in topics.ALL:
            if topic.name in there:
                found += _compare(client, topic, settings)
            else:
                what = f"topic {topic.name} is missing"
                make = partial(_make, settings)
                found.append(Difference(what=what, mend="dongtin setup", fix=make))
        return tuple(found)


def put(kafka: Kafka, topic: str, key: str, value: str) -> None:
    """Sets one of a topic's settings. Raises Retry."""
    with administered(kafka) as client:
        client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, {key: value})])


def settings_of(client: Any, topic: topics.Topic) -> dict[str, str]:
    """The broker's values of the settings that we declare for a topic."""
    wanted = dict.fromkeys(topic.config(0))
    resource = ConfigResource(ConfigResourceType.TOPIC, topic.name, wanted)
    answer = client.describe_configs([resource], config_filter="all")
    told = next(iter(next(iter(answer.values())).values()))
    found: dict[str, str] = {}
    for key in wanted:
        entry = told.get(key)
        found[key] = str(entry.get("value") if isinstance(entry, dict) else entry)
    return found


def _make(settings: Settings) -> None:
    ensure(settings)


def _compare(client: Any, topic: topics.Topic, settings: Settings) -> Iterator[Difference]:
    partitions = client.describe_topics([topic.name])[0]["partitions"]
    if len(partitions) != topic.partitions(settings.kafka.partitions):
        yield _other_partitions(client, topic, settings, len(partitions))
    copies = min((len(told["replica_nodes"]) for told in partitions), default=0)
    if copies < settings.kafka.replication:
        yield Difference(
            what=f"topic {topic.name} is kept by {copies} brokers, not {settings.kafka.replication}",
            mend="kafka-reassign-partitions",
        )
    wanted = topic.config(days_of(topic, settings.retention))
    for key, value in settings_of(client, topic).items():
        if value == wanted[key]:
            continue
        what = f"topic {topic.name}: {key} is {value}, {wanted[key]} is declared"
        if key == topics.RETENTION and shortens(value, wanted[key]):
            yield Difference(what=what, mend="dongtin prune: it says what would be deleted")
        else:
            fix = partial(put, settings.kafka, topic.name, key, wanted[key])
            yield Difference(what=what, mend="dongtin setup", fix=fix)


def _other_partitions(
    client: Any, topic: topics.Topic, settings: Settings, there: int
) -> Difference:
    """More can be had once everything is read: a key's later messages may go to another partition,
    and must not overtake its earlier ones."""
    wanted = topic.partitions(settings.kafka.partitions)
    what = f"topic {topic.name} has {there} partitions, {wanted} are declared"
    if there > wanted:
        mend = f"[kafka] partitions = {there}: none can be taken away"
        if not topic.spread:
            mend = "several keep no order: let the stages finish, stop them, make the topic anew"
        return Difference(what=what, mend=mend)
    done = {group: _done(client, group) for group, read in GROUPS.items() if topic in read}
    ends = _ends(client, [topic])
    left = {group: _left(reached, ends) for group, reached in done.items()}
    late = [f"{group} has still to read {count} messages" for group, count in left.items() if count]
    if late:
        mend = f"{', '.join(late)}: let it, with no replay or back-fill at work, then dongtin setup"
        return Difference(what=what, mend=mend)
    fix = partial(_spread, settings.kafka, topic, wanted)
    return Difference(what=what, mend="dongtin setup", fix=fix)


def _spread(kafka: Kafka, topic: topics.Topic, wanted: int) -> None:
    with administered(kafka) as client:
        client.create_partitions({topic.name: wanted})


def shortens(there: str, wanted: str) -> bool:
    """Whether one retention in milliseconds is shorter than another; below 0 is for ever."""
    return int(wanted) >= 0 and not 0 <= int(there) <= int(wanted)


def counts(kafka: Kafka) -> dict[str, int]:
    """Messages that each of our topics has taken so far. Raises Retry."""
    with administered(kafka) as client:
        there = set(client.list_topics())
        ends = _ends(client, [topic for topic in topics.ALL if topic.name in there])
    return {
        topic.name: sum(end for partition, end in ends.items() if partition.topic == topic.name)
        for topic in topics.ALL
    }


def lags(kafka: Kafka) -> dict[str, int]:
    """For each consumer group the messages that it has not finished yet, never too few: 0 for each
    means that no message was under way. Raises Retry."""
    with administered(kafka) as client:
        # The ends are asked last: what a stage sends while the groups are asked would be beyond ends
        # asked before, and would seem finished by whoever reads it.
        done = {group: _done(client, group) for group in GROUPS}
        there = set(client.list_topics())
        ends = _ends(client, [topic for topic in topics.ALL if topic.name in there])
    found: dict[str, int] = {}
    for group, read in GROUPS.items():
        names = {topic.name for topic in read}
        mine = {place: end for place, end in ends.items() if place.topic in names}
        found[group] = _left(done[group], mine)
    return found


def _left(done: Mapping[Any, Any], ends: Mapping[Any, int]) -> int:
    """Messages that a group has not finished yet, of partitions that end there."""
    return sum(
        max(0, end - (done[place].offset if place in done else 0)) for place, end in ends.items()
    )


def _done(client: Any, group: str) -> dict[Any, Any]:
    if group not in {entry["group_id"] for entry in client.list_groups()}:
        return {}
    told: dict[Any, Any] = client.list_group_offsets({group: None}).get(group, {})
    return told


def finished(kafka: Kafka, group: str) -> dict[tuple[str, int], int]:
    """By topic and partition the offset up to which a group has finished. Raises Retry."""
    with administered(kafka) as client:
        told = _done(client, group)
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
