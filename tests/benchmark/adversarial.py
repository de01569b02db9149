"""Texts made to make a pattern explode: one piece repeated, or ever-new names and numbers."""

import random
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import count

#: characters wanted -> a text of that many
Maker = Callable[[int], str]

_SENTENCE = "Thực hiện Chỉ thị 05-CT/TW, ông Nguyễn Văn Nam, Bí thư Tỉnh ủy, nói sáng 1/2. "
_PIECES = (
    # documents
    "Nghị quyết ", "Luật ", "luật ", "số ", "1/", "05-", "106, ", "khóa X, ", "Chỉ thị này ",
    "Thông tư 12/2020/TT-", "Nghị quyết Trung ương 4 khóa ", "Nghị định 24 của ", "NQTW",
    "Luật sửa đổi, bổ sung một số điều của ", "Nghị quyết số 1-A-B-C-D-E-F ", "12/2016/",
    "Nghị quyết Đại hội đại biểu ", "Luật Phòng, chống ", "Công văn khẩn của các bộ ",
    # people
    "Nguyễn ", "Kim Lan, ", "ông ", "ông Lan ", "Bí thư ", "và ", "A. ", "x-A ", "Kim-", "A",
    "Nguyễn Văn Nam, Bí thư ", "Phó Chủ tịch (Hà Nội) ", "N'", "Van der ",
    # dates
    "ngày 1", "ngày 3, ", "tháng 1, 2, ", "2020, ", "3/4 - ", "12-", "từ 3 đến ", "1",
    # credits
    "Ảnh: ", "Ảnh: A ", "Nguồn: A", "(Theo ", "(TT) - ", ">>", "Theo A\n",
    # marks, blanks, letters
    "(", ")", "“", "- ", "-", ", ", ".", ":", "\n", " ", "\t", "\u00a0", "\u200b", "\u0301",
    "x ", "aáđ", "ĐCSVN", "\U0001f600", "\ud800",
)  # fmt: skip


def _repeated(piece: str, length: int) -> str:
    return (piece * (length // len(piece) + 1))[:length]


def _filled(pieces: Iterator[str], length: int) -> str:
    """Pieces one after another, cut at a length."""
    text: list[str] = []
    total = 0
    while total < length:
        text.append(next(pieces))
        total += len(text[-1])
    return "".join(text)[:length]


def _new_people() -> Iterator[str]:
    draw = random.Random(1)  # the same names every time
    families = ("Nguyễn", "Trần", "Lê", "Phạm", "Đỗ")
    given = [a + b for a in "BĐGHKLMNPQRSTVX" for b in ("an", "inh", "iêu", "oan", "ung", "ưng")]
    while True:
        name = (draw.choice(families), draw.choice(given), draw.choice(given))
        yield f"ông {' '.join(name)} nói. Ông {name[2]} đi. "


def _new_decrees() -> Iterator[str]:
    return (f"Nghị định {i}/{1990 + i % 40}/NĐ-CP, Nghị định này. " for i in count(1))


def _one_number() -> Iterator[str]:
    return (f"Chỉ thị 05-CT/TW ngày {i % 28 + 1}/{i % 12 + 1}/{1990 + i % 35}. " for i in count(1))


def _short_forms() -> Iterator[str]:
    return (f"Quyết định {i}, Nghị quyết {i % 500}, công văn {i}. " for i in count(1))


def _new_dates() -> Iterator[str]:
    return (f"ngày {i % 28 + 1}/{i % 12 + 1}, năm {1900 + i % 200}, " for i in count(1))


def _new_laws() -> Iterator[str]:
    return (f"Luật Đất đai năm {1950 + i % 90}, Luật Báo chí, Luật này. " for i in count(1))


MAKERS: Mapping[str, Maker] = {
    **{repr(piece): partial(_repeated, piece) for piece in _PIECES},
    "decomposed": partial(_repeated, unicodedata.normalize("NFD", _SENTENCE)),
    "one long line": partial(_repeated, _SENTENCE.replace(" ", "")),
    "ordinary": partial(_repeated, _SENTENCE),
    "ever-new people": lambda length: _filled(_new_people(), length),
    "ever-new decrees": lambda length: _filled(_new_decrees(), length),
    "one number, many dates": lambda length: _filled(_one_number(), length),
    "ever-new short forms": lambda length: _filled(_short_forms(), length),
    "ever-new dates": lambda length: _filled(_new_dates(), length),
    "laws of many years": lambda length: _filled(_new_laws(), length),
}
