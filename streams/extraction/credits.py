"""Dateline, byline, photo credits and source credit: who signs an article, kept out of its people.

Each is read where the press prints it: the dateline before the first sentence, the byline and the
source after the last one, photo credits behind `Ảnh:`. Only bounded windows are looked at.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from streams.extraction.units import unit_end
from streams.extraction.words import read
from streams.tables import read_tsv

_DATA = Path(__file__).parent / "data"
_TAIL = 160
_BODIES = frozenset(["cổng", "báo", "ban", "bộ", "sở", "công", "ubnd", "cục", "đài", "cơ", "trung"])
_UPPER = "A-ZĐÀ-ÖØ-ÝĂĨŨƠƯẠẢẤẦẨẪẬẮẰẲẴẶẸẺẼẾỀỂỄỆỈỊỌỎỐỒỔỖỘỚỜỞỠỢỤỦỨỪỬỮỰỲỴỶỸ"
_WORD = rf"[{_UPPER}][\w’']*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credits:
    """Who and what signs an article; `spans` are the places in the text that say so."""

    dateline: str | None = None
    byline: str | None = None
    photo_credits: tuple[str, ...] = ()
    source_credit: str | None = None
    spans: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Credit:
    value: str
    start: int
    end: int


@cache
def _agencies() -> tuple[str, ...]:
    rows = read_tsv(_DATA / "agencies.tsv", ["name"])
    return tuple(sorted((row["name"] for _, row in rows), key=len, reverse=True))


@cache
def _agency_pattern() -> re.Pattern[str]:
    names = "|".join(re.escape(name) for name in _agencies())
    return re.compile(rf"(?:(?:[Bb]áo|[Tt]ạp chí|[Hh]ãng tin) )?(?:{names})(?!\w)")


@cache
def _agency_folded() -> frozenset[str]:
    return frozenset(name.lower() for name in _agencies())


@cache
def _dateline_codes() -> dict[str, bool]:
    """code -> whether it opens a text without a dash."""
    columns = ["code", "outlet", "dash"]
    rows = read_tsv(_DATA / "datelines.tsv", columns)
    return {row["code"]: row["dash"] == "free" for _, row in rows}


def find_credits(text: str, *, outlet: str = "") -> Credits:
    """The credits of an article.

    Args:
        text: clean text, paragraphs on lines; any string is accepted.
        outlet: the outlet's name where known: its own name may open a text without a dash.
    """
    dateline = _dateline(text, outlet)
    photos = list(_photos(text))
    byline, source = _signed(text)
    source = _source_line(text) or source
    both = _tin_anh(text)
    if both:
        byline = both
        photos = [p for p in photos if p.start < both.start or p.start > both.end] + [both]
    credits = [c for c in (dateline, byline, source, *photos) if c]
    return Credits(
        dateline=dateline.value if dateline else None,
        byline=byline.value if byline else None,
        photo_credits=tuple(p.value for p in photos),
        source_credit=source.value if source else None,
        spans=tuple(sorted({(c.start, c.end) for c in credits})),
    )


# --- the beginning ---------------------------------------------------------------------------

_BRACKETED = re.compile(r"\(\s?(?P<code>[^()\n]{1,40}?)\s?\)\s{0,2}[-–—:]")
_PLAIN = re.compile(rf"(?P<code>[^\n–—]{{1,40}}?)\s{{0,2}}[-–—]{{1,2}}(?=[\s\u00a0{_UPPER}])")
_CODE = re.compile(
    rf"(?:[{_UPPER}&]{{2,8}}|[\w]{{2,24}}\.(?:vn|VN|com|net|gov\.vn|com\.vn|org\.vn)|Vietnam\+)"
    rf"(?: \([{_UPPER}][^()]{{1,30}}\)| [Oo]nline| News)?\Z"
)
# what else stands in brackets before a dash
_HEADING = re.compile(
    r"\d| vs |^(?:Vòng|Ảnh|ảnh|Nguồn|Trực tiếp|Nhận định|Kết quả|Tin|Giao hữu|Bán kết|Chung kết|Link|Video|"
    r"Bóng đá|Lịch|Soi kèo|Cúp|Giải)"
)
_PLACE = re.compile(rf"(?:TP\.? ?)?{_WORD}(?: {_WORD}){{0,3}}\Z")


def _dateline(text: str, outlet: str) -> _Credit | None:
    found = _dateline_at(text, 0, outlet, first=True)
    line = re.match(r"[^\n]{10,160}[^\n.!?…:;,]\n+", text)
    if found or not line:  # a title may stand before the first sentence
        return found
    return _dateline_at(text, line.end(), outlet, first=False)


def _dateline_at(text: str, start: int, outlet: str, *, first: bool) -> _Credit | None:
    start += len(text[start : start + 40]) - len(text[start : start + 40].lstrip())
    bracketed = _BRACKETED.match(text, start)
    if bracketed and _is_code(bracketed["code"], bracketed=True):
        return _credit(text, *bracketed.span("code"))
    plain = _PLAIN.match(text, start)
    own = plain and plain["code"].strip().lower() in (outlet.lower(), outlet.lower().split(".")[0])
    if plain and (own or _is_code(plain["code"], bracketed=False)):
        return _credit(text, *plain.span("code"))
    if not first:
        return None
    for code, free in _dateline_codes().items():
        if free and text.startswith(code + " ", start) and _opens(text, start + len(code) + 1):
            return _credit(text, start, start + len(code))
    return None


def _opens(text: str, at: int) -> bool:
    return (
        text[at : at + 1].isupper() or text[at : at + 1] in "\"“'‘(" or text[at : at + 1].isdigit()
    )


def _is_code(code: str, *, bracketed: bool) -> bool:
    code = code.strip()
    known = _dateline_codes()
    if code in known or _CODE.match(code):
        return True
    if code.lower() in {k.lower() for k in known} or code.lower() in _agency_folded():
        return True
    if bracketed:
        return len(code) <= 30 and not _HEADING.search(code)
    return code in _places() or bool(re.match(r"TP\.? ?HCM\Z", code))


@cache
def _places() -> frozenset[str]:
    rows = read_tsv(_DATA / "places.tsv", ["name", "kind"])
    return frozenset(
        row["name"] for _, row in rows if row["kind"] in ("province", "city", "country")
    )


def _credit(text: str, start: int, end: int) -> _Credit:
    raw = text[start:end]
    start += len(raw) - len(raw.lstrip())
    return _Credit(value=raw.strip(), start=start, end=start + len(raw.strip()))


# --- photo credits ---------------------------------------------------------------------------

_PHOTO = re.compile(
    r"(?:(?<=[.\n(\-–—…\"”!?,])|(?<=[.\-–—…\"”!?,)][ \u00a0])|^)"
    r"(?:Nguồn ảnh|Ảnh|ảnh)(?: (?:minh h[oọ]ạ?a?|tư liệu|chụp màn hình|cắt từ clip))?"
    r"(?P<colon> ?: ?| )(?=\S)",
    re.MULTILINE,
)
_PHOTO_ANYWHERE = re.compile(r"\bẢnh(?: minh h[oọ]ạ?a?)? ?: ?(?=\S)")
_VALUE_END = re.compile(r"(?<!TP)(?<!Tp)[.)\n;,\"“”\]|]|[ ][-–—>]|\Z")


def _photos(text: str) -> Iterator[_Credit]:
    seen = -1
    found = sorted(
        [(m.end(), ":" in m["colon"]) for m in _PHOTO.finditer(text)]
        + [(m.end(), True) for m in _PHOTO_ANYWHERE.finditer(text)]
    )
    for at, colon in found:
        if at <= seen:
            continue
        credit = _value(text, at, colon=colon)
        if credit:
            seen = credit.end
            yield credit


_NAME_RUN = re.compile(
    rf"(?:[{_UPPER}]\.[ ]?)*{_WORD}"
    rf"(?:[ ]?[-/&+][ ]?(?:[{_UPPER}]\.[ ]?)*{_WORD}|[ ]{_WORD}|\.{_WORD}|\.(?:vn|com|net)\b)*"
)


def _value(text: str, at: int, *, colon: bool) -> _Credit | None:
    """The name or the source that begins at `at`."""
    agency = _agency_pattern().match(text, at)
    if agency:
        end = _with_partner(text, agency.end())
        return _credit(text, at, end) if colon or end > agency.end() else None
    window = text[at : at + 90]
    body = _body(window) if colon else 0
    if body:
        return _credit(text, at, at + body)
    stop = _VALUE_END.search(window)
    plain = window[: stop.start()] if stop else window
    run = _NAME_RUN.match(window)
    if not run:
        return _credit(text, at, at + len(plain)) if colon and 0 < len(plain.split()) <= 6 else None
    end = _cut(window, run.end())
    if colon and end < run.end() + 2 and " " not in run[0] and window[end : end + 1] == " ":
        end = len(plain.rstrip()) if len(plain.split()) <= 6 else end  # `Bệnh viện cung cấp`
    if colon or (end == len(plain.rstrip()) and 2 <= len(run[0].split()) <= 5):
        return _credit(text, at, at + end)
    return None


def _body(window: str) -> int:
    """Where the name of an office ends that a credit begins with (`Cổng TTĐT Quốc hội`)."""
    words = read(window)
    if len(words) < 2 or words.starts[0] or words.low[0] not in _BODIES:
        return 0
    end = unit_end(words, 0)
    year = re.search(r" năm \d", window[: words.ends[end - 1]])
    return (year.start() if year else words.ends[end - 1]) if end > 1 else 0


def _with_partner(text: str, end: int) -> int:
    """`VGP/Từ Lương`: the name behind the agency's slash."""
    if text[end : end + 1] == "/":
        run = _NAME_RUN.match(text, end + 1)
        if run:
            return end + 1 + _cut(text[end + 1 : end + 91], run.end() - end - 1)
    return end


