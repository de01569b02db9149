"""Dead letters on their way to `articles.dead`, for the consumers among the connectors."""

import threading
from collections.abc import Sequence
from typing import Any

from kafka import KafkaProducer
from kafka.errors import KafkaError

from connectors.kafka.connection import arguments, unreachable
from streams import codec, settings, topics
from streams.errors import Retry
from streams.outcome import fitting
from streams.records import DeadLetter

_SECONDS = 10.0


class Letters:
    """Sends dead letters; the connection is made with the first one."""

    def __init__(self, kafka: settings.Kafka, *, client: str) -> None:
        self._kafka = kafka
        self._client = client
        self._producer: Any = None
        self._lock = threading.Lock()  # a sending that was given up may still be under way

    def send(self, letters: Sequence[DeadLetter]) -> None:
        """Returns when the broker has them all. Blocks for 10 s at most, times the letters.

        Raises:
            Retry: the broker did not acknowledge each; send them all again.
        """
        with self._lock:
            self._send(letters)

    def close(self) -> None:
        """Lets go of the connection."""
        if self._producer is not None:
            self._producer.close(timeout=1.0)

    def _send(self, letters: Sequence[DeadLetter]) -> None:
        try:
            sent = [self._start(fitting(letter)) for letter in letters]
            self._producer.flush(timeout=_SECONDS)
            for future in sent:  # flush says nothing of records that failed
                future.get(timeout=_SECONDS)
        except KafkaError as error:
            self.close()  # a producer that gave up a record may refuse the next ones
            self._producer = None
            told = unreachable(self._kafka, error)
            raise Retry(f"dead letters not taken by the broker: {told}") from error

    def _start(self, letter: DeadLetter) -> Any:
        if self._producer is None:
            self._producer = KafkaProducer(
                **arguments(self._kafka),
                client_id=f"dongtin-{self._client}",
                acks="all",
                compression_type="zstd",
                max_request_size=topics.MAX_MESSAGE_BYTES,
                max_block_ms=int(_SECONDS * 1000),
                delivery_timeout_ms=int(_SECONDS * 1000),
                request_timeout_ms=int(_SECONDS * 500),
                reconnect_backoff_max_ms=2_000,
                allow_auto_create_topics=False,
                bootstrap_timeout_ms=3_000,
                metrics_enabled=False,
            )
        return self._producer.send(
            topics.DEAD.name,
            key=letter.id.encode(errors="replace"),
            value=letter.content,
            headers=list(codec.dead_headers(letter).items()),
        )
