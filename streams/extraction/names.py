"""Personal names in runs of capitalised words: where a name may begin, how far it goes, how sure.

A run is a stretch of capitalised words with single blanks between them. Inside a run the places are
stepped over, and a name begins at a family name, or right after a word that announces a person.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from streams.extraction.lexicon import lexicon
from streams.extraction.titles import Heads, head_ends, head_start, phrase_end
from streams.extraction.words import CAPITAL, NUMBER, SYLLABLE, UPPER, Words

_LONGEST = 5  # words of a Vietnamese name
_LONGEST_FOREIGN = 4
_MIDDLES = frozenset(["Văn", "Thị", "Đức", "Xuân", "Minh", "Ngọc", "Quang", "Thanh", "Hữu", "Đình"])
_PARTICLES = frozenset(
    ["van", "von", "de", "da", "di", "del", "der", "bin", "al", "ibn", "el", "la"]
)
_LEADER = ("Hồ", "Chí", "Minh")  # a city, a school of thought and a person


class Trigger(IntEnum):
    """What stands before a name."""

    NONE = 0
    NAMING = 1  # it names a thing: `đường Lê Lợi`
    WORK = 2
    ROLE = 3
    TITLE = 4
    PERSON = 5  # a title that a person's name follows
    ADDRESS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Words `start:end` that may be a name."""

    start: int
    end: int
    rule: str
    score: float  # from 0.5 up it is a name on its own
    vietnamese: bool
    short: bool = False


def runs(words: Words, blocked: frozenset[int]) -> Iterator[tuple[int, int]]:
    """Stretches of capitalised words, as word ranges."""
    kinds = words.kinds
    index, total = 0, len(words)
    while index < total:
        if not kinds[index] & CAPITAL or index in blocked:
            index += 1
            continue
        end = index + 1
        while end < total and end not in blocked and _joined(words, end):
            end += 1
        yield index, end
        index = end


def _joined(words: Words, index: int) -> bool:
    """Whether the word at `index` goes on the run of the word before it."""
    gap = words.gaps[index]
    if gap == "-":  # `Kim Si-woo`, `Gert-Rene`
        return words.words[index].isascii() and words.words[index - 1].isascii()
    if words.kinds[index] & CAPITAL:
        if gap in (" ", "\u00a0"):
            return True
        return gap in (".", ". ") and len(words.words[index - 1]) == 1
    return (
        gap == " "
        and words.words[index] in _PARTICLES
        and index + 1 < len(words)
        and bool(words.kinds[index + 1] & CAPITAL)
        and words.gaps[index + 1] in (" ", "-")
        and not words.kinds[index - 1] & SYLLABLE
    )


def candidates(words: Words, heads: Heads, start: int, end: int) -> Iterator[Candidate]:
    """The possible names of one run."""
    at = start
    while at < end:
        trigger = trigger_before(words, heads, at)
        place = _place_end(words, at, end)
        if place and not _person_despite_place(words, at, place, end, trigger):
            at = place
            continue
        found = _candidate(words, heads, at, end, trigger)
        if found is None:
            at += 1
            continue
        yield found
        at = found.end


def _person_despite_place(words: Words, at: int, place: int, end: int, trigger: Trigger) -> bool:
    """`Chủ tịch Hồ Chí Minh`, `ông Thái Bình Dương`, `Hà Trung Kiên`."""
    name = tuple(words.words[at:place])
    if name == _LEADER:
        return trigger >= Trigger.TITLE and words.low[at - 1] in (
            "tịch",
            "chí",
            "cụ",
            "bác",
        )
    if trigger == Trigger.ADDRESS:
        return name not in (("Việt", "Nam"), ("Hà", "Nội"))
    return (
        place < end
        and words.words[at] in lexicon().surnames
        and words.words[place] not in lexicon().surnames
        and bool(words.kinds[place] & SYLLABLE)
        and not words.kinds[place] & UPPER
        and trigger != Trigger.NAMING
        and words.low[place] not in lexicon().starters
    )


def _place_end(words: Words, at: int, end: int) -> int | None:
    if words.words[at] == "Anh" and words.gaps[at] != " ":
        return None  # `Anh Sơn` at the head of a sentence is somebody, not the district
    for phrase, _ in lexicon().places.get(words.words[at], ()):
        stop = at + len(phrase)
        if stop <= end and tuple(words.words[at:stop]) == phrase:
            return stop
    return None


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
    for phrase, _ in lexicon().naming.get(last, ()):
        if _ends_with(words, at, phrase) and not _inside_unit(words, at - 1):
            return Trigger.NAMING
    return Trigger.NONE


def _titled(words: Words, heads: Heads, at: int, head: str) -> Trigger:
    """`Khu lưu niệm Tổng Bí thư Nguyễn Văn Cừ` is a place; a body's name (`Ban Bí thư`) no title."""
    start = head_start(heads, at)
    last = words.low[start - 1] if start else ""
    if start and words.gaps[start] == " ":
        for phrase, _ in lexicon().naming.get(last, ()):
            if len(phrase) > 1 and _ends_with(words, start, phrase):
                return Trigger.NAMING
    if head == "body":
        return Trigger.NONE
    return Trigger.TITLE if head == "office" else Trigger.PERSON


