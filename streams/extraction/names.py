"""Personal names in runs of capitalised words: where a name may begin, how far it goes, how sure.

A run is a stretch of capitalised words with single blanks between them. Inside a run the places are
stepped over, and a name begins at a family name, or right after a word that announces a person.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from streams.extraction.lexicon import lexicon
from streams.extraction.titles import Heads, phrase_end
from streams.extraction.words import CAPITAL, SYLLABLE, UPPER, Words

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
    ADDRESS = 3
    TITLE = 4


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
    kinds, gaps = words.kinds, words.gaps
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
    del gaps


def _joined(words: Words, index: int) -> bool:
    """Whether the word at `index` goes on the run of the word before it."""
    gap = words.gaps[index]
    if words.kinds[index] & CAPITAL:
        if gap == " " or gap == "\u00a0":
            return True
        before = words.words[index - 1]
        return gap in (".", ". ") and len(before) == 1
    if gap == "-":  # `Kim Si-woo`
        return (
            not words.kinds[index - 1] & SYLLABLE
            or not words.kinds[index] & SYLLABLE
            or words.words[index].isascii()
            and words.words[index - 1].isascii()
        )
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
        return trigger in (Trigger.ADDRESS, Trigger.TITLE) and words.low[at - 1] in (
            "tịch",
            "chí",
            "cụ",
            "bác",
        )
    if trigger == Trigger.ADDRESS:
        return True
    return (
        place < end
        and words.words[at] in lexicon().surnames
        and words.words[place] not in lexicon().surnames
        and bool(words.kinds[place] & SYLLABLE)
        and not words.kinds[place] & UPPER
        and trigger != Trigger.NAMING
        and words.low[place] not in lexicon().starters
        and place not in ()
    )


def _place_end(words: Words, at: int, end: int) -> int | None:
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
        return Trigger.TITLE if _head_ends(heads, at) == "rank" else Trigger.NONE
    if _head_ends(heads, at):
        return Trigger.TITLE
    if words.gaps[at] == ": ":
        return Trigger.NONE
    last = words.low[at - 1]
    for phrase, kind in lexicon().honorifics.get(last, ()):
        if _ends_with(words, at, phrase) and _is_common(words, at - len(phrase)):
            return Trigger.ADDRESS if kind == "address" else Trigger.WORK
    for phrase, _ in lexicon().naming.get(last, ()):
        if _ends_with(words, at, phrase):
            return Trigger.NAMING
    return Trigger.NONE


def _is_common(words: Words, at: int) -> bool:
    """Whether `Anh` opens a sentence and is not the country, `Em` not a given name."""
    if not words.kinds[at] & CAPITAL or at == 0:
        return True
    return not (words.kinds[at - 1] & CAPITAL and words.gaps[at] == " ") or words.low[at] in (
        "ông",
        "bà",
    )


def _head_ends(heads: Heads, at: int) -> str | None:
    for start in range(at - 1, max(-1, at - 6), -1):
        if start in heads.at and heads.at[start][0] == at:
            return heads.at[start][1]
    return None


def _ends_with(words: Words, at: int, phrase: tuple[str, ...]) -> bool:
    start = at - len(phrase)
    return start >= 0 and tuple(words.low[start:at]) == phrase


def _candidate(words: Words, heads: Heads, at: int, end: int, trigger: Trigger) -> Candidate | None:
    surname = _surname(words.words[at])
    if surname and words.kinds[at] & SYLLABLE or surname and len(words.words[at]) > 3:
        return _vietnamese(words, heads, at, end, trigger, surname)
    if trigger in (Trigger.ADDRESS, Trigger.TITLE, Trigger.WORK):
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
    return stop - 1 if _begins_compound(words, stop, end) and stop - at > 1 else stop


_COMPOUNDS = frozenset(
    "phát biểu|công an|quang cảnh|liên quan|thực hiện|đồng thời|đồng chí|cơ quan|đại biểu|đại diện|ban tổ|"
    "công tác|bên cạnh|hiện nay|trung tâm|hội nghị|trong đó|thông tin|tuy nhiên|thanh tra|nhân dịp|"
    "đoàn công|sau đó|trước đó|an ninh|mặt khác|hội đồng|công ty|đại hội|chính phủ|quốc hội|toàn cảnh|"
    "nhân dân|chân dung|phương án|cao điểm|hoa hậu|đăng ký|đoàn kiểm|theo đó|hàng loạt|minh họa|long trọng|"
    "trường hợp|tình hình|thời gian|nội dung|kết luận|cảnh sát|tài xế|lực lượng|văn phòng|khánh thành".split(
        "|"
    )
)


def _begins_compound(words: Words, stop: int, end: int) -> bool:
    """Whether the last word of the name opens the next phrase (`Nguyễn Văn Tám Phát biểu`)."""
    return (
        stop == end
        and stop < len(words)
        and words.gaps[stop] == " "
        and f"{words.low[stop - 1]} {words.low[stop]}" in _COMPOUNDS
    )


def _vietnamese(
    words: Words, heads: Heads, at: int, end: int, trigger: Trigger, surname: str
) -> Candidate | None:
    stop = _extent(words, heads, at, end)
    count = stop - at
    if count == 1:
        if stop < end and not words.kinds[stop] & SYLLABLE and trigger != Trigger.NAMING:
            return _foreign(words, heads, at, end, trigger) or _single(at, stop, trigger)
        return _single(at, stop, trigger)
    score = _vietnamese_score(words, at, stop, trigger, surname)
    rule = f"surname-{count}" + (f"-{trigger.name.lower()}" if trigger else "")
    return Candidate(start=at, end=stop, rule=rule, score=score, vietnamese=True)


def _vietnamese_score(words: Words, at: int, stop: int, trigger: Trigger, surname: str) -> float:
    if trigger == Trigger.NAMING:
        return 0.1
    if trigger >= Trigger.WORK:
        return 0.98
    count = stop - at
    score = {2: 0.45, 3: 0.75, 4: 0.8, 5: 0.6}[count]
    score += 0.2 if surname == "sure" else -0.2
    if words.words[at + 1] in _MIDDLES and count > 2:
        score += 0.15
    if says_after(words, stop):
        score += 0.2
    if words.kinds[at] & UPPER and count < 3:
        score -= 0.4
    if at and words.kinds[at - 1] & UPPER and words.gaps[at] == " " and count < 3:
        score -= 0.3
    return min(score, 0.95)


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


def _single(at: int, stop: int, trigger: Trigger) -> Candidate | None:
    if trigger in (Trigger.ADDRESS, Trigger.TITLE):
        score = 0.9
    else:
        score = 0.3
    return Candidate(
        start=at,
        end=stop,
        rule=f"given-{trigger.name.lower()}",
        score=score,
        vietnamese=True,
        short=True,
    )


def _announced(words: Words, heads: Heads, at: int, end: int, trigger: Trigger) -> Candidate | None:
    """A name without a known family name behind a word that announces a person."""
    if words.low[at] in lexicon().starters or at in heads.at or words.low[at] == "ubnd":
        return None
    if not words.kinds[at] & SYLLABLE:
        return _foreign(words, heads, at, end, trigger)
    stop = _extent(words, heads, at, end)
    if stop < end and not words.kinds[stop] & (SYLLABLE | UPPER):
        return _foreign(words, heads, at, end, trigger)
    if (
        words.kinds[at] & UPPER
        or trigger == Trigger.WORK
        or trigger == Trigger.TITLE
        and stop - at > 1
        and trigger_is_unit(words, at, stop)
    ):
        return None
    return Candidate(
        start=at,
        end=stop,
        rule=f"announced-{trigger.name.lower()}",
        score=0.9 if trigger == Trigger.ADDRESS else 0.6,
        vietnamese=True,
        short=stop - at < 2,
    )


def trigger_is_unit(words: Words, at: int, stop: int) -> bool:
    """`Giám đốc Điện lực`: what follows the title is its unit, not a person."""
    return phrase_end(words, at, lexicon().units) is not None


def _foreign(
    words: Words, heads: Heads, at: int, end: int, trigger: Trigger = Trigger.NONE
) -> Candidate | None:
    stop = _foreign_extent(words, heads, at, end)
    if stop == at:
        return None
    if any(words.words[index] in lexicon().foreign for index in range(at, stop)):
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


def _foreign_extent(words: Words, heads: Heads, at: int, end: int) -> int:
    stop = at
    while stop < end and stop - at < _LONGEST_FOREIGN + 2:
        word = words.words[stop]
        if words.low[stop] in lexicon().starters or stop in heads.at or not _latin(word):
            break
        if words.kinds[stop] & UPPER and len(word) > 2:
            break
        stop += 1
    return stop


def _latin(word: str) -> bool:
    """Whether a word has no letter that only Vietnamese has."""
    return not any(letter in "đĐơƠưƯăĂ" or "\u1ea0" <= letter <= "\u1ef9" for letter in word)


def _foreign_score(words: Words, at: int, stop: int, trigger: Trigger) -> float:
    count = stop - at
    known = words.words[at] in lexicon().first_names
    if trigger == Trigger.ADDRESS:
        return 0.95
    if trigger == Trigger.TITLE:
        return 0.9 if count > 1 else 0.75
    if count == 1:
        return 0.3
    score = 0.75 if known else 0.25
    if trigger == Trigger.WORK:
        score += 0.2
    if says_after(words, stop):
        score += 0.2
    return score
