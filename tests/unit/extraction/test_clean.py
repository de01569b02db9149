"""The clean text and the way back."""

import unicodedata

import pytest

from streams.extraction.clean import clean

TEXTS = [
    ("Nghị quyết số 18", "Nghị quyết số 18"),
    ("số\u00a018\u2013NQ/TW", "số 18-NQ/TW"),
    ("zero\u200bwidth\ufeff and soft\u00adhyphen", "zerowidth and softhyphen"),
    ("của \u00d0ảng", "của Đảng"),
    (unicodedata.normalize("NFD", "Chỉ thị của Đảng ủy"), "Chỉ thị của Đảng ủy"),
    ("\u0301 alone, lone \ud800 surrogate", "\u0301 alone, lone \ufffd surrogate"),
    ("İstanbul\tnow\r\nnext", "Istanbul now \nnext"),
    ("", ""),
]


@pytest.mark.parametrize(("text", "expected"), TEXTS, ids=[repr(text)[:30] for text, _ in TEXTS])
def test_text_gets_one_typing(text: str, expected: str) -> None:
    """Composed letters, plain blanks and dashes, Đ for eth, nothing invisible."""
    page = clean(text)
    assert page.text == expected
    assert len(page.lower) == len(page.text)


@pytest.mark.parametrize("text", [text for text, _ in TEXTS if text])
def test_spans_lead_back_to_the_original(text: str) -> None:
    """Every clean character comes from the place in the original that cleans to it."""
    page = clean(text)
    for place in range(len(page.text)):
        start, end = page.span(place, place + 1)
        assert clean(text[start:end]).text == page.text[place]


def test_an_untouched_text_costs_no_map() -> None:
    """Text that is composed already has the places that it had."""
    page = clean("Bộ Chính trị – Ban Bí thư")
    assert (page.starts_at, page.span(3, 8)) == ((), (3, 8))
