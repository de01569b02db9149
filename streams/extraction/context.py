"""What the sentence around a reference says of it: its date, and the body that issued it."""

import re
from dataclasses import dataclass, replace

from streams.extraction.clean import Clean
from streams.extraction.model import Reference
from streams.extraction.vocabulary import UPPER, Issuer, issuers, places
from streams.text import fold

#: How far a look goes, in characters: a title between number and issuer is rarely longer.
_AHEAD = 260
_BEHIND = 140

_Y = r"(?:19|20)\d\d(?!\d)"
_MADE = r"(?:(?:được |do )?(?:ký|ban hành|ra) )?(?:vào )?"
_DATE = re.compile(
    rf"[ ,(]{{0,3}}(?:của [^.;\d]{{0,50}}?[ ,(])?{_MADE}(?:ngày )?"
    rf"(?P<day>\d{{1,2}}) ?(?:[/.-]|tháng) ?(?P<month>\d{{1,2}}) ?(?:[/.-]"
    rf"|,? năm) ?(?P<year>{_Y})",
    re.IGNORECASE,
)
_DAY = re.compile(
    rf"[ ,(]{{0,3}}{_MADE}ngày (?P<day>\d{{1,2}})[/.-](?P<month>\d{{1,2}})(?![/.\d-])",
    re.IGNORECASE,
)
_YEAR = re.compile(
    rf"[ ,(]{{1,3}}{_MADE}(?:năm|(?:tháng )?\d{{1,2}}[/-]|tháng \d{{1,2}} năm) ?(?P<year>{_Y})",
    re.IGNORECASE,
)
_BARE_YEAR = re.compile(rf" \(?năm (?P<year>{_Y})", re.IGNORECASE)
# between the number and `của Bộ Chính trị`: nothing, or a date
_LEAD = re.compile(
    rf"[ ,(]{{0,3}}(?:{_MADE}(?:ngày )?\d{{1,2}} ?(?:[/.-]|tháng) ?\d{{1,2}}(?: ?(?:[/.-]"
    rf"|,? năm) ?{_Y})?"
    rf"|{_MADE}(?:năm |tháng \d{{1,2}}[/-]){_Y})?[ ,)]{{1,3}}(?P<of>(?:của|do|mà"
    rf"|được) (?:đồng chí )?)?",
    re.IGNORECASE,
)
_TITLED = re.compile(
    r"(?:[ ,(]{0,3}(?:ngày )?[\d/.-]{3,10}\)?)?[ ,]{1,2}(?:về|quy định|qui định|hướng dẫn"
    r"|v/v|phê duyệt|ban hành|[\"“])",
    re.IGNORECASE,
)
# behind a title the issuer ends its clause: `... của cán bộ Bộ Tài chính tại Hà Nội` names none
_CLAUSE_ENDS = re.compile(
    r" ?(?:$|[,.;:()\"”\n-])| (?:ngày|năm|và|đã|vừa|có|là|được|quy định|nêu|khóa|khoá"
    r"|ban hành|cũng|yêu cầu)(?![^\W_])",
    re.IGNORECASE,
)
_OF = re.compile(r"(?<![^\W_])(?:của|do) ", re.IGNORECASE)
_STOP = re.compile(
    r"(?<!TP)(?<!TX)(?<!T)\.(?=[ \n]|$)|[;!?\n]|(?<![^\W_])(?:nghị (?:quyết|định)|chỉ thị"
    r"|thông tư|quyết định|kết luận"
    r"|luật|quy định) (?:số |\d)",
    re.IGNORECASE,
)
# `Nghị quyết 18, Nghị quyết 19 của Ban Chấp hành Trung ương`: said once for both
_SAME_LIST = re.compile(
    r"(?: ?[,;] ?| (?:và|hoặc|cùng) )(?:các )?(?:nghị (?:quyết|định)|chỉ thị|thông tư|quyết định"
    r"|kết luận|quy định) (?:số )?\d[^ ,;]{0,4}(?=[ ,;])",
    re.IGNORECASE,
)
_VERB = re.compile(
    r"[ ,](?:ban|ký|kí|ra|có|đưa|công|thông|phát|gửi"
    r"|phê)(?![^\W_])",
    re.IGNORECASE,
)
_VERB_REACH = 80
_ISSUED_BY = re.compile(
    r"(?:[ ,]{1,2}[^\s.;,]{1,12}){0,9}?[ ,]{1,2}(?:ban hành|ký|kí|ra|có|đưa ra|công bố"
    r"|thông qua|phát hành|gửi|phê duyệt)"
    r"(?: (?!thực|triển|hướng|theo|sửa|thi|công|văn|kế|để|về|căn"
    r"|quy)[^\s.;]{1,12}){0,4} [(\"“]?$",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r"(?<![^\W_])(?:sửa đổi|bổ sung|thay thế|thay cho|bãi bỏ|hướng dẫn|thi hành|quy định chi tiết"
    r"|một số điều)(?: [^\s.;]{1,12}){0,6} \(?$",
)
_ON_THE_DAY = re.compile(
    rf"ngày (?P<day>\d{{1,2}})[/.-](?P<month>\d{{1,2}})(?:[/.-](?P<year>{_Y}))?(?![\d/.-]\d),? ?$",
    re.IGNORECASE,
)
_IN_THE_YEAR = re.compile(rf"(?<![^\W_])năm (?P<year>{_Y}),? ?$", re.IGNORECASE)
_OFFICE = re.compile(
    r"(?:Bộ trưởng|Chủ nhiệm|Thống đốc|Tổng Thanh tra|Chánh án|Viện trưởng|Thứ trưởng|Chủ tịch"
    r"|Giám đốc|Phó Chủ tịch) ",
    re.IGNORECASE,
)
_CAPITAL = rf"(?:TP\.? ?HCM|[{UPPER}][^\W\d_]*)"
_UNIT = re.compile(
    r" (?:tỉnh|thành phố|TP\.?|huyện|quận|thị xã|TX\.?|xã|phường|thị trấn|khối)(?![^\W_])",
    re.IGNORECASE,
)
_PLACE_WORD = re.compile(rf" ?- (?=[{UPPER}])|[ .]{{0,2}}{_CAPITAL}")
_PLACE_WORDS = 5
_UNKNOWN_PLACE_WORDS = 2  # of a place that the table does not hold: the next is someone's name
_TERM = re.compile(r" ?,? ?\(?(?:khóa|khoá) (?P<term>[IVX]{1,5})(?![^\W_])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Stated:
    """A body named beside a reference; `end` is where its name ends in the clean text."""

    issuer: Issuer
    name: str
    end: int
    issued: str | None = None


def with_context(page: Clean, reference: Reference) -> Reference:
    """The reference with date and issuer as stated beside it."""
    before = _before(page, reference.start)
    stated = _after(page, reference.end) or before
    term = ""
    if stated and stated.issuer.party and stated.end > reference.end:
        found = _TERM.match(page.text, stated.end)
        term = found["term"].upper() if found else ""
    elif stated is None:
        found = _TERM.match(page.text, reference.end)
        term = found["term"].upper() if found else ""
    return replace(
        reference,
        aside=_ASIDE.search(page.lower, max(0, reference.start - _VERB_REACH), reference.start)
        is not None,
        issued=_fuller(reference, _issued(page.text, reference, stated), before),
        issuer=stated.issuer if stated else None,
        issuer_name=stated.name if stated else None,
        term=term,
    )


def _fuller(reference: Reference, beside: str | None, before: _Stated | None) -> str | None:
    """The date beside the number, or the day on which the body is said to have issued it."""
    day = before.issued if before else None
    if day is None or len(day) <= len(beside or ""):
        return beside
    year = str(reference.year) if reference.year else None
    return beside if year and not day.startswith((year, "--")) else day


def _issued(text: str, reference: Reference, stated: _Stated | None) -> str | None:
    """The date that stands behind the number, or behind the issuer's name after it."""
    ends = [reference.end]
    if stated is not None and stated.end > reference.end:
        ends.append(stated.end)
    for end in ends:
        found = _DATE.match(text, end)
        if found and _is_day(found):
            return f"{found['year']}-{int(found['month']):02}-{int(found['day']):02}"
    if reference.year:
        return str(reference.year)
    found = _YEAR.match(text, reference.end) or _BARE_YEAR.match(text, ends[-1])
    if found:
        return found["year"]
    found = _DAY.match(text, reference.end)
    if found and _is_day(found):
        return f"--{int(found['month']):02}-{int(found['day']):02}"
    return None


def _is_day(found: re.Match[str]) -> bool:
    return 1 <= int(found["day"]) <= 31 and 1 <= int(found["month"]) <= 12


def _after(page: Clean, end: int) -> _Stated | None:
    """`... ngày 15/5/2016 của Bộ Chính trị`, also behind the title."""
    window = page.text[end : end + _AHEAD]
    listed = _SAME_LIST.match(window)
    begin = listed.end() if listed else 0
    stop = _STOP.search(window, begin)
    window = window[: stop.start()] if stop else window
    if not window:
        return None
    folded = fold(window)
    lead = _LEAD.match(window, begin)
    if lead:
        named = _named_at(window, folded, lead.end())
        if named:
            return replace(named, end=end + named.end)
        if lead["of"]:
            return None
    if _TITLED.match(window, begin):
        for of in _OF.finditer(window, begin):
            named = _named_at(window, folded, of.end())
            if named and _CLAUSE_ENDS.match(window, named.end):
                return replace(named, end=end + named.end)
    return None


def _named_at(window: str, folded: str, place: int) -> _Stated | None:
    """The body at a place, with the office of its head before it, and its own place behind it."""
    found, start = issuers().at(window, folded, place), place
    if found is None:
        office = _OFFICE.match(window, place)
        start = office.end() if office else place
        found = issuers().at(window, folded, start) if office else None
    if found is None:
        return None
    issuer, end = found
    if issuer.local:
        end = _with_place(window, end)
    return _Stated(issuer, window[place:start] + _name(issuer, window[start:end]), end)


def _name(issuer: Issuer, stated: str) -> str:
    """A body's official name; one of many of its kind as it is stated, with its place."""
    return stated.strip(" .,") if issuer.local else issuer.name


def _with_place(window: str, end: int) -> int:
    """Where the name of a local body ends: behind its unit and its place."""
    unit = _UNIT.match(window, end)
    start = at = unit.end() if unit else end
    ends: list[int] = []
    while len(ends) < _PLACE_WORDS:
        word = _PLACE_WORD.match(window, at)
        if not word:
            break
        at = word.end()
        ends.append(at)
    for place_end in reversed(ends):
        if fold(window[start:place_end]).strip(" .") in places():
            return place_end
    return ends[min(len(ends), _UNKNOWN_PLACE_WORDS) - 1] if ends else start


def _date_before(window: str, at: int) -> str | None:
    """`Ngày 27/12/2030, Chính phủ ban hành ...`: the day of the act is the day of the document."""
    day = _ON_THE_DAY.search(window, 0, at)
    if day and _is_day(day):
        return f"{day['year'] or '-'}-{int(day['month']):02}-{int(day['day']):02}"
    year = _IN_THE_YEAR.search(window, 0, at)
    return year["year"] if year else None


def _before(page: Clean, start: int) -> _Stated | None:
    """`UBND tỉnh vừa ban hành Quyết định số 949`."""
    begin = max(0, start - _BEHIND)
    window = page.text[begin:start]
    if not _VERB.search(window, max(0, len(window) - _VERB_REACH)):
        return None
    for stop in _STOP.finditer(window):
        begin = max(begin, start - len(window) + stop.end())
    window = page.text[begin:start]
    for issuer, at, end in reversed(issuers().all_in(window, fold(window))):
        if issuer.local:
            end = _with_place(window, end)
        if _ISSUED_BY.match(window, end):
            name = _name(issuer, window[at:end])
            return _Stated(issuer, name, begin + end, _date_before(window, at))
    return None
