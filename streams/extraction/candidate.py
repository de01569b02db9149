"""A stretch of words that may be a name, and how sure that is."""

from dataclasses import dataclass

from streams.extraction.triggers import Trigger, says_after
from streams.extraction.words import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Words `start:end` that may be a name."""

    start: int
    end: int
    trigger: Trigger  # what stands before it
    rule: str
    score: float  # from 0.5 up it is a name on its own
    vietnamese: bool
    short: bool = False


_COUNTRIES = frozenset(
    [
        "Việt",
        "Nam",
        "Bắc",
        "Trung",
        "Hàn",
        "Nhật",
        "Mỹ",
        "Anh",
        "Pháp",
        "Đức",
        "Nga",
        "Ý",
        "Lào",
        "Âu",
        "Á",
        "Phi",
        "Úc",
        "Tàu",
        "Hoa",
        "Thái",
    ]
)


def single_score(words: Words, at: int, stop: int, trigger: Trigger) -> float:
    if trigger == Trigger.ADDRESS:
        return 0.9
    if words.words[at] in _COUNTRIES:
        return 0.3
    if trigger == Trigger.PERSON:
        return 0.6
    if trigger == Trigger.ROLE:
        return 0.55 if says_after(words, stop) else 0.45
    return 0.4 if trigger == Trigger.TITLE else 0.3
