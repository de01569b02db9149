"""Resolutions of the Central Committee's plenums and of congresses: named by their meeting.

`Nghị quyết Trung ương 4 khóa XI, khóa XII`, `Nghị quyết Đại hội lần thứ XIII của Đảng`.
"""

import re

from streams.extraction.clean import Clean
from streams.extraction.model import Reference
from streams.extraction.vocabulary import DocumentType

_ROMAN = {
    "I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6, "VII": 7, "VIII": 8, "IX": 9, "X": 10,
    "XI": 11, "XII": 12, "XIII": 13, "XIV": 14, "XV": 15, "XVI": 16, "XVII": 17, "XVIII": 18,
    "XIX": 19, "XX": 20, "XXI": 21, "XXII": 22, "XXIII": 23, "XXIV": 24, "XXV": 25, "XXVI": 26,
    "XXVII": 27, "XXVIII": 28, "XXIX": 29, "XXX": 30,
}  # fmt: skip
_AS_ROMAN = {number: roman for roman, number in _ROMAN.items()}
_ORDINALS = {
    "nhất": 1, "hai": 2, "ba": 3, "tư": 4, "bốn": 4, "năm": 5, "sáu": 6, "bảy": 7, "bẩy": 7,
    "tám": 8, "chín": 9, "mười": 10, "mười một": 11, "mười hai": 12, "mười ba": 13,
    "mười bốn": 14, "mười lăm": 15,
}  # fmt: skip
_WORDS = "|".join(sorted(_ORDINALS, key=len, reverse=True))
_COUNT = rf"(?:\d{{1,2}}(?![\d/%]|[.,]\d)|(?:{_WORDS})(?![^\W_]| \d)|[IVX]{{1,5}}(?![^\W_]))"
_TW = r"(?:trung ương|tw|t\.? ?ư|t\. ?w)\.?"
_BODY = rf"(?:ban chấp hành|bch),? ?{_TW}(?: đảng)?(?: cộng sản việt nam)?"
_MEETING = r"(?:(?:của )?(?:hội nghị|hn) ?)"
_PLENUM = re.compile(
    rf" ?\(?(?:số )?(?:"
    rf"{_MEETING}?\(?{_TW}\)?(?: đảng)?(?: lần| khóa này)?(?: thứ| số)? ?(?P<a>{_COUNT})"
    rf"|(?:{_MEETING}(?:lần )?(?:thứ )?|lần thứ )(?P<b>{_COUNT}),? ?\(?(?:của )?(?:{_BODY}"
    rf"|{_TW}(?: đảng)?)"
    rf"|{_MEETING}?{_BODY},? ?(?:lần )?(?:thứ )?(?P<c>{_COUNT})"
    rf")\)?",
    re.IGNORECASE,
)
_TERM = re.compile(
    r"[, ]{0,3}\(? ?(?:(?:của )?(?:đảng|bch trung ương"
    r"|ban chấp hành trung ương)(?: đảng)?,? ?)?(?:khóa|khoá|khoa) ?"
    r"(?P<term>[IVX]{1,5}|\d{1,2})(?![^\W_])",
    re.IGNORECASE,
)
_NEXT_TERM = re.compile(
    r" ?(?:,|và|;|,? và) ?\(?(?:(?:khóa|khoá) ?)?(?P<term>[IVX]{1,5})(?![^\W_])",
    re.IGNORECASE,
)
_CLOSE = re.compile(r" ?\)")
_NEXT_PLENUM = re.compile(
    rf" ?(?:,|;|và|,? và) ?(?:(?:hội nghị )?{_TW} ?(?:lần thứ )?(?P<a>{_COUNT})"
    rf"|(?P<b>\d{{1,2}})(?=,? ?\(?(?:khóa|khoá)|,| và| ?\(khóa))",
    re.IGNORECASE,
)
_UNNUMBERED = re.compile(rf" (?:của )?{_TW}(?= về | ?[\"“])", re.IGNORECASE)
_PLURAL = re.compile(r"(?:các|những|nhiều|mọi)(?: \w{1,8})? $", re.IGNORECASE)
_CONGRESS = re.compile(r" (?:của |tại )?(?:đại hội|đhđb|đh)(?![^\W_])(?! đồng)", re.IGNORECASE)
_CONGRESS_TAIL = re.compile(
    r"(?P<words>(?: ?[-,]? (?!nhiệm|lần|khóa|khoá|thứ|về|và|của|đã|năm|được|trong|các|là|có)"
    r"[^\W\d_]++\.?+){0,12}?)"
    r"(?P<number>[ ,(]{1,3}(?:lần thứ|lần|khóa|khoá|thứ)? ?(?P<count>"
    rf"[IVX]{{1,7}}|\d{{1,2}}(?![\d/%.])|(?<=thứ )(?:{_WORDS}))(?![^\W_])\)?)"
)
_LOCAL = re.compile(
    r"đảng bộ|đảng ủy|đảng uỷ|chi bộ|tỉnh|thành phố|huyện|quận|xã|phường|công đoàn|đoàn"
    r"|hội (?:nông|liên|lh|cựu|sinh|nhà|doanh|chữ)|phụ nữ|mặt trận|mttq|cựu chiến",
    re.IGNORECASE,
)
_GENERIC = re.compile(r" ?,? ?(?:các cấp|cơ sở|chi bộ|cấp)", re.IGNORECASE)
_OWNER = re.compile(
    r",? (?:của )?(?P<owner>đảng bộ|đảng ủy|đảng uỷ|tỉnh|công đoàn|đoàn)", re.IGNORECASE
)
_NATIONAL = re.compile(r" (?:toàn quốc|(?:của )?đảng(?! bộ| ủy| uỷ| viên))", re.IGNORECASE)
_LAST_NATIONAL = 14
_MOST_MEETINGS = 30


