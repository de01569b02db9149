"""Tells documents of other countries and of international bodies, which are not ours to find."""

import re
from functools import cache

from streams.extraction.vocabulary import DATA
from streams.tables import read_tsv

_AROUND = 160  # characters on each side that are looked at where the words themselves don't tell
_HOME = re.compile(
    r"(?<![^\W_])(?:Việt Nam|VN|nước ta|ĐBQH|[Đđ]ại biểu Quốc hội|UBND|TAND|TP\.? ?HCM"
    r"|Hà Nội|[Tt]ỉnh"
    r"|Đảng|Nghị định|Thông tư|(?:[Đđ]iều|[Kk]hoản) \d)"
)


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    rows = [row for _, row in read_tsv(DATA / "foreign.tsv", ("kind", "name"))]
    names = sorted((row["name"] for row in rows), key=len, reverse=True)
    bodies = [row["name"] for row in rows if row["kind"] == "body"]
    any_name = "|".join(map(re.escape, names))
    return (
        re.compile(
            r" ?\(?(?:năm (?:19|20)\d\d )?(?:(?:mới|sửa đổi|hiện hành) )?(?:của |ở |tại |nước )?"
            rf"(?:nước )?(?:{any_name}|[Qq]uốc tế)(?![^\W_])(?! [Vv]ăn| [Nn]gữ| em)"
        ),
        re.compile(rf"(?<![^\W_])(?:{any_name})(?![^\W_])"),
        re.compile(rf"(?<![^\W_])(?:{'|'.join(map(re.escape, bodies))})(?![^\W_])"),
        re.compile(rf" của (?:[^\s.,;]{{1,12}} ){{0,3}}(?:{any_name})(?![^\W_])"),
    )


def stands_abroad(text: str, end: int) -> bool:
    """Whether what follows a name says another country: `của Mỹ`, `Hong Kong`."""
    return _patterns()[0].match(text, end) is not None


def speaks_of_abroad(text: str, start: int, end: int) -> bool:
    """Whether the words around speak of another country, and not of Vietnam."""
    around = text[max(0, start - _AROUND) : end + _AROUND]
    return _patterns()[1].search(around) is not None and _HOME.search(around) is None


def of_foreign_body(text: str, start: int, end: int) -> bool:
    """Whether a number is an international body's: `nghị quyết 2270 của Hội đồng Bảo an`."""
    return (
        _patterns()[2].search(text, end, end + 70) is not None
        or _patterns()[2].search(text, max(0, start - 60), start) is not None
    )


def issued_abroad(text: str, end: int) -> bool:
    """Whether another country's body is named behind a number: `của Tổng thống Nga`."""
    return _patterns()[3].match(text, end) is not None
