"""Where title words stand in a text: found once, asked by names and titles."""

from collections.abc import Mapping
from dataclasses import dataclass

from streams.extraction.lexicon import Phrases, lexicon
from streams.extraction.words import Words

MODIFIERS = frozenset(["nguyên", "cựu", "quyền", "phó", "tổng", "đồng", "cố", "tân"])
_KEPT = frozenset(["nguyên", "cựu", "quyền", "phó", "tổng", "đồng"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Heads:
    """Where title heads stand: word index -> (index after the head, kind)."""

    at: Mapping[int, tuple[int, str]]
    ends: Mapping[int, int]  # index after a head -> where it begins


def phrase_end(words: Words, index: int, phrases: Phrases) -> tuple[int, str] | None:
    """The longest phrase that begins at word `index`, as (index after it, its value)."""
    low = words.low
    second = low[index + 1] if index + 1 < len(low) else ""
    for phrase, value in phrases.get(low[index], ()):
        if len(phrase) > 1 and phrase[1] != second:
            continue  # most fail here, before a slice is made
        end = index + len(phrase)
        if tuple(low[index:end]) != phrase:
            continue
        if all(gap in (" ", ".", "-", ". ", "/", "  ") for gap in words.gaps[index + 1 : end]):
            return end, value
    return None


def find_heads(words: Words) -> Heads:
    """All title heads of the text, the longest at each word, none inside another."""
    titles = lexicon().titles
    found: dict[int, tuple[int, str]] = {}
    until = 0
    for index in [index for index, word in enumerate(words.low) if word in titles]:
        if index < until:
            continue
        head = phrase_end(words, index, titles)
        if head and _is_head(words, index, head[0]):
            found[index] = head
            until = head[0]
    return Heads(at=found, ends={end: start for start, (end, _) in found.items()})


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


def head_ends(heads: Heads, at: int) -> str | None:
    """The kind of the title head that ends right before word `at`."""
    start = heads.ends.get(at)
    return None if start is None else heads.at[start][1]


def opens_title(heads: Heads, index: int) -> bool:
    return index in heads.at and heads.at[index][1] != "body"


def modified(words: Words, index: int) -> int:
    """The first word of the title whose head is at `index`: `nguyên Phó` belongs to it."""
    while index > 0 and words.low[index - 1] in _KEPT and words.gaps[index] == " ":
        if words.low[index - 1] == "quyền" and index > 1 and words.low[index - 2] == "chính":
            break
        index -= 1
    return index


def head_at(words: Words, heads: Heads, index: int) -> int | None:
    """The head that opens at `index`, behind its modifiers."""
    for _ in range(3):
        if index in heads.at:
            return index if opens_title(heads, index) else None
        if (
            index + 1 < len(words)
            and words.low[index] in MODIFIERS
            and words.gaps[index + 1] == " "
        ):
            index += 1
        else:
            return None
    return None
