"""Named persons: bare names with exact offsets, the titles of each mention, who is the same person.

Two readings of the words. The first takes the names that stand on their own: a family name and what
follows it, a name behind `ông`, `đồng chí`, a title. The second uses what the article has said by
then: a name seen once is known everywhere, and a given name alone stands for its bearer.
"""

from collections.abc import Sequence

from streams.extraction import titles
from streams.extraction.lexicon import lexicon
from streams.extraction.names import (
    Candidate,
    Trigger,
    candidates,
    opens_compound,
    runs,
    says_after,
    trigger_before,
)
from streams.extraction.titles import Heads, head_ends
from streams.extraction.words import CAPITAL, NUMBER, SYLLABLE, UPPER, Words, read
from streams.records import PersonMention

_SURE = 0.5


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
    heads = titles.find_heads(words)
    found = [
        each for start, end in runs(words, blocked) for each in candidates(words, heads, start, end)
    ]
    chosen = _choose(words, heads, found, blocked)
    taken = {index for each in chosen for index in range(each.start, each.end)}
    people = _same_person(words, chosen)
    return tuple(
        _mention(words, heads, each, taken, person)
        for each, person in zip(chosen, people, strict=True)
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


def _choose(
    words: Words, heads: Heads, found: Sequence[Candidate], blocked: frozenset[int]
) -> list[Candidate]:
    """The candidates that are names, with what the article itself makes certain."""
    found = _without_things(words, heads, found)
    full = {_name(words, each) for each in found if each.score >= _SURE and not each.short}
    given = {name[-1] for name in full}
    parts = {
        part
        for each in found
        if each.score >= _SURE and not each.vietnamese
        for part in _name(words, each)
        if len(part) > 1
    }
    chosen = []
    for each in found:
        if each.score >= _SURE or _known(words, heads, each, full, given, parts):
            chosen.append(each)
    covered = {index for each in chosen for index in range(each.start, each.end)}
    chosen += _alone(words, heads, given, parts, covered | blocked)
    return sorted(chosen, key=lambda each: each.start)


def _without_things(words: Words, heads: Heads, found: Sequence[Candidate]) -> list[Candidate]:
    """Without the names of streets and schools, wherever the article repeats them."""
    named: set[tuple[str, ...]] = set()
    last_thing = -1
    kept = []
    for each in found:
        if each.rule.endswith("-naming") or (
            each.start == last_thing and words.gaps[each.start] in (" - ", " – ", ", ", "-")
        ):
            named.add(_name(words, each))
            last_thing = each.end
    for each in found:
        announced = trigger_before(words, heads, each.start) >= Trigger.WORK
        if announced or _name(words, each) not in named:
            kept.append(each)
    return kept


def _name(words: Words, each: Candidate) -> tuple[str, ...]:
    return tuple(words.words[each.start : each.end])


def _known(
    words: Words,
    heads: Heads,
    each: Candidate,
    full: set[tuple[str, ...]],
    given: set[str],
    parts: set[str],
) -> bool:
    """Whether a weak candidate is the name of somebody the article names surely elsewhere."""
    name = _name(words, each)
    trigger = trigger_before(words, heads, each.start)
    if trigger == Trigger.NAMING:
        return False
    if not each.short:
        return name in full
    if name[0] not in given and name[0] not in parts:
        return False
    return trigger >= Trigger.ROLE or _stands_alone(words, each.start)


def _stands_alone(words: Words, index: int) -> bool:
    """Whether a single capitalised word is written like a name where it stands."""
    after = index + 1
    if after < len(words) and words.kinds[after] & CAPITAL and words.gaps[after] == " ":
        return False
    if index and words.kinds[index - 1] & (CAPITAL | NUMBER) and words.gaps[index] == " ":
        return False
    if (index and words.gaps[index] == " ") or words.gaps[index] in (", ", " ("):
        return True
    return says_after(words, after)


def _alone(
    words: Words, heads: Heads, given: set[str], parts: set[str], covered: set[int] | frozenset[int]
) -> list[Candidate]:
    """Given names and foreign family names that stand alone (`Ngọc tự ý`, `Trump`)."""
    found = []
    known = given | parts
    for index, word in enumerate(words.words):
        if word not in known or index in covered or not words.kinds[index] & CAPITAL:
            continue
        if words.kinds[index] & UPPER or index in heads.at or opens_compound(words, index):
            continue
        if not _stands_alone(words, index):
            continue
        if trigger_before(words, heads, index) == Trigger.NAMING:
            continue
        found.append(
            Candidate(
                start=index,
                end=index + 1,
                rule="known-alone",
                score=0.7,
                vietnamese=bool(words.kinds[index] & SYLLABLE),
                short=True,
            )
        )
    return found


def _same_person(words: Words, chosen: Sequence[Candidate]) -> list[str]:
    """For each mention the fullest form of the name: the nearest earlier bearer, else a later one."""
    last: dict[str, str] = {}
    people: list[str] = []
    for each in chosen:
        name = _name(words, each)
        if not each.short:
            surface = " ".join(name)
            for part in (name[-1], *(name if not each.vietnamese else ())):
                last[part] = surface
            people.append(surface)
        else:
            people.append(last.get(name[-1], ""))
    later: dict[str, str] = {}
    for position in range(len(chosen) - 1, -1, -1):
        each = chosen[position]
        name = _name(words, each)
        if not each.short:
            for part in (name[-1], *(name if not each.vietnamese else ())):
                later[part] = people[position]
        elif not people[position]:
            people[position] = later.get(name[-1], " ".join(name))
    return people


def _mention(
    words: Words, heads: Heads, each: Candidate, taken: set[int], person: str
) -> PersonMention:
    end = words.ends[each.end - 1]
    if words.words[each.end - 1] in ("Jr", "Sr") and words.text[end : end + 1] == ".":
        end += 1
    anchor = _before_honorific(words, heads, each.start)
    ranges = titles.before(words, heads, anchor, taken, aside=anchor < each.start)
    ranges += titles.after(words, heads, each.end, taken, own=bool(ranges))
    return PersonMention(
        start=words.starts[each.start],
        end=end,
        surface=words.text[words.starts[each.start] : end],
        titles=tuple(titles.surface(words, *each_range) for each_range in ranges),
        person=person,
        rule=each.rule,
        confidence=round(each.score, 2),
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
