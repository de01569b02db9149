"""Step 2: find every place that names a document.

One pass of an automaton (re2) over the lower-cased text gives the places where something may begin:
type words, and numbers with a symbol. At each of them a bounded look decides. So the whole takes
time linear in the text, whatever the text.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import re2

from streams.extraction.anaphors import later_at
from streams.extraction.clean import Clean
from streams.extraction.context import with_context
from streams.extraction.foreign import issued_abroad, of_foreign_body
from streams.extraction.laws import acronym_at, acronyms, is_of_law, law_at
from streams.extraction.model import Reference
from streams.extraction.numbers import Number, number_at
from streams.extraction.party import party_resolution_at
from streams.extraction.vocabulary import (
    DocumentType,
    document_types,
    issuer_by_code,
    type_by_code,
)

_ABBREVIATED = {"nq": "NQ", "nđ": "NĐ", "qđ": "QĐ", "ct": "CT", "tt": "TT", "kl": "KL", "cv": "CV"}
_GAP = re.compile(
    r"(?P<number>[ (]{0,3}(?:số|so) {0,2}[:.]? {0,2}| {1,3}\(? ?|)(?=\d)", re.IGNORECASE
)
# `Công văn khẩn số 730/KCB-NV`, `Kết luận thanh tra số 12/KL-TTCP`
_MODIFIED = re.compile(
    r"(?P<words>(?: [^\s.,;:()\"“”\d]{1,12}){1,7}) \(?số {0,2}:? {0,2}(?=\d)", re.IGNORECASE
)
_LAW_NUMBER = re.compile(r"[ (]{1,3}(?P<said>số {0,2}:? {0,2})?(?=\d)", re.IGNORECASE)
_WEAK = re.compile(r" ?(?P<number>(?:số {0,2}:? {0,2})?)(?=\d)", re.IGNORECASE)
_JOINT = re.compile(
    r"(?: ?[,;] ?(?:và |hoặc )?| (?P<dash>-|và|hoặc|hay|cùng"
    r"|&) )(?P<again>(?:các )?(?:(?P<number>số) {0,2}:? {0,2})?)(?=\d)",
    re.IGNORECASE,
)
# a number that goes on: a fraction, a share, a date
_GOES_ON = re.compile(r"[.,:]\d|[/%°]|-\d")
# what a number counts, so it is not a document's
_COUNTS = re.compile(
    r" ?(?:năm(?! (?:19|20)\d\d)|tháng|tuần|lần|điểm(?! mới)|triệu|tỷ|tỉ|nghìn|ngàn|đồng"
    r"|người|giờ|phút"
    r"|giây|tuổi|trang|vụ|trường hợp|bị (?:can|cáo)|ngày(?! {0,2}\d)|km|kg|m2|ha|đô la|usd"
    r"|điều(?! (?:\d|chỉnh|kiện|tiết|hành|động|lệ))|vấn đề|nội dung|nhóm|bước|loại(?! (?:trừ|bỏ))"
    r"|cấp(?! (?:phép|bách|thiết|cho|giấy|tín|bù))|chiếc|con|cái|em|học sinh|hộ|xã(?! hội)"
    r"|huyện|tỉnh"
    r"|dự án|công ty)(?![^\W_])",
    re.IGNORECASE,
)
# what follows a document's number
_AGREES = re.compile(
    r" ?(?:$|\n|[,.;:)\]\"”»!?-])"
    r"| (?:của|về|ngày|năm (?:19|20)\d\d|và|do|này|cũng|quy định|qui định|được|đã|có|là|tại"
    r"|ban hành|khóa|khoá|theo"
    r"|thì|cho|với|nêu|trên|nói|để|trong|ra đời|sửa đổi|thay thế|hướng dẫn|phê duyệt|hay"
    r"|hoặc|nhằm|từ|sẽ|vào|yêu cầu)"
    r"(?![^\W_])",
    re.IGNORECASE,
)
_SPEAKS = re.compile(
    r" (?:của|về|ngày \d|quy định|qui định|nêu|do|ban hành)(?![^\W_]|$)", re.IGNORECASE
)
_LIST_AGREES = re.compile(
    r" ?(?:$|\n|[,.;:)\]\"”»!?])| (?:của|về|ngày(?= ?\d)|và|năm (?:19|20)\d\d|do|được|khóa"
    r"|khoá|có hiệu lực)(?![^\W_])",
    re.IGNORECASE,
)
# papers that are not documents of the Party or the State, before their own number
_OTHER_PAPER = re.compile(
    r"(?<![^\W_])(?:giấy (?:phép|chứng nhận)|hợp đồng|bản án|cáo trạng|hóa đơn|hoá đơn"
    r"|tài khoản|biên lai"
    r"|hộ chiếu|vé|văn bằng|chứng chỉ|tiêu chuẩn|quy chuẩn|tcvn|qcvn)"
    r"(?: (?!theo|tại|trong|của|và|thực|căn)[^\s.;]{1,12}){0,6}[ (]*(?:số)?[ :]*$"
)
_SAID_NUMBER = re.compile(r"số ?$", re.IGNORECASE)
# courts' instances, and companies' boards and meetings
_OTHER_BODY = re.compile(r"ST|PT|GĐT|HĐQT|ĐHĐCĐ.*|HĐTV|CTCP.*|CTY.*")
_PRIVATE = re.compile(
    r"(?:HĐQT|Hội đồng quản trị|[Cc]ông ty|Cty|[Tt]ập đoàn|Ngân hàng TMCP|Hiệp hội"
    r"|HoREA)(?![^\W_])[^.;\n]{0,50}"
    r"(?:ban hành|ký|ra|có|gửi) (?:[^\s.;]{1,10} ){0,4}$"
)
_PRIVATE_TYPES = ("QĐ", "CV", "TB", "KH", "BC", "TTr", "NQ", "QC", "HD", "QĐi")
_PRIVATE_REACH = 110
_PAPER_REACH = 90
_TYPE_WORD = re.compile(
    r"nghị quyết|nghị định|chỉ thị|thông tư|quyết định|quy định|công văn|kế hoạch|đề án|luật"
    r"|quy chế|văn bản|thông báo",
    re.IGNORECASE,
)
_YEAR_LIKE = re.compile(r"(?:19|20)\d\d")
_LAST_RESOLUTION = 1750  # no Vietnamese body counts higher; the United Nations do
_LONG_NUMBER = 2  # digits; from there on two numbers of one length are hardly a count
_MOST_IN_A_LIST = 12
_FEW_WORDS = 2


@cache
def _anchors() -> "re2._Regexp[str]":
    names = sorted(document_types(), key=len, reverse=True)
    codes = sorted({code.lower() for code in (*type_by_code(), "qh", "ubtvqh")}, key=len)
    letters = "ubnd|vpcp|ttg|hđnd|b[a-zđ&]{1,9}|vptw|tttp|cp"
    return re2.compile(
        r"(?P<word>" + "|".join(names) + r")"
        rf"|(?P<acronym>{'|'.join(name.lower() for name in acronyms())})"
        r"|(?P<short>nqtw|nqtư|nq|nđ|qđ|ct|tt|kl|cv) {0,2}(?:số {0,2}:? {0,2})?(?:tw|tư|t\.ư|\d)"
        r"|(?P<bare>\d{1,5}[a-e]?(?: {0,2}[/-] {0,2}(?:19|20)\d\d)? {0,2}[/-]? {0,2}"
        rf"(?:(?:{'|'.join(reversed(codes))})(?: {{0,2}}[-/]|\d)|(?:{letters}) {{0,2}}-))"
    )


def find(page: Clean) -> list[Reference]:
    """Every reference in a clean text, in reading order, none overlapping another."""
    found: list[Reference] = []
    done = 0
    for anchor in _anchors().finditer(page.lower):
        start, end = anchor.span()
        if start < done or (start and page.text[start - 1].isalnum()):
            continue
        for reference in _read(page, start, end, anchor.lastgroup or ""):
            found.append(reference)
            done = max(done, reference.end)
    return found


def _read(page: Clean, start: int, end: int, what: str) -> list[Reference]:
    """What begins at an anchor."""
    if what == "word":
        kind = document_types()[page.lower[start:end]]
        if end < len(page.text) and page.text[end].isalpha():
            return []
        if kind.name in ("luật", "bộ luật", "pháp lệnh", "hiến pháp"):
            return _law(page, start, end, kind)
        return _document(page, start, end, kind)
    if what == "acronym":
        return acronym_at(page, start) if page.text[start:end].isupper() else []
    if what == "short":
        return _abbreviated(page, start, end)
    return _bare(page, start)


def _law(page: Clean, start: int, end: int, kind: DocumentType) -> list[Reference]:
    if not is_of_law(page, start):
        return []
    number = _numbered(page, start, end, kind) if kind.name != "hiến pháp" else []
    if number:
        return number
    named = law_at(page, start, end, kind)
    if named:
        return [*named, *_number_of_law(page, named[-1].end, kind)]
    return later_at(page, start, end, kind)


def _number_of_law(page: Clean, end: int, kind: DocumentType) -> list[Reference]:
    """`Bộ luật Hình sự số 100/2015`: the number behind a law's name."""
    gap = _LAW_NUMBER.match(page.text, end)
    number = number_at(page.text, gap.end(), named=True) if gap else None
    if gap is None or number is None or number.year is None:
        return []
    if not gap["said"] and number.symbol is None:
        return []
    start = end + len(gap[0]) - len(gap[0].lstrip(" ("))
    return _as_references(page, start, [number], kind, rule="law+")


