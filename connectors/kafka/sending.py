"""Messages put into a topic by hand, each with the broker's answer."""

from collections.abc import Sequence

from kafka import KafkaProducer
from kafka.errors import KafkaError

from streams import settings
from streams.errors import Retry
from streams.topics import MAX_MESSAGE_BYTES

_SECONDS = 30.0


def send(kafka: settings.Kafka, messages: Sequence[tuple[str, bytes | None, bytes | None]]) -> None:
    """Returns when the broker has all messages: topic, key, value.

    Raises:
        Retry: it did not acknowledge each; some may be there.
    """
    try:
        producer = KafkaProducer(
            bootstrap_servers=kafka.bootstrap.split(","),
            client_id="dongtin-sending",
            acks="all",
            compression_type="zstd",
            max_request_size=MAX_MESSAGE_BYTES,
            allow_auto_create_topics=False,
            bootstrap_timeout_ms=3_000,
            metrics_enabled=False,
        )
        try:
            sent = [producer.send(topic, key=key, value=value) for topic, key, value in messages]
            for future in sent:
                future.get(timeout=_SECONDS)
        finally:
            producer.close(timeout=_SECONDS)
    except (KafkaError, OSError) as error:
        raise Retry(f"Kafka at {kafka.bootstrap}: {type(error).__name__}: {error}") from error
