"""The texts made to hurt are as long as asked, and the same every time."""

import pytest

from tests.benchmark.adversarial import MAKERS
from tests.benchmark.speed import cut


@pytest.mark.parametrize("name", MAKERS)
def test_texts_have_the_length_asked_for(name: str) -> None:
    """A ratio of times means something only between texts of known lengths."""
    make = MAKERS[name]
    assert len(make(1_000)) == 1_000
    assert make(4_000).startswith(make(1_000))


def test_a_text_is_cut_between_characters() -> None:
    """A size in bytes never splits a letter."""
    assert cut("ưu tiên", 3) == "ưu"
    assert cut("ưu tiên", 1) == ""