def _document(page: Clean, start: int, end: int, kind: DocumentType) -> list[Reference]:
    if kind.code in ("NQ", "KL"):
        party = party_resolution_at(page, start, end, kind)
        if party:
            return party
    return _numbered(page, start, end, kind) or later_at(page, start, end, kind)


def _numbered(page: Clean, start: int, end: int, kind: DocumentType) -> list[Reference]:
    """A type word with its number, and the numbers listed after it."""
    gap = _GAP.match(page.text, end)
    modified = None if gap or kind.number == "marked" else _MODIFIED.match(page.text, end)
    lead = gap or modified
    first = number_at(page.text, lead.end(), named=True) if lead else None
    if lead is None or first is None:
        return []
    if modified is not None and not _goes_with(modified["words"], first, kind):
        return []
    if not lead[0] and first.symbol is None:
        return []  # a number that is glued to the word
    said_number = "số" in lead[0].lower()
    numbers = [first, *_listed(page, first)]
    signed = any(number.symbol for number in numbers)
    if not signed and not _stands(page, start, first, kind, said_number=said_number):
        return []
    if not signed and _is_foreign(page, start, numbers[-1].end, kind):
        return []
    return _as_references(page, start, numbers, kind, rule="type+")


def _is_foreign(page: Clean, start: int, end: int, kind: DocumentType) -> bool:
    """Whether numbers without a symbol are another country's, or the United Nations'."""
    if issued_abroad(page.text, end):
        return True
    return kind.code == "NQ" and of_foreign_body(page.text, start, end)


