"""When a message goes out, and how long a failed one waits."""

import pytest

from connectors.notify.digest import EACH, LONGEST_WAIT, Digest, back_off
from streams.settings import Notify

RULE = Digest(window=60.0, most=20)


@pytest.mark.parametrize(
    ("waiting", "since", "wait"),
    [
        (1, None, 0.0),  # the first ever
        (1, 60.0, 0.0),  # the first of a quiet time
        (1, 3600.0, 0.0),
        (1, 10.0, 50.0),  # within the window of the last message: gathered
        (19, 10.0, 50.0),
        (20, 10.0, 0.0),  # a full message has nothing to wait for
        (50, 0.0, 0.0),
    ],
)
def test_what_comes_alone_goes_at_once_and_a_burst_is_gathered(
    waiting: int, since: float | None, wait: float
) -> None:
    """The window counts from the last message, not from the last alert: no alert waits longer."""
    assert RULE.wait(waiting=waiting, since=since) == wait


def test_the_terminal_and_the_file_gather_nothing() -> None:
    """A line for each alert: scripts count them."""
    assert EACH.wait(waiting=1, since=0.0) == 0.0
    assert EACH.most == 1


def test_the_waits_grow_and_reach_half_a_day_in_all() -> None:
    """A mail server that is away for a night loses nothing; one that is back is asked soon."""
    waits = [back_off(failures) for failures in range(1, Notify().attempts)]
    assert waits[:4] == [1.0, 2.0, 4.0, 8.0]
    assert max(waits) == LONGEST_WAIT == 900.0
    assert 11 * 3600 < sum(waits) < 14 * 3600


def test_a_service_that_says_how_long_is_obeyed_up_to_an_hour() -> None:
    """`Retry-After` may make a wait longer, never shorter."""
    assert back_off(1, 120.0) == 120.0
    assert back_off(5, 3.0) == 16.0
    assert back_off(1, 86_400.0) == 3600.0
