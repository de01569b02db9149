"""What stands before and after a capitalised word, and what that says about a person there."""

from enum import IntEnum

from streams.extraction.heads import Heads, head_ends, phrase_end
from streams.extraction.lexicon import lexicon
from streams.extraction.words import CAPITAL, UPPER, Words


class Trigger(IntEnum):
    """What stands before a name."""

    NAMING = -2  # it names a thing: `đường Lê Lợi`
    LABEL = -1  # the same, but the name may be a person's elsewhere: `phim Lê Lợi`
    NONE = 0
    WORK = 2
    ROLE = 3
    TITLE = 4
    PERSON = 5  # a title that a person's name follows
    ADDRESS = 6


def trigger_before(words: Words, heads: Heads, at: int) -> Trigger:
    """What the words right before `at` say about a name there."""
    if at == 0 or words.gaps[at] not in (" ", ": ", "  ", ". "):
        return Trigger.NONE
    if words.gaps[at] == ". ":
        abbreviated = words.kinds[at - 1] & UPPER or words.words[at - 1] in ("Ths", "ThS", "S")
        return Trigger.PERSON if abbreviated and head_ends(heads, at) == "rank" else Trigger.NONE
    head = head_ends(heads, at)
    if head:
        return _titled(words, heads, at, head)
    if words.gaps[at] == ": ":
        return Trigger.NONE
    last = words.low[at - 1]
    for phrase, kind in lexicon().honorifics.get(last, ()):
        if _ends_with(words, at, phrase) and _is_common(words, at - len(phrase)):
            return Trigger.NONE if kind == "not" else Trigger[kind.upper()]
    for phrase, kind in lexicon().naming.get(last, ()):
        if _ends_with(words, at, phrase) and not _inside_unit(words, at - len(phrase), at):
            return Trigger[kind.upper()]
    return Trigger.NONE


def _titled(words: Words, heads: Heads, at: int, head: str) -> Trigger:
    """`Khu lưu niệm Tổng Bí thư Nguyễn Văn Cừ` is a place; a body's name (`Ban Bí thư`) no title."""
    start = heads.ends[at]
    last = words.low[start - 1] if start else ""
    if start and words.gaps[start] == " ":
        for phrase, _ in lexicon().naming.get(last, ()):
            if len(phrase) > 1 and _ends_with(words, start, phrase):
                return Trigger.LABEL
    if head == "body":
        return Trigger.NONE
    return Trigger.TITLE if head == "office" else Trigger.PERSON


def _inside_unit(words: Words, start: int, at: int) -> bool:
    """Whether a naming word is the end of a longer one: `nông thôn` names no village."""
    if start == 0 or words.gaps[start] != " ":
        return False
    alone = at - start == 1
    if alone and words.kinds[start] & CAPITAL and not words.kinds[start] & UPPER:
        return bool(words.kinds[start - 1] & CAPITAL)
    found = phrase_end(words, start - 1, lexicon().units)
    return found is not None and found[0] == at


def _is_common(words: Words, at: int) -> bool:
    """Whether `Anh` opens a sentence and is not the country, `Em` not a given name."""
    if not words.kinds[at] & CAPITAL or at == 0:
        return True
    return not (words.kinds[at - 1] & CAPITAL and words.gaps[at] == " ") or words.low[at] in (
        "ông",
        "bà",
    )


def _ends_with(words: Words, at: int, phrase: tuple[str, ...]) -> bool:
    start = at - len(phrase)
    return start >= 0 and tuple(words.low[start:at]) == phrase


def says_after(words: Words, stop: int) -> bool:
    """Whether what follows a name is what follows people: a verb, an age."""
    if stop >= len(words):
        return False
    gap = words.gaps[stop]
    if gap == " ":
        return words.low[stop] in lexicon().verbs
    if gap in (" (", ", "):
        if words.low[stop] in ("sn", "sinh"):
            return True
        return (
            words.words[stop].isdigit() and stop + 1 < len(words) and words.low[stop + 1] == "tuổi"
        )
    return False


def opens_compound(words: Words, index: int) -> bool:
    """Whether word `index` is the first half of an ordinary word (`Cảnh giác`) and not a name."""
    if opens_unit(words, index):
        return True
    after = index + 1
    if after >= len(words) or words.gaps[after] != " " or words.kinds[after] & CAPITAL:
        return False
    known = lexicon().compounds
    if f"{words.low[index]} {words.low[after]}" not in known:
        return False
    return after + 1 >= len(words) or f"{words.low[after]} {words.low[after + 1]}" not in known


def opens_unit(words: Words, index: int) -> bool:
    """Whether a capitalised word and the lower-case one after it are one (`Công ty`, `Trung ương`)."""
    if index + 1 >= len(words) or words.gaps[index + 1] != " ":
        return False
    if words.kinds[index + 1] & CAPITAL:
        return False
    found = phrase_end(words, index, lexicon().units)
    return found is not None and found[0] > index + 1


def place_at(words: Words, at: int, end: int) -> tuple[int, str] | None:
    """The place (or paper) named from word `at` on: the index after it, and its kind."""
    if at >= end:
        return None
    if words.words[at] == "Anh" and words.gaps[at] != " ":
        return None  # `Anh Sơn` at the head of a sentence is somebody, not the district
    for phrase, kind in lexicon().places.get(words.words[at], ()):
        stop = at + len(phrase)
        if stop <= end and tuple(words.words[at:stop]) == phrase:
            return stop, kind
    return None


def place_end(words: Words, at: int, end: int) -> int | None:
    """The index after the place named from word `at` on."""
    found = place_at(words, at, end)
    return found[0] if found else None
