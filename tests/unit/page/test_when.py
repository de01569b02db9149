"""Times in the forms that feeds and pages use."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from streams.page.when import VIETNAM, parse_when


def at(*parts: int, zone: timezone = VIETNAM) -> datetime:
    """An aware time, in Vietnam unless a zone is given."""
    return datetime(*parts, tzinfo=zone)  # type: ignore[arg-type,misc]  # parts are dates' numbers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # feeds
        ("Mon, 14 Sep 2026 14:18:47 +0700", at(2026, 9, 14, 14, 18, 47)),
        ("Mon, 14 Sep 2026 18:48:23 +07:00", at(2026, 9, 14, 18, 48, 23)),
        ("Mon, 14 Sep 2026 15:32:00 +07", at(2026, 9, 14, 15, 32)),
        ("Mon, 14 Sep 26 09:13:00 +0700", at(2026, 9, 14, 9, 13)),
        ("Mon, 14 Sep 2026 03:55:37 GMT", at(2026, 9, 14, 3, 55, 37, zone=UTC)),
        ("9/14/2026 6:44:00 PM", at(2026, 9, 14, 18, 44)),
        ("9/10/2026 12:05:00 AM", at(2026, 9, 10, 0, 5)),
        ("14/9/2026 12:05:00 PM", at(2026, 9, 14, 12, 5)),
        # pages
        ("Thứ hai, 14/9/2026, 18:44 (GMT+7)", at(2026, 9, 14, 18, 44)),
        ("Thứ Hai, ngày 14 tháng 9 năm 2026, 18h44", at(2026, 9, 14, 18, 44)),
        ("14 Tháng Chín, 2026", at(2026, 9, 14)),
        ("14 Tháng Mười Một, 2026 7:05 SA", at(2026, 11, 14, 7, 5)),
        ("22/10/2025 09:01", at(2025, 10, 22, 9, 1)),
        ("09:01 | 22-10-2025", at(2025, 10, 22, 9, 1)),
        ("18:44 -14/09/2026", at(2026, 9, 14, 18, 44)),
        ("Cập nhật: 18h44' ngày 14.9.2026", at(2026, 9, 14, 18, 44)),
        ("22-10-2025 09:01 GMT+7:00", at(2025, 10, 22, 9, 1)),
        ("9/10/2026 6:44:00 CH", at(2026, 10, 9, 18, 44)),
        ("September 14, 2026 6:44 PM", at(2026, 9, 14, 18, 44)),
        ("Mon Sep 14 2026 19:44:41 GMT+0700 (Indochina Time)", at(2026, 9, 14, 19, 44, 41)),
        ("Mon Sep 14 19:44:41 ICT 2026", at(2026, 9, 14, 19, 44, 41)),
        # machines
        ("2025-10-22T09:01:00+07:00", at(2025, 10, 22, 9, 1)),
        ("2025-10-22T09:01:00.1234567+07:00", at(2025, 10, 22, 9, 1)),
        ("2025-10-22T09:01:00.000Z", at(2025, 10, 22, 9, 1, zone=UTC)),
        ("2025-10-22T09:01:00-05:30", at(2025, 10, 22, 9, 1, zone=timezone(-timedelta(hours=5.5)))),
        ("2025-10-22T9:01", at(2025, 10, 22, 9, 1)),
        ("2025-10-22 09:01:00 +0700", at(2025, 10, 22, 9, 1)),
        ("20251022T090100Z", at(2025, 10, 22, 9, 1, zone=UTC)),
        ("2025-10-22", at(2025, 10, 22)),
        ("1761120970", at(2025, 10, 22, 15, 16, 10)),
        ("/Date(1761120970000)/", at(2025, 10, 22, 15, 16, 10)),
    ],
)
def test_reads_a_written_time(text: str, expected: datetime) -> None:
    """Every form gives the same time, in the zone that it names or else in Vietnam's."""
    found = parse_when(text)
    assert found == expected
    assert found is not None
    assert found.utcoffset() == expected.utcoffset()


@pytest.mark.parametrize(
    "text",
    ["", "hôm nay", "2 giờ trước", "31/02/2026", "18:44", "0000000000", "9999999999", "٣/٤/٢٠٢٦"],
)
def test_tells_no_time_where_there_is_none(text: str) -> None:
    """A relative, impossible or incomplete date is None, never a guess."""
    assert parse_when(text) is None


def test_the_caller_may_say_which_number_is_the_day() -> None:
    """`day_first` decides an ambiguous date, and a number over twelve decides it anyway."""
    assert parse_when("9/10/2026 6:44:00 PM", day_first=True) == at(2026, 10, 9, 18, 44)
    assert parse_when("9/10/2026", day_first=False) == at(2026, 9, 10)
    assert parse_when("9/14/2026", day_first=True) == at(2026, 9, 14)


def test_a_zone_is_taken_only_where_none_is_written() -> None:
    """`zone` is for texts without a zone of their own."""
    assert parse_when("22/10/2025 09:01", zone=UTC) == at(2025, 10, 22, 9, 1, zone=UTC)
    assert parse_when("22/10/2025 09:01 GMT+7", zone=UTC) == at(2025, 10, 22, 9, 1)
