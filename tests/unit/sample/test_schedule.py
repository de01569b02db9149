"""What is published when is a function of the start and the clock."""

from datetime import UTC, datetime, timedelta

import pytest

from connectors.sample.articles import load_articles
from connectors.sample.schedule import Schedule

START = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


def schedule(initial: int = 3, seconds: float = 2.0) -> Schedule:
    return Schedule(
        articles=load_articles()[:6],
        started=START,
        initial=initial,
        interval=timedelta(seconds=seconds),
    )


@pytest.mark.parametrize(
    ("after", "count"), [(-1, 0), (0, 3), (1.9, 3), (2, 4), (4, 5), (6, 6), (999, 6)]
)
def test_the_first_appear_at_once_and_the_others_one_by_one(after: float, count: int) -> None:
    """Nothing before the start, `initial` at the start, then one an interval, in order."""
    shown = schedule().published(START + timedelta(seconds=after))
    assert [p.article for p in shown] == list(load_articles()[:count])


def test_each_carries_the_moment_at_which_it_appeared() -> None:
    """The first three the start, the others the moment of their turn."""
    shown = schedule().published(START + timedelta(minutes=1))
    assert [(p.at - START).total_seconds() for p in shown] == [0, 0, 0, 2, 4, 6]
    assert schedule().complete_at == START + timedelta(seconds=6)


def test_nothing_at_the_start_is_possible() -> None:
    """With `initial` 0 the first article appears after one interval."""
    assert schedule(initial=0).published(START) == ()
    assert schedule(initial=0).appears(0) == START + timedelta(seconds=2)


def test_a_start_without_zone_or_a_negative_pace_is_refused() -> None:
    """A schedule that can't be told from the clock is an error at once."""
    with pytest.raises(ValueError, match="zone"):
        Schedule(
            articles=(),
            started=START.replace(tzinfo=None),
            initial=1,
            interval=timedelta(0),
        )
    with pytest.raises(ValueError, match="negative"):
        schedule(seconds=-1)
