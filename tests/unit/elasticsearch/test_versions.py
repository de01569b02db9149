"""Versions: which write of an article is the newer one."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from connectors.elasticsearch.versions import first_version, milliseconds, version
from streams.errors import Invalid, Reason

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
LATER = NOON + timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        pytest.param((NOON, 1), (LATER, 1), id="the later capture wins"),
        pytest.param((NOON, 1), (NOON, 2), id="of one capture, the newer extractor wins"),
        pytest.param((NOON, 999), (LATER, 0), id="a replay never brings an old text back"),
    ],
)
def test_order(older: tuple[datetime, int], newer: tuple[datetime, int]) -> None:
    """The newer write has the greater version."""
    assert version(*older) < version(*newer)


def test_the_same_write_has_the_same_version() -> None:
    """A zone changes nothing: the same moment is the same version, so doing it again is allowed."""
    hanoi = NOON.astimezone(timezone(timedelta(hours=7)))
    assert version(hanoi, 3) == version(NOON, 3) == version(NOON.replace(tzinfo=None), 3)


def test_versions_are_exact_in_javascript() -> None:
    """Dashboards read JSON numbers as doubles."""
    assert version(datetime(2255, 1, 1, tzinfo=UTC), 999) < 2**53


def test_milliseconds_are_exact() -> None:
    """No rounding through a float: a microsecond less is the millisecond before."""
    moment = datetime(2026, 11, 24, 12, 0, 0, 999_999, tzinfo=UTC)
    assert milliseconds(moment) == milliseconds(NOON) + 999


@pytest.mark.parametrize(
    ("moment", "extractor"),
    [
        (NOON, -1),
        (NOON, 1000),
        (datetime(1969, 12, 31, tzinfo=UTC), 1),
        (datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=7))), 1),
    ],
)
def test_what_cannot_be_compared_is_refused(moment: datetime, extractor: int) -> None:
    """A version that would not order is a bad record, never a wrong order."""
    with pytest.raises(Invalid) as caught:
        version(moment, extractor)
    assert caught.value.reason is Reason.BAD_RECORD


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        pytest.param((LATER, 1), (NOON, 1), id="of one extractor the earliest fetch stays"),
        pytest.param((NOON, 1), (LATER, 2), id="a newer extractor's replaces it"),
    ],
)
def test_order_of_one_wording(older: tuple[datetime, int], newer: tuple[datetime, int]) -> None:
    """The same content fetched again is the same capture, first seen when it was."""
    assert first_version(*older) < first_version(*newer) < 2**53


def test_the_last_wording_s_version_is_exact_too() -> None:
    """For every time and extractor that can be."""
    assert first_version(datetime(1970, 1, 1, tzinfo=UTC), 999) < 2**53
    assert first_version(datetime(2255, 1, 1, tzinfo=UTC), 0) >= 0