_STARTERS = re.compile(
    r"(?:Ông|Bà|Anh|Chị|Theo|Tại|Trong|Ngày|Sáng|Chiều|Tối|Trưa|Đêm|Sau|Trước|Khi|Để|Từ|Đến|Tới|Về|Với|Các|"
    r"Những|Một|Hai|Ba|Cùng|Cũng|Tuy|Nhưng|Song|Ngoài|Bên|Đây|Đó|Này|Như|Nếu|Qua|Trên|Dưới|Có|Không|Chúng|Tôi|"
    r"Đồng|Chủ|Phó|Bộ|Thứ|Giám|Tổng|Thủ|Trưởng|Bí|UBND|Công|Phát|Việc|Hiện|Được|Đặc|Liên|Nhiều|Cơ|Cụ|Vì|Do|"
    r"Riêng|Mặc|Mỗi|Còn|Đại|Bởi|Thực|Người|Xem|Tin|Bài|Kết|Hội|Ban|Thưa|PV|Bị|Rất|Sở|Vào)(?!\w)"
)


def _cut(window: str, end: int) -> int:
    """Where a run of capitalised words stops being the name: the next sentence may cling to it."""
    words = list(re.finditer(r"\S+", window[:end]))
    limit = len(words)
    for index, word in enumerate(words[1:], 1):
        if _STARTERS.match(word[0]) or index >= 5:
            limit = index
            break
        if (
            words[index - 1][0].isupper()
            and len(words[index - 1][0]) > 1
            and not word[0].isupper()
            and not word[0].startswith(("-", "/", "&"))
        ):
            limit = index
            break
    after = window[end : end + 2]
    if (
        limit == len(words) > 1
        and len(after) == 2
        and after[0] == " "
        and (after[1].islower() or after[1].isdigit())
    ):
        limit -= 1
    return words[limit - 1].end()


