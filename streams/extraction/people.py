"""Named persons: bare names with exact offsets, the titles of each mention, who is the same person.

Two readings of the words. The first takes the names that stand on their own: a family name and what
follows it, a name behind `ông`, `đồng chí`, a title. The second uses what the article has said by
then: a name seen once is known everywhere, and a given name alone stands for its bearer.
"""

from collections.abc import Container, Sequence

from streams.extraction import titles
from streams.extraction.candidate import Candidate
from streams.extraction.heads import Heads, find_heads, head_ends
from streams.extraction.known import choose, same_person
from streams.extraction.lexicon import lexicon
from streams.extraction.names import candidates, runs
from streams.extraction.words import Words, read
from streams.records import PersonMention


def find_people(text: str, *, avoid: Sequence[tuple[int, int]] = ()) -> tuple[PersonMention, ...]:
    """Every mention of a named person, in reading order, never overlapping.

    Args:
        text: clean text (NFC, one tone placement); any string is accepted.
        avoid: spans of `text` that are read as something else (documents, credits).
    """
    words = read(text)
    if not len(words):
        return ()
    blocked = _blocked(words, avoid)
    heads = find_heads(words)
    found = [
        each for start, end in runs(words, blocked) for each in candidates(words, heads, start, end)
    ]
    chosen = choose(words, heads, found, blocked)
    taken = {index for each in chosen for index in range(each.start, each.end)}
    return tuple(
        _mention(words, heads, each, taken, person)
        for each, person in zip(chosen, same_person(words, chosen), strict=True)
    )


def _blocked(words: Words, avoid: Sequence[tuple[int, int]]) -> frozenset[int]:
    """The words that lie in an avoided span."""
    blocked: set[int] = set()
    index = 0
    for start, end in sorted(avoid):
        while index < len(words) and words.ends[index] <= start:
            index += 1
        at = index
        while at < len(words) and words.starts[at] < end:
            blocked.add(at)
            at += 1
    return frozenset(blocked)


def _mention(
    words: Words, heads: Heads, each: Candidate, taken: Container[int], person: str
) -> PersonMention:
    start, end = words.starts[each.start], words.ends[each.end - 1]
    if words.words[each.end - 1] in ("Jr", "Sr") and words.text[end : end + 1] == ".":
        end += 1
    anchor = _before_honorific(words, heads, each.start)
    ranges = titles.before(words, heads, anchor, taken, aside=anchor < each.start)
    ranges += titles.after(words, heads, each.end, taken, own=bool(ranges))
    return PersonMention(
        start=start,
        end=end,
        surface=words.text[start:end],
        titles=tuple(titles.surface(words, *each_range) for each_range in ranges),
        person=person,
        rule=each.rule,
        confidence=round(0.5 + each.score / 2, 2),  # weak rules proved right more often than not
    )


def _before_honorific(words: Words, heads: Heads, start: int) -> int:
    """The word after the title where a form of address stands between (`EuroCham - ông Tomaso`)."""
    if start == 0 or head_ends(heads, start):
        return start
    for phrase, kind in lexicon().honorifics.get(words.low[start - 1], ()):
        begin = start - len(phrase)
        if kind in ("address", "role") and begin > 0 and tuple(words.low[begin:start]) == phrase:
            return begin
    return start
