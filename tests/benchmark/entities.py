"""underthesea's named entities with the offsets that it does not give."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

_SENTENCE_END = re.compile(r"(?<=[.!?…;:])\s+|\n+")
_LONGEST = 600  # characters handed over at once: a call's time grows faster than its length

#: what underthesea says of one word: word, part of speech, chunk, entity (`B-PER`, `I-PER`, `O`)
Tagged = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """A named entity; `label` is PER, LOC, ORG or MISC."""

    start: int
    end: int
    label: str


def entities(text: str) -> list[Entity]:
    """The entities of a text, in reading order."""
    found: list[Entity] = []
    for start, end in sentences(text):
        found.extend(aligned(text, start, end, _model()(text[start:end])))
    return found


@cache
def _model() -> Any:
    from underthesea import ner  # its models take half a second to load

    return ner


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Where the sentences of a text begin and end, none longer than `_LONGEST`."""
    begin = 0
    for start, end in [
        *((b.start(), b.end()) for b in _SENTENCE_END.finditer(text)),
        (len(text),) * 2,
    ]:
        for at in range(begin, start, _LONGEST):
            if text[at : min(at + _LONGEST, start)].strip():
                yield at, min(at + _LONGEST, start)
        begin = end


def aligned(text: str, start: int, end: int, tagged: Sequence[Tagged]) -> Iterator[Entity]:
    """Entities at their places: each word is looked for behind the one before it.

    A word that the tokenizer changed is passed over, with the entity that it belongs to cut there.
    """
    at, here = start, None
    for word, _, _, tag in tagged:
        place = _place(text, at, end, word)
        if place is None:
            continue
        at = place[1]
        label = tag.partition("-")[2]
        if here and tag.startswith("I-") and here.label == label:
            here = Entity(start=here.start, end=at, label=label)
            continue
        if here:
            yield here
        here = Entity(start=place[0], end=at, label=label) if label else None
    if here:
        yield here


def _place(text: str, start: int, end: int, word: str) -> tuple[int, int] | None:
    """Where a word stands, whatever blanks are between its syllables."""
    found = re.compile(r"\s*".join(map(re.escape, word.split()))).search(text, start, end)
    return found.span() if found and found.end() > found.start() else None
