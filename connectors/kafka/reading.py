"""Reading topics from outside of any group: nothing is committed, nobody is disturbed."""

import logging
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from connectors.kafka.admin import finished
from connectors.kafka.intake import Message
from streams import settings
from streams.errors import Retry
from streams.topics import MAX_MESSAGE_BYTES

#: Topic and partition to an offset.
Positions = Mapping[tuple[str, int], int]

# many lines for one outage; whoever asks is told once, by Retry
logging.getLogger("kafka").setLevel(logging.CRITICAL)

_POLL_MS = 1_000
_SILENCES = 30  # polls without a message after which the broker counts as away


def committed(kafka: settings.Kafka, group: str, topic: str) -> Positions:
    """For each partition of a topic the offset that a group has not finished yet; its beginning
    where the group has never committed.

    Raises:
        Retry: the broker can't be asked now.
    """
    told = finished(kafka.bootstrap, group)
    return {
        place: max(begin, told.get(place, 0)) for place, begin in beginnings(kafka, topic).items()
    }


def beginnings(kafka: settings.Kafka, topic: str) -> Positions:
    """The first offset of each partition. Raises Retry."""
    with _consumer(kafka) as consumer:
        found = consumer.beginning_offsets(_partitions(consumer, topic))
    return {(tp.topic, tp.partition): offset for tp, offset in found.items()}


def read(kafka: settings.Kafka, start: Positions) -> Generator[Message, None, None]:
    """Every message from these offsets to the end as it is at the first look.

    Raises:
        Retry: the broker can't be asked now.
    """
    with _consumer(kafka) as consumer:
        starts = {TopicPartition(*place): offset for place, offset in start.items()}
        ends = consumer.end_offsets(list(starts)) if starts else {}
        left = {tp for tp, offset in starts.items() if offset < ends[tp]}
        consumer.assign(list(left))
        for tp in left:
            consumer.seek(tp, starts[tp])
        silent = 0
        while left:
            found = consumer.poll(_POLL_MS)
            silent = 0 if found else silent + 1
            for tp, records in found.items():
                yield from (_message(record) for record in records if record.offset < ends[tp])
            left = {tp for tp in left if consumer.position(tp) < ends[tp]}
            if silent >= _SILENCES:
                raise Retry(f"Kafka at {kafka.bootstrap} gives nothing of {sorted(left)}")


def messages_at(
    kafka: settings.Kafka, places: Iterable[str]
) -> Generator[Message | None, None, None]:
    """The message at each place such as `articles.dead/0/17`; None where there is none, or none any
    more.

    Raises:
        Retry: the broker can't be asked now.
    """
    with _consumer(kafka) as consumer:
        for place in places:
            yield _message_at(consumer, place)


def _message_at(consumer: Any, source: str) -> Message | None:
    topic, _, place = source.partition("/")
    numbers = place.split("/")
    if len(numbers) != 2 or not all(number.isascii() and number.isdigit() for number in numbers):
        return None
    tp, offset = TopicPartition(topic, int(numbers[0])), int(numbers[1])
    if tp not in _partitions(consumer, topic):
        return None
    if not consumer.beginning_offsets([tp])[tp] <= offset < consumer.end_offsets([tp])[tp]:
        return None
    consumer.assign([tp])
    consumer.seek(tp, offset)
    for _ in range(_SILENCES):
        for record in consumer.poll(_POLL_MS, max_records=1).get(tp, ()):
            return _message(record) if record.offset == offset else None
    raise Retry(f"Kafka gives nothing of {source}")


def _message(record: Any) -> Message:
    return Message(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        key=record.key,
        value=record.value,
        headers={name: value or b"" for name, value in record.headers},
    )


def _partitions(consumer: Any, topic: str) -> list[Any]:
    return [TopicPartition(topic, n) for n in sorted(consumer.partitions_for_topic(topic) or ())]


@contextmanager
def _consumer(kafka: settings.Kafka) -> Iterator[Any]:
    consumer: Any = None
    try:
        consumer = KafkaConsumer(
            bootstrap_servers=kafka.bootstrap.split(","),
            client_id="dongtin-reading",
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            allow_auto_create_topics=False,
            fetch_max_bytes=MAX_MESSAGE_BYTES,
            max_partition_fetch_bytes=MAX_MESSAGE_BYTES // 4,
            reconnect_backoff_max_ms=2_000,
            bootstrap_timeout_ms=3_000,
            metrics_enabled=False,
        )
        yield consumer
    except (KafkaError, OSError, ValueError) as error:
        raise Retry(f"Kafka at {kafka.bootstrap}: {type(error).__name__}: {error}") from error
    finally:
        if consumer is not None:
            consumer.close()