_TIN_ANH = re.compile(
    rf"(?:Tin,? ?(?:bài )?(?:và |-)?ảnh|Bài,? ?(?:và |-)?ảnh|Thực hiện|Bài, ảnh|Ảnh và bài) ?: ?(?=[{_UPPER}])"
)


def _tin_anh(text: str) -> _Credit | None:
    """`Tin, ảnh: Quốc Đạt (TTXVN)`: one name for both."""
    start = max(0, len(text) - _TAIL)
    leads = list(_TIN_ANH.finditer(text, start))
    if not leads or "ảnh" not in leads[-1][0].lower():
        return None
    return _value(text, leads[-1].end(), colon=True)


# --- the end ---------------------------------------------------------------------------------

_SOURCE_LINE = re.compile(r"(?:(?<=[\n(.])|(?<=[.] )|^)Nguồn ?: ?(?=\S)", re.MULTILINE)
_BOUNDARY = re.compile(r"(?:[.!?…:”\"“()\]»>;/*\d’'](?:[ \u00a0]*)(?=\S)|\n\s*)")
_NAME = rf"(?:[{_UPPER}]\w{{0,2}}\.[ ]?)*(?:{_WORD})\.?(?:[ ]{_WORD}){{0,3}}"
_SIGNED = re.compile(
    rf"(?:(?P<lead>Theo|THEO|Nguồn|Thực hiện|Tổng hợp|Bài|Tin|CTV|PV|Ghi|T/h)[ ]?:?[ ]?(?=[{_UPPER}]))?"
    rf"(?P<who>(?:{_NAME})(?:[ ]?[-–,&+][ ]?{_NAME}|[ ]và[ ]{_NAME}){{0,3}}|(?:[Nn]hóm )?(?:PV|phóng viên)|[\w.]{{3,30}}\.(?:vn|com|net))"
    r"(?:[ ]{0,2}(?:\((?P<in>[^()\n]{2,40})\)|[/|\n][ ]?(?P<by>[^\n]{2,40}?)))?[ ]?(?:ghi|thực hiện|lược ghi|tổng hợp)?[\s.)/*]*\Z"
)
_LABELLED = re.compile(
    r"(?:[Cc]lip|[Vv]ideo|(?<!, )[ẢảAa]nh|[Đđ]ồ họa|[Ll]ink|[Tt]ừ khóa)[ ]?:[ ]?\Z"
)
_SITE_BEFORE = re.compile(r"(?:\A|\n\s*|[.!?…\"”)][ ]{0,2})\Z")
_INITIALS = re.compile(rf"(?:[{_UPPER}]\.){{1,3}}[{_UPPER}]\w*\.?\Z|[{_UPPER}]\.? ?{_WORD}\Z")
_NOT_SIGNED = re.compile(
    r"(?:Ông|Bà|Đồng|Chủ|Phó|Bộ|Thứ|Giám|Thủ|Tổng|Trưởng|Bí|Đại tá|Ảnh|ảnh|Theo|Nguồn|TP|UBND|"
    r"Tin liên quan|Xem|Video|Clip|Hội|Công|Sở|Ban|Vụ|Cục|Viện|Trường|Quang cảnh|Đồ họa|Việt Nam)(?!\w)"
)