def party_resolution_at(page: Clean, start: int, end: int, kind: DocumentType) -> list[Reference]:
    """The plenum or congress resolutions (or conclusions) named from a type word on."""
    found = _plenums(page, start, end, kind)
    if found or kind.code != "NQ":
        return found
    return _congress(page, start, end, kind)


def _plenums(page: Clean, start: int, end: int, kind: DocumentType) -> list[Reference]:
    first = _PLENUM.match(page.text, end)
    if not first:
        bare = _UNNUMBERED.match(page.text, end)
        if bare and kind.code == "NQ" and not _PLURAL.search(page.text, max(0, start - 20), start):
            return [_plenum(start, bare.end(), kind, "", "", "plenum+unnumbered")]
        return []
    number = _counted(first["a"] or first["b"] or first["c"])
    if number is None:
        return []
    spans = [(start, first.end(), number)]
    at = first.end()
    while len(spans) < 8:
        following = _NEXT_PLENUM.match(page.text, at)
        more = _counted(following["a"] or following["b"]) if following else None
        if following is None or more is None:
            break
        begin = following.start("b") if following["b"] else _word_start(page.text, following)
        spans.append((begin, following.end(), more))
        at = following.end()
    return _with_terms(page, spans, kind)


def _word_start(text: str, joint: re.Match[str]) -> int:
    """Where the second name begins behind `, và`."""
    lead = re.match(r" ?(?:,? và|,|;) ?", joint[0], re.IGNORECASE)
    return joint.start() + (lead.end() if lead else 0)


def _with_terms(
    page: Clean, spans: list[tuple[int, int, int]], kind: DocumentType
) -> list[Reference]:
    """The khóa said once for all plenums of a list, or several for one."""
    start, at, number = spans[-1]
    term = _TERM.match(page.text, at)
    roman = _roman(term["term"]) if term else None
    if term is None or roman is None:
        return [_plenum(s, e, kind, str(n), "", "plenum+open") for s, e, n in spans]
    made = [_plenum(s, e, kind, str(n), roman, "plenum+term") for s, e, n in spans[:-1]]
    end = _closed(page.text, term.end(), opened="(" in term[0])
    made.append(_plenum(start, end, kind, str(number), roman, "plenum+term"))
    at = end
    for _ in range(6):
        following = _NEXT_TERM.match(page.text, at)
        roman = _roman(following["term"]) if following else None
        if following is None or roman is None:
            break
        lead = re.match(r" ?(?:,? và|,|;) ?\(?", following[0], re.IGNORECASE)
        at = following.end()
        begin = following.start() + (lead.end() if lead else 0)
        made.append(_plenum(begin, at, kind, str(number), roman, "list+term"))
    return made


def _closed(text: str, end: int, *, opened: bool) -> int:
    bracket = _CLOSE.match(text, end) if opened else None
    return bracket.end() if bracket else end


def _plenum(
    start: int, end: int, kind: DocumentType, number: str, term: str, rule: str
) -> Reference:
    return Reference(
        start=start, end=end, kind="plenum", type=kind, number=number, term=term, rule=rule
    )


def _counted(written: str | None) -> int | None:
    if not written:
        return None
    if written.isdigit():
        return int(written) if 0 < int(written) <= _MOST_MEETINGS else None
    return _ORDINALS.get(written.lower()) or _ROMAN.get(written)


def _roman(written: str) -> str | None:
    """`12` and `xii` as `XII`."""
    if written.isdigit():
        return _AS_ROMAN.get(int(written))
    return written.upper() if written.upper() in _ROMAN else None


def _congress(page: Clean, start: int, end: int, kind: DocumentType) -> list[Reference]:
    head = _CONGRESS.match(page.text, end)
    if not head:
        return []
    tail = _CONGRESS_TAIL.match(page.text, head.end())
    if tail:
        roman = _AS_ROMAN.get(_counted(tail["count"]) or _ROMAN.get(tail["count"], 0))
        if roman is None:
            return []
        local = _is_local(page, tail, _ROMAN[roman])
        rule = "congress+local" if local else "congress+national"
        return [_congress_reference(start, tail.end(), kind, roman, rule)]
    named = _NATIONAL.match(page.text, head.end())
    if named and not _GENERIC.match(page.text, named.end()):
        return [_congress_reference(start, named.end(), kind, "", "congress+open")]
    local_name = re.compile(r" (?:đại biểu )?đảng bộ", re.IGNORECASE).match(page.text, head.end())
    if local_name and not _GENERIC.match(page.text, local_name.end()):
        return [_congress_reference(start, local_name.end(), kind, "", "congress+local+open")]
    return []


def _is_local(page: Clean, tail: re.Match[str], number: int) -> bool:
    words = tail["words"]
    if number > _LAST_NATIONAL or _LOCAL.search(words):
        return True
    owner = _OWNER.match(page.text, tail.end())
    return bool(owner) and not re.search(r"toàn quốc", words, re.IGNORECASE)


def _congress_reference(
    start: int, end: int, kind: DocumentType, term: str, rule: str
) -> Reference:
    return Reference(start=start, end=end, kind="congress", type=kind, term=term, rule=rule)
