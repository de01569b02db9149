"""Text as Vietnamese news writes it, in one form: the same for documents and for queries.

Pure functions. `nfc` may change a text's length, so it is applied once, where text comes in; `fold`
keeps the length, one character for one, so offsets hold.
"""

import re
import unicodedata

# hoà -> hòa: two ways of placing a tone mark on oa, oe, uy are in use, often in one article
_TONES = "\u0300\u0301\u0309\u0303\u0323"
_PLACEMENT = {
    unicodedata.normalize("NFC", pair[0] + pair[1] + tone): unicodedata.normalize(
        "NFC", pair[0] + tone + pair[1]
    )
    for pair in ("oa", "oe", "uy", "Oa", "Oe", "Uy", "OA", "OE", "UY")
    for tone in _TONES
}
_PLACED = re.compile("(?:(?<![qQ])(?:" + "|".join(_PLACEMENT) + r"))(?![^\W\d_])")
_ETH = str.maketrans({"Ð": "Đ", "ð": "đ"})
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")


def nfc(text: str) -> str:
    """Composed Unicode, without invisible characters, and with Đ where the Icelandic eth stands."""
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", text)).translate(_ETH)


def one_tone_placement(text: str) -> str:
    """`hoà`, `khoẻ`, `uỷ` as `hòa`, `khỏe`, `ủy`. Same length as an NFC text put in."""
    return _PLACED.sub(lambda found: _PLACEMENT[found[0]], text)


def _folded(character: str) -> str:
    if character in "đĐ":
        return "d"
    base = unicodedata.normalize("NFD", character)[0].lower()
    return base if len(base) == 1 else character


class _Fold(dict[int, str]):
    def __missing__(self, code: int) -> str:
        value = self[code] = _folded(chr(code))
        return value


_FOLD = _Fold()


def fold(text: str) -> str:
    """Lower case without diacritics; one character for one of an NFC text, so offsets hold."""
    return text.translate(_FOLD)


#: Characters of a sentence that are looked at on either side of a mention, at most.
_REACH = 400
_CAPITALS = "".join(c for c in map(chr, range(0x41, 0x1EFA)) if c.isupper())
_SENTENCE_END = re.compile(rf"[.!?…][\"”')\]]*\s+(?=[{_CAPITALS}\d\"“'(\[])|\n")


def sentence_span(text: str, start: int, end: int) -> tuple[int, int]:
    """The offsets of the sentence around `text[start:end]`, at most 400 characters either side.

    A full stop counts where a blank and a capital, a digit or a quote follow: the stops of `TP.HCM`
    and `Nghị định 30.2020` do not.
    """
    left = max(0, start - _REACH)
    # one character more: the mention itself may be the capital that a sentence begins with
    for found in _SENTENCE_END.finditer(text, left, min(len(text), start + 1)):
        if found.end() <= start:
            left = found.end()
    following = _SENTENCE_END.search(text, end, min(len(text), end + _REACH))
    right = following.end() if following else min(len(text), end + _REACH)
    while left < start and text[left].isspace():
        left += 1
    while right > end and text[right - 1].isspace():
        right -= 1
    return left, right


def printable(text: object) -> str:
    """Text from outside as a terminal or a log may show it: control characters and the marks that
    turn the direction of writing must not command it."""
    shown = str(text)
    if shown.isprintable():
        return shown
    return "".join(c if c.isprintable() or c in "\n\t" else _stand_in(c) for c in shown)


def _stand_in(character: str) -> str:
    return " " if unicodedata.category(character) == "Zs" else "\ufffd"
