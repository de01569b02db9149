"""The topics: the one list that code, compose files and `dongtin doctor` read.

They are declared, never auto-created: a wrongly sized topic loses order or articles.
"""

from dataclasses import dataclass

#: Largest message on producers, topics and broker together, in bytes. A page of `MAX_PAGE_BYTES`
#: fits with its JSON around it, also when its text triples in UTF-8.
MAX_MESSAGE_BYTES = 16 * 1024 * 1024

#: Largest page that is fetched, in bytes after decompression; larger ones are `too-large`.
MAX_PAGE_BYTES = 5 * 1024 * 1024

_DAY_MS = 24 * 3600 * 1000
FOREVER_MS = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A topic's name and how it is made."""

    name: str
    partitions: int
    retention_ms: int

    def config(self) -> dict[str, str]:
        """The topic's own settings, in Kafka's spelling."""
        return {
            "retention.ms": str(self.retention_ms),
            "max.message.bytes": str(MAX_MESSAGE_BYTES),
            "compression.type": "producer",
            "cleanup.policy": "delete",
        }


RAW = Topic(name="articles.raw", partitions=4, retention_ms=FOREVER_MS)
ENRICHED = Topic(name="articles.enriched", partitions=4, retention_ms=30 * _DAY_MS)
ALERTS = Topic(name="alerts", partitions=1, retention_ms=FOREVER_MS)
DEAD = Topic(name="articles.dead", partitions=1, retention_ms=FOREVER_MS)

ALL = (RAW, ENRICHED, ALERTS, DEAD)
