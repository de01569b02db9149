"""Names of foreign persons: in Latin letters, without a Vietnamese family name to begin them."""

from streams.extraction.candidate import Candidate, single_score
from streams.extraction.heads import Heads
from streams.extraction.lexicon import lexicon
from streams.extraction.triggers import Trigger, place_end, says_after
from streams.extraction.words import SYLLABLE, UPPER, Words

_LONGEST = 5  # words of a Vietnamese name


_LONGEST_FOREIGN = 6


_COLOURS = frozenset(
    [
        "White",
        "Green",
        "Black",
        "Brown",
        "Grey",
        "Gray",
        "Park",
        "West",
        "Fox",
        "Rose",
        "King",
        "Rivers",
        "Gold",
        "Moon",
    ]
)


def foreign(
    words: Words, heads: Heads, at: int, end: int, trigger: Trigger = Trigger.NONE
) -> Candidate | None:
    stop = _foreign_extent(words, heads, at, end, trigger)
    if stop == at:
        return None
    if any(_of_a_thing(words, index, at) for index in range(at, stop)):
        return None
    count = stop - at
    score = _foreign_score(words, at, stop, trigger)
    return Candidate(
        start=at,
        end=stop,
        trigger=trigger,
        rule=f"foreign-{count}" + (f"-{trigger.name.lower()}" if trigger else ""),
        score=score,
        vietnamese=False,
        short=count == 1,
    )


def _of_a_thing(words: Words, index: int, first: int) -> bool:
    """Whether a foreign word makes the run a firm, a league, a place (`Bank`, `Championship`)."""
    word = words.words[index]
    if word not in lexicon().foreign:
        return False
    return not (word in _COLOURS and words.words[first] in lexicon().first_names)


def _foreign_extent(words: Words, heads: Heads, at: int, end: int, trigger: Trigger) -> int:
    stop = at
    while stop < end and stop - at < _LONGEST_FOREIGN:
        word = words.words[stop]
        if (
            words.low[stop] in lexicon().starters
            or stop in heads.at
            or not (_latin(word) or words.gaps[stop] == "-")
        ):
            break
        if words.kinds[stop] & UPPER and (len(word) > 2 or stop == at):
            break
        if stop > at and place_end(words, stop, end):
            break
        stop += 1
    known = lexicon().first_names
    if words.words[at] not in known and any(
        words.words[index] in known for index in range(at + 1, stop - 1)
    ):
        return at  # `Uber Travis Kalanick`: the name begins further on
    return _with_vietnamese(words, at, stop, end, trigger)


def _with_vietnamese(words: Words, at: int, stop: int, end: int, trigger: Trigger) -> int:
    """`David Nguyễn Vũ`, `Tổng Giám mục Giuse Vũ Văn Thiên`: a family name behind a first name."""
    announced = trigger in (Trigger.ROLE, Trigger.PERSON, Trigger.ADDRESS)
    first = at + 1
    if first < stop < end and words.words[stop - 1] in lexicon().surnames:
        stop -= 1
    if stop != first or not (announced or words.words[at] in lexicon().first_names):
        return stop
    if stop < end and words.words[stop] in lexicon().surnames:
        while stop < end and stop - at < _LONGEST and words.kinds[stop] & SYLLABLE:
            stop += 1
    return stop


def _latin(word: str) -> bool:
    """Whether a word has no letter that only Vietnamese has."""
    return not any(letter in "đĐơƠưƯăĂ" or "\u1ea0" <= letter <= "\u1ef9" for letter in word)


def _foreign_score(words: Words, at: int, stop: int, trigger: Trigger) -> float:
    count = stop - at
    known = words.words[at] in lexicon().first_names
    if count == 1:
        return _foreign_single(words, at, stop, trigger)
    if trigger == Trigger.ADDRESS:
        return 0.95
    if trigger == Trigger.TITLE and not known:
        return 0.55 if says_after(words, stop) else 0.4
    if trigger >= Trigger.ROLE:
        return 0.9 if known else 0.7
    score = 0.75 if known else 0.25
    if trigger == Trigger.WORK:
        score += 0.2
    if says_after(words, stop):
        score += 0.2
    return score


def _foreign_single(words: Words, at: int, stop: int, trigger: Trigger) -> float:
    if words.kinds[at] & UPPER:
        return 0.1
    return single_score(words, at, stop, trigger)
