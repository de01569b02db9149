"""Personal names in runs of capitalised words: where a name may begin, how far it goes, how sure.

A run is a stretch of capitalised words with single blanks between them. Inside a run the places are
stepped over, and a name begins at a family name, or right after a word that announces a person.
"""

from collections.abc import Iterator

from streams.extraction.candidate import Candidate, single_score
from streams.extraction.foreign_names import foreign
from streams.extraction.heads import Heads, phrase_end
from streams.extraction.lexicon import lexicon
from streams.extraction.triggers import (
    Trigger,
    opens_compound,
    opens_unit,
    place_at,
    place_end,
    says_after,
    trigger_before,
)
from streams.extraction.words import CAPITAL, NUMBER, SYLLABLE, UPPER, Words

_LONGEST = 5  # words of a Vietnamese name


_MIDDLES = frozenset(["Văn", "Thị", "Đức", "Xuân", "Minh", "Ngọc", "Quang", "Thanh", "Hữu", "Đình"])


_PARTICLES = frozenset(
    ["van", "von", "de", "da", "di", "del", "der", "bin", "al", "ibn", "el", "la"]
)


_STEMS = frozenset(["Giáp", "Ất", "Bính", "Đinh", "Mậu", "Kỷ", "Canh", "Tân", "Nhâm", "Quý"])
_BRANCHES = frozenset(
    ["Tý", "Sửu", "Dần", "Mão", "Thìn", "Tỵ", "Ngọ", "Mùi", "Thân", "Dậu", "Tuất", "Hợi"]
)
_ADDRESSES = frozenset(
    ["anh", "chị", "em", "cô", "chú", "bác", "cháu", "cụ", "cậu", "ông", "bà", "thầy", "bé", "ngài"]
)
_LEADER = ("Hồ", "Chí", "Minh")  # a city, a school of thought and a person


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
    if gap == "-" and not words.kinds[index] & (CAPITAL | NUMBER):  # `Kim Si-woo`, `Pa-ny`
        return len(words.words[index]) <= 8
    if gap == "-":  # `Gert-Rene`
        return words.words[index].isascii() and words.words[index - 1].isascii()
    if words.kinds[index] & CAPITAL:
        if gap in (" ", "\u00a0"):
            return True
        return gap in (".", ". ") and len(words.words[index - 1]) == 1
    if gap != " " or words.words[index] not in _PARTICLES or index + 1 >= len(words):
        return False
    goes_on = words.kinds[index + 1] & CAPITAL or words.words[index + 1] in _PARTICLES
    known = words.words[index - 1] in _PARTICLES or not words.kinds[index - 1] & SYLLABLE
    return bool(goes_on) and known and words.gaps[index + 1] in (" ", "-")


def candidates(words: Words, heads: Heads, start: int, end: int) -> Iterator[Candidate]:
    """The possible names of one run."""
    at = start
    while at < end:
        trigger = trigger_before(words, heads, at)
        thing = _thing_end(words, at, end, trigger)
        if thing:
            at = thing
            continue
        found = _candidate(words, heads, at, end, trigger)
        if found is None:
            at += 1
            continue
        yield found
        at = found.end


def _thing_end(words: Words, at: int, end: int, trigger: Trigger) -> int | None:
    """The index after a place, a paper or a field of work (`Công Thương`) that stands at `at`."""
    place = place_at(words, at, end)
    if place:
        despite = _person_despite_place(words, at, place[0], end, trigger, place[1])
        return None if despite else place[0]
    if trigger >= Trigger.ADDRESS or lexicon().surnames.get(words.words[at]) == "sure":
        return None
    unit = phrase_end(words, at, lexicon().units)
    return unit[0] if unit and at + 1 < unit[0] <= end else None


