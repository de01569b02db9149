"""The unit that belongs to an office: how far its name goes, word by word."""

from collections.abc import Container

from streams.extraction.heads import MODIFIERS, Heads, head_at, phrase_end
from streams.extraction.lexicon import lexicon
from streams.extraction.words import CAPITAL, NUMBER, UPPER, Words

REACH = 30  # words of the longest unit


JOINTS = frozenset(
    [
        " ",
        "-",
        " - ",
        "- ",
        " -",
        "/",
        " / ",
        " – ",
        "–",
        " (",
        "(",
        ") ",
        " & ",
        "&",
        " \u00a0",
    ]
)


DASHES = frozenset([" - ", " – ", "- ", " -", " — ", "-"])


CONNECTORS = frozenset(
    [
        "và",
        "của",
        "thuộc",
        "về",
        "với",
        "cho",
        "tại",
        "phía",
        "thứ",
        "lần",
        "số",
        "khóa",
        "năm",
        "kiêm",
        "ở",
    ]
)


# bodies that may follow their part after a comma or in a bracket: `Phòng Tham mưu, Công an tỉnh`
_BODIES = frozenset(
    [
        "bộ",
        "sở",
        "cục",
        "vụ",
        "viện",
        "học",
        "trường",
        "đại",
        "bệnh",
        "công",
        "tập",
        "tổng",
        "ngân",
        "ban",
        "hội",
        "trung",
        "ubnd",
        "đài",
        "phòng",
        "văn",
        "tòa",
        "tand",
        "vksnd",
        "quân",
        "thành",
        "tỉnh",
        "huyện",
        "cơ",
        "ủy",
        "đảng",
        "liên",
        "mặt",
        "tw",
        "tư",
        "nhà",
    ]
)


# what follows a comma that stands inside the name of a body
_INNER = frozenset(
    [
        "thương",
        "binh",
        "thể",
        "thao",
        "chống",
        "chiến",
        "cứu",
        "tác",
        "nhi",
        "thiếu",
        "du",
        "môi",
        "chính",
        "gia",
        "nghỉ",
        "bồi",
        "hỗ",
        "chữa",
    ]
)


_AFTER_PLACE = frozenset(
    [
        "tỉnh",
        "thành",
        "huyện",
        "quận",
        "xã",
        "phường",
        "thị",
        "tp",
        "thuộc",
        "của",
        "và",
        "tại",
        "phía",
        "khu",
        "nhiệm",
        "khóa",
        "giai",
        "thứ",
    ]
)


def unit_end(words: Words, first: int) -> int:
    """The index after the last word of the body whose name begins at word `first`."""
    return walk(words, Heads(at={}, ends={}), first, first + 1, frozenset())


def office_end(words: Words, heads: Heads, head: int, taken: Container[int]) -> int:
    """The index after the last word of the office whose head is at `head`."""
    end, kind = heads.at[head]
    return end if kind == "rank" else walk(words, heads, head, end, taken)


def walk(words: Words, heads: Heads, head: int, first: int, taken: Container[int]) -> int:
    end = first
    limit = min(len(words), head + REACH)
    while end < limit:
        step = _unit_step(words, heads, end, taken)
        if step is None:
            break
        end = step
    while end > first and words.low[end - 1] in CONNECTORS:
        end -= 1
    return _without_short_form(words, first, end)


def _without_short_form(words: Words, first: int, end: int) -> int:
    """`Nhà khách Quốc hội (NALOD)`: a bracket at the end belongs only where it names a body."""
    for index in range(end - 1, first, -1):
        gap = words.gaps[index]
        if ")" in gap:
            return end
        if "(" in gap:
            return end if words.low[index] in _BODIES else index
    return end


def _unit_step(words: Words, heads: Heads, index: int, taken: Container[int]) -> int | None:
    """One word or phrase further, or None where the unit ends."""
    if index in taken or not _gap_holds(words, heads, index):
        return None
    if index in heads.at and words.low[index - 1] not in ("và", "kiêm"):
        return heads.at[index][0]
    low = words.low[index]
    found = phrase_end(words, index, lexicon().units)
    if words.kinds[index] & (CAPITAL | NUMBER):
        return _capital_step(words, index, found)
    if ends_place(words, index) and low not in _AFTER_PLACE:
        return None
    if low in ("tại", "cho", "với", "về", "ở") and not _capital_at(words, index + 1):
        return None
    return found[0] if found else None


def _capital_step(words: Words, index: int, found: tuple[int, str] | None) -> int | None:
    if found:
        return found[0]
    if words.low[index] in lexicon().starters and words.words[index] not in lexicon().places:
        return None
    return index + 1


def _capital_at(words: Words, index: int) -> bool:
    return index < len(words) and bool(words.kinds[index] & CAPITAL)


def _gap_holds(words: Words, heads: Heads, index: int) -> bool:
    """Whether what stands before word `index` lets the unit go on."""
    gap = words.gaps[index]
    if gap in DASHES or gap == ", ":
        if head_at(words, heads, index) is not None:
            return False
        if gap != ", ":
            return gap == "-" or bool(words.kinds[index] & CAPITAL)
    if gap in (" (", "("):
        return bool(words.kinds[index] & CAPITAL)
    return gap in JOINTS or inner_comma(words, index) or abbreviated(words, index)


def ends_place(words: Words, index: int) -> bool:
    """Whether the words right before `index` are the name of a place."""
    for start in range(max(0, index - 4), index):
        for phrase, _ in lexicon().places.get(words.words[start], ()):
            if start + len(phrase) == index and tuple(words.words[start:index]) == phrase:
                return True
    return False


def inner_comma(words: Words, index: int) -> bool:
    """Whether a comma stands inside the name of a body, or between a part and its body."""
    if words.gaps[index] != ", ":
        return False
    if words.low[index] in _INNER:
        return True
    return (
        bool(words.kinds[index] & CAPITAL)
        and words.low[index] in _BODIES
        and bool(words.kinds[index - 1] & CAPITAL or covered(words, index - 1))
    )


def abbreviated(words: Words, index: int) -> bool:
    """`TP. Hồ Chí Minh`, `T.Ư`: a full stop that ends no sentence."""
    if words.gaps[index] not in (". ", "."):
        return False
    before = words.words[index - 1]
    return before in ("TP", "Tp", "TX", "TT", "T", "P", "Q", "H", "Th") or (
        words.gaps[index] == "." and bool(words.kinds[index - 1] & UPPER) and len(before) <= 4
    )


def is_unit_word(words: Words, heads: Heads, index: int) -> bool:
    if words.kinds[index] & (CAPITAL | NUMBER):
        return True
    low = words.low[index]
    if low in MODIFIERS or low == "kiêm":
        return True
    return covered(words, index) or any(
        start in heads.at and heads.at[start][0] > index
        for start in range(max(0, index - 4), index + 1)
    )


def covered(words: Words, index: int) -> bool:
    """Whether a lower-case word is part of a phrase of the unit lexicon."""
    units = lexicon().units
    for start in range(max(0, index - 3), index + 1):
        if words.low[start] in units:
            found = phrase_end(words, start, units)
            if found and found[0] > index:
                return True
    return False
