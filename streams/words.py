"""Word segmentation by underthesea: `Bộ_Chính_trị họp`, for word search and rising terms.

Vietnamese writes a blank between syllables, so a search for `chính trị` in plain text also finds
`hành chính, trị giá`; in segmented text it does not.
"""

import re

from underthesea import word_tokenize

#: Characters of a text that are segmented, at most: about half a second of work. What lies beyond
#: is still found by syllables.
MAX_CHARS = 40_000

#: Characters handed over at once: the time grows faster than the length of a call.
_CALL = 600
_BOUND = re.compile(r"(?<=[.!?…;:])\s+|\n+")


def segment(text: str) -> str:
    """The text with the syllables of a word joined by `_`, one sentence a line."""
    lines = []
    for sentence in _BOUND.split(text[:MAX_CHARS]):
        for start in range(0, len(sentence), _CALL):
            piece = sentence[start : start + _CALL].strip()
            if piece:
                lines.append(str(word_tokenize(piece, format="text")))
    return "\n".join(lines)
