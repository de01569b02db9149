"""Reading topics from outside of any group: nothing is committed, nobody is disturbed."""

import logging
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from connectors.kafka.admin import finished
from connectors.kafka.connection import arguments, unreachable
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
    told = finished(kafka, group)
    return {
        place: max(begin, told.get(place, 0)) for place, begin in beginnings(kafka, topic).items()
    }


def beginnings(kafka: settings.Kafka, topic: str) -> Positions:
    """The first offset of each partition. Raises Retry."""
    with consumer(kafka) as reader:
        found = reader.beginning_offsets(_partitions(reader, topic))
    return {(tp.topic, tp.partition): offset for tp, offset in found.items()}


def at(kafka: settings.Kafka, topic: str, moment: datetime) -> Positions:
    """For each partition the first offset whose message the broker got at `moment` or later; its
    end where there is none. Raises Retry."""
    with consumer(kafka) as reader:
        partitions = _partitions(reader, topic)
        ends = reader.end_offsets(partitions)
        when = max(0, int(moment.timestamp() * 1000))
        found = reader.offsets_for_times(dict.fromkeys(partitions, when)) if partitions else {}
    return {
        (tp.topic, tp.partition): found[tp].offset if found.get(tp) else ends[tp]
        for tp in partitions
    }


def read(
    kafka: settings.Kafka, start: Positions, end: Positions | None = None
) -> Generator[Message, None, None]:
    """Every message from these offsets to others, or to the end as it is at the first look.

    Raises:
        Retry: the broker can't be asked now.
    """
    with consumer(kafka) as reader:
        starts = {TopicPartition(*place): offset for place, offset in start.items()}
        ends = reader.end_offsets(list(starts)) if starts else {}
        if end is not None:
            ends = {
                tp: min(last, end.get((tp.topic, tp.partition), 0)) for tp, last in ends.items()
            }
        left = {tp for tp, offset in starts.items() if offset < ends[tp]}
        reader.assign(list(left))
        for tp in left:
            reader.seek(tp, starts[tp])
        silent = 0
        while left:
            found = reader.poll(_POLL_MS)
            silent = 0 if found else silent + 1
            for tp, records in found.items():
                yield from (_message(record) for record in records if record.offset < ends[tp])
            left = {tp for tp in left if reader.position(tp) < ends[tp]}
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
    with consumer(kafka) as reader:
        for place in places:
            yield _message_at(reader, place)


def _message_at(reader: Any, source: str) -> Message | None:
    topic, _, place = source.partition("/")
    numbers = place.split("/")
    if len(numbers) != 2 or not all(number.isascii() and number.isdigit() for number in numbers):
        return None
    tp, offset = TopicPartition(topic, int(numbers[0])), int(numbers[1])
    if tp not in _partitions(reader, topic):
        return None
    if not reader.beginning_offsets([tp])[tp] <= offset < reader.end_offsets([tp])[tp]:
        return None
    reader.assign([tp])
    reader.seek(tp, offset)
    for _ in range(_SILENCES):
        for record in reader.poll(_POLL_MS, max_records=1).get(tp, ()):
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


def _partitions(reader: Any, topic: str) -> list[Any]:
    return [TopicPartition(topic, n) for n in sorted(reader.partitions_for_topic(topic) or ())]


@contextmanager
def consumer(kafka: settings.Kafka, group: str | None = None) -> Iterator[Any]:
    """A consumer that joins no group; of `group` it can ask what is committed.

    Raises:
        Retry: the broker can't be asked now.
    """
    made: Any = None
    try:
        made = KafkaConsumer(
            **arguments(kafka),
            client_id="dongtin-reading",
            group_id=group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            allow_auto_create_topics=False,
            fetch_max_bytes=MAX_MESSAGE_BYTES,
            max_partition_fetch_bytes=MAX_MESSAGE_BYTES // 4,
            reconnect_backoff_max_ms=2_000,
            bootstrap_timeout_ms=3_000,
            metrics_enabled=False,
        )
        yield made
    except (KafkaError, OSError, ValueError) as error:
        raise unreachable(kafka, error) from error
    finally:
        if made is not None:
            made.close()
