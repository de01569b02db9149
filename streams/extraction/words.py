"""A text as words with their offsets, and what a single word is: capitalised, a Vietnamese syllable.

Everything that looks for people walks over these words; nothing walks over characters again.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_WORD = re.compile(r"[^\W_]+(?:(?:['’]|&(?:amp;)?)[^\W_]+)*")
_LETTERS = [chr(code) for code in range(0xC0, 0x1EFA)]
_LOW = "a-z" + "".join(letter for letter in _LETTERS if letter.islower())
_HIGH = "A-Z" + "".join(letter for letter in _LETTERS if letter.isupper())
_GLUED = re.compile(rf"(?<=[{_LOW}])(?=[{_HIGH}][{_LOW}])")
_ACCENTED = re.compile("[À-ỹ]")

CAPITAL = 1  # begins with a capital letter
UPPER = 2  # only capitals, two letters or more
SYLLABLE = 4  # shaped like a Vietnamese syllable
NUMBER = 8

_TONES = "\u0300\u0301\u0303\u0309\u0323"
_ONSET = "b|ch|c|d|đ|gh|gi|g|h|kh|k|l|m|ngh|ng|nh|n|ph|p|qu|q|r|s|th|tr|t|v|x|"
_RIMES = (
    "a|ac|ach|ai|am|an|ang|anh|ao|ap|at|au|ay|ăc|ăm|ăn|ăng|ăp|ăt|âc|âm|ân|âng|âp|ât|âu|ây|e|ec|em|"
    "en|eng|eo|ep|et|ê|êch|êm|ên|ênh|êp|êt|êu|i|ia|ich|iêc|iêm|iên|iêng|iêp|iêt|iêu|im|in|inh|ip|"
    "it|iu|o|oa|oac|oach|oai|oam|oan|oang|oanh|oao|oap|oat|oay|oăc|oăm|oăn|oăng|oăt|oc|oe|oen|oeo|"
    "oet|oi|om|on|ong|ooc|oong|op|ot|ô|ôc|ôi|ôm|ôn|ông|ôp|ôt|ơ|ơi|ơm|ơn|ơp|ơt|u|ua|uân|uâng|uât|uây|"
    "uc|uê|uêch|uên|uênh|ui|um|un|ung|uơ|uôc|uôi|uôm|uôn|uông|uôt|up|ut|uy|uya|uych|uyên|uyêt|uyn|"
    "uynh|uyt|uyu|ư|ưa|ưc|ưi|ưng|ươc|ươi|ươm|ươn|ương|ươp|ươt|ươu|ưt|ưu|ưm|y|yêm|yên|yêng|yêt|yêu|yn|ynh"
)
_SYLLABLE = re.compile(rf"(?:{_ONSET})(?:{_RIMES})\Z")


@lru_cache(maxsize=65_536)
def kind(word: str) -> int:
    """The flags of a word."""
    flags = 0
    if word[0].isupper():
        flags |= CAPITAL
        if len(word) > 1 and word.isupper():
            flags |= UPPER
    elif word[0].isdigit():
        return NUMBER
    if len(word) <= 8 and _is_syllable(word.lower()):
        flags |= SYLLABLE
    return flags


def _is_syllable(word: str) -> bool:
    bare = unicodedata.normalize(
        "NFC", "".join(c for c in unicodedata.normalize("NFD", word) if c not in _TONES)
    )
    return _SYLLABLE.match(bare) is not None


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text. All lists have one entry a word."""

    text: str
    starts: list[int]
    ends: list[int]
    words: list[str]
    low: list[str]  # in lower case
    kinds: list[int]
    gaps: list[str]  # what stands between the word before and this one

    def __len__(self) -> int:
        return len(self.starts)

    def slice(self, first: int, last: int) -> str:
        """The text from word `first` up to, not including, word `last`."""
        return self.text[self.starts[first] : self.ends[last - 1]]


def read(text: str) -> Words:
    """The words of `text`. Words that lost the blank between them (`NhạBộ`) are two."""
    spans = [found.span() for found in _WORD.finditer(text)]
    spans = [part for span in spans for part in _apart(text, *span)] if _glued(text) else spans
    words = [text[start:end] for start, end in spans]
    starts = [start for start, _ in spans]
    ends = [end for _, end in spans]
    gaps = [text[end:start] for end, start in zip([0, *ends], starts, strict=False)]
    return Words(text, starts, ends, words, [w.lower() for w in words], [*map(kind, words)], gaps)


_LOW_HIGH = re.compile(f"[{_LOW}][{_HIGH}]")


def _glued(text: str) -> bool:
    """Whether any word of the text goes from small to capital letters."""
    return _LOW_HIGH.search(text) is not None


def _apart(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """One word as it stands, or its parts where a sentence clings to it."""
    word = text[start:end]
    if word.islower() or word.istitle() or word.isupper() or not _ACCENTED.search(word):
        return [(start, end)]
    parts = []
    for part in _GLUED.split(word):
        parts.append((start, start + len(part)))
        start += len(part)
    return parts
