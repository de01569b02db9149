"""Text: one form for what is the same, offsets that hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.text import fold, nfc, one_tone_placement, sentence_span


@pytest.mark.parametrize(
    ("written", "one"),
    [
        ("hoà", "hòa"),
        ("khoẻ", "khỏe"),
        ("uỷ ban", "ủy ban"),
        ("UỶ BAN", "ỦY BAN"),
        ("Thuỷ", "Thủy"),
        ("quý", "quý"),  # u belongs to q
        ("quà", "quà"),
        ("toàn", "toàn"),  # a letter follows: the mark is where it belongs
        ("hòa", "hòa"),
    ],
)
def test_two_placements_of_a_tone_mark_are_one(written: str, one: str) -> None:
    """The old and the new placement of tone marks come out the same."""
    assert one_tone_placement(written) == one


def test_what_looks_the_same_is_the_same() -> None:
    """Decomposed letters, invisible characters and the Icelandic eth are mended."""
    assert nfc("Ð\u1ea3ng \u200bu\u0309y") == "Đảng ủy"


@given(st.text())
def test_folding_keeps_offsets(text: str) -> None:
    """One character for one, for any composed text."""
    composed = nfc(text)
    assert len(fold(composed)) == len(composed)
    assert len(one_tone_placement(composed)) == len(composed)


def test_folded_text_has_no_diacritics() -> None:
    """A search without diacritics finds what was written with them."""
    assert fold("Chỉ thị của Đảng ủy") == "chi thi cua dang uy"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Một. Hai nói Z ở đây. Ba.", "Hai nói Z ở đây."),
        ("Ở TP.HCM có Z năm 30.2020. Đồng chí nghỉ.", "Ở TP.HCM có Z năm 30.2020."),
        ("Đoạn trên\nĐoạn Z này\nĐoạn dưới", "Đoạn Z này"),
        ("“Xong!” Rồi Z đến. “Hết”", "Rồi Z đến."),
        ("Một. Z hai. Ba.", "Z hai."),
        ("Z", "Z"),
    ],
)
def test_the_sentence_around_a_mention(text: str, sentence: str) -> None:
    """A sentence ends at a stop before a capital, not at the stops inside names and numbers."""
    at = text.index("Z")
    start, end = sentence_span(text, at, at + 1)
    assert text[start:end] == sentence


@given(st.text(), st.data())
def test_a_sentence_contains_its_mention(text: str, data: st.DataObject) -> None:
    """For any text and span the sentence lies in the text, around the span, within the reach."""
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    left, right = sentence_span(text, start, end)
    assert 0 <= left <= start <= end <= right <= len(text)
    assert right - left <= end - start + 800
