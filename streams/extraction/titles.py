"""The titles attached to a mention: offices, positions and ranks before or after the name.

A title is a head word of `titles.tsv`, what qualifies it (`nguyên`, `Phó`), and the unit that
belongs to the office. Heads are found once for the whole text; around a name only a bounded number
of words is looked at.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass

from streams.extraction.lexicon import Phrases, lexicon
from streams.extraction.words import CAPITAL, NUMBER, Words

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
        ".",
        " (",
        "(",
        ") ",
        " & ",
        "&",
        " \u00a0",
    ]
)
_SPLITS = frozenset([", ", " - ", " – ", "- ", " -", " ,", ",", "; ", " — "])
# what follows a comma that stands inside the name of a body
_INNER = frozenset(
    "thương binh thể thao chống chiến cứu tác nhi thiếu du môi chính gia nghỉ bồi hỗ chữa".split()
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


def _modified(words: Words, index: int) -> int:
    """The first word of the title whose head is at `index`: `nguyên Phó` belongs to it."""
    while index > 0 and words.low[index - 1] in _KEPT_MODIFIERS and words.gaps[index] == " ":
        index -= 1
    return index


def before(words: Words, heads: Heads, name: int, taken: Container[int]) -> list[tuple[int, int]]:
    """Titles that end right before word `name`, as word ranges in reading order.

    Args:
        taken: the words of the names already found.
    """
    found: list[tuple[int, int]] = []
    end = name
    while len(found) < _CHAIN and end > 0:
        start = _title_start(words, heads, end, taken)
        if start is None:
            break
        found.append((start, end))
        if start == 0 or words.gaps[start] not in _SPLITS and not _kiem(words, start):
            break
        end = start - (1 if _kiem(words, start) else 0)
    return [part for each in reversed(found) for part in split(words, heads, *each)]


def _kiem(words: Words, start: int) -> bool:
    return start > 1 and words.low[start - 1] in ("kiêm", "và") and words.gaps[start] == " "


def _title_start(words: Words, heads: Heads, end: int, taken: Container[int]) -> int | None:
    """The leftmost head from which words run to `end` without a break."""
    best = None
    index = end - 1
    low = max(0, end - _REACH)
    while index >= low:
        if index in heads.at and heads.at[index][0] <= end:
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
    return words.gaps[index] == ", " and words.low[index] in _INNER


def _abbreviated(words: Words, index: int) -> bool:
    return (
        words.gaps[index] in (". ", ".")
        and len(words.words[index - 1]) <= 3
        and bool(words.kinds[index - 1] & CAPITAL)
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
    at = _first_after(words, index)
    while at is not None and len(found) < _CHAIN:
        head = _head_at(words, heads, at)
        if head is None:
            break
        end = _unit_end(words, heads, head, taken)
        if end in taken and words.gaps[end] == " ":
            return [] if own else [p for each in found for p in split(words, heads, *each)]
        found.append((at, end))
        at = end if end < len(words) and words.gaps[end] in _SPLITS else None
        if at is not None and words.low[at] == "kiêm":
            at += 1
    return [part for each in found for part in split(words, heads, *each)]


def _first_after(words: Words, index: int) -> int | None:
    if index >= len(words):
        return None
    gap = words.gaps[index]
    if gap in _SPLITS or gap in (" (", "(", ", (", " ( "):
        return index
    return None


def _head_at(words: Words, heads: Heads, index: int) -> int | None:
    """The head that opens at `index`, behind its modifiers."""
    for _ in range(3):
        if index in heads.at:
            return index
        if (
            index + 1 < len(words)
            and words.low[index] in _MODIFIERS
            and words.gaps[index + 1] == " "
        ):
            index += 1
        else:
            return None
    return None


def _unit_end(words: Words, heads: Heads, head: int, taken: Container[int]) -> int:
    """The index after the last word of the office whose head is at `head`."""
    end = heads.at[head][0]
    if heads.at[head][1] == "rank":
        return end
    limit = min(len(words), head + _REACH)
    while end < limit:
        step = _unit_step(words, heads, end, taken)
        if step is None:
            break
        end = step
    while end > head + 1 and words.low[end - 1] in (
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
        "nhiệm kỳ",
    ):
        end -= 1
    return max(end, heads.at[head][0])


def _unit_step(words: Words, heads: Heads, index: int, taken: Container[int]) -> int | None:
    """One word or phrase further, or None where the unit ends."""
    if index in taken:
        return None
    gap = words.gaps[index]
    if gap in (" - ", " – ", "- ", " -", ", ") and (
        index in heads.at or _head_at(words, heads, index) is not None
    ):
        return None
    if gap not in _JOINTS and not _inner_comma(words, index) and not _abbreviated(words, index):
        return None
    if gap in (" - ", " – ", "- ") and not words.kinds[index] & CAPITAL:
        return None
    if words.kinds[index] & (CAPITAL | NUMBER) and words.low[index] not in lexicon().starters:
        return index + 1
    if index in heads.at and words.low[index - 1] not in ("và", "kiêm"):
        return heads.at[index][0]
    found = phrase_end(words, index, lexicon().units)
    if (
        words.low[index] in ("tại", "cho", "với", "về", "ở")
        and not words.kinds[min(index + 1, len(words) - 1)] & CAPITAL
    ):
        return None
    return found[0] if found else (index + 1 if words.kinds[index] & CAPITAL else None)


def surface(words: Words, start: int, end: int) -> str:
    """The title as the text has it, with a bracket that it opens."""
    text = words.slice(start, end)
    if "(" in text and ")" not in text:
        after_it = words.text[words.ends[end - 1] : words.ends[end - 1] + 1]
        return text + ")" if after_it == ")" else text
    return text
