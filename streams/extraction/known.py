"""What an article makes certain about its names: repeated, shortened, or the name of a thing."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from streams.extraction.candidate import Candidate
from streams.extraction.heads import Heads
from streams.extraction.lexicon import lexicon
from streams.extraction.titles import before
from streams.extraction.triggers import Trigger, opens_compound, says_after, trigger_before
from streams.extraction.units import ends_place
from streams.extraction.words import CAPITAL, NUMBER, SYLLABLE, UPPER, Words

SURE = 0.5  # from here up a candidate is a name on its own
_KNOWN = 0.7
_TITLED = 0.65
_LEAST = 0.2  # below, something speaks against a name
Name = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """The names an article gives in full, and the forms that may stand for them later."""

    full: frozenset[Name]
    given: frozenset[str]  # last words of Vietnamese names, which Vietnamese go by
    parts: frozenset[str]  # words of foreign names
    endings: frozenset[Name]  # `Tuấn Khang` of `Lê Tuấn Khang`


def choose(
    words: Words, heads: Heads, found: Sequence[Candidate], blocked: frozenset[int]
) -> list[Candidate]:
    """The candidates that are names, and the short forms of those names, in reading order."""
    found = [_titled(words, heads, each) for each in _without_things(words, found)]
    known = _known_of(words, found)
    chosen = [each for each in found if each.score >= SURE]
    chosen += [
        replace(each, score=_KNOWN, rule=each.rule + "-known")
        for each in found
        if each.score < SURE and _is_known(words, each, known)
    ]
    covered = {index for each in chosen for index in range(each.start, each.end)}
    chosen += _alone(words, heads, known, covered | blocked)
    return sorted(chosen, key=lambda each: each.start)


def _titled(words: Words, heads: Heads, each: Candidate) -> Candidate:
    """`Cố vấn an ninh quốc gia Dina Powell`: an office in front makes a weak candidate a name."""
    if each.score >= SURE or each.short or each.trigger != Trigger.NONE:
        return each
    ranges = before(words, heads, each.start, ()) if each.score >= _LEAST else []
    if not ranges or _firm_goes_on(words, *ranges[-1]):
        return each
    return replace(each, score=_TITLED, rule=each.rule + "-titled")


_FIRMS = frozenset(
    [
        "ty",
        "cty",
        "đoàn",
        "hãng",
        "nghiệp",
        "sạn",
        "hàng",
        "trường",
        "clb",
        "bộ",
        "quỹ",
        "ốc",
        "lớp",
    ]
)


def _firm_goes_on(words: Words, start: int, end: int) -> bool:
    """Whether a title ends in a firm without its name: then the name behind it is the firm's."""
    for index in range(end - 1, start, -1):
        if words.low[index] in _FIRMS and words.low[index - 1] != "cán":
            return True
        if words.kinds[index] & CAPITAL and not words.kinds[index] & UPPER:
            return False
    return False


def name_of(words: Words, each: Candidate) -> Name:
    """The words of a candidate as written."""
    return tuple(words.words[each.start : each.end])


def _known_of(words: Words, found: Sequence[Candidate]) -> _Known:
    sure = [each for each in found if each.score >= SURE]
    full = frozenset(name_of(words, each) for each in sure if not each.short)
    vietnamese = [name_of(words, each) for each in sure if each.vietnamese]
    foreign = [name_of(words, each) for each in sure if not each.vietnamese]
    return _Known(
        full=full,
        given=frozenset(name[-1] for name in full) - _OFTEN_COUNTRIES,
        parts=frozenset(part for name in foreign for part in name if len(part) > 1),
        endings=frozenset(
            name[-2:] for name in vietnamese if len(name) > 2 and not _is_place(name[-2:])
        ),
    )


_OFTEN_COUNTRIES = frozenset(["Anh", "Mỹ", "Pháp", "Lào", "Úc", "Việt", "Hàn", "Nhật", "Âu", "Á"])


def _is_place(name: Name) -> bool:
    return any(phrase == name for phrase, _ in lexicon().places.get(name[0], ()))


