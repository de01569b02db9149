"""The demo's account: it is complete exactly when nothing is missing, doubled or made up."""

from datetime import datetime, timedelta
from typing import Any

from connectors.stack.summary import Published, summarise
from tests.make import MOMENT


def _later(seconds: float) -> datetime:
    return MOMENT + timedelta(seconds=seconds)


PUBLISHED = {
    "a": Published(url="http://x/a", at=MOMENT, documents=frozenset({"05-CT/TW", "1/NQ-CP"})),
    "b": Published(url="http://x/b", at=MOMENT, documents=frozenset({"05-CT/TW"})),
}
DISCOVERED = {"a": _later(0.5), "b": _later(0.7)}
SEARCHABLE = {"a": _later(2), "b": _later(3)}


def _alert(key: str, article: str = "a", seconds: float = 1.0) -> dict[str, Any]:
    return {
        "id": f"first:{key}",
        "article": article,
        "delivered_at": _later(seconds).isoformat(),
    }


ALERTS = [_alert("05-CT/TW"), _alert("1/NQ-CP", seconds=1.5)]


def test_a_complete_run_has_no_problems() -> None:
    """All searchable, each expected alert once: nothing to complain about, and the latencies."""
    summary = summarise(PUBLISHED, DISCOVERED, SEARCHABLE, ALERTS)
    assert summary.problems == ()
    assert (summary.published, summary.searchable) == (2, 2)
    assert (summary.alerts_expected, summary.alerts_delivered) == (2, 2)
    assert summary.to_search is not None
    assert (summary.to_search.p50, summary.to_search.p99) == (2.0, 3.0)
    assert summary.poll is not None
    assert summary.poll.p99 == 0.7
    assert summary.to_alert_unpolled is not None
    assert summary.to_alert_unpolled.p50 == 0.5


def test_an_article_that_is_not_found_is_named() -> None:
    """A published article that no search finds is a problem, with its address."""
    summary = summarise(PUBLISHED, DISCOVERED, {"a": MOMENT}, ALERTS)
    assert summary.problems == ("not searchable: http://x/b",)


def test_missing_doubled_and_unexpected_alerts_are_named() -> None:
    """Every way in which alerts can be wrong shows as a problem of its own."""
    alerts = [_alert("05-CT/TW"), _alert("05-CT/TW"), _alert("9/QĐ-TTg")]
    assert set(summarise(PUBLISHED, DISCOVERED, SEARCHABLE, alerts).problems) == {
        "alert missing: first:1/NQ-CP",
        "alert not expected: first:9/QĐ-TTg",
        "alert came 2 times: first:05-CT/TW",
    }


def test_an_empty_run_is_told_without_figures() -> None:
    """Ctrl-C before anything was published is no division by zero."""
    summary = summarise({}, {}, {}, [])
    assert (summary.problems, summary.to_alert, summary.published) == ((), None, 0)
