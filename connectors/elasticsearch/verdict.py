"""What a bulk request's answer means for each of its items: pure.

written   it is there
stale     a newer version is there already (or, for what is written once, the first one is)
again     the server can't now: the item again, `after` seconds at the earliest
dead      the server will never take it: dead letter, with the reason
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal

#: Seconds before a closed door is tried again: read-only, forbidden, full.
_CLOSED = 2.0


#: Why a server does not take it now: 429; a block or a missing right or index; anything else that it
#: answered; no answer.
Cause = Literal["busy", "closed", "error", "unreachable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of one item."""

    outcome: Literal["written", "stale", "again", "dead"]
    existed: bool = False  # there was an earlier version, which this one replaced
    after: float = 0.0
    detail: str = ""
    cause: Cause = "error"  # of `again`


class Request(Enum):
    """What to do with a request that was refused as a whole."""

    AGAIN = "again"
    SPLIT = "split"  # one of its items is the trouble: find out which


def judge(item: Mapping[str, Any]) -> Verdict:
    """The verdict on one entry of a bulk answer's `items`: `{"index": {"status": 201, ...}}`.

    What is no such entry is `again`: something else than Elasticsearch answered.
    """
    answer = next(iter(item.values()), None) if isinstance(item, Mapping) else None
    status = answer.get("status") if isinstance(answer, Mapping) else None
    if not isinstance(answer, Mapping) or not isinstance(status, int):
        return Verdict(outcome="again", detail="not the answer of an Elasticsearch")
    kind, detail = _error(answer.get("error"))
    if status < 300 or (status == 404 and not kind):  # 404: deleted what was not there
        return Verdict(outcome="written", existed=answer.get("result") == "updated")
    if status == 409:
        return Verdict(outcome="stale", detail=detail)
    if status == 429 or status >= 500:
        if kind == "cluster_block_exception":
            return Verdict(outcome="again", after=_CLOSED, detail=detail, cause="closed")
        return Verdict(outcome="again", detail=detail, cause=cause_of(status))
    if status in (401, 403) or kind == "index_not_found_exception":
        return Verdict(outcome="again", after=_CLOSED, detail=detail, cause="closed")
    return Verdict(outcome="dead", detail=f"{status} {detail}")


def cause_of(status: int) -> Cause:
    """Why an HTTP status means `again`."""
    if status == 429:
        return "busy"
    return "closed" if status in (401, 403) else "error"


def judge_request(status: int) -> Request:
    """What to do when the whole request was answered with an HTTP error."""
    return Request.SPLIT if status in (400, 413) else Request.AGAIN


def _error(error: object) -> tuple[str, str]:
    """An error's type, and its reason with what caused it."""
    if not isinstance(error, Mapping):
        return ("", "") if error is None else ("unknown", str(error)[:1000])
    parts: list[str] = []
    kind = str(error.get("type", "unknown"))
    cause: object = error
    while isinstance(cause, Mapping) and len(parts) < 4:
        parts.append(f"{cause.get('type', '')}: {cause.get('reason', '')}"[:500])
        cause = cause.get("caused_by")
    return kind, "; caused by ".join(parts)