def _without_things(words: Words, found: Sequence[Candidate]) -> list[Candidate]:
    """Without the names of streets and schools, wherever the article repeats them."""
    things: Counter[Name] = Counter()
    last_thing = -1
    for each in found:
        beside = each.start == last_thing and words.gaps[each.start] in (" - ", " – ", ", ", "-")
        if each.trigger == Trigger.NAMING or (beside and each.trigger == Trigger.NONE):
            things[name_of(words, each)] += 1
            last_thing = each.end
        elif each.trigger >= Trigger.WORK:
            things[name_of(words, each)] -= 1
    return [
        each
        for each in found
        if each.trigger >= Trigger.WORK
        or (each.trigger == Trigger.NONE and things[name_of(words, each)] <= 0)
    ]


def _is_known(words: Words, each: Candidate, known: _Known) -> bool:
    """Whether a weak candidate is the name of somebody the article names surely elsewhere."""
    name = name_of(words, each)
    if not each.short:
        return name in known.full or name in known.endings
    if each.trigger < Trigger.ADDRESS and opens_compound(words, each.start):
        return False
    if name[0] not in known.given and name[0] not in known.parts:
        return False
    return each.trigger >= Trigger.ROLE or _stands_alone(words, each.start)


def _stands_alone(words: Words, index: int) -> bool:
    """Whether a single capitalised word is written like a name where it stands."""
    after = index + 1
    if after < len(words) and words.kinds[after] & CAPITAL and words.gaps[after] == " ":
        return False
    if index and words.kinds[index - 1] & (CAPITAL | NUMBER) and words.gaps[index] == " ":
        return ends_place(words, index)  # `Chủ tịch nước Lào Sisoulith`
    if (index and words.gaps[index] == " ") or words.gaps[index] in (", ", " ("):
        return True
    return says_after(words, after)


def _alone(
    words: Words, heads: Heads, known: _Known, covered: frozenset[int] | set[int]
) -> list[Candidate]:
    """Given names and foreign family names without anything beside (`Ngọc tự ý`, `Trump`)."""
    found = []
    wanted = known.given | known.parts
    for index, word in enumerate(words.words):
        if word not in wanted or index in covered or not words.kinds[index] & CAPITAL:
            continue
        if words.kinds[index] & UPPER or index in heads.at or opens_compound(words, index):
            continue
        start = _start_of_ending(words, index, known, covered)
        if start == index and not _stands_alone(words, index):
            continue
        if trigger_before(words, heads, start) < Trigger.NONE:
            continue
        found.append(
            Candidate(
                start=start,
                end=index + 1,
                trigger=Trigger.NONE,
                rule="known-ending" if start < index else "known-alone",
                score=_KNOWN,
                vietnamese=bool(words.kinds[index] & SYLLABLE),
                short=True,
            )
        )
    return found


def _start_of_ending(
    words: Words, index: int, known: _Known, covered: frozenset[int] | set[int]
) -> int:
    """`Tuấn Khang` where the article has `Lê Tuấn Khang`."""
    first = index - 1
    if first < 0 or first in covered or words.gaps[index] != " ":
        return index
    joined = first > 0 and words.kinds[first - 1] & CAPITAL and words.gaps[first] == " "
    if joined or (words.words[first], words.words[index]) not in known.endings:
        return index
    return first


def same_person(words: Words, chosen: Sequence[Candidate]) -> list[str]:
    """For each mention the fullest form of the name: the nearest earlier bearer's, else a later's."""
    people = _bearers(words, chosen, [""] * len(chosen))
    backwards = _bearers(words, chosen[::-1], people[::-1])
    return [
        person or " ".join(name_of(words, each))
        for person, each in zip(backwards[::-1], chosen, strict=True)
    ]


def _bearers(words: Words, chosen: Sequence[Candidate], people: Sequence[str]) -> list[str]:
    last: dict[str, str] = {}
    found = []
    for each, person in zip(chosen, people, strict=True):
        name = name_of(words, each)
        if each.short:
            found.append(person or last.get(name[-1], ""))
            continue
        found.append(" ".join(name))
        for part in (name[-1], *(name if not each.vietnamese else ())):
            last[part] = found[-1]
    return found
