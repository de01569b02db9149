"""What the sentence around a reference says of it: its date, and the body that issued it."""

import re
from dataclasses import replace

from streams.extraction.clean import Clean
from streams.extraction.model import Reference
from streams.extraction.vocabulary import Issuer, issuers
from streams.text import fold

#: How far a look goes, in characters: a title between number and issuer is rarely longer.
_AHEAD = 260
_BEHIND = 140
_MAX_PLACE = 40

_DATE = re.compile(
    r"[ ,(]{0,3}(?:(?:được )?(?:ký|ban hành|ra|có|của .{0,40})? ?(?:từ |vào )?ngày )?"
    r"(?P<day>\d{1,2}) ?(?:[/.-]|tháng) ?(?P<month>\d{1,2}) ?(?:[/.-]|,? năm) ?(?P<year>(?:19|20)\d\d)(?!\d)",
    re.IGNORECASE,
)
_DAY = re.compile(
    r"[ ,(]{0,3}(?:ký |ban hành )?ngày (?P<day>\d{1,2})[/.-](?P<month>\d{1,2})(?![/.\d-])",
    re.IGNORECASE,
)
_YEAR = re.compile(
    r"[ ,(]{1,3}(?:ban hành )?(?:năm|tháng \d{1,2}[/-]|tháng \d{1,2} năm) ?(?P<year>(?:19|20)\d\d)(?!\d)",
    re.IGNORECASE,
)
_OF = re.compile(r"(?<![^\W_])(?:của|do) (?:đồng chí )?", re.IGNORECASE)
_DIRECT = re.compile(
    r"[ ,()\d./-]{0,24}(?:ngày|năm|tháng|ký|ban hành|[ \d./,()-]){0,12} ?$", re.IGNORECASE
)
_TITLED = re.compile(
    r"[ ,]{0,2}(?:của .{0,30})?(?:ngày [\d/.-]{5,10} ?)?,? ?(?:về|quy định|qui định|hướng dẫn|v/v|phê duyệt|ban hành|[\"“])",
    re.IGNORECASE,
)
_STOP = re.compile(
    r"[.;!?\n](?! ?[ƯW])|(?<![^\W_])(?:nghị (?:quyết|định)|chỉ thị|thông tư|quyết định|kết luận|luật|quy định) (?:số |\d)",
    re.IGNORECASE,
)
_SAME_LIST = re.compile(
    r"(?: ?[,;] ?| (?:và|hoặc|cùng) )(?:các )?(?P<type>nghị (?:quyết|định)|chỉ thị|thông tư|quyết định|kết luận|quy định) (?:số )?\d[^ ,;]{0,4}",
    re.IGNORECASE,
)
_ISSUED_BY = re.compile(
    r"(?:[ ,]{1,2}[^\s.;]{1,12}){0,7}? (?:ban hành|ký|ra|có|đưa ra|công bố|thông qua|phát hành|gửi|phê duyệt)"
    r"(?: [^\s.;]{1,12}){0,4} [(\"“]?$",
    re.IGNORECASE,
)
_PLACE = re.compile(
    r"(?: (?:tỉnh|thành phố|TP\.?|huyện|quận|thị xã|TX\.?|xã|phường|thị trấn|khối|khóa))?"
    r"(?:[ .-]{1,2}(?!(?:Ngày|Về|Và|Theo|Khóa|Nghị|Chỉ|Quyết)\b)[A-ZĐÀ-ỸĂÂÊÔƠƯ][\w.&-]*){0,4}"
)
_BEFORE_OFFICE = re.compile(
    r"(?:Bộ trưởng|Chủ nhiệm|Chủ tịch|Thống đốc|Tổng Thanh tra|Chánh án|Viện trưởng|Thứ trưởng|lãnh đạo) ?(?:của )?$",
    re.IGNORECASE,
)
_TERM = re.compile(r"[^.;\n]{0,60}?\(?khóa (?P<term>[IVX]{1,5})(?![^\W_])", re.IGNORECASE)


