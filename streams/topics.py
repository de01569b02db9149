"""The topics: the one list that code, compose files and `dongtin doctor` read.

They are declared, never auto-created: a wrongly sized topic loses order or articles.
"""

from dataclasses import dataclass
from typing import Literal

#: Largest message on producers, topics and broker together, in bytes. A page of `MAX_PAGE_BYTES`
#: fits with its JSON around it, also when its text triples in UTF-8.
MAX_MESSAGE_BYTES = 16 * 1024 * 1024

#: Largest page that is fetched, in bytes after decompression; larger ones are `too-large`.
MAX_PAGE_BYTES = 5 * 1024 * 1024

#: What a consumer asks for at once, of one partition, in bytes. The broker gives a larger message
#: whole (KIP-74), so this bounds what is held of a backlog and not what can be read.
FETCH_BYTES = 1024 * 1024

_DAY_MS = 24 * 3600 * 1000
FOREVER_MS = -1

#: Which setting of `[retention]` says how long a topic's messages are kept.
Kept = Literal["raw", "enriched", "alerts", "dead"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A topic's name and how it is made.

    Attributes:
        spread: whether several workers of a stage share it; the others keep one order.
    """

    name: str
    spread: bool
    kept: Kept

    def partitions(self, most: int) -> int:
        """How many it has, where `[kafka] partitions` is `most`."""
        return most if self.spread else 1

    def config(self, days: int) -> dict[str, str]:
        """The topic's own settings, in Kafka's spelling.

        Args:
            days: how long messages are kept; 0: for ever.
        """
        return {
            RETENTION: str(days * _DAY_MS if days else FOREVER_MS),
            "max.message.bytes": str(MAX_MESSAGE_BYTES),
            "compression.type": "producer",
            "cleanup.policy": "delete",
            # the broker's clock: with the senders' own, one whose clock is an hour ahead is refused
            # for as long as it is, and one whose clock is behind has its messages deleted early
            "message.timestamp.type": "LogAppendTime",
        }


RETENTION = "retention.ms"

RAW = Topic(name="articles.raw", spread=True, kept="raw")
ENRICHED = Topic(name="articles.enriched", spread=True, kept="enriched")
ALERTS = Topic(name="alerts", spread=False, kept="alerts")
DEAD = Topic(name="articles.dead", spread=False, kept="dead")

ALL = (RAW, ENRICHED, ALERTS, DEAD)
