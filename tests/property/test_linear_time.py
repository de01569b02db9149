"""No text makes extraction explode: its time grows with the length, whatever is repeated."""

import gc
from time import process_time

import pytest

from streams.extraction import extract
from tests.benchmark.adversarial import MAKERS

_SHORT = 2_000  # characters: where looking for a length that can be measured begins
_MEASURABLE = 0.006  # seconds
_LONGER = 4
_MOST = 9.0  # times the work for four times the text: in proportion it is 4, by its square 16


def cost(text: str) -> float:
    """Seconds of this process for one extraction."""
    start = process_time()
    extract(text)
    return process_time() - start


@pytest.mark.parametrize("name", MAKERS)
def test_time_grows_with_the_length(name: str) -> None:
    """Four times the text takes about four times the time, not sixteen."""
    make, length = MAKERS[name], _SHORT
    gc.collect()
    gc.disable()  # what other tests left in memory is not this text's doing
    try:
        while cost(make(length)) < _MEASURABLE and length < 64_000:
            length *= 2
        # both measured again and again in turn: a busy moment of the machine spoils one pair
        ratios = [cost(make(_LONGER * length)) / cost(make(length)) for _ in range(3)]
    finally:
        gc.enable()
    assert min(ratios) < _MOST
