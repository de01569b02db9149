"""The titles attached to a mention: offices, positions and ranks before or after the name.

A title is a head word of `titles.tsv`, what qualifies it (`nguyên`, `Phó`), and the unit that
belongs to the office. Around a name only a bounded number of words is looked at.
"""

from collections.abc import Container

from streams.extraction.heads import Heads, head_at, head_ends, modified, opens_title
from streams.extraction.units import (
    CONNECTORS,
    DASHES,
    JOINTS,
    REACH,
    abbreviated,
    inner_comma,
    is_unit_word,
    office_end,
)
from streams.extraction.words import CAPITAL, Words

_CHAIN = 6  # titles in a row


_SPLITS = frozenset([", ", " - ", " – ", "- ", " -", " ,", ",", " — ", "-"])


# what may stand before the first of several titles in a row
_LEADS = frozenset(
    [
        "có",
        "chí",
        "do",
        "gồm",
        "của",
        "ông",
        "bà",
        "với",
        "cùng",
        "và",
        "là",
        "theo",
        "bởi",
        "đó",
        "gs",
        "ts",
        "anh",
        "chị",
        "tiếp",
        "gặp",
        "đón",
        "thăm",
        "dự",
        "đồng",
        "nhà",
        "ngài",
        "tướng",
        "tá",
        "úy",
        "sĩ",
        "sỹ",
        "giữa",
        "mời",
        "thưa",
        "để",
        "tới",
        "đến",
        "từ",
        "nói",
    ]
)


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
    if name == 0 or words.low[name - 1] in CONNECTORS:
        return False
    gap = words.gaps[name]
    if gap in (" ", "  ", ") "):
        return True
    if gap in (".", ". "):
        return head_ends(heads, name) == "rank"
    return aside and (gap in DASHES or gap in (", ", ": "))


def _belongs_before(words: Words, start: int, name: int, taken: Container[int]) -> bool:
    """Whether the title follows a name already and is set off from this one."""
    return start - 1 in taken and words.gaps[start] != " " and words.gaps[name] not in (" ", ") ")


def _begins_clause(words: Words, start: int) -> bool:
    """Whether a row of titles may begin at word `start` (not `thừa lệnh Thủ tướng, Phó Thủ tướng`)."""
    return start == 0 or words.gaps[start] != " " or words.low[start - 1] in _LEADS


def _kiem(words: Words, start: int) -> bool:
    return start > 1 and words.low[start - 1] in ("kiêm", "và") and words.gaps[start] == " "


def _title_start(words: Words, heads: Heads, end: int, taken: Container[int]) -> int | None:
    """The leftmost head from which words run to `end` without a break."""
    best = None
    index = end - 1
    if index in taken or not is_unit_word(words, heads, index):
        return None
    low = max(0, end - REACH)
    while index >= low:
        if opens_title(heads, index) and heads.at[index][0] <= end:
            best = index
        if index - 1 in taken or not _goes_on(words, heads, index, end):
            break
        index -= 1
    return None if best is None else modified(words, best)


def _goes_on(words: Words, heads: Heads, index: int, end: int) -> bool:
    """Whether the word before `index` may belong to the same title."""
    if index == 0:
        return False
    gap = words.gaps[index]
    if gap not in JOINTS and not inner_comma(words, index) and not abbreviated(words, index):
        return False
    if gap in (" - ", " – ", "- ", " -") and index in heads.at:
        return False
    return not (
        words.low[index - 1] in ("và", "của", "với", "kiêm", "cho", "về") and index in heads.at
    ) and is_unit_word(words, heads, index - 1)


def split(words: Words, heads: Heads, start: int, end: int) -> list[tuple[int, int]]:
    """`Bộ trưởng ... kiêm Trưởng ban ...`, `Chủ tịch - Bí thư`: one range an office."""
    parts: list[tuple[int, int]] = []
    first = start
    for index in range(start + 1, end):
        if index not in heads.at or modified(words, index) <= first:
            continue
        cut = modified(words, index)
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
        head = head_at(words, heads, at)
        if head is None:
            break
        end = office_end(words, heads, head, taken)
        if _leads_to_name(words, end, taken):
            found = [] if own else found
            break
        found.append((at, end))
        at = _next_title(words, end)
    return [part for each in found for part in split(words, heads, *each)]


def _leads_to_name(words: Words, end: int, taken: Container[int]) -> bool:
    """Whether the next name stands right behind the title, or behind its short form in brackets."""
    if end < len(words) and words.gaps[end] in (" (", "("):
        behind = [at for at in range(end + 1, min(end + 7, len(words))) if ")" in words.gaps[at]]
        return bool(behind) and behind[0] in taken and words.gaps[behind[0]] == ") "
    return end in taken and words.gaps[end] == " "


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
    for at in range(index, min(len(words), index + REACH)):
        if at > index and ")" in words.gaps[at]:
            return None
        if (at == index or words.gaps[at].strip() in (",", "-", "–", ";")) and head_at(
            words, heads, at
        ) is not None:
            return at
    return None


def surface(words: Words, start: int, end: int) -> str:
    """The title as the text has it, with a bracket that it opens."""
    text = words.slice(start, end)
    if "(" in text and ")" not in text:
        after_it = words.text[words.ends[end - 1] : words.ends[end - 1] + 1]
        return text + ")" if after_it == ")" else text
    return text
