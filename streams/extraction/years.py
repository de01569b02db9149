"""The year that a date leaves out: from the publication time, or from the article's other dates."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A date before its missing year is inferred."""

    start: int
    end: int
    year: int | None = None
    month: int | None = None
    day: int | None = None
    rule: str
    confidence: float


def inference(
    text: str, found: Sequence[Found], published: datetime | None
) -> Callable[[Found], int | None]:
    """How a date without a year gets one."""
    if published is not None:
        told = published.date()
        return lambda each: _nearest_year(told, each, ahead=_looks_ahead(text, each))
    own = _year_of_article(text, found)
    if own is None:
        return lambda each: None
    return lambda each: own - 1 if each.rule == "month-last-year" else own


_ANY_YEAR = re.compile(r"(?<![\w.,/-])(?P<y>(?:19|20)\d\d)(?![0-9a-z_]|[.,/]\d|/\w|-[A-ZĐ])")


_AHEAD = re.compile(r"(?:đến|tới|hết|đoạn|nhiệm kỳ|khóa|[-–])[ ]?(?:năm )?\Z", re.IGNORECASE)


def _year_of_article(text: str, found: Sequence[Found]) -> int | None:
    """The year an article without a publication time most likely speaks from.

    Each year counts by how often it is named; one that is only aimed at (`đến năm 2020`,
    `giai đoạn 2016 - 2020`) counts little. Among equals the later is nearer to the writing.
    """
    weights: dict[int, float] = {}
    for each in found:
        if each.year and each.month and each.year > 1990:
            weights[each.year] = weights.get(each.year, 0.0) + 1.0
    for named in _ANY_YEAR.finditer(text):
        ahead = _AHEAD.search(text[max(0, named.start() - 14) : named.start()])
        year = int(named["y"])
        if year > 1990:
            weights[year] = weights.get(year, 0.0) + (0.2 if ahead else 1.0)
    return max(weights, key=lambda year: (weights[year], year), default=None)


_TO_COME = re.compile(r"\b(?:tới|đến|chậm nhất|dự kiến|sẽ|trước|từ|vào)\b", re.IGNORECASE)


_AHEAD_COSTS = 1.4  # a day to come counts as so many days past: news mostly looks back


def _looks_ahead(text: str, each: Found) -> bool:
    return _TO_COME.search(text[max(0, each.start - 24) : each.start]) is not None


def _nearest_year(told: date, each: Found, *, ahead: bool) -> int | None:
    """The year that brings the date nearest to the publication: news speaks of what is near."""
    best: tuple[float, int] | None = None
    for year in (told.year - 1, told.year, told.year + 1):
        try:
            then = date(year, each.month or 1, each.day or 15)
        except ValueError:
            continue
        days = (then - told).days
        distance = days * _AHEAD_COSTS if days > 0 and not ahead else abs(days)
        if best is None or distance < best[0]:
            best = (distance, year)
    if each.rule == "month-last-year":
        return told.year - 1
    return best[1] if best else None
