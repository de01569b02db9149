"""The seed article's people, dates and credits come out complete."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from streams.extraction.credits import find_credits
from streams.extraction.dates import find_dates
from streams.extraction.people import find_people
from streams.text import nfc, one_tone_placement

SEED = Path(__file__).resolve().parents[4] / "shared" / "seed"


@pytest.fixture
def text() -> str:
    found = sorted(SEED.glob("*.txt")) if SEED.is_dir() else []
    if not found:
        pytest.skip(f"the seed article is not beside the project ({SEED})")
    return one_tone_placement(nfc(found[0].read_text(encoding="utf-8")))


@pytest.mark.shared
def test_the_seed_article_is_understood(text: str) -> None:
    """Its one person with the titles of each mention, its date, dateline and credits, no more."""
    credits = find_credits(text, outlet="baobinhdinh")
    people = find_people(text, avoid=credits.spans)
    assert [(each.surface, each.titles) for each in people] == [
        ("Nguyễn Giờ", ("Ủy viên Ban Thường vụ Tỉnh ủy", "Trưởng ban Tổ chức Tỉnh ủy")),
        ("Nguyễn Giờ", ("Trưởng ban Tổ chức Tỉnh ủy",)),
        ("Nguyễn Giờ", ()),
    ]
    assert {each.person for each in people} == {"Nguyễn Giờ"}
    dates = find_dates(text, published=datetime(2020, 11, 11, tzinfo=UTC))
    assert [(each.surface, each.iso) for each in dates] == [("Ngày 10.11", "2020-11-10")]
    assert credits.dateline == "BĐ"
    assert credits.photo_credits == ("Ngọc Quỳnh",)
    assert credits.source_credit == "BTV"
    assert credits.byline == "NGỌC QUỲNH"
