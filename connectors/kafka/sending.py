"""Messages put into a topic from outside the stages, each with the broker's answer."""

from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

from kafka import KafkaProducer
from kafka.errors import KafkaError

from connectors.kafka.connection import arguments, unreachable
from streams import settings
from streams.topics import MAX_MESSAGE_BYTES

_SECONDS = 30.0

#: Topic, key, value.
Sent = tuple[str, bytes | None, bytes | None]


class Sender:
    """A producer's connection, for as long as the block lasts.

    Raises:
        Retry: the broker can't be reached.
    """

    def __init__(self, kafka: settings.Kafka) -> None:
        self._kafka = kafka
        try:
            self._producer: Any = KafkaProducer(
                **arguments(kafka),
                client_id="dongtin-sending",
                acks="all",
                compression_type="zstd",
                max_request_size=MAX_MESSAGE_BYTES,
                allow_auto_create_topics=False,
                bootstrap_timeout_ms=3_000,
                metrics_enabled=False,
            )
        except (KafkaError, OSError) as error:
            raise unreachable(self._kafka, error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._producer.close(timeout=_SECONDS)

    def send(self, messages: Sequence[Sent]) -> None:
        """Returns when the broker has all of them.

        Raises:
            Retry: it did not acknowledge each; some may be there.
        """
        try:
            sent = [self._producer.send(topic, key=k, value=v) for topic, k, v in messages]
            for future in sent:
                future.get(timeout=_SECONDS)
        except (KafkaError, OSError) as error:
            raise unreachable(self._kafka, error) from error


def send(kafka: settings.Kafka, messages: Sequence[Sent]) -> None:
    """`Sender.send` on a connection of its own. Raises Retry."""
    with Sender(kafka) as sender:
        sender.send(messages)