def _goes_with(words: str, number: Number, kind: DocumentType) -> bool:
    """Whether words between a type and `số` belong to the type: `Nghị quyết chuyên đề số 7`."""
    if _TYPE_WORD.search(words):
        return False
    few = len(words.split()) <= _FEW_WORDS and kind.number == "free"
    return number.symbol is not None or few


def _is_private(page: Clean, start: int, found: Reference) -> bool:
    """Whether a company or an association issued it, or a court decided it."""
    bodies = found.symbol.bodies if found.symbol else ()
    if any(_OTHER_BODY.fullmatch(body) for body in bodies):
        return True
    if found.issuer is not None or any(body in issuer_by_code() for body in bodies):
        return False
    kind = found.type.code if found.type else ""
    before = max(0, start - _PRIVATE_REACH)
    return kind in _PRIVATE_TYPES and _PRIVATE.search(page.text, before, start) is not None


def _stands(
    page: Clean, start: int, number: Number, kind: DocumentType, *, said_number: bool
) -> bool:
    """Whether a number after a type word is a document's, not a count of something."""
    if number.symbol is not None:
        return True
    if kind.number == "marked" or _is_count(page, number, said_number=said_number):
        return False
    if not said_number and _YEAR_LIKE.fullmatch(number.number) and kind.code not in ("QĐ", "CV"):
        return False
    if kind.code == "NQ" and number.number.isdigit() and int(number.number) > _LAST_RESOLUTION:
        return False
    if number.year or kind.number == "free":
        return True
    agrees = _AGREES.match(page.text, number.end) is not None
    long = len(number.number) > 1
    if not page.text[start].isupper() and not said_number:
        return long and _SPEAKS.match(page.text, number.end) is not None
    if kind.number == "capital":
        return said_number or agrees
    return (agrees and (said_number or long)) or not number.number.isdigit()


