"""The titles attached to a mention: offices, positions and ranks before or after the name.

A title is a head word of `titles.tsv`, what qualifies it (`nguyên`, `Phó`), and the unit that
belongs to the office. Heads are found once for the whole text; around a name only a bounded number
of words is looked at.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass

from streams.extraction.lexicon import Phrases, lexicon
from streams.extraction.words import CAPITAL, NUMBER, UPPER, Words

_MODIFIERS = frozenset(["nguyên", "cựu", "quyền", "phó", "tổng", "đồng", "cố", "tân"])
_KEPT_MODIFIERS = frozenset(["nguyên", "cựu", "quyền", "phó", "tổng", "đồng"])
_REACH = 30  # words of the longest unit
_CHAIN = 6  # titles in a row
_JOINTS = frozenset(
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
_SPLITS = frozenset([", ", " - ", " – ", "- ", " -", " ,", ",", " — ", "-"])
_DASHES = frozenset([" - ", " – ", "- ", " -", " — ", "-"])
_CONNECTORS = frozenset(
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
# what may stand before the first of several titles in a row
_LEADS = frozenset(
    "có chí do gồm của ông bà với cùng và là theo bởi đó gs ts anh chị tiếp gặp đón thăm dự đồng nhà ngài "
    "tướng tá úy sĩ sỹ giữa mời thưa để tới đến từ nói".split()
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Heads:
    """Where title heads stand: word index -> (index after the head, kind)."""

    at: Mapping[int, tuple[int, str]]


def phrase_end(words: Words, index: int, phrases: Phrases) -> tuple[int, str] | None:
    """The longest phrase that begins at word `index`, as (index after it, its value)."""
    for phrase, value in phrases.get(words.low[index], ()):
        end = index + len(phrase)
        if end > len(words) or tuple(words.low[index:end]) != phrase:
            continue
        if all(gap in (" ", ".", "-", ". ", "/", "  ") for gap in words.gaps[index + 1 : end]):
            return end, value
    return None


def find_heads(words: Words) -> Heads:
    """All title heads of the text, the longest at each word, none inside another."""
    titles = lexicon().titles
    found: dict[int, tuple[int, str]] = {}
    until = 0
    for index, word in enumerate(words.low):
        if index < until or word not in titles:
            continue
        head = phrase_end(words, index, titles)
        if head and _is_head(words, index, head[0]):
            found[index] = head
            until = head[0]
    return Heads(at=found)


def head_ends(heads: Heads, at: int) -> str | None:
    """The kind of the title head that ends right before word `at`."""
    for start in range(at - 1, max(-1, at - 6), -1):
        if start in heads.at and heads.at[start][0] == at:
            return heads.at[start][1]
    return None


def head_start(heads: Heads, at: int) -> int:
    """Where the title head that ends right before word `at` begins."""
    return next(start for start in range(at - 1, -1, -1) if heads.at.get(start, (0,))[0] == at)


def _is_head(words: Words, index: int, end: int) -> bool:
    """Whether a short abbreviation (`ts`, `ct`) is written like one."""
    word = words.words[index]
    if end - index == 1 and len(word) <= 3 and words.low[index] not in ("phó",):
        return (
            any(letter.isupper() for letter in word)
            and word[0].isupper()
            and (len(word) < 3 or not word.istitle() or word in ("Ths", "ThS"))
        )
    return True


def _opens(heads: Heads, index: int) -> bool:
    return index in heads.at and heads.at[index][1] != "body"


def _modified(words: Words, index: int) -> int:
    """The first word of the title whose head is at `index`: `nguyên Phó` belongs to it."""
    while index > 0 and words.low[index - 1] in _KEPT_MODIFIERS and words.gaps[index] == " ":
        if words.low[index - 1] == "quyền" and index > 1 and words.low[index - 2] == "chính":
            break
        index -= 1
    return index


def before(
    words: Words, heads: Heads, name: int, taken: Container[int], *, aside: bool = False
) -> list[tuple[int, int]]:
    """Titles that end right before word `name`, as word ranges in reading order.

    Args:
        taken: the words of the names already found.
        aside: a form of address stands between the title and the name.
    """
    found: list[tuple[int, int]] = []
    end = name
    if not _opens_after(words, heads, name, aside=aside):
        return found
    while len(found) < _CHAIN and end > 0:
        start = _title_start(words, heads, end, taken)
        if start is None:
            break
        if _belongs_before(words, start, name, taken):
            return []
        if found and not _begins_clause(words, start):
            break
        if not found and aside and words.gaps[name] == ", " and not _begins_clause(words, start):
            break
        found.append((start, end))
        if start == 0 or (words.gaps[start] not in _SPLITS and not _kiem(words, start)):
            break
        end = start - (1 if _kiem(words, start) else 0)
    return [part for each in reversed(found) for part in split(words, heads, *each)]


def _opens_after(words: Words, heads: Heads, name: int, *, aside: bool) -> bool:
    """Whether what stands between a title and word `name` lets them belong together."""
    if name == 0 or words.low[name - 1] in _CONNECTORS:
        return False
    gap = words.gaps[name]
    if gap in (" ", "  "):
        return True
    if gap in (".", ". "):
        return head_ends(heads, name) == "rank"
    return aside and (gap in _DASHES or gap in (", ", ": "))


def _belongs_before(words: Words, start: int, name: int, taken: Container[int]) -> bool:
    """Whether the title follows a name already and is set off from this one."""
    return start - 1 in taken and words.gaps[start] != " " and words.gaps[name] != " "


def _begins_clause(words: Words, start: int) -> bool:
    """Whether a row of titles may begin at word `start` (not `thừa lệnh Thủ tướng, Phó Thủ tướng`)."""
    return start == 0 or words.gaps[start] != " " or words.low[start - 1] in _LEADS


def _kiem(words: Words, start: int) -> bool:
    return start > 1 and words.low[start - 1] in ("kiêm", "và") and words.gaps[start] == " "


def _title_start(words: Words, heads: Heads, end: int, taken: Container[int]) -> int | None:
    """The leftmost head from which words run to `end` without a break."""
    best = None
    index = end - 1
    if index in taken or not _is_unit_word(words, heads, index):
        return None
    low = max(0, end - _REACH)
    while index >= low:
        if _opens(heads, index) and heads.at[index][0] <= end:
            best = index
        if index - 1 in taken or not _goes_on(words, heads, index, end):
            break
        index -= 1
    return None if best is None else _modified(words, best)


def _goes_on(words: Words, heads: Heads, index: int, end: int) -> bool:
    """Whether the word before `index` may belong to the same title."""
    if index == 0:
        return False
    gap = words.gaps[index]
    if gap not in _JOINTS and not _inner_comma(words, index) and not _abbreviated(words, index):
        return False
    if gap in (" - ", " – ", "- ", " -") and index in heads.at:
        return False
    return not (
        words.low[index - 1] in ("và", "của", "với", "kiêm", "cho", "về") and index in heads.at
    ) and _is_unit_word(words, heads, index - 1)


def _inner_comma(words: Words, index: int) -> bool:
    """Whether a comma stands inside the name of a body, or between a part and its body."""
    if words.gaps[index] != ", ":
        return False
    if words.low[index] in _INNER:
        return True
    return (
        bool(words.kinds[index] & CAPITAL)
        and words.low[index] in _BODIES
        and bool(words.kinds[index - 1] & CAPITAL or _covered(words, index - 1))
    )


def _abbreviated(words: Words, index: int) -> bool:
    """`TP. Hồ Chí Minh`, `T.Ư`: a full stop that ends no sentence."""
    if words.gaps[index] not in (". ", "."):
        return False
    before = words.words[index - 1]
    return before in ("TP", "Tp", "TX", "TT", "T", "P", "Q", "H", "Th") or (
        words.gaps[index] == "." and bool(words.kinds[index - 1] & UPPER) and len(before) <= 4
    )


def _is_unit_word(words: Words, heads: Heads, index: int) -> bool:
    if words.kinds[index] & (CAPITAL | NUMBER):
        return True
    low = words.low[index]
    if low in _MODIFIERS or low == "kiêm":
        return True
    return _covered(words, index) or any(
        start in heads.at and heads.at[start][0] > index
        for start in range(max(0, index - 4), index + 1)
    )


def _covered(words: Words, index: int) -> bool:
    """Whether a lower-case word is part of a phrase of the unit lexicon."""
    units = lexicon().units
    for start in range(max(0, index - 3), index + 1):
        if words.low[start] in units:
            found = phrase_end(words, start, units)
            if found and found[0] > index:
                return True
    return False


def split(words: Words, heads: Heads, start: int, end: int) -> list[tuple[int, int]]:
    """`Bộ trưởng ... kiêm Trưởng ban ...`, `Chủ tịch - Bí thư`: one range an office."""
    parts: list[tuple[int, int]] = []
    first = start
    for index in range(start + 1, end):
        if index not in heads.at or _modified(words, index) <= first:
            continue
        cut = _modified(words, index)
        if words.gaps[cut] in _SPLITS:
            parts.append((first, cut))
            first = cut
        elif words.low[cut - 1] in ("kiêm", "và") and cut - 1 > first:
            parts.append((first, cut - 1))
            first = cut
    return [*parts, (first, end)]


def after(
    words: Words, heads: Heads, index: int, taken: Container[int], *, own: bool
) -> list[tuple[int, int]]:
    """Titles that follow the name that ends before word `index`.

    Args:
        own: the name has titles before it: a chain that ends in the next name is that name's.
    """
    found: list[tuple[int, int]] = []
    at = _first_after(words, heads, index, own=own)
    while at is not None and len(found) < _CHAIN:
        head = _head_at(words, heads, at)
        if head is None:
            break
        end = _unit_end(words, heads, head, taken)
        if end in taken and words.gaps[end] == " ":
            found = [] if own else found
            break
        found.append((at, end))
        at = _next_title(words, end)
    return [part for each in found for part in split(words, heads, *each)]


def _next_title(words: Words, end: int) -> int | None:
    if end >= len(words):
        return None
    if words.low[end] in ("kiêm", "và") and words.gaps[end] == " ":
        return end + 1
    if words.gaps[end] in _SPLITS:
        return end + 1 if words.low[end] == "kiêm" else end
    return None


def _first_after(words: Words, heads: Heads, index: int, *, own: bool) -> int | None:
    """Where the first title after a name may begin."""
    if index >= len(words):
        return None
    gap = words.gaps[index]
    if gap in (" (", "(", ", (", " ( "):
        return _in_bracket(words, heads, index)
    if gap == " " and not own and words.kinds[index] & CAPITAL:
        return index
    if gap not in _SPLITS:
        return None
    if words.words[index].isdigit() and index + 2 < len(words) and words.low[index + 1] == "tuổi":
        return index + 2 if words.gaps[index + 2] in _SPLITS else None
    return index


def _in_bracket(words: Words, heads: Heads, index: int) -> int | None:
    """`(SN 1973, trú tại Hà Nội, nguyên Phó Chủ tịch ...)`: the first title of the bracket."""
    for at in range(index, min(len(words), index + _REACH)):
        if at > index and ")" in words.gaps[at]:
            return None
        if (at == index or words.gaps[at].strip() in (",", "-", "–", ";")) and _head_at(
            words, heads, at
        ) is not None:
            return at
    return None


def _head_at(words: Words, heads: Heads, index: int) -> int | None:
    """The head that opens at `index`, behind its modifiers."""
    for _ in range(3):
        if index in heads.at:
            return index if _opens(heads, index) else None
        if (
            index + 1 < len(words)
            and words.low[index] in _MODIFIERS
            and words.gaps[index + 1] == " "
        ):
            index += 1
        else:
            return None
    return None


def unit_end(words: Words, first: int) -> int:
    """The index after the last word of the body whose name begins at word `first`."""
    return _walk(words, Heads(at={}), first, first + 1, frozenset())


def _unit_end(words: Words, heads: Heads, head: int, taken: Container[int]) -> int:
    """The index after the last word of the office whose head is at `head`."""
    end, kind = heads.at[head]
    return end if kind == "rank" else _walk(words, heads, head, end, taken)


def _walk(words: Words, heads: Heads, head: int, first: int, taken: Container[int]) -> int:
    end = first
    limit = min(len(words), head + _REACH)
    while end < limit:
        step = _unit_step(words, heads, end, taken)
        if step is None:
            break
        end = step
    while end > first and words.low[end - 1] in _CONNECTORS:
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
    if _after_place(words, index) and low not in _AFTER_PLACE:
        return None
    if low in ("tại", "cho", "với", "về", "ở") and not _capital_at(words, index + 1):
        return None
    return found[0] if found else None


_AFTER_PLACE = frozenset(
    "tỉnh thành huyện quận xã phường thị tp thuộc của và tại phía khu nhiệm khóa giai thứ".split()
)


def _after_place(words: Words, index: int) -> bool:
    """Whether the words right before `index` are the name of a place."""
    for start in range(max(0, index - 4), index):
        for phrase, _ in lexicon().places.get(words.words[start], ()):
            if start + len(phrase) == index and tuple(words.words[start:index]) == phrase:
                return True
    return False


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
    if gap in _DASHES or gap == ", ":
        if _head_at(words, heads, index) is not None:
            return False
        if gap != ", ":
            return gap == "-" or bool(words.kinds[index] & CAPITAL)
    if gap in (" (", "("):
        return bool(words.kinds[index] & CAPITAL)
    return gap in _JOINTS or _inner_comma(words, index) or _abbreviated(words, index)


def surface(words: Words, start: int, end: int) -> str:
    """The title as the text has it, with a bracket that it opens."""
    text = words.slice(start, end)
    if "(" in text and ")" not in text:
        after_it = words.text[words.ends[end - 1] : words.ends[end - 1] + 1]
        return text + ")" if after_it == ")" else text
    return text
