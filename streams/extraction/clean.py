"""Step 1: the text in one typing, with the way back to the text as it was handed in.

Every later step works on the clean text and speaks of places in it; only the finished mentions are
taken back (`Clean.span`). Most articles are clean already: then the way back costs nothing.
"""

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass

_SPACES = "\t\x0b\x0c\r\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
_SAME_LENGTH = str.maketrans(
    {
        **dict.fromkeys(_SPACES, " "),
        **dict.fromkeys(_DASHES, "-"),
        **dict.fromkeys("\u2044\u2215\uff0f", "/"),
        "\u00d0": "Đ",  # the Icelandic eth, from old keyboards
        "\u00f0": "đ",
        "\u0189": "Đ",  # African D, the same
        "\u0130": "I",  # the one letter that grows in lower case
    }
)
_ODD = re.compile(f"[{re.escape(_SPACES + _DASHES)}\u2044\u2215\uff0f\u00d0\u00f0\u0189\u0130]")
_INVISIBLE = "\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff"
_MARKS = "\u0300-\u036f"
_DISTURBED = re.compile(f"[{_INVISIBLE}{_MARKS}]")
_PIECE = re.compile(f"(?s)(?P<invisible>[{_INVISIBLE}]+)|[^{_INVISIBLE}{_MARKS}]?[{_MARKS}]+")
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Clean:
    """A clean text, its lower case (of the same length), and the way back.

    `starts[i]` is where the clean character `starts_at[i]` stood; between two such points the
    texts run in step. Both are empty when the texts run in step from end to end.
    """

    text: str
    lower: str
    starts_at: tuple[int, ...] = ()
    starts: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()

    def span(self, start: int, end: int) -> tuple[int, int]:
        """A span of the clean text (at least one character) as a span of the original."""
        if not self.starts_at:
            return start, end
        return self._original(start, self.starts), self._original(end - 1, self.ends) + 1

    def _original(self, place: int, originals: tuple[int, ...]) -> int:
        point = bisect_right(self.starts_at, place) - 1
        return originals[point] + place - self.starts_at[point]


def clean(text: str) -> Clean:
    """Composed letters, one kind of blank and dash, Đ for eth, nothing invisible."""
    if not text.isascii() and _SURROGATE.search(text):
        text = _SURROGATE.sub("\ufffd", text)
    points: tuple[tuple[int, ...], ...] = ((), (), ())
    if _DISTURBED.search(text):
        text, points = _composed(text)
    if _ODD.search(text):
        text = text.translate(_SAME_LENGTH)
    return Clean(text, text.lower(), *points)


def _composed(text: str) -> tuple[str, tuple[tuple[int, ...], ...]]:
    """The text composed, without invisible characters, and the points where the steps differ."""
    parts: list[str] = []
    starts_at, starts, ends = [0], [0], [0]
    at = copied = 0  # how far the clean text and the original are done
    for piece in _PIECE.finditer(text):
        start, end = piece.span()
        letters = "" if piece["invisible"] else unicodedata.normalize("NFC", piece[0])
        parts += text[copied:start], letters
        at += start - copied
        for index in range(len(letters)):
            starts_at.append(at + index)
            starts.append(start + index)
            ends.append(end - len(letters) + index)
        at, copied = at + len(letters), end
        starts_at.append(at)
        starts.append(end)
        ends.append(end)
    parts.append(text[copied:])
    return "".join(parts), (tuple(starts_at), tuple(starts), tuple(ends))
