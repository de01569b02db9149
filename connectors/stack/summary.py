"""The demo's account: what was published against what was found, told and searchable. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.stack.figures import quantile
from streams.identity import alert_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """One article as its outlet published it."""

    url: str
    at: datetime
    documents: frozenset[str]  # keys that a reader finds in it


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Seconds: the middle, and what 99 of 100 do not exceed."""

    p50: float
    p99: float
    count: int

    @classmethod
    def of(cls, seconds: Sequence[float]) -> "Spread | None":
        """The spread of some values, None without any."""
        p50, p99 = quantile(seconds, 0.5), quantile(seconds, 0.99)
        if p50 is None or p99 is None:
            return None
        return cls(p50=p50, p99=p99, count=len(seconds))


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """How the demo went. `problems` is empty exactly when everything is as it should be."""

    published: int
    searchable: int
    alerts_expected: int
    alerts_delivered: int
    problems: tuple[str, ...]
    # latencies of the articles that appeared after the first alert, when all stages were up
    poll: Spread | None  # page published -> seen in the feed
    to_alert: Spread | None  # page published -> alert delivered
    to_alert_unpolled: Spread | None  # seen in the feed -> alert delivered
    to_search: Spread | None  # page published -> found by a search
    to_search_unpolled: Spread | None


def summarise(
    published: Mapping[str, Published],
    discovered: Mapping[str, datetime],
    searchable: Mapping[str, datetime],
    alerts: Sequence[Mapping[str, Any]],
) -> Summary:
    """The account of one run.

    Args:
        published: article id -> what the outlet published.
        discovered: article id -> when the crawler saw it in the feed.
        searchable: article id -> when a search found it first.
        alerts: the delivered ones, as in the alerts file.
    """
    expected = {alert_id("first-mention", key) for p in published.values() for key in p.documents}
    told = Counter(str(alert["id"]) for alert in alerts)
    problems = [
        f"not searchable: {page.url}" for key, page in published.items() if key not in searchable
    ]
    problems += [f"alert missing: {key}" for key in sorted(expected - told.keys())]
    problems += [f"alert not expected: {key}" for key in sorted(told.keys() - expected)]
    problems += [f"alert came {n} times: {key}" for key, n in sorted(told.items()) if n > 1]
    delivered = [
        (str(alert["article"]), datetime.fromisoformat(str(alert["delivered_at"])))
        for alert in alerts
    ]
    up = min((at for _, at in delivered), default=None)
    appeared = {key: page.at for key, page in published.items() if up and page.at > up}
    seen = {key: at for key, at in discovered.items() if key in appeared}
    return Summary(
        published=len(published),
        searchable=len(searchable.keys() & published.keys()),
        alerts_expected=len(expected),
        alerts_delivered=sum(told.values()),
        problems=tuple(problems),
        poll=_spread(appeared, discovered.items()),
        to_alert=_spread(appeared, delivered),
        to_alert_unpolled=_spread(seen, delivered),
        to_search=_spread(appeared, searchable.items()),
        to_search_unpolled=_spread(seen, searchable.items()),
    )


def _spread(starts: Mapping[str, datetime], ends: Iterable[tuple[str, datetime]]) -> Spread | None:
    """Seconds from each article's start to its end; articles without a start don't count."""
    return Spread.of([(end - starts[key]).total_seconds() for key, end in ends if key in starts])