def _person_despite_place(
    words: Words, at: int, place: int, end: int, trigger: Trigger, kind: str
) -> bool:
    """`Chủ tịch Hồ Chí Minh`, `ông Thái Bình Dương`, `Hà Trung Kiên`."""
    name = tuple(words.words[at:place])
    if name == _LEADER:
        return trigger >= Trigger.TITLE and words.low[at - 1] in ("tịch", "chí", "cụ", "bác")
    if len(name) == 1 and trigger in (Trigger.ROLE, Trigger.ADDRESS):  # `ca sĩ Mỹ Lệ`
        return place < end and bool(words.kinds[place] & SYLLABLE)
    if kind in ("country", "place", "paper"):
        return False
    if trigger == Trigger.ADDRESS:
        return name != ("Hà", "Nội")
    return (
        place < end
        and words.words[at] in lexicon().surnames
        # `Hà Nội Hà Huy Quang` is a place and a name; `HLV Vũ Quang Bảo`, a name and no district
        and (
            words.words[place] not in lexicon().surnames
            or (trigger >= Trigger.WORK and place + 1 == end)
        )
        and bool(words.kinds[place] & SYLLABLE)
        and not words.kinds[place] & UPPER
        and trigger >= Trigger.NONE
        and words.low[place] not in lexicon().starters
    )


def _candidate(words: Words, heads: Heads, at: int, end: int, trigger: Trigger) -> Candidate | None:
    if words.low[at] in _ADDRESSES and trigger < Trigger.ROLE:
        return None  # `Anh` at the head of a sentence: the name begins behind it
    surname = _surname(words.words[at])
    if surname:
        return _vietnamese(words, heads, at, end, trigger, surname)
    if trigger >= Trigger.WORK:
        return _announced(words, heads, at, end, trigger)
    if trigger >= Trigger.NONE:
        return foreign(words, heads, at, end)
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
    longest = _LONGEST
    if upper and end - at > 3:  # a line in capitals goes on behind the name
        longest = 4 if words.words[stop] == "THỊ" else 3
    while stop < end and stop - at < longest:
        word, flags = words.words[stop], words.kinds[stop]
        expected = stop == at + 2 and words.words[stop - 1] in ("Văn", "Thị")
        if not flags & SYLLABLE or stop in heads.at:
            break
        if words.low[stop] in lexicon().starters and not expected:
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


def _vietnamese(
    words: Words, heads: Heads, at: int, end: int, trigger: Trigger, surname: str
) -> Candidate | None:
    stop = _extent(words, heads, at, end)
    if surname != "sure":
        stop = _before_inner_place(words, at, stop)
    other = _another_begins(words, at, stop)
    if other and surname == "sure" and other > at + 2:
        stop = other  # two names in a row, the second often a byline
    elif other or _ends_unit(words, at, stop):
        return None
    if stop < end and (not words.kinds[stop] & SYLLABLE or words.gaps[stop] == "-"):
        latin = foreign(words, heads, at, end, trigger) if trigger >= Trigger.NONE else None
        if latin and latin.end > stop:
            return latin
    stop = _of_minority(words, at, stop, end, trigger)
    count = stop - at
    if trigger == Trigger.NAMING and _head_of_unit(words, at, stop, surname):
        trigger = Trigger.NONE
    if count == 1:
        return _single(words, at, stop, trigger)
    score = _vietnamese_score(words, at, stop, trigger, surname)
    rule = f"surname-{count}" + (f"-{trigger.name.lower()}" if trigger else "")
    return Candidate(start=at, end=stop, trigger=trigger, rule=rule, score=score, vietnamese=True)


_HIGH_UNITS = frozenset(["tp", "tỉnh", "huyện", "quận"])
_LOW_UNITS = frozenset(["xã", "phường", "trấn", "tx"])


def _head_of_unit(words: Words, at: int, stop: int, surname: str) -> bool:
    """`Chủ tịch UBND huyện Đinh Hữu Niên`: no district has that name, so it is its chairman's."""
    if stop - at < 3 or words.kinds[at] & UPPER:
        return False
    city = words.low[at - 1] == "phố" and at > 1 and words.low[at - 2] == "thành"
    if city or words.low[at - 1] in _HIGH_UNITS:
        return surname == "sure" or words.words[at + 1] in _MIDDLES
    return words.low[at - 1] in _LOW_UNITS and words.words[at + 1] in ("Văn", "Thị")


