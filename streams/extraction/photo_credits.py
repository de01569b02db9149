"""Photo credits: the name or the source behind `Ảnh:`, and what a credit's name looks like."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from streams.extraction.units import unit_end
from streams.extraction.words import read
from streams.tables import read_tsv

_DATA = Path(__file__).parent / "data"


_BODIES = frozenset(["cổng", "báo", "ban", "bộ", "sở", "công", "ubnd", "cục", "đài", "cơ", "trung"])


UPPER = "A-ZĐÀ-ÖØ-ÝĂĨŨƠƯẠẢẤẦẨẪẬẮẰẲẴẶẸẺẼẾỀỂỄỆỈỊỌỎỐỒỔỖỘỚỜỞỠỢỤỦỨỪỬỮỰỲỴỶỸ"


WORD = rf"[{UPPER}][\w’']*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    value: str
    start: int
    end: int


@cache
def _agencies() -> tuple[str, ...]:
    rows = read_tsv(_DATA / "agencies.tsv", ["name"])
    return tuple(sorted((row["name"] for _, row in rows), key=len, reverse=True))


@cache
def agency_pattern() -> re.Pattern[str]:
    names = "|".join(re.escape(name) for name in _agencies())
    return re.compile(rf"(?:(?:[Bb]áo|[Tt]ạp chí|[Hh]ãng tin) )?(?:{names})(?!\w)")


@cache
def agency_folded() -> frozenset[str]:
    return frozenset(name.lower() for name in _agencies())


def credit_at(text: str, start: int, end: int) -> Credit:
    raw = text[start:end]
    start += len(raw) - len(raw.lstrip())
    return Credit(value=raw.strip(), start=start, end=start + len(raw.strip()))


_PHOTO = re.compile(
    r"(?:(?<=[.\n(\-–—…\"”!?,])|(?<=[.\-–—…\"”!?,)][ \u00a0])|^)"
    r"(?:Nguồn ảnh|Ảnh|ảnh)(?: (?:minh h[oọ]ạ?a?|tư liệu|chụp màn hình|cắt từ clip))?"
    r"(?P<colon> ?: ?| )(?=\S)",
    re.MULTILINE,
)


_PHOTO_ANYWHERE = re.compile(r"\bẢnh(?: minh h[oọ]ạ?a?)? ?: ?(?=\S)")


_VALUE_END = re.compile(r"(?<!TP)(?<!Tp)[.)\n;,\"“”\]|]|[ ][-–—>]|\Z")


def find_photos(text: str) -> Iterator[Credit]:
    seen = -1
    found = sorted(
        [(m.end(), ":" in m["colon"]) for m in _PHOTO.finditer(text)]
        + [(m.end(), True) for m in _PHOTO_ANYWHERE.finditer(text)]
    )
    for at, colon in found:
        if at <= seen:
            continue
        credit = value_at(text, at, colon=colon)
        if credit:
            seen = credit.end
            yield credit


_NAME_RUN = re.compile(
    rf"(?:[{UPPER}]\.[ ]?)*{WORD}"
    rf"(?:[ ]?[-/&+][ ]?(?:[{UPPER}]\.[ ]?)*{WORD}|[ ]{WORD}|\.{WORD}|\.(?:vn|com|net)\b)*"
)


def value_at(text: str, at: int, *, colon: bool) -> Credit | None:
    """The name or the source that begins at `at`."""
    agency = agency_pattern().match(text, at)
    if agency:
        end = _with_partner(text, agency.end())
        return credit_at(text, at, end) if colon or end > agency.end() else None
    window = text[at : at + 90]
    body = _body(window) if colon else 0
    if body:
        return credit_at(text, at, at + body)
    stop = _VALUE_END.search(window)
    plain = window[: stop.start()] if stop else window
    if colon and _stands_alone(window, plain):
        return credit_at(text, at, at + len(plain))
    run = _NAME_RUN.match(window)
    if not run:
        return (
            credit_at(text, at, at + len(plain)) if colon and 0 < len(plain.split()) <= 6 else None
        )
    end = _cut(window, run.end())
    if colon and end < run.end() + 2 and " " not in run[0] and window[end : end + 1] == " ":
        end = len(plain.rstrip()) if len(plain.split()) <= 6 else end  # `Bệnh viện cung cấp`
    if colon or (end == len(plain.rstrip()) and 2 <= len(run[0].split()) <= 5):
        return credit_at(text, at, at + end)
    return None


def _stands_alone(window: str, plain: str) -> bool:
    """Whether the credit is all that is left of its line or bracket: nothing clings to it, so
    nothing is cut off (`Trung tâm Y tế huyện`, `Thế Anh`)."""
    behind = window[len(plain) : len(plain) + 2]
    ends = len(plain) == len(window) < 90 or behind[:1] in ("\n", ")", "]") or behind == ".\n"
    return ends and "(" not in plain and 0 < len(plain.split()) <= 8 and plain[:1].isupper()


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
