"""How long a topic keeps, changed behind the code's back."""

from connectors.kafka.admin import administered, put, settings_of
from streams import topics
from streams.settings import Kafka
from tests.pipeline.running import until


def retention(kafka: Kafka, topic: topics.Topic) -> str:
    """Milliseconds, as the broker tells them."""
    with administered(kafka) as client:
        return settings_of(client, topic)[topics.RETENTION]


def set_retention(kafka: Kafka, topic: topics.Topic, value: int | str) -> None:
    """Returns when the broker tells the new value: the controller takes the change, and a moment later the
    broker has it from there."""
    put(kafka, topic.name, topics.RETENTION, str(value))
    until(lambda: retention(kafka, topic) == str(value), f"{topic.name} to keep {value} ms")
