"""The demo's account: it is complete exactly when nothing is missing, doubled or made up."""

from datetime import datetime, timedelta
from typing import Any

from connectors.stack.summary import Published, Spread, summarise
from tests.make import MOMENT


def _later(seconds: float) -> datetime:
    return MOMENT + timedelta(seconds=seconds)


PUBLISHED = {
    "a": Published(url="http://x/a", at=MOMENT, documents=frozenset({"05-CT/TW", "1/NQ-CP"})),
    "b": Published(url="http://x/b", at=_later(10), documents=frozenset({"05-CT/TW"})),
    "c": Published(url="http://x/c", at=_later(20), documents=frozenset({"2/NQ-CP"})),
}
DISCOVERED = {"a": _later(0.5), "b": _later(10.5), "c": _later(20.75)}
SEARCHABLE = {"a": _later(2), "b": _later(12), "c": _later(23)}


def _alert(key: str, article: str = "a", seconds: float = 1.0) -> dict[str, Any]:
    return {
        "id": f"first:{key}",
        "article": article,
        "delivered_at": _later(seconds).isoformat(),
    }


ALERTS = [_alert("05-CT/TW"), _alert("1/NQ-CP", seconds=1.5), _alert("2/NQ-CP", "c", 21.25)]


def test_a_complete_run_has_no_problems() -> None:
    """All searchable, each expected alert once: nothing to complain about, and the latencies."""
    summary = summarise(PUBLISHED, DISCOVERED, SEARCHABLE, ALERTS)
    assert summary.problems == ()
    assert (summary.published, summary.searchable) == (3, 3)
    assert (summary.alerts_expected, summary.alerts_delivered) == (3, 3)


def test_latencies_are_of_articles_that_appeared_while_all_was_up() -> None:
    """What was there before the first alert waited for the start, and is left out."""
    summary = summarise(PUBLISHED, DISCOVERED, SEARCHABLE, ALERTS)
    assert summary.to_search == Spread(p50=2.0, p99=3.0, count=2)
    assert summary.poll == Spread(p50=0.5, p99=0.75, count=2)
    assert summary.to_alert == Spread(p50=1.25, p99=1.25, count=1)
    assert summary.to_alert_unpolled == Spread(p50=0.5, p99=0.5, count=1)


def test_an_article_that_is_not_found_is_named() -> None:
    """A published article that no search finds is a problem, with its address."""
    found = {"a": MOMENT, "c": MOMENT}
    summary = summarise(PUBLISHED, DISCOVERED, found, ALERTS)
    assert summary.problems == ("not searchable: http://x/b",)


def test_missing_doubled_and_unexpected_alerts_are_named() -> None:
    """Every way in which alerts can be wrong shows as a problem of its own."""
    alerts = [_alert("05-CT/TW"), _alert("05-CT/TW"), _alert("9/QĐ-TTg")]
    assert set(summarise(PUBLISHED, DISCOVERED, SEARCHABLE, alerts).problems) == {
        "alert missing: first:1/NQ-CP",
        "alert missing: first:2/NQ-CP",
        "alert not expected: first:9/QĐ-TTg",
        "alert came 2 times: first:05-CT/TW",
    }


def test_an_empty_run_is_told_without_figures() -> None:
    """Ctrl-C before anything was published is no division by zero."""
    summary = summarise({}, {}, {}, [])
    assert (summary.problems, summary.to_alert, summary.published) == ((), None, 0)