def _of_minority(words: Words, at: int, stop: int, end: int, trigger: Trigger) -> int:
    """`Y Nhuận Ybă`, `H'Hen Niê`: names of the highlands go on in other syllables."""
    if trigger != Trigger.ADDRESS and words.words[at] not in ("Y", "H", "K", "Ksor", "Siu", "Điểu"):
        return stop
    while stop < end and stop - at < _LONGEST and words.gaps[stop] == " ":
        if words.kinds[stop] & (SYLLABLE | UPPER) or words.low[stop] in lexicon().starters:
            break
        stop += 1
    return stop


def _before_inner_place(words: Words, at: int, stop: int) -> int:
    """`Tân Cảng Sài Gòn`: a doubtful name ends where a place begins in it."""
    for index in range(at + 2, stop - 1):
        if place_end(words, index, stop):
            return index
    return stop


def _before_place(words: Words, stop: int) -> bool:
    """`Quốc Cường Gia Lai`: a firm, not somebody from Gia Lai."""
    if stop >= len(words) or words.gaps[stop] != " ":
        return False
    return place_end(words, stop, min(len(words), stop + 4)) is not None


def _another_begins(words: Words, at: int, stop: int) -> int | None:
    """Where a surer name begins inside this one (`Công Thương Nguyễn Hồng Diên`), if it does."""
    first = at + 1 if lexicon().surnames.get(words.words[at]) == "rare" else at + 2
    for index in range(first, stop - 1):
        if lexicon().surnames.get(words.words[index]) == "sure":
            return index
    return None


def _ends_unit(words: Words, at: int, stop: int) -> bool:
    """`Trung ương Đoàn Phạm Phương Chi`, `Đoàn Hà Nội`: `Đoàn` belongs to the unit."""
    return (
        at > 0
        and words.words[at] in ("Đoàn", "Hội", "Đảng")
        and words.low[at - 1] in ("ương", "tỉnh", "thành", "huyện", "quận", "tw")
        and (stop - at == 1 or words.words[at + 1] in lexicon().surnames)
    ) or (words.words[at] == "Đoàn" and place_end(words, at + 1, stop) == stop)


def _vietnamese_score(words: Words, at: int, stop: int, trigger: Trigger, surname: str) -> float:
    if trigger < Trigger.NONE or (trigger < Trigger.ADDRESS and _before_place(words, stop)):
        return 0.1
    if stop - at == 2 and words.words[at] in _STEMS and words.words[at + 1] in _BRANCHES:
        return 0.1  # a year of the calendar: `Đinh Dậu`
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
    return place_end(words, stop, min(len(words), stop + 4)) is not None or (
        words.low[stop] in lexicon().naming
    )


def _single(words: Words, at: int, stop: int, trigger: Trigger) -> Candidate | None:
    """A given name alone: sure behind a form of address, else only where the article knows it."""
    if words.kinds[at] & UPPER and trigger < Trigger.ADDRESS:
        return None
    if opens_unit(words, at) or (trigger < Trigger.ADDRESS and opens_compound(words, at)):
        return None
    score = single_score(words, at, stop, trigger)
    return Candidate(
        start=at,
        end=stop,
        trigger=trigger,
        rule=f"given-{trigger.name.lower()}",
        score=score,
        vietnamese=True,
        short=True,
    )


def _announced(words: Words, heads: Heads, at: int, end: int, trigger: Trigger) -> Candidate | None:
    """A name without a known family name behind a word that announces a person."""
    low = words.low[at]
    if low in lexicon().starters or at in heads.at or opens_unit(words, at):
        return None
    if trigger != Trigger.ADDRESS and low in lexicon().naming:
        return None
    if not words.kinds[at] & SYLLABLE:
        return foreign(words, heads, at, end, trigger)
    stop = _extent(words, heads, at, end)
    if stop < end and (not words.kinds[stop] & (SYLLABLE | UPPER) or words.gaps[stop] == "-"):
        return foreign(words, heads, at, end, trigger)
    if stop - at == 1:
        return _single(words, at, stop, trigger)
    if words.kinds[at] & UPPER or trigger < Trigger.ROLE or opens_unit(words, stop - 1):
        return None
    return Candidate(
        start=at,
        end=stop,
        trigger=trigger,
        rule=f"announced-{trigger.name.lower()}",
        score={Trigger.ADDRESS: 0.9, Trigger.ROLE: 0.7}.get(trigger, 0.4),
        vietnamese=True,
    )