def _is_count(page: Clean, number: Number, *, said_number: bool) -> bool:
    """Whether a number is a part of a longer one, or counts something (what `số` rules out)."""
    if _GOES_ON.match(page.text, number.end):
        return True
    return not said_number and _COUNTS.match(page.text, number.end) is not None


def _listed(page: Clean, first: Number) -> Iterator[Number]:
    """`Chỉ thị 03, 05`, `Quyết định số 217, số 218`: the numbers after the first."""
    at = first.end
    for _ in range(_MOST_IN_A_LIST):
        joint = _JOINT.match(page.text, at)
        number = number_at(page.text, joint.end(), named=True) if joint else None
        if joint is None or number is None:
            return
        if number.symbol is None and number.year is None:
            if _is_count(page, number, said_number=bool(joint["number"])):
                return
            like_first = len(number.number) == len(first.number) >= _LONG_NUMBER
            if joint["dash"] == "-" and not like_first:
                return
            agrees = _AGREES if like_first else _LIST_AGREES
            if not joint["number"] and not agrees.match(page.text, number.end):
                return
        at = number.end
        start = joint.start("again") if joint["number"] else number.start
        yield replace(number, start=start)


def _as_references(
    page: Clean, start: int, numbers: list[Number], kind: DocumentType, *, rule: str
) -> list[Reference]:
    """Numbers as references: a symbol said once holds for the whole list."""
    made: list[Reference] = []
    shared = next((n.symbol for n in reversed(numbers) if n.symbol), None)
    for index, number in enumerate(numbers):
        made.append(
            Reference(
                start=start if index == 0 else number.start,
                end=number.end,
                kind="numbered",
                type=kind,
                rule=("list+" if index else rule) + ("symbol" if number.symbol else "number"),
                number=number.number,
                year=number.year,
                symbol=number.symbol or shared,
                group=start + 1 if len(numbers) > 1 else 0,
            )
        )
    made = [with_context(page, reference) for reference in made]
    return [] if _is_private(page, start, made[0]) else made


def _abbreviated(page: Clean, start: int, end: int) -> list[Reference]:
    """`NĐ 100`, `NQTW 4`: the type in capitals."""
    letters = 2
    code = page.text[start : start + letters]
    if not code.isupper():
        return []
    kind = type_by_code()[_ABBREVIATED[code.lower()]]
    after = start + letters
    if kind.code in ("NQ", "KL"):
        party = party_resolution_at(page, start, after, kind)
        if party:
            return party
    gap = _WEAK.match(page.text, after)
    first = number_at(page.text, gap.end(), named=True) if gap else None
    if gap is None or first is None or not _short_stands(page, first, kind, gap[0]):
        return []
    return _as_references(page, start, [first, *_listed(page, first)], kind, rule="short+")


def _short_stands(page: Clean, number: Number, kind: DocumentType, gap: str) -> bool:
    if number.symbol is not None and (
        kind.printed_as(number.symbol.type_code) or (kind.code == "CV" and number.year is None)
    ):
        return True
    if _is_count(page, number, said_number="số" in gap.lower()):
        return False
    if kind.code in ("NQ", "NĐ"):
        return bool(gap) or number.year is not None
    if not _AGREES.match(page.text, number.end):
        return False
    if kind.code == "QĐ":
        return bool(gap) or number.year is not None
    return "số" in gap.lower() or number.year is not None


def _bare(page: Clean, start: int) -> list[Reference]:
    """A number whose symbol alone says what it is: `theo 05-CT/TW`."""
    first = number_at(page.text, start, named=False)
    if first is None or first.symbol is None:
        return []
    before = page.text[max(0, start - 90) : start]
    if before and before[-1] in "/-.,$" and before[-2:-1].isalnum():
        return []
    if _OTHER_PAPER.search(page.lower, max(0, start - _PAPER_REACH), start):
        return []
    kind = type_by_code().get(first.symbol.type_code)
    if kind is None:
        kind = document_types()["công văn" if first.symbol.bodies[0][:2] != "QH" else "nghị quyết"]
    said = _SAID_NUMBER.search(before)
    begin = start - (len(said[0]) if said else 0)
    numbers = [replace(first, start=begin), *_listed(page, first)]
    return _as_references(page, begin, numbers, kind, rule="bare+")
