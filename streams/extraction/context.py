"""What the sentence around a reference says of it: its date, and the body that issued it."""

import re
from dataclasses import dataclass, replace

from streams.extraction.clean import Clean
from streams.extraction.model import Reference
from streams.extraction.vocabulary import UPPER, Issuer, issuers
from streams.text import fold

#: How far a look goes, in characters: a title between number and issuer is rarely longer.
_AHEAD = 260
_BEHIND = 140
_MAX_PLACE = 40

_Y = r"(?:19|20)\d\d(?!\d)"
_MADE = r"(?:(?:được |do )?(?:ký|ban hành|ra) )?(?:từ |vào )?"
_DATE = re.compile(
    rf"[ ,(]{{0,3}}(?:của [^.;\d]{{0,50}}?[ ,(])?{_MADE}(?:ngày )?"
    rf"(?P<day>\d{{1,2}}) ?(?:[/.-]|tháng) ?(?P<month>\d{{1,2}}) ?(?:[/.-]|,? năm) ?(?P<year>{_Y})",
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
# between the number and `của Bộ Chính trị`: nothing, or a date
_LEAD = re.compile(
    rf"[ ,(]{{0,3}}(?:{_MADE}(?:ngày )?\d{{1,2}} ?(?:[/.-]|tháng) ?\d{{1,2}}(?: ?(?:[/.-]|,? năm) ?{_Y})?"
    rf"|{_MADE}(?:năm |tháng \d{{1,2}}[/-]){_Y})?[ ,)]{{1,3}}(?P<of>(?:của|do|mà|được) (?:đồng chí )?)?",
    re.IGNORECASE,
)
_TITLED = re.compile(
    r"(?:[ ,(]{0,3}(?:ngày )?[\d/.-]{3,10}\)?)?[ ,]{1,2}(?:về|quy định|qui định|hướng dẫn|v/v|phê duyệt|ban hành|[\"“])",
    re.IGNORECASE,
)
_OF = re.compile(r"(?<![^\W_])(?:của|do) ", re.IGNORECASE)
_STOP = re.compile(
    r"[.;!?\n](?! ?[ƯW])|(?<![^\W_])(?:nghị (?:quyết|định)|chỉ thị|thông tư|quyết định|kết luận"
    r"|luật|quy định) (?:số |\d)",
    re.IGNORECASE,
)
# `Nghị quyết 18, Nghị quyết 19 của Ban Chấp hành Trung ương`: said once for both
_SAME_LIST = re.compile(
    r"(?: ?[,;] ?| (?:và|hoặc|cùng) )(?:các )?(?:nghị (?:quyết|định)|chỉ thị|thông tư|quyết định"
    r"|kết luận|quy định) (?:số )?\d[^ ,;]{0,4}(?=[ ,;])",
    re.IGNORECASE,
)
_VERB = re.compile(r"[ ,](?:ban|ký|kí|ra|có|đưa|công|thông|phát|gửi|phê)(?![^\W_])", re.IGNORECASE)
_VERB_REACH = 80
_ISSUED_BY = re.compile(
    r"(?:[ ,]{1,2}[^\s.;,]{1,12}){0,9}?[ ,]{1,2}(?:ban hành|ký|kí|ra|có|đưa ra|công bố|thông qua|phát hành|gửi|phê duyệt)"
    r"(?: [^\s.;]{1,12}){0,4} [(\"“]?$",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r"(?<![^\W_])(?:sửa đổi|bổ sung|thay thế|thay cho|bãi bỏ|hướng dẫn|thi hành|quy định chi tiết"
    r"|một số điều)(?: [^\s.;]{1,12}){0,6} \(?$",
    re.IGNORECASE,
)
_OFFICE = re.compile(
    r"(?:Bộ trưởng|Chủ nhiệm|Thống đốc|Tổng Thanh tra|Chánh án|Viện trưởng|Thứ trưởng|Chủ tịch"
    r"|Giám đốc|Phó Chủ tịch) ",
    re.IGNORECASE,
)
_CAPITAL = rf"(?:TP\.? ?HCM|[{UPPER}][^\W\d_]*)"
_PLACE = re.compile(
    r"(?: (?:tỉnh|thành phố|TP\.?|huyện|quận|thị xã|TX\.?|xã|phường|thị trấn|khối))?"
    rf"(?:[ .]{{1,2}}(?!(?:Ngày|Về|Và|Theo|Khóa|Nghị|Chỉ|Quyết)(?![^\W_])){_CAPITAL}){{0,4}}"
    r"(?: - [A-ZĐ]\w+ [A-ZĐ]\w+)?"
)
_TERM = re.compile(r" ?,? ?\(?(?:khóa|khoá) (?P<term>[IVX]{1,5})(?![^\W_])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Stated:
    """A body named beside a reference; `end` is where its name ends in the clean text."""

    issuer: Issuer
    name: str
    end: int


def with_context(page: Clean, reference: Reference) -> Reference:
    """The reference with date and issuer as stated beside it."""
    stated = _after(page, reference.end) or _before(page, reference.start)
    term = ""
    if stated and stated.issuer.party and stated.end > reference.end:
        found = _TERM.match(page.text, stated.end)
        term = found["term"].upper() if found else ""
    elif stated is None:
        found = _TERM.match(page.text, reference.end)
        term = found["term"].upper() if found else ""
    return replace(
        reference,
        aside=_ASIDE.search(page.text, max(0, reference.start - _VERB_REACH), reference.start)
        is not None,
        issued=_issued(page.text, reference),
        issuer=stated.issuer if stated else None,
        issuer_name=stated.name if stated else None,
        term=term,
    )


def _issued(text: str, reference: Reference) -> str | None:
    found = _DATE.match(text, reference.end)
    if found and _is_day(found):
        return f"{found['year']}-{int(found['month']):02}-{int(found['day']):02}"
    if reference.year:
        return str(reference.year)
    found = _YEAR.match(text, reference.end)
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
            if named:
                return replace(named, end=end + named.end)
    return None


def _named_at(window: str, folded: str, place: int) -> _Stated | None:
    """The body at a place, with the office of its head before it, and its own place behind it."""
    found = issuers().at(window, folded, place)
    if found is None:
        office = _OFFICE.match(window, place)
        found = issuers().at(window, folded, office.end()) if office else None
    if found is None:
        return None
    issuer, end = found
    if issuer.local:
        end = _with_place(window, end)
    return _Stated(issuer, window[place:end].strip(" .,"), end)


def _with_place(window: str, end: int) -> int:
    place = _PLACE.match(window, end, end + _MAX_PLACE)
    return place.end() if place else end


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
            return _Stated(issuer, window[at:end].strip(" .,"), begin + end)
    return None
