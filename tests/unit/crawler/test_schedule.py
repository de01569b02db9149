"""When to ask again."""

from datetime import UTC, datetime

import pytest

from connectors.crawler import schedule
from connectors.crawler.schedule import FeedPlan

_NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


def _plan(**changes: float) -> FeedPlan:
    return FeedPlan(poll=60.0, failures=int(changes.get("failures", 0)))


def test_first_looks_are_spread_but_soon() -> None:
    """At start feeds are asked over a few seconds, those polled every second at once."""
    times = [schedule.first_look(60, fixed=False, now=0, chance=c).next_at for c in (0, 0.5, 1)]
    assert times == [0, 2.5, 5]
    assert schedule.first_look(1, fixed=False, now=0, chance=1).next_at <= 0.1


def test_good_answer_keeps_the_pace() -> None:
    """After a good answer the next look is one interval away, give or take the jitter."""
    waits = [schedule.after_answer(_plan(failures=3), now=100, chance=c) for c in (0, 0.5, 1)]
    assert [plan.next_at for plan in waits] == pytest.approx([154, 160, 166])
    assert {plan.failures for plan in waits} == {0}


@pytest.mark.parametrize(
    ("fixed", "ttl", "wait"),
    [(False, 300, 300), (False, 86_400, 300), (False, 5, 60), (True, 300, 60)],
)
def test_ttl_slows_down_within_bounds(fixed: bool, ttl: float, wait: float) -> None:
    """A feed's ttl may slow the looks down to five minutes, not against the operator's word."""
    plan = FeedPlan(poll=60, fixed=fixed)
    assert schedule.after_answer(plan, now=0, chance=0.5, ttl=ttl).next_at == wait


def test_failures_back_off_to_a_bound() -> None:
    """Each failure in a row doubles the wait, up to a quarter of an hour."""
    plan = _plan()
    waits = []
    for _ in range(7):
        plan = schedule.after_failure(plan, now=0, chance=0.5)
        waits.append(plan.next_at)
    assert waits == [120, 240, 480, 900, 900, 900, 900]


def test_slow_poll_is_never_hurried_by_the_bound() -> None:
    """An outlet polled once a day is not asked more often because it fails."""
    plan = FeedPlan(poll=86_400)
    assert schedule.after_failure(plan, now=0, chance=0.5).next_at == 86_400


def test_server_may_ask_to_be_left_alone() -> None:
    """Retry-After lengthens the wait, up to an hour, and never shortens it."""
    for wish, wait in ((1800.0, 1800), (10**6, 3600), (1.0, 120)):
        assert schedule.after_failure(_plan(), now=0, chance=0.5, retry_after=wish).next_at == wait


def test_page_delays() -> None:
    """Tries for a page are 2, 10, 50, 250, then 300 s apart."""
    assert [schedule.page_delay(n) for n in (1, 2, 3, 4, 5, 50)] == [2, 10, 50, 250, 300, 300]
    assert schedule.page_delay(1, retry_after=60) == 60


def test_clock_set_back_holds_up_nothing() -> None:
    """A next try that lies farther ahead than any delay was noted by another clock: it is due."""
    assert [schedule.is_due(at, 1000.0) for at in (900, 1000, 1002, 4600, 90_000)] == [
        True, True, False, False, True,
    ]  # fmt: skip


def test_host_is_left_alone_from_the_third_failure() -> None:
    """Two bad pages don't hold up the good ones of their host."""
    assert [schedule.host_delay(n) for n in (1, 2, 3, 4)] == [0, 0, 2, 10]


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        ("Tue, 24 Nov 2026 03:01:00 GMT", 60.0),
        ("Tue, 24 Nov 2026 02:00:00 GMT", 0.0),
        ("soon", None),
        ("", None),
        ("-5", None),
        ("١٢", None),
    ],
)
def test_retry_after(value: str, seconds: float | None) -> None:
    """Retry-After is a number of seconds or a date; anything else says nothing."""
    assert schedule.wish({"retry-after": value}, _NOW) == seconds
