"""Alerts: which mentions are worth telling, and what is told."""

from datetime import UTC, datetime, timedelta

import pytest

from streams.alerts import Claim, alert_of, first_mentions, is_told, novelty_of
from streams.records import Extraction
from tests import make, make_index

TEXT = (
    "Hội nghị đã kết thúc. Bà Lê Thị Mơ, Bí thư Huyện ủy, nhắc lại Chỉ thị 05-CT/TW của Bộ Chính trị. "
    "Ông Trần Văn Tạm thì nói về Nghị định 24. Chỉ thị này vẫn còn giá trị."
)


def test_each_document_is_a_first_mention_once() -> None:
    """Several mentions of a document in an article make one, the first in reading order."""
    full = make.document(TEXT, "Chỉ thị 05-CT/TW", "05-CT/TW")
    again = make.document(TEXT, "Chỉ thị này", "05-CT/TW")
    article = make.enriched(TEXT, Extraction(documents=(again, full)))
    assert [first.key for first in first_mentions(article)] == ["05-CT/TW"]
    assert "nhắc lại" in first_mentions(article)[0].sentence


def test_what_does_not_identify_a_document_is_not_told() -> None:
    """Anaphors and incomplete keys are mentions, but not news."""
    incomplete = make.document(TEXT, "Nghị định 24", "24/NĐ-CP", complete=False)
    anaphor = make.document(TEXT, "Chỉ thị này", "05-CT/TW", tier="anaphor")
    article = make.enriched(TEXT, Extraction(documents=(incomplete, anaphor)))
    assert first_mentions(article) == ()


def test_the_alert_says_who_and_where() -> None:
    """The sentence around the mention and the people named in it travel with the alert."""
    mention = make.document(TEXT, "Chỉ thị 05-CT/TW", "05-CT/TW", type="Chỉ thị")
    people = (make.person(TEXT, "Lê Thị Mơ"), make.person(TEXT, "Trần Văn Tạm"))
    article = make.enriched(TEXT, Extraction(documents=(mention,), people=people))
    alert = alert_of(first_mentions(article)[0], now=make.MOMENT)
    assert alert.id == "first:05-CT/TW"
    assert alert.sentence.startswith("Bà Lê Thị Mơ")
    assert alert.sentence.endswith("Bộ Chính trị.")
    assert alert.people == ("Lê Thị Mơ",)
    assert alert.url == article.url


def test_a_mention_in_the_title_comes_first() -> None:
    """The title is read before the text; its sentence is the title itself."""
    title = "Quán triệt Chỉ thị 05-CT/TW"
    in_title = make.document(title, "Chỉ thị 05-CT/TW", "05-CT/TW", field="title")
    in_text = make.document(TEXT, "Chỉ thị 05-CT/TW", "05-CT/TW")
    article = make.enriched(TEXT, Extraction(documents=(in_text, in_title)), title=title)
    assert first_mentions(article)[0].sentence == title


@pytest.mark.parametrize(
    ("quiet", "claim", "told"),
    [
        (False, Claim.NEW, True),
        (False, Claim.UNTOLD, True),
        (False, Claim.CLAIMED, False),  # its own article comes again and tells it
        (False, Claim.KNOWN, False),
        (True, Claim.NEW, False),
        (True, Claim.UNTOLD, True),  # the live copy's telling was cut off by a crash
        (True, Claim.CLAIMED, False),
        (True, Claim.KNOWN, False),
    ],
)
def test_a_quiet_mention_is_remembered_and_not_told(quiet: bool, claim: Claim, told: bool) -> None:
    """Back-filled and replayed articles tell nothing, and swallow nothing."""
    assert is_told(make_index.first_mention(quiet=quiet), claim) is told


def test_a_quiet_article_has_quiet_mentions() -> None:
    """The flag travels from the article to what the register is asked."""
    mention = make.document(TEXT, "Chỉ thị 05-CT/TW", "05-CT/TW")
    article = make.enriched(TEXT, Extraction(documents=(mention,)), quiet=True)
    assert first_mentions(article)[0].quiet


@pytest.mark.parametrize(
    ("issued", "novelty"),
    [
        ("2026-11-24", "newly-issued"),  # the day itself
        ("2026-10-25", "newly-issued"),  # 30 days before
        ("2026-10-24", "new-to-us"),  # 31 days before
        ("2016-05-15", "new-to-us"),
        ("2026-12-01", "newly-issued"),  # signed for a date that comes
        ("2027-11-24", "unknown"),  # misread
        ("2026-11", "newly-issued"),  # every day of it so far
        ("2026-10", "unknown"),  # the 1st is too old, the 31st is not
        ("2026-09", "new-to-us"),
        ("2026", "unknown"),
        ("2025", "new-to-us"),
        ("--11-10", "unknown"),
        ("2026-02-30", "unknown"),
        ("0000", "unknown"),
        ("", "unknown"),
        (None, "unknown"),
    ],
)
def test_a_document_is_new_or_only_new_to_us(issued: str | None, novelty: str) -> None:
    """By its date against the article's; where a month or a year may be either, nobody guesses."""
    assert novelty_of(issued, datetime(2026, 11, 24, 3, 0, tzinfo=UTC)) == novelty


def test_an_article_without_a_date_says_nothing_of_novelty() -> None:
    """An old article may be found today."""
    assert novelty_of("2026-11-24", None) == "unknown"


def test_the_year_in_a_key_is_a_date() -> None:
    """`30/2020/NĐ-CP` was issued in 2020, though no sentence says when."""
    text = "Nghị định 30/2020/NĐ-CP quy định về công tác văn thư."
    mention = make.document(text, "Nghị định 30/2020/NĐ-CP", "30/2020/NĐ-CP", year=2020)
    article = make.enriched(text, Extraction(documents=(mention,)))
    alert = alert_of(first_mentions(article)[0], now=make.MOMENT, outlet_name="Báo Dòng Tin")
    assert alert.novelty == "new-to-us"
    assert (alert.outlet, alert.outlet_name) == ("bao", "Báo Dòng Tin")


@pytest.mark.parametrize(("seconds", "quiet"), [(-1, True), (0, False), (1, False)])
def test_what_is_found_in_the_baseline_is_quiet(seconds: float, quiet: bool) -> None:
    """By when it was found: what is read late, or again, is judged the same."""
    mention = make.document(TEXT, "Chỉ thị 05-CT/TW", "05-CT/TW")
    found = make.MOMENT + timedelta(seconds=seconds)
    article = make.enriched(TEXT, Extraction(documents=(mention,)), discovered_at=found)
    (first,) = first_mentions(article, quiet_before=make.MOMENT)
    assert first.quiet is quiet
    assert not first_mentions(article)[0].quiet
