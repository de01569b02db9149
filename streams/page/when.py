"""Times as feeds and pages write them: `parse_when` reads the odd forms, and never guesses a day.

Shapes from the feeds of fourteen outlets (2017 and 2026) and from article pages: RFC 822 with
`+07:00`, `+07`, GMT or a two-digit year, ISO with and without a zone, .NET's `9/14/2026 6:44:00 PM`,
and `Thứ hai, 14/9/2026, 18:44 (GMT+7)` in its many orders.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from streams.text import fold, nfc

VIETNAM = timezone(timedelta(hours=7))  # Asia/Ho_Chi_Minh: no other offset since June 1975
_LONGEST = 200  # characters looked at: a time's text is short, whatever else stands in the tag
_YEARS = range(1990, 2100)  # of articles, not of history
_FARTHEST_ZONE = 14 * 60  # minutes; Kiribati

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
# `14 Tháng Chín, 2026`: WordPress in Vietnamese; the longer words first
_NUMBERS = {
    "muoi mot": 11, "muoi hai": 12, "mot": 1, "gieng": 1, "hai": 2, "ba": 3, "tu": 4, "nam": 5,
    "sau": 6, "bay": 7, "tam": 8, "chin": 9, "muoi": 10, "chap": 12,
}  # fmt: skip
_CLOCK = re.compile(
    r"(?<![0-9:])([0-9]{1,2})\s?(?::|h|gio)\s?([0-9]{2})(?![0-9])(?:\s?(?:phut|')|"
    r":([0-9]{2})(?:[.,][0-9]+)?)?(?:\s*(am|pm|sa|ch)\b)?"
)
_CLOCK_COMPACT = re.compile(r"\bt([0-9]{2})([0-9]{2})([0-9]{2})?(?![0-9])()")
_ZONE = re.compile(
    r"(?:\b(?:gmt|utc|ict)\s*|(?<=[0-9])z?\s?)([+-])\s?([0-9]{1,2})(?::?([0-9]{2}))?(?![0-9/.:-])"
)
_ZONE_NAME = re.compile(r"(?:\b|(?<=[0-9]))(gmt|utc|ict|z)\b")
_EPOCH = re.compile(r"(?:/date\()?([0-9]{10})([0-9]{3})?(?:[+-][0-9]{4})?(?:\)/)?")

_Day = tuple[int, int, int]
_Reader = Callable[[re.Match[str]], _Day]


def _full_year(digits: str) -> int:
    return int(digits) + (2000 if len(digits) == 2 else 0)


# each form of a date, with how its groups make (year, month, day); the surest first
_FORMS: tuple[tuple[re.Pattern[str], _Reader], ...] = (
    (
        re.compile(
            r"(?<![0-9])([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})(?:t(?=[0-9])|(?![0-9]))"
        ),
        lambda m: (int(m[1]), int(m[3]), int(m[4])),
    ),
    (
        re.compile(r"(?<![0-9])([0-9]{4})([01][0-9])([0-3][0-9])(?=t[0-9]|$)"),
        lambda m: (int(m[1]), int(m[2]), int(m[3])),
    ),
    (
        re.compile(
            r"(?<![0-9])([0-9]{1,2})(?:st|nd|rd|th)?[\s,-]{1,3}" + _MONTH + r"[\s,-]{1,3}"
            r"([0-9]{4}|[0-9]{2})(?![0-9:h])"
        ),
        lambda m: (_full_year(m[3]), _MONTHS.index(m[2]) + 1, int(m[1])),
    ),
    (
        # `September 14, 2026`, and a Java or JavaScript date printed as it is
        re.compile(
            r"\b" + _MONTH + r"\s{1,3}([0-9]{1,2})(?:st|nd|rd|th)?,?\s{1,3}"
            r"(?=(?:[0-9]{2}:[0-9]{2}:[0-9]{2}\s(?:[a-z]{3,4}\s)?)?([0-9]{4})(?![0-9:]))"
        ),
        lambda m: (int(m[3]), _MONTHS.index(m[1]) + 1, int(m[2])),
    ),
    (
        re.compile(
            r"(?<![0-9])([0-9]{1,2})[\s,]{1,3}thang\s{1,3}([0-9]{1,2}|"
            + "|".join(_NUMBERS)
            + r")[\s,]{1,3}"
            r"(?:nam\s{1,3})?([0-9]{4})(?![0-9])"
        ),
        lambda m: (int(m[3]), _NUMBERS.get(m[2]) or int(m[2]), int(m[1])),
    ),
)
_NUMERIC = re.compile(
    r"(?<![0-9/.])(?<![0-9]-)([0-9]{1,2})\s?([/.-])\s?([0-9]{1,2})\s?\2\s?([0-9]{4}|[0-9]{2})(?![0-9/])"
)


def parse_when(
    text: str, *, day_first: bool | None = None, zone: tzinfo = VIETNAM
) -> datetime | None:
    """The time that `text` tells, aware; None when it holds no complete date.

    Args:
        day_first: how to read `9/10/2026`. None: the day first, except in .NET's American form,
            which has seconds and AM or PM (Báo Chính phủ's feed). A part over 12 settles it anyway.
        zone: where the clock stands when the text names no zone.

    A date without a time of day is midnight. `Hôm nay`, `2 giờ trước` are None: they are relative.
    """
    lowered = fold(nfc(text[:_LONGEST])).strip()
    epoch = _EPOCH.fullmatch(lowered)
    if epoch:
        when = datetime.fromtimestamp(int(epoch[1]), UTC).astimezone(zone)
        return when if when.year in _YEARS else None
    found = _find_day(lowered, day_first)
    if found is None:
        return None
    (year, month, day), rest = found
    clock = _find_clock(rest)
    try:
        return datetime(year, month, day, *clock, tzinfo=_find_zone(rest) or zone)
    except ValueError:
        return None


def _find_day(text: str, day_first: bool | None) -> tuple[_Day, str] | None:
    """The first date that can be, and the text without it."""
    for pattern, read in _FORMS:
        for found in pattern.finditer(text):
            day = read(found)
            if _is_day(day):
                return day, f"{text[: found.start()]} {text[found.end() :]}"
    for found in _NUMERIC.finditer(text):
        day = _numeric(found, text, day_first)
        if _is_day(day):
            return day, f"{text[: found.start()]} | {text[found.end() :]}"
    return None


def _numeric(found: re.Match[str], text: str, day_first: bool | None) -> _Day:
    first, second, year = int(found[1]), int(found[3]), _full_year(found[4])
    if day_first is None:
        clock = _CLOCK.search(text, found.end())
        day_first = not (clock and clock[3] and clock[4] in ("am", "pm"))
    if first > 12 or (day_first and second <= 12):
        return year, second, first
    return year, first, second


def _is_day(day: _Day) -> bool:
    try:
        datetime(*day, tzinfo=UTC)
    except ValueError:
        return False
    return day[0] in _YEARS


def _find_clock(text: str) -> tuple[int, int, int]:
    """Hour, minute, second; zeros when there is no clock."""
    # a zone's `7:00` is no clock
    bare = re.sub(r"\b(?:gmt|utc|ict)\s*[+-]\s?[0-9:]+", " ", text)
    found = _CLOCK.search(bare) or _CLOCK_COMPACT.search(bare)
    if not found:
        return 0, 0, 0
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    if found[4] in ("pm", "ch") and hour < 12:
        hour += 12
    elif found[4] in ("am", "sa") and hour == 12:
        hour = 0
    return hour, minute, second


def _find_zone(text: str) -> tzinfo | None:
    found = _ZONE.search(text)
    if found:
        minutes = int(found[2]) * 60 + int(found[3] or 0)
        if minutes <= _FARTHEST_ZONE:
            return timezone(timedelta(minutes=-minutes if found[1] == "-" else minutes))
    named = _ZONE_NAME.search(text)
    if named:
        return VIETNAM if named[1] == "ict" else UTC
    return None
