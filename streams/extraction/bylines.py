"""Who and what signs the end of an article: byline, source, `Tin, ảnh:`."""

import re

from streams.extraction.photo_credits import (
    UPPER,
    WORD,
    Credit,
    agency_folded,
    agency_pattern,
    credit_at,
    value_at,
)

_TAIL = 160


_TIN_ANH = re.compile(
    rf"(?:Tin,? ?(?:bài )?(?:và |-)?ảnh|Bài,? ?(?:và |-)?ảnh|Thực hiện|Bài, ảnh|Ảnh và bài) ?: ?(?=[{UPPER}])"
)


def text_and_photo(text: str) -> Credit | None:
    """`Tin, ảnh: Quốc Đạt (TTXVN)`: one name for both."""
    start = max(0, len(text) - _TAIL)
    leads = list(_TIN_ANH.finditer(text, start))
    if not leads or "ảnh" not in leads[-1][0].lower():
        return None
    return value_at(text, leads[-1].end(), colon=True)


_SOURCE_LINE = re.compile(r"(?:(?<=[\n(.])|(?<=[.] )|^)Nguồn ?: ?(?=\S)", re.MULTILINE)


_BOUNDARY = re.compile(r"(?:[.!?…:”\"“()\]»>;/*\d’'](?:[ \u00a0]*)(?=\S)|\n\s*)")


_NAME = rf"(?:[{UPPER}]\w{{0,2}}\.[ ]?)*(?:{WORD})\.?(?:[ ]{WORD}){{0,3}}"


_SIGNED = re.compile(
    rf"(?:(?P<lead>Theo|THEO|Nguồn|Thực hiện|Tổng hợp|Bài|Tin|CTV|PV|Ghi|T/h)[ ]?:?[ ]?(?=[{UPPER}]))?"
    rf"(?P<who>(?:{_NAME})(?:[ ]?[-–,&+][ ]?{_NAME}|[ ]và[ ]{_NAME}){{0,3}}|(?:[Nn]hóm )?(?:PV|phóng viên)|[\w.]{{3,30}}\.(?:vn|com|net))"
    r"(?:[ ]{0,2}(?:\((?P<in>[^()\n]{2,40})\)|[/|\n][ ]?(?P<by>[^\n]{2,40}?)))?[ ]?(?:ghi|thực hiện|lược ghi|tổng hợp)?[\s.)/*]*\Z"
)


_LABELLED = re.compile(
    r"(?:[Cc]lip|[Vv]ideo|(?<!, )[ẢảAa]nh|[Đđ]ồ họa|[Ll]ink|[Tt]ừ khóa)[ ]?:[ ]?\Z"
)


_SITE_BEFORE = re.compile(r"(?:\A|\n\s*|[.!?…\"”)][ ]{0,2})\Z")


_INITIALS = re.compile(rf"(?:[{UPPER}]\.){{1,3}}[{UPPER}]\w*\.?\Z|[{UPPER}]\.? ?{WORD}\Z")


_NOT_SIGNED = re.compile(
    r"(?:Ông|Bà|Đồng|Chủ|Phó|Bộ|Thứ|Giám|Thủ|Tổng|Trưởng|Bí|Đại tá|Ảnh|ảnh|Theo|Nguồn|TP|UBND|"
    r"Tin liên quan|Xem|Video|Clip|Hội|Công|Sở|Ban|Vụ|Cục|Viện|Trường|Quang cảnh|Đồ họa|Việt Nam)(?!\w)"
)


def signed_at_end(text: str) -> tuple[Credit | None, Credit | None]:
    """Byline and source as the last words of the article say them."""
    end = len(text.rstrip())
    more = text.rfind(">>", max(0, end - _TAIL), end)
    ends = [end] if more < 0 else [end, len(text[:more].rstrip(" >\n"))]
    for stop in ends:
        for start in _boundaries(text, stop):
            signed = _according(text, start, stop) or _by_name(text, start, stop)
            if signed:
                return signed
    return None, None


_Pair = tuple[Credit | None, Credit | None]


_ACCORDING = re.compile(rf"(?:Theo|THEO|Nguồn)[ ]?:?[ ]?(?=[{UPPER}]|\w+\.\w)")


_SITE = re.compile(r"[\w.-]{3,30}\.(?:vn|com|net|org)")


_AUTHOR = re.compile(rf"{_NAME}")


def _according(text: str, start: int, stop: int) -> _Pair | None:
    """`Theo Báo Giáo dục và Thời đại`, `Theo Ngọc TrâmCông an nhân dân`: known sources."""
    lead = _ACCORDING.match(text, start)
    if not lead:
        return None
    rest = text[lead.end() : stop].rstrip(" .)/*\n")
    if _SITE.fullmatch(rest):
        return None, credit_at(text, lead.end(), lead.end() + len(rest))
    for agency in agency_pattern().finditer(rest):
        if agency.end() != len(rest):
            continue
        source = credit_at(text, lead.end() + agency.start(), lead.end() + agency.end())
        author = rest[: agency.start()].rstrip(" /(\n-")
        if not author:
            return None, source
        if _AUTHOR.fullmatch(author):
            return credit_at(text, lead.end(), lead.end() + len(author)), source
    return None