def with_context(page: Clean, reference: Reference) -> Reference:
    """The reference with date and issuer as stated beside it."""
    issued = _issued(page.text, reference)
    issuer = _issuer_after(page, reference.end) or _issuer_before(page, reference.start)
    year = reference.year
    if year is None and issued and reference.symbol is None:
        year = int(issued[:4]) if issued[:4].isdigit() else None
    return replace(
        reference,
        year=year,
        issued=issued,
        issuer=issuer[0] if issuer else None,
        issuer_name=issuer[1] if issuer else None,
        term=_term_after(page, reference.end, issuer),
    )


def _term_after(page: Clean, end: int, issuer: tuple[Issuer, str, int] | None) -> str:
    """`của Bộ Chính trị khóa XI`: the term helps to choose among documents of one number."""
    if issuer is None or not issuer[0].party or issuer[2] < end:
        return ""
    found = _TERM.match(page.text, issuer[2], issuer[2] + 30)
    return found["term"].upper() if found else ""


def _issued(text: str, reference: Reference) -> str | None:
    found = _DATE.match(text, reference.end)
    if found:
        day, month = int(found["day"]), int(found["month"])
        if 1 <= day <= 31 and 1 <= month <= 12:
            return f"{found['year']}-{month:02}-{day:02}"
    if reference.year:
        return str(reference.year)
    found = _YEAR.match(text, reference.end)
    if found:
        return found["year"]
    found = _DAY.match(text, reference.end)
    if found and 1 <= int(found["day"]) <= 31 and 1 <= int(found["month"]) <= 12:
        return f"--{int(found['month']):02}-{int(found['day']):02}"
    return None


def _issuer_after(page: Clean, end: int) -> tuple[Issuer, str, int] | None:
    """`... ngày 15/5/2016 của Bộ Chính trị`, also behind the title."""
    window = page.text[end : end + _AHEAD]
    listed = _SAME_LIST.match(window)
    begin = listed.end() if listed else 0
    stop = _STOP.search(window, begin)
    window = window[: stop.start()] if stop else window
    folded = fold(window)
    titled = _TITLED.match(window, begin) is not None
    for of in _OF.finditer(window, begin):
        direct = _DIRECT.match(window[begin : of.start()]) is not None
        if not (direct or titled):
            return None
        named = _named_at(window, folded, of.end())
        if named:
            return named[0], named[1], end + named[2]
        if direct:
            return None
    return None


_OFFICE = re.compile(
    r"(?:Bộ trưởng|Chủ nhiệm|Thống đốc|Tổng Thanh tra|Chánh án|Viện trưởng|Thứ trưởng|Chủ tịch) ",
    re.IGNORECASE,
)


def _named_at(window: str, folded: str, place: int) -> tuple[Issuer, str, int] | None:
    """The body at a place: its row, its name as stated (with its place), where it ends."""
    found = issuers().at(window, folded, place)
    start = place
    if found is None:
        office = _OFFICE.match(window, place)
        if office is None:
            return None
        found = issuers().at(window, folded, office.end())
        if found is None:
            return None
    issuer, end = found
    if issuer.local:
        place_name = _PLACE.match(window, end, end + _MAX_PLACE)
        end = place_name.end() if place_name else end
    return issuer, window[start:end].strip(" .,"), end


def _issuer_before(page: Clean, start: int) -> tuple[Issuer, str, int] | None:
    """`UBND tỉnh vừa ban hành Quyết định số 949`."""
    begin = max(0, start - _BEHIND)
    window = page.text[begin:start]
    stops = list(_STOP.finditer(window))
    offset = stops[-1].end() if stops else 0
    window = window[offset:]
    folded = fold(window)
    for issuer, at, end in reversed(issuers().all_in(window, folded)):
        if issuer.local:
            place = _PLACE.match(window, end, end + _MAX_PLACE)
            end = place.end() if place else end
        if _ISSUED_BY.match(window, end):
            return issuer, window[at:end].strip(" .,"), begin + offset + end
    return None
