"""Calendar dates as Vietnamese news writes them, with their ISO value.

Anchored on the digits: every number is read with what follows it (`15/5/2016`, `12-3`, `tháng 3`,
`2016 - 2020`) and a bounded look at what stands before it, so time is linear in the text.
A missing year comes from the publication time, or from the article's own full dates.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime

from streams.extraction.years import Found, inference
from streams.records import DateMention

_SEPARATOR = r"[ \u00a0]?[-./–][ \u00a0]?"
_MONTH_WORDS = {
    "hai": 2,
    "ba": 3,
    "tư": 4,
    "năm": 5,
    "sáu": 6,
    "bảy": 7,
    "tám": 8,
    "chín": 9,
    "mười": 10,
    "mười một": 11,
    "mười hai": 12,
}
_FREE = r"(?![0-9a-z_]|/\w|[.,]\d)"  # the date ends here; a sentence may cling to it
_WORDS = "Mười Một|Mười Hai|Mười một|Mười hai|Hai|Ba|Tư|Năm|Sáu|Bảy|Tám|Chín|Mười"

# each number that may open a date, with what belongs to it; the first alternative that fits wins
_CORE = re.compile(
    rf"""(?<![\w/])(?<!\d[.,])(?:
      (?P<d1>\d{{1,2}}){_SEPARATOR}(?P<m1>\d{{1,2}}){_SEPARATOR}(?P<y1>\d{{4}}){_FREE}
    | (?P<y2>\d{{4}})-(?P<m2>\d\d)-(?P<d2>\d\d){_FREE}
    | (?P<d3>\d{{1,2}})[ ]tháng[ ](?P<m3>\d{{1,2}}|{_WORDS})(?!\w)
        (?:(?:,?[ ]năm[ ]|{_SEPARATOR}|[ ])(?P<y3>\d{{4}}){_FREE})?
    | (?P<m4>\d{{1,2}}){_SEPARATOR}(?P<y4>\d{{4}})(?![0-9a-z_]|[/-]\w|[.,]\d)
    | (?P<d5>\d{{1,2}})(?P<s5>{_SEPARATOR})(?P<m5>\d{{1,2}})(?![0-9a-z_]|[.,/]\d|-\d|/\w)
    | (?P<n6>\d{{1,2}})(?![0-9a-z_]|[.,/]\d|/\w)
    | (?P<y7>\d{{4}})(?![0-9a-z_]|[.,/]\d|/\w|-[A-ZĐ])
    )""",
    re.VERBOSE,
)
_MONTH_NAMED = re.compile(rf"\b[Tt]háng (?P<m>{_WORDS})\b(?:(?:,? năm |/|-)(?P<y>\d{{4}})(?!\w))?")

_PART_OF_DAY = "rạng sáng|sáng|trưa|chiều|tối|đêm|khuya"
_LEAD = re.compile(
    rf"(?:\b(?:{_PART_OF_DAY})(?: sớm)?[ \u00a0]+)?(?:\b(?:ngày|mùng|mồng|tháng|năm):?[ \u00a0]*)?\Z",
    re.IGNORECASE,
)
# what makes a bare `12-3` a date and not a score, a share or a range
_TIME_BEFORE = re.compile(
    r"(?:\b(?:nay|qua|mai|ngày|hôm|từ|đến|tới|trước|sau|vào|dịp|lễ|khánh|hết|kể|cuối|và|thứ \w{2,4}|"
    rf"nhật|CN|{_PART_OF_DAY}|lúc|giờ|\d ?h|\d ?h ?\d\d|lần|giữa|đầu|hồi|tức|nhằm)"
    r"[ \u00a0]?[(,]?[ \u00a0]?|\d/\d{1,2} ?[-–,] ?|\d{4} ?[-–] ?)\Z",
    re.IGNORECASE,
)
_WEAK_TIME = re.compile(
    r"\b(?:từ|đến|tới|trước|sau|và|hết|lần|giữa|đầu|kể|cuối|vào)[ \u00a0]?[(,]?[ \u00a0]?\Z",
    re.IGNORECASE,
)
_OPEN_BRACKET = re.compile(r"[(][ \u00a0]?\Z")
_NOT_COUNTED = re.compile(
    r"[ \u00a0]?(?:(?:%|‰|tỉ|tỷ|triệu|nghìn|ngàn|đồng|USD|VND|người|hộ|ca|km|m2|ha|tấn|kg|m\b|giờ|h\b|phút|"
    r"điểm|bàn|trận|dân|số|quận|huyện|tuổi|lần|vụ|đơn|doanh|cán|sản|thành viên|lao động|xã|học sinh|"
    r"tháng|năm|ngày|căn|chiếc|cây|xe|suất|câu|trang|mẫu|con|loại|đại biểu|diện tích|lượt|cơ sở|MW|tàu|trong số)(?!\w)|[%‰])"
)
_YEAR_BEFORE = re.compile(
    r"\b(?:năm|từ|đến|tới|cuối|đầu|giữa|kỳ|khóa|khoá|đoạn|hồi|trong|hết|trước|sau|hè|xuân|thu|đông|vụ|"
    r"quý (?:I{1,3}|IV|[1-4])/?|và|mùa|tết|SN|sinh|Dậu|Tuất|Hợi|Tý|Sửu|Dần|Mão|Thìn|Tỵ|Ngọ|Mùi|Thân|"
    r"qua|vào|nay|thi|chính|hạn|nhiệm|\d{4}[ ]?[-–,])[ \u00a0]?[(]?\Z",
    re.IGNORECASE,
)
_DOCUMENT_BEFORE = re.compile(
    r"(?:\bsố|định|tư|quyết|thị|lệnh|luận|văn|điện|báo|hoạch|dẫn|điều|khoản|tờ|QĐ|NĐ|TT|CV|mục|chương|"
    r"tổ|phòng|tầng|khu|lô|nhà|đường|ngõ|hẻm|km|tỉ lệ|tỷ lệ|điểm|biển|quốc lộ|QL)[ :]*\Z",
    re.IGNORECASE,
)
_EARLIER_DAY = re.compile(
    r"(?<![\w/.,-])(?P<n>\d{1,2})(?:[ \u00a0]?(?:-|–|,|;|và|đến|tới|đến ngày|tới ngày|và ngày|đến hết|đến hết ngày)"
    r"[ \u00a0]?(?:ngày )?)\Z"
)
_LATER_NUMBER = re.compile(r"(?:,| và| đến|[ ]?[-–]) ?(?P<n>\d{1,2})(?![\w%]|[.,/-]\d|[/-]\w)")
_LATER_YEAR = re.compile(r"[ ]?(?:,|-|–|và|đến|tới|hoặc|hay)[ ]?(?P<y>\d{4})(?!\w|[.,]\d)")
_SHORT_LATER_YEAR = re.compile(r"[-–/](?P<y>\d\d)(?!\w|[.,/-]\d)")
_WINDOW = 28
_FIRST_YEAR, _LAST_YEAR = 1800, 2100
# how sure a missing year is that comes from the publication time, or from the article's other years
_FROM_PUBLICATION = 0.98
_FROM_ARTICLE = 0.8


def find_dates(
    text: str, *, published: datetime | None, avoid: Sequence[tuple[int, int]] = ()
) -> tuple[DateMention, ...]:
    """Every expression of a calendar date, in reading order, never overlapping.

    Args:
        text: clean text (NFC); any string is accepted.
        published: when the article appeared; gives the year that a date leaves out.
        avoid: spans of `text` that are read as something else (documents).
    """
    blocked = _blocked(avoid)
    found = [f for f in _apart(_scan(text, _blocked(avoid))) if not blocked(f.start, f.end)]
    year_of = inference(text, found, published)
    told = _FROM_ARTICLE if published is None else _FROM_PUBLICATION
    return tuple(_mention(text, each, year_of, told) for each in found)


def _blocked(avoid: Sequence[tuple[int, int]]) -> Callable[[int, int], bool]:
    spans = sorted(avoid)
    at = 0

    def blocked(start: int, end: int) -> bool:
        """Whether start:end touches an avoided span; asked with rising starts."""
        nonlocal at
        while at < len(spans) and spans[at][1] <= start:
            at += 1
        return at < len(spans) and spans[at][0] < end

    return blocked


def _apart(found: Iterator[Found]) -> list[Found]:
    taken: list[Found] = []
    for each in sorted(found, key=lambda f: (f.start, -f.end)):
        if not taken or each.start >= taken[-1].end:
            taken.append(each)
    return taken


def _scan(text: str, blocked: Callable[[int, int], bool]) -> Iterator[Found]:
    reached = 0
    for core in _CORE.finditer(text):
        if core.start() < reached or blocked(core.start(), core.end()):
            continue  # already read as one of a list
        for each in _read(text, core):
            reached = max(reached, each.end)
            yield each
    for named in _MONTH_NAMED.finditer(text):
        yield Found(
            start=named.start(),
            end=named.end(),
            year=int(named["y"]) if named["y"] else None,
            month=_MONTH_WORDS[named["m"].lower()],
            rule="month-word",
            confidence=0.9,
        )


def _read(text: str, core: re.Match[str]) -> Iterator[Found]:
    before = text[max(0, core.start() - _WINDOW) : core.start()]
    if core["d1"]:
        yield from _full(text, core, before, core["d1"], core["m1"], core["y1"])
    elif core["y2"]:
        yield from _full(text, core, before, core["d2"], core["m2"], core["y2"])
    elif core["d3"]:
        month = core["m3"]
        number = _MONTH_WORDS.get(month.lower(), month)
        yield from _full(text, core, before, core["d3"], str(number), core["y3"])
    elif core["m4"]:
        yield from _month_year(text, core, before)
    elif core["d5"]:
        yield from _day_month(text, core, before)
    elif core["n6"]:
        yield from _single(text, core, before)
    else:
        yield from _years(text, core, before)


def _start(core: re.Match[str], before: str) -> int:
    lead = _LEAD.search(before)
    return core.start() - len(before) + lead.start() if lead else core.start()


def _is_day(day: str, month: str, year: str | None = None) -> bool:
    try:
        date(int(year or 2000), int(month), int(day))
    except ValueError:
        return False
    return year is None or _FIRST_YEAR <= int(year) <= _LAST_YEAR


def _full(
    text: str, core: re.Match[str], before: str, day: str, month: str, year: str | None
) -> Iterator[Found]:
    if not _is_day(day, month, year):
        return
    start = _start(core, before)
    written = int(year) if year else None
    yield from _days_before(text, core.start(), int(month), written)
    yield Found(
        start=start,
        end=core.end(),
        year=written,
        month=int(month),
        day=int(day),
        rule="day-month-year" if year else "day-month-words",
        confidence=0.98 if year else 0.95,
    )


def _days_before(text: str, start: int, month: int, year: int | None) -> Iterator[Found]:
    """`từ ngày 3 đến 5/6`, `ngày 11 và 12/7`: the days that lean on the month of the last."""
    for _ in range(6):
        window = text[max(0, start - _WINDOW) : start]
        offset = start - len(window)
        earlier = _EARLIER_DAY.search(window[: len(window) - _lead_width(window)])
        if not earlier or not _is_day(earlier["n"], str(month)):
            return
        start = offset + earlier.start()
        first = start - _lead_width(text[max(0, start - _WINDOW) : start])
        yield Found(
            start=first,
            end=offset + earlier.end("n"),
            year=year,
            month=month,
            day=int(earlier["n"]),
            rule="day-of-range",
            confidence=0.9,
        )


def _lead_width(before: str) -> int:
    """How many characters of `ngày`, `sáng ngày` ... stand at the end."""
    lead = _LEAD.search(before)
    return len(lead[0]) if lead else 0


def _month_year(text: str, core: re.Match[str], before: str) -> Iterator[Found]:
    month, year = int(core["m4"]), int(core["y4"])
    if not (1 <= month <= 12 and _FIRST_YEAR <= year <= _LAST_YEAR):
        return
    lead = _LEAD.search(before)
    named = bool(lead and "tháng" in lead[0].lower())
    if not named and _DOCUMENT_BEFORE.search(before):
        return
    if not named and before.lower().rstrip().endswith("quý"):
        yield Found(
            start=core.start("y4"), end=core.end(), year=year, rule="quarter", confidence=0.9
        )
        return
    yield Found(
        start=_start(core, before),
        end=core.end(),
        year=year,
        month=month,
        rule="month-year" if named else "month-year-bare",
        confidence=0.98 if named else 0.85,
    )


def _day_month(text: str, core: re.Match[str], before: str) -> Iterator[Found]:
    lead = _LEAD.search(before)
    leading = lead[0].strip().lower() if lead else ""
    if "tháng" in leading:
        yield from _numbers(text, core.start("d5"), core.end("d5"), before, "month")
        return
    if "năm" in leading or not _is_day(core["d5"], core["m5"]):
        return
    if not leading and not _bare_day_month(text, core, before):
        return
    yield from _days_before(text, core.start(), int(core["m5"]), None)
    yield Found(
        start=_start(core, before),
        end=core.end(),
        month=int(core["m5"]),
        day=int(core["d5"]),
        rule="day-month" if leading else "day-month-bare",
        confidence=0.96 if leading else 0.85,
    )


def _bare_day_month(text: str, core: re.Match[str], before: str) -> bool:
    """Whether `12-3` without `ngày` before it is a date."""
    if _NOT_COUNTED.match(text, core.end()):
        return False
    if _OPEN_BRACKET.search(before):
        return text[core.end() : core.end() + 1] == ")" or bool(_TIME_BEFORE.search(before))
    if not _TIME_BEFORE.search(before):
        earlier = _EARLIER_DAY.search(before)
        opened = before[: earlier.start()].rstrip(" ") if earlier else ""
        return opened.endswith(("(", "từ", "Từ")) and core["s5"].strip() == "/"
    return core["s5"].strip() in "/-" or not _WEAK_TIME.search(before)


_YEAR_BEHIND = re.compile(r",?[ ]năm[ ](?P<y>\d{4})(?!\w)")
_LAST_YEAR_SAID = re.compile(r"[ ]năm (?:trước|ngoái)\b")


def _single(text: str, core: re.Match[str], before: str) -> Iterator[Found]:
    lead = _LEAD.search(before)
    leading = lead[0].strip().lower().rstrip(":") if lead else ""
    if not leading.endswith("tháng"):
        return
    year = _YEAR_BEHIND.match(text, core.end())
    if year:
        yield from _numbers(text, core.start(), year.end(), before, "month", int(year["y"]))
    else:
        yield from _numbers(text, core.start("n6"), core.end("n6"), before, "month")


def _numbers(
    text: str, start: int, end: int, before: str, rule: str, year: int | None = None
) -> Iterator[Found]:
    """`tháng 9, 10, 11`: the first month and those that lean on its word."""
    lead = _LEAD.search(before)
    digits = re.match(r"\d+", text[start:end])
    month = int(digits[0]) if digits else 0
    if not 1 <= month <= 12:
        return
    before_now = _LAST_YEAR_SAID.match(text, end) is not None
    yield Found(
        start=start - (len(lead[0]) if lead else 0),
        end=end,
        year=year,
        month=month,
        rule="month-last-year" if before_now else rule,
        confidence=0.93,
    )
    if not year:
        yield from _later_months(text, end, month)


def _later_months(text: str, end: int, month: int) -> Iterator[Found]:
    for _ in range(11):
        later = _LATER_NUMBER.match(text, end)
        if not later or not month < int(later["n"]) <= 12 or _NOT_COUNTED.match(text, later.end()):
            return
        month = int(later["n"])
        yield Found(
            start=later.start("n"), end=later.end(), month=month, rule="month-list", confidence=0.8
        )
        end = later.end()


def _years(text: str, core: re.Match[str], before: str) -> Iterator[Found]:
    year = int(core["y7"])
    if not 1900 <= year <= 2099 and not (before.lower().endswith("năm ") and year >= 1000):
        return
    lead = _LEAD.search(before)
    named = bool(lead and lead[0].strip())
    later = _LATER_YEAR.match(text, core.end())
    ranged = bool(later and 1900 <= int(later["y"]) <= 2099)
    in_brackets = before.endswith("(") and text[core.end() : core.end() + 1] == ")"
    if not (named or ranged or in_brackets or _YEAR_BEFORE.search(before)):
        return
    if not named and (_NOT_COUNTED.match(text, core.end()) or _DOCUMENT_BEFORE.search(before)):
        return
    yield Found(
        start=_start(core, before),
        end=core.end(),
        year=year,
        rule="year" if named else "year-bare",
        confidence=0.97 if named else 0.85,
    )
    yield from _later_years(text, core.end())


def _later_years(text: str, end: int) -> Iterator[Found]:
    for _ in range(12):
        later = _LATER_YEAR.match(text, end)
        if not later or not 1900 <= int(later["y"]) <= 2099:
            return
        if _NOT_COUNTED.match(text, later.end()):
            return
        yield Found(
            start=later.start("y"),
            end=later.end(),
            year=int(later["y"]),
            rule="year-list",
            confidence=0.95,
        )
        end = later.end()


def _mention(
    text: str, each: Found, year_of: Callable[[Found], int | None], told: float
) -> DateMention:
    year, inferred = each.year, False
    if year is None:
        year, inferred = year_of(each), True
    certainty = 1.0 if not inferred or year is None else told
    if year is not None and each.day and not _is_day(str(each.day), str(each.month), str(year)):
        year = None
    iso = f"{year:04d}" if year is not None else "-"
    if each.month:
        iso += f"-{each.month:02d}"
    if each.day:
        iso += f"-{each.day:02d}"
    return DateMention(
        start=each.start,
        end=each.end,
        surface=text[each.start : each.end],
        iso=iso,
        rule=each.rule + ("+year" if inferred and year is not None else ""),
        confidence=round(each.confidence * certainty, 2),
    )
