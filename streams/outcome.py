"""What became of one message at one stage: exactly one outcome each."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from streams.errors import Reason
from streams.metrics import LATENCY_SECONDS, MENTIONS, NEWEST, WORK_SECONDS, account
from streams.records import DeadLetter
from streams.times import zoned
from streams.topics import MAX_MESSAGE_BYTES

_DETAIL = 4_096  # characters
_NAME = 512  # characters
#: Room for the headers and the batch around the original bytes.
_LARGEST = MAX_MESSAGE_BYTES - 64 * 1024
#: Of a foreign key that is kept: as many as the characters of an id may have.
KEY_BYTES = 4 * _NAME


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A stage's result for one message: bytes to hand on, or the reason why there are none."""

    value: bytes = b""
    reason: Reason | None = None
    detail: str = ""
    outlet: str = ""
    url: str = ""
    #: None: unknown, or a quiet article, whose age says nothing of the flow.
    discovered_at: datetime | None = None
    seconds: float = 0.0  # of work, without waiting
    mentions: dict[str, int] | None = None  # found, by kind


def dead_letter(stage: str, event: Any, outcome: Outcome) -> DeadLetter:
    """The dead letter for a message (a Faust event) that did not go on: its bytes as they came."""
    message = event.message
    letter = DeadLetter(
        id=(event.key or b"").decode(errors="replace"),
        stage=stage,
        reason=str(outcome.reason),
        detail=outcome.detail,
        outlet=outcome.outlet,
        url=outcome.url,
        source=f"{message.topic}/{message.partition}/{message.offset}",
        at=datetime.now(UTC),
        content=event.value or b"",
    )
    return fitting(letter)


def fitting(letter: DeadLetter) -> DeadLetter:
    """The letter cut to what the broker takes; what was cut off is said in its detail."""
    size = len(letter.content)
    cut = f" (cut to {_LARGEST} of {size} bytes)" if size > _LARGEST else ""
    return replace(
        letter,
        id=letter.id[:_NAME],
        detail=letter.detail[:_DETAIL] + cut,
        outlet=letter.outlet[:_NAME],
        url=letter.url[:_DETAIL],
        content=letter.content[:_LARGEST],
    )


def note(stage: str, outcome: Outcome) -> None:
    """Counts one article's fate at a stage."""
    account(stage, str(outcome.reason or "ok"), outcome.outlet)
    WORK_SECONDS.labels(stage).observe(outcome.seconds)
    for kind, count in (outcome.mentions or {}).items():
        MENTIONS.labels(kind).inc(count)
    if outcome.discovered_at:
        discovered = zoned(outcome.discovered_at)
        passed = datetime.now(UTC) - discovered
        LATENCY_SECONDS.labels(stage).observe(max(0.0, passed.total_seconds()))
        NEWEST.labels(stage).set(discovered.timestamp())
