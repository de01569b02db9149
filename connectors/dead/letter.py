"""A dead letter as its index has it, and which way it goes again. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.elasticsearch.documents import OPEN
from streams import topics
from streams.errors import Reason

RETRIED, DROPPED, RESOLVED = "retried", "dropped", "resolved"

#: Where a letter of the crawl stage goes again: its page is fetched anew.
STORE = "crawler's store"
_SOURCES = {topic.name for topic in (topics.RAW, topics.ENRICHED, topics.ALERTS)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What the index knows of a dead letter."""

    number: str  # the letter's own id, in the index
    id: str  # the article's, or the message's key
    stage: str
    reason: str
    detail: str
    outlet: str
    url: str
    source: str
    attempts: int
    at: datetime
    size: int  # bytes
    place: str  # where its bytes are, `articles.dead/0/17`
    state: str = OPEN
    state_at: datetime | None = None
    state_by: str = ""
    writing: tuple[int, int] = (0, 1)  # which writing of the document this is

    @property
    def skipped(self) -> bool:
        """Whether there was nothing to do: no fault."""
        try:
            return Reason(self.reason).disposition == "skipped"
        except ValueError:  # a newer program's
            return False

    @property
    def target(self) -> str | None:
        """Where it goes when it is retried: `STORE`, a topic, or nowhere."""
        if self.stage == "crawl":
            return STORE
        topic = self.source.partition("/")[0]
        return topic if topic in _SOURCES else None

    @property
    def cut(self) -> bool:
        """Whether its bytes are only the beginning of what they were (`streams.outcome.fitting`)."""
        return " (cut to " in self.detail and self.stage != "crawl"


def read_letter(document: Mapping[str, Any]) -> Letter:
    """A document of the index, as `scan.whole` gives it, as a letter."""
    state_at = document.get("state_at")
    return Letter(
        number=document["_id"],
        id=document["id"],
        stage=document["stage"],
        reason=document["reason"],
        detail=document["detail"],
        outlet=document["outlet"],
        url=document["url"],
        source=document["source"],
        attempts=document["attempts"],
        at=datetime.fromisoformat(document["at"]),
        size=document["size"],
        place=document["letter"],
        state=document.get("state") or OPEN,
        state_at=datetime.fromisoformat(state_at) if state_at else None,
        state_by=document.get("state_by") or "",
        writing=(document["_seq_no"], document["_primary_term"]),
    )


def resolved(letter: Letter, *, arrived: bool, others: Iterable[Letter]) -> bool:
    """Whether a retried letter is history: what it was about has arrived, or has died again and
    has a newer letter.

    Args:
        others: letters of the same id.
    """
    if letter.state != RETRIED:
        return False
    return arrived or any(other.stage == letter.stage and other.at > letter.at for other in others)
