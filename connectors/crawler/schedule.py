"""When to ask again: a feed after each answer, a page after a failure. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

#: Seconds; a feed that fails is asked no more rarely than this, unless its server says so itself.
LONGEST_FEED = 900.0
#: Seconds; the longest that a server may tell us to stay away.
LONGEST_RETRY_AFTER = 3600.0
#: Seconds; the longest wish of a feed (`<ttl>`) that is granted: news is worth nothing late.
LONGEST_TTL = 300.0
#: Seconds over which the first looks are spread, and the share of the interval if that is less.
_FIRST, _FIRST_SHARE = 5.0, 0.1
_JITTER = 0.1  # of an interval, either way: feeds of one host drift apart
_PAGE_FIRST, _PAGE_FACTOR, _PAGE_LONGEST = 2.0, 5.0, 300.0  # seconds between attempts for a page


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPlan:
    """When a feed is asked next. Times are seconds of one monotonic clock."""

    poll: float  # seconds between two looks
    fixed: bool = False  # the operator has set `poll` for this outlet: a feed's ttl can't change it
    next_at: float = 0.0
    failures: int = 0  # in a row


def first_look(poll: float, *, fixed: bool, now: float, chance: float) -> FeedPlan:
    """The plan at start: not all feeds in one moment.

    Args:
        chance: from 0 to 1, random.
    """
    spread = min(_FIRST, poll * _FIRST_SHARE)
    return FeedPlan(poll=poll, fixed=fixed, next_at=now + spread * chance)


def after_answer(
    plan: FeedPlan, *, now: float, chance: float, ttl: float | None = None
) -> FeedPlan:
    """The plan after a good answer.

    Args:
        ttl: seconds for which the feed says that it does not change.
    """
    interval = plan.poll
    if ttl and not plan.fixed:
        interval = max(interval, min(ttl, LONGEST_TTL))
    return replace(plan, next_at=now + _jittered(interval, chance), failures=0)


def after_failure(
    plan: FeedPlan, *, now: float, chance: float, retry_after: float | None = None
) -> FeedPlan:
    """The plan after a bad answer or none: twice as long each time, to a bound."""
    failures = plan.failures + 1
    interval = plan.poll * 2.0 ** min(failures, 16)
    interval = max(plan.poll, min(interval, LONGEST_FEED))
    delay = max(_jittered(interval, chance), _granted(retry_after))
    return replace(plan, next_at=now + delay, failures=failures)


def page_delay(attempt: int, *, retry_after: float | None = None) -> float:
    """Seconds until the next try for a page after its `attempt`th failure: 2, 10, 50, 250, 300."""
    delay = min(_PAGE_FIRST * _PAGE_FACTOR ** min(attempt - 1, 8), _PAGE_LONGEST)
    return max(delay, _granted(retry_after))


def _granted(retry_after: float | None) -> float:
    return min(retry_after or 0.0, LONGEST_RETRY_AFTER)


def is_due(at: float, now: float) -> bool:
    """Whether a page's next try may begin; Unix times.

    A moment farther away than any delay was noted before the clock was set back: it counts for now.
    """
    return at <= now or at > now + LONGEST_RETRY_AFTER


def host_delay(failures: int, *, retry_after: float | None = None) -> float:
    """Seconds for which a host is left alone after failures in a row: from the third one on, so that
    two bad pages don't hold up the good ones beside them, and as long as its server asks for."""
    own = page_delay(failures - 2) if failures > 2 else 0.0
    return max(own, _granted(retry_after))


def wish(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds for which a server asks to be left alone; header names in lower case."""
    return _parse_retry_after(headers.get("retry-after", ""), now)


def _parse_retry_after(value: str, now: datetime) -> float | None:
    """Seconds of a Retry-After header: a number or an HTTP date; None when it is neither."""
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        when = parsedate_to_datetime(text)
        return max(0.0, (when.replace(tzinfo=when.tzinfo or UTC) - now).total_seconds())
    except (ValueError, OverflowError):
        return None


def _jittered(interval: float, chance: float) -> float:
    return interval * (1 + _JITTER * (2 * chance - 1))
