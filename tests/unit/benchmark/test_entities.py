"""underthesea's words at their places in the text."""

import pytest

from tests.benchmark.entities import Entity, Tagged, aligned, sentences


def tagged(*words: tuple[str, str]) -> list[Tagged]:
    return [(word, "", "", tag) for word, tag in words]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("Một câu. Hai câu!\n\nBa câu", ["Một câu.", "Hai câu!", "Ba câu"]),
        ("  \n ", []),
        ("", []),
        ("a" * 700, ["a" * 600, "a" * 100]),
    ],
)
def test_sentences_are_slices(text: str, pieces: list[str]) -> None:
    """A text is cut at ends of sentences and lines, and where a sentence is too long."""
    assert [text[start:end] for start, end in sentences(text)] == pieces


def test_entities_stand_where_their_words_stand() -> None:
    """Words of one entity are joined, whatever blanks are between them in the text."""
    text = "Ông  Nguyễn\u00a0Giờ,  Bình Định"
    words = tagged(
        ("Ông", "O"), ("Nguyễn", "B-PER"), ("Giờ", "I-PER"), (",", "O"), ("Bình Định", "B-LOC")
    )
    assert list(aligned(text, 0, len(text), words)) == [
        Entity(start=5, end=15, label="PER"),
        Entity(start=18, end=27, label="LOC"),
    ]


def test_two_entities_in_a_row_stay_two() -> None:
    """A new beginning, or another label, ends the entity before it."""
    text = "Lan Huệ Đà Lạt"
    words = tagged(("Lan", "B-PER"), ("Huệ", "B-PER"), ("Đà Lạt", "I-LOC"))
    assert [(e.start, e.end) for e in aligned(text, 0, len(text), words)] == [
        (0, 3),
        (4, 7),
        (8, 14),
    ]


def test_a_word_that_was_changed_is_passed_over() -> None:
    """What the tokenizer rewrote is not found in the text, and what follows still is."""
    text = "bà Hoa đến Huế"
    words = tagged(("bà", "O"), ("Hoà", "B-PER"), ("", "O"), ("Huế", "B-LOC"))
    assert list(aligned(text, 0, len(text), words)) == [Entity(start=11, end=14, label="LOC")]