def _by_name(text: str, start: int, stop: int) -> _Pair | None:
    found = _SIGNED.match(text[start:stop])
    signed = _understood(text, start, found) if found else (None, None)
    return signed if signed != (None, None) else None


# `... nghệ nhân ViệtBảo Khánh`: the byline clings to the last sentence
_GLUED_NAME = re.compile(rf"(?<=[a-zà-ỹ])(?=(?:{WORD})(?: {WORD}){{1,3}}\Z)")


def _boundaries(text: str, end: int) -> list[int]:
    """Where the last words may begin, the longest first."""
    low = max(0, end - 110)
    starts = [low + found.end() for found in _BOUNDARY.finditer(text[low:end])]
    glued = [
        low + found.end()
        for found in re.finditer(rf"(?<=[a-zà-ỹ.])(?=Theo [{UPPER}])", text[low:end])
    ]
    glued += [low + found.end() for found in _GLUED_NAME.finditer(text[low:end])]
    return [s for s in sorted({*starts, *glued}) if s < end and not _abbreviated(text, s)]


def _abbreviated(text: str, start: int) -> bool:
    """Whether the full stop before `start` ends `TP.` or `ThS.` and not a sentence."""
    before = text[max(0, start - 8) : start].rstrip()
    return bool(re.search(r"(?:\b(?:TP|Tp|Th|ThS|TS|GS|PGS|BS|Q|P|H|Mr|St)\.)\Z", before))


def _understood(text: str, start: int, found: re.Match[str]) -> tuple[Credit | None, Credit | None]:
    if _LABELLED.search(text[max(0, start - 24) : start]):
        return None, None
    lead = found["lead"]
    who = credit_at(text, start + found.start("who"), start + found.end("who"))
    second = "in" if found["in"] else "by" if found["by"] else ""
    other = (
        credit_at(text, start + found.start(second), start + found.end(second)) if second else None
    )
    if _NOT_SIGNED.match(who.value) and lead not in ("Theo", "Nguồn"):
        return None, None
    if _SITE.fullmatch(who.value) and not _SITE_BEFORE.search(text[max(0, start - 4) : start]):
        return None, None
    if other and other.value.lower().startswith("theo "):
        return who, credit_at(text, other.start + 5, other.end)
    if lead in ("Theo", "THEO", "Nguồn"):
        return _cited(text, who, other)
    if _is_agency(who.value):
        whole = (
            Credit(value=text[who.start : other.end], start=who.start, end=other.end)
            if other and second == "by"
            else who
        )
        return None, whole
    if not _is_signature(who.value):
        return None, None
    return who, None


def _cited(text: str, who: Credit, other: Credit | None) -> tuple[Credit | None, Credit | None]:
    """`Theo Thu Cúc/Chinhphu.vn`, `Theo Bích Diệp (Dân Trí)`, `Theo VnExpress`."""
    if other:
        return who, other
    glued = re.search(rf"(?<=[a-zà-ỹ])(?=[{UPPER}])", who.value)
    if glued and not _is_agency(who.value):
        return (
            credit_at(text, who.start, who.start + glued.start()),
            credit_at(text, who.start + glued.start(), who.end),
        )
    return None, who


def _is_agency(value: str) -> bool:
    first = re.split(r"[/(]", value)[0].strip()
    return first.lower() in agency_folded() or bool(re.search(r"\.(?:vn|com|net)\Z", value))


def _is_signature(value: str) -> bool:
    if len(value.strip(".")) < 2:
        return False
    if _INITIALS.match(value):
        return True
    words = value.replace(".", ". ").split()
    if re.fullmatch(rf"[{UPPER}]+-[{UPPER}]+", value):  # `NĐ-CP` at the end of a reference
        return False
    return len(words) <= 12 and not any(word in ("HCM", "USD", "VND") for word in words)


_CITED_LINE = re.compile(
    rf"^\((?:Theo|THEO) (?P<who>[{UPPER}][^()/\n]{{2,60}})\)[ .]*$", re.MULTILINE
)


def cited_line(text: str) -> Credit | None:
    """`(Theo Công an tỉnh)` on a line of its own near the end: a source of any name."""
    for found in _CITED_LINE.finditer(text, max(0, len(text) - _TAIL)):
        if len(found["who"].split()) <= 8:
            return credit_at(text, *found.span("who"))
    return None


def source_line(text: str) -> Credit | None:
    """`(Nguồn: Reuters)`, `Nguồn: BTV` on a line of its own."""
    for found in _SOURCE_LINE.finditer(text):
        at = found.end()
        stop = re.search(r"[)\n]|[.](?:\s|\Z)|\Z", text[at : at + 80])
        if text[at] == "[":
            continue
        if stop and stop.start() and len(text[at : at + stop.start()].split()) <= 6:
            return credit_at(text, at, at + stop.start())
        value = value_at(text, at, colon=True)
        if value:
            return value
    return None