def _inside_unit(words: Words, index: int) -> bool:
    """Whether a naming word is the end of a longer one: `nông thôn` names no village."""
    if index == 0 or words.gaps[index] != " ":
        return False
    if words.kinds[index] & CAPITAL and not words.kinds[index] & UPPER:
        return bool(words.kinds[index - 1] & CAPITAL)
    found = phrase_end(words, index - 1, lexicon().units)
    return found is not None and found[0] == index + 1


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


def _candidate(words: Words, heads: Heads, at: int, end: int, trigger: Trigger) -> Candidate | None:
    surname = _surname(words.words[at])
    if (surname and words.kinds[at] & SYLLABLE) or (surname and len(words.words[at]) > 3):
        return _vietnamese(words, heads, at, end, trigger, surname)
    if trigger >= Trigger.WORK:
        return _announced(words, heads, at, end, trigger)
    if trigger != Trigger.NAMING:
        return _foreign(words, heads, at, end)
    return None


def _surname(word: str) -> str | None:
    known = lexicon().surnames
    return known.get(word) or (
        known.get(word.capitalize()) if word.isupper() and len(word) > 1 else None
    )


def _extent(words: Words, heads: Heads, at: int, end: int) -> int:
    """How far a Vietnamese name that begins at `at` goes."""
    stop = at + 1
    upper = bool(words.kinds[at] & UPPER)
    while stop < end and stop - at < _LONGEST:
        word, flags = words.words[stop], words.kinds[stop]
        if not flags & SYLLABLE or words.low[stop] in lexicon().starters or stop in heads.at:
            break
        if bool(flags & UPPER) != upper and len(word) > 1:
            break
        if words.gaps[stop] not in (" ", "\u00a0"):
            break
        stop += 1
    return stop - 1 if stop - at > 1 and _begins_next(words, stop, end) else stop


_PARTS_OF_DAY = frozenset(["sáng", "chiều", "tối", "trưa", "đêm"])


def _begins_next(words: Words, stop: int, end: int) -> bool:
    """Whether the last word of the name opens the next phrase (`Nguyễn Văn Tám Phát biểu`)."""
    if stop != end or stop >= len(words) or words.gaps[stop] != " ":
        return False
    last, following = words.low[stop - 1], words.low[stop]
    if last in _PARTS_OF_DAY:
        return bool(words.kinds[stop] & NUMBER) or following in ("nay", "ngày", "qua", "cùng")
    return opens_compound(words, stop - 1)


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


def _vietnamese(
    words: Words, heads: Heads, at: int, end: int, trigger: Trigger, surname: str
) -> Candidate | None:
    stop = _extent(words, heads, at, end)
    if _another_begins(words, at, stop) or _ends_unit(words, at, stop):
        return None
    if stop < end and (not words.kinds[stop] & SYLLABLE or words.gaps[stop] == "-"):
        foreign = _foreign(words, heads, at, end, trigger) if trigger != Trigger.NAMING else None
        if foreign and foreign.end > stop:
            return foreign
    stop = _of_minority(words, at, stop, end, trigger)
    count = stop - at
    if count == 1:
        return _single(words, at, stop, trigger)
    score = _vietnamese_score(words, at, stop, trigger, surname)
    rule = f"surname-{count}" + (f"-{trigger.name.lower()}" if trigger else "")
    return Candidate(start=at, end=stop, rule=rule, score=score, vietnamese=True)


def _of_minority(words: Words, at: int, stop: int, end: int, trigger: Trigger) -> int:
    """`Y Nhuận Ybă`, `H'Hen Niê`: names of the highlands go on in other syllables."""
    if trigger != Trigger.ADDRESS and words.words[at] not in ("Y", "H", "K", "Ksor", "Siu", "Điểu"):
        return stop
    while stop < end and stop - at < _LONGEST and words.gaps[stop] == " ":
        if words.kinds[stop] & (SYLLABLE | UPPER) or words.low[stop] in lexicon().starters:
            break
        stop += 1
    return stop


def _before_place(words: Words, stop: int) -> bool:
    """`Quốc Cường Gia Lai`: a firm, not somebody from Gia Lai."""
    if stop >= len(words) or words.gaps[stop] != " ":
        return False
    return _place_end(words, stop, min(len(words), stop + 4)) is not None


def _another_begins(words: Words, at: int, stop: int) -> bool:
    """Whether a surer name begins two words further on (`Công Thương Nguyễn Hồng Diên`)."""
    return any(
        lexicon().surnames.get(words.words[index]) == "sure" for index in range(at + 2, stop - 1)
    )


def _ends_unit(words: Words, at: int, stop: int) -> bool:
    """`Trung ương Đoàn Phạm Phương Chi`: `Đoàn` belongs to the unit."""
    return (
        at > 0
        and words.words[at] in ("Đoàn", "Hội", "Đảng")
        and words.low[at - 1] in ("ương", "tỉnh", "thành", "huyện", "quận", "tw")
        and (stop - at == 1 or words.words[at + 1] in lexicon().surnames)
    )