def _signed(text: str) -> tuple[_Credit | None, _Credit | None]:
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


_Pair = tuple[_Credit | None, _Credit | None]
_ACCORDING = re.compile(rf"(?:Theo|THEO|Nguồn)[ ]?:?[ ]?(?=[{_UPPER}]|\w+\.\w)")
_SITE = re.compile(r"[\w.-]{3,30}\.(?:vn|com|net|org)")
_AUTHOR = re.compile(rf"{_NAME}")


def _according(text: str, start: int, stop: int) -> _Pair | None:
    """`Theo Báo Giáo dục và Thời đại`, `Theo Ngọc TrâmCông an nhân dân`: known sources."""
    lead = _ACCORDING.match(text, start)
    if not lead:
        return None
    rest = text[lead.end() : stop].rstrip(" .)/*\n")
    if _SITE.fullmatch(rest):
        return None, _credit(text, lead.end(), lead.end() + len(rest))
    for agency in _agency_pattern().finditer(rest):
        if agency.end() != len(rest):
            continue
        source = _credit(text, lead.end() + agency.start(), lead.end() + agency.end())
        author = rest[: agency.start()].rstrip(" /(\n-")
        if not author:
            return None, source
        if _AUTHOR.fullmatch(author):
            return _credit(text, lead.end(), lead.end() + len(author)), source
    return None


def _by_name(text: str, start: int, stop: int) -> _Pair | None:
    found = _SIGNED.match(text[start:stop])
    signed = _understood(text, start, found) if found else (None, None)
    return signed if signed != (None, None) else None


