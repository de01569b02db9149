"""One connection to the broker, as the publisher uses it."""

from typing import Any, Protocol

from kafka import KafkaProducer

from connectors.kafka.connection import arguments
from streams import settings, topics

#: It keeps trying for so long, in which a retry makes no second copy at the broker.
_DELIVERY_MS = 600_000


class Producer(Protocol):
    """What is used of a KafkaProducer."""

    def send(
        self, topic: str, *, value: bytes, key: bytes, headers: list[tuple[str, bytes]]
    ) -> Any:
        """Returns a future of kafka-python."""

    def close(self, timeout: float | None = None) -> None:
        """Waits for what is under way, at most so long."""


def connect(kafka: settings.Kafka) -> Producer:
    """A producer for our messages. Raises KafkaError when no broker answers within 3 s."""
    producer: Producer = KafkaProducer(
        **arguments(kafka),
        client_id="dongtin-crawl",
        acks="all",
        enable_idempotence=True,
        compression_type="zstd",
        max_request_size=topics.MAX_MESSAGE_BYTES,
        delivery_timeout_ms=_DELIVERY_MS,
        max_block_ms=3_000,
        bootstrap_timeout_ms=3_000,
        reconnect_backoff_max_ms=1_000,
        allow_auto_create_topics=False,
        metrics_enabled=False,
    )
    return producer