def _vietnamese_score(words: Words, at: int, stop: int, trigger: Trigger, surname: str) -> float:
    if trigger == Trigger.NAMING or (trigger < Trigger.ADDRESS and _before_place(words, stop)):
        return 0.1
    if trigger >= Trigger.WORK:
        return 0.98
    count = stop - at
    score = {2: 0.45, 3: 0.75, 4: 0.8, 5: 0.6}[count]
    score += {"sure": 0.2, "likely": -0.2, "rare": -0.4}[surname]
    if words.words[at + 1] in _MIDDLES and count > 2:
        score += 0.15
    if says_after(words, stop):
        score += 0.2
    if words.kinds[at] & UPPER and count < 3:
        score -= 0.4
    numbered = at > 0 and words.kinds[at - 1] & NUMBER and words.gaps[at] == " "
    if (count == 2 or numbered) and _in_address(words, at, stop):
        score -= 0.6
    if at and words.kinds[at - 1] & UPPER and words.gaps[at] == " " and count < 3:
        score -= 0.3
    return min(score, 0.95)


def _in_address(words: Words, at: int, stop: int) -> bool:
    """`thôn Tràng Duệ, Lê Lợi, An Dương`: between commas before a place."""
    if stop >= len(words) or words.gaps[stop] != ", ":
        return False
    return _place_end(words, stop, min(len(words), stop + 4)) is not None or (
        words.low[stop] in lexicon().naming
    )


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


def _single(words: Words, at: int, stop: int, trigger: Trigger) -> Candidate | None:
    """A given name alone: sure behind a form of address, else only where the article knows it."""
    if words.kinds[at] & UPPER and trigger < Trigger.ADDRESS:
        return None
    if opens_unit(words, at) or (trigger < Trigger.ADDRESS and opens_compound(words, at)):
        return None
    score = _single_score(words, at, stop, trigger)
    return Candidate(
        start=at,
        end=stop,
        rule=f"given-{trigger.name.lower()}",
        score=score,
        vietnamese=True,
        short=True,
    )


_COUNTRIES = frozenset(
    "Việt Nam Bắc Trung Hàn Nhật Mỹ Anh Pháp Đức Nga Ý Lào Âu Á Phi Úc Tàu Hoa Thái".split()
)


def _single_score(words: Words, at: int, stop: int, trigger: Trigger) -> float:
    if trigger == Trigger.ADDRESS:
        return 0.9
    if words.words[at] in _COUNTRIES:
        return 0.3
    if trigger == Trigger.PERSON:
        return 0.6
    if trigger == Trigger.ROLE:
        return 0.55 if says_after(words, stop) else 0.45
    return 0.4 if trigger == Trigger.TITLE else 0.3


def _announced(words: Words, heads: Heads, at: int, end: int, trigger: Trigger) -> Candidate | None:
    """A name without a known family name behind a word that announces a person."""
    low = words.low[at]
    if low in lexicon().starters or at in heads.at or opens_unit(words, at):
        return None
    if trigger != Trigger.ADDRESS and low in lexicon().naming:
        return None
    if not words.kinds[at] & SYLLABLE:
        return _foreign(words, heads, at, end, trigger)
    stop = _extent(words, heads, at, end)
    if stop < end and (not words.kinds[stop] & (SYLLABLE | UPPER) or words.gaps[stop] == "-"):
        return _foreign(words, heads, at, end, trigger)
    if stop - at == 1:
        return _single(words, at, stop, trigger)
    if words.kinds[at] & UPPER or trigger < Trigger.ROLE or opens_unit(words, stop - 1):
        return None
    return Candidate(
        start=at,
        end=stop,
        rule=f"announced-{trigger.name.lower()}",
        score={Trigger.ADDRESS: 0.9, Trigger.ROLE: 0.7}.get(trigger, 0.4),
        vietnamese=True,
    )


def _foreign(
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
        rule=f"foreign-{count}" + (f"-{trigger.name.lower()}" if trigger else ""),
        score=score,
        vietnamese=False,
        short=count == 1,
    )


_COLOURS = frozenset(
    "White Green Black Brown Grey Gray Park West Fox Rose King Rivers Gold Moon".split()
)


def _of_a_thing(words: Words, index: int, first: int) -> bool:
    """Whether a foreign word makes the run a firm, a league, a place (`Bank`, `Championship`)."""
    word = words.words[index]
    if word not in lexicon().foreign:
        return False
    return not (word in _COLOURS and words.words[first] in lexicon().first_names)


def _foreign_extent(words: Words, heads: Heads, at: int, end: int, trigger: Trigger) -> int:
    stop = at
    while stop < end and stop - at < _LONGEST_FOREIGN + 2:
        word = words.words[stop]
        if words.low[stop] in lexicon().starters or stop in heads.at or not _latin(word):
            break
        if words.kinds[stop] & UPPER and (len(word) > 2 or stop == at):
            break
        if stop > at and _place_end(words, stop, end):
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
    if stop > first and words.words[stop - 1] in lexicon().surnames:
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
    return _single_score(words, at, stop, trigger)