# `... nghệ nhân ViệtBảo Khánh`: the byline clings to the last sentence
_GLUED_NAME = re.compile(rf"(?<=[a-zà-ỹ])(?=(?:{_WORD})(?: {_WORD}){{1,3}}\Z)")


def _boundaries(text: str, end: int) -> list[int]:
    """Where the last words may begin, the longest first."""
    low = max(0, end - 110)
    starts = [low + found.end() for found in _BOUNDARY.finditer(text[low:end])]
    glued = [
        low + found.end()
        for found in re.finditer(rf"(?<=[a-zà-ỹ.])(?=Theo [{_UPPER}])", text[low:end])
    ]
    glued += [low + found.end() for found in _GLUED_NAME.finditer(text[low:end])]
    return [s for s in sorted({*starts, *glued}) if s < end and not _abbreviated(text, s)]


def _abbreviated(text: str, start: int) -> bool:
    """Whether the full stop before `start` ends `TP.` or `ThS.` and not a sentence."""
    before = text[max(0, start - 8) : start].rstrip()
    return bool(re.search(r"(?:\b(?:TP|Tp|Th|ThS|TS|GS|PGS|BS|Q|P|H|Mr|St)\.)\Z", before))


def _understood(
    text: str, start: int, found: re.Match[str]
) -> tuple[_Credit | None, _Credit | None]:
    if _LABELLED.search(text[max(0, start - 24) : start]):
        return None, None
    lead = found["lead"]
    who = _credit(text, start + found.start("who"), start + found.end("who"))
    second = "in" if found["in"] else "by" if found["by"] else ""
    other = (
        _credit(text, start + found.start(second), start + found.end(second)) if second else None
    )
    if _NOT_SIGNED.match(who.value) and lead not in ("Theo", "Nguồn"):
        return None, None
    if _SITE.fullmatch(who.value) and not _SITE_BEFORE.search(text[max(0, start - 4) : start]):
        return None, None
    if other and other.value.lower().startswith("theo "):
        return who, _credit(text, other.start + 5, other.end)
    if lead in ("Theo", "THEO", "Nguồn"):
        return _cited(text, who, other)
    if _is_agency(who.value):
        whole = (
            _Credit(value=text[who.start : other.end], start=who.start, end=other.end)
            if other and second == "by"
            else who
        )
        return None, whole
    if not _is_signature(who.value):
        return None, None
    return who, None


def _cited(text: str, who: _Credit, other: _Credit | None) -> tuple[_Credit | None, _Credit | None]:
    """`Theo Thu Cúc/Chinhphu.vn`, `Theo Bích Diệp (Dân Trí)`, `Theo VnExpress`."""
    if other:
        return who, other
    glued = re.search(rf"(?<=[a-zà-ỹ])(?=[{_UPPER}])", who.value)
    if glued and not _is_agency(who.value):
        return (
            _credit(text, who.start, who.start + glued.start()),
            _credit(text, who.start + glued.start(), who.end),
        )
    return None, who


def _is_agency(value: str) -> bool:
    first = re.split(r"[/(]", value)[0].strip()
    return first.lower() in _agency_folded() or bool(re.search(r"\.(?:vn|com|net)\Z", value))


def _is_signature(value: str) -> bool:
    if len(value.strip(".")) < 2:
        return False
    if _INITIALS.match(value):
        return True
    words = value.replace(".", ". ").split()
    if re.fullmatch(rf"[{_UPPER}]+-[{_UPPER}]+", value):  # `NĐ-CP` at the end of a reference
        return False
    return len(words) <= 12 and not any(word in ("HCM", "USD", "VND") for word in words)


def _source_line(text: str) -> _Credit | None:
    """`(Nguồn: Reuters)`, `Nguồn: BTV` on a line of its own."""
    for found in _SOURCE_LINE.finditer(text):
        at = found.end()
        stop = re.search(r"[)\n]|[.](?:\s|\Z)|\Z", text[at : at + 80])
        if text[at] == "[":
            continue
        if stop and stop.start() and len(text[at : at + stop.start()].split()) <= 6:
            return _credit(text, at, at + stop.start())
        value = _value(text, at, colon=True)
        if value:
            return value
    return None
