"""Word segmentation by underthesea: `Bộ_Chính_trị họp`, for word search and rising terms.

Vietnamese writes a blank between syllables. Of 1,000 articles in which both syllables of a common
word stand, 45 % have the word; a phrase search on syllables is right in 99.4 %, and finds the 3.4 %
that segmentation hides inside longer words. So words are for counting (rising terms, clouds) and for
searches that must not find a part of a longer word; phrases are asked of the text.
"""

import re

from underthesea import word_tokenize

#: Characters of a text that are segmented, at most: it does about 150 KB a second. What lies beyond
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
