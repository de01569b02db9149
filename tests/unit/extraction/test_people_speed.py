"""No input makes the finders explode: twice the text is about twice the work."""

import sys
from collections.abc import Callable

import pytest

from streams.extraction.credits import find_credits
from streams.extraction.dates import find_dates
from streams.extraction.people import find_people

REPEATED = [
    "Nguyễn ",
    "Nguyễn Văn Nam, Bí thư ",
    "và Bí thư ",
    "Phó Chủ tịch (Hà Nội) ",
    "Lê Tuấn Kha. Tuấn Kha ",
    "phường Lê Lợi - ",
    "x-A ",
    "Kim-",
    "A. ",
    "A",
    "(",
    "ngày 3, ",
    "tháng 1, 2, ",
    "2020, ",
    "3/4 - ",
    "12-",
    "Ảnh: A ",
    "Nguồn: A",
    "Theo A",
    "(TT) -",
    ">>",
    "\n",
]
FINDERS: list[Callable[[str], object]] = [
    find_people,
    lambda text: find_dates(text, published=None),
    find_credits,
]


def work(find: Callable[[str], object], text: str) -> int:
    """How many calls of Python functions it takes: the same on every machine, at every load."""
    calls = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        find(text)
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize("unit", REPEATED)
@pytest.mark.parametrize("find", FINDERS, ids=["people", "dates", "credits"])
def test_work_grows_with_the_length(find: Callable[[str], object], unit: str) -> None:
    """Four times the text takes at most about four times the calls, and few for each character."""
    text = unit * (4000 // len(unit))
    find(text[:50])  # the data files are read before counting
    small, large = work(find, text), work(find, text * 4)
    assert large <= 4.5 * small + 1000
    assert large <= 60 * len(text) * 4
