"""The yardstick's expressions find what they are written for: a weak yardstick flatters."""

from datetime import UTC, datetime

import pytest

from tests.benchmark.articles import Article
from tests.benchmark.regexes import by_regex


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("theo Chỉ thị số 05-CT/TW", "05-CT/TW"),
        ("theo Chỉ thị 05 CT/TW", "05-CT/TW"),
        ("Nghị định 30/2020/NĐ-CP", "30/2020/NĐ-CP"),
        ("nghị định 24 có hiệu lực", "24/NĐ-CP"),
        ("Quyết định số: 749/QĐ-TTg", "749/QĐ-TTg"),
        ("Thông tư liên tịch 03/2016/TTLT-BTC-BCT", "03/2016/TTLT-BTC-BCT"),
        ("Nghị quyết Trung ương 4 (khóa XII)", "NQTW4/XII"),
        ("Bộ luật Hình sự năm 2015", "Bộ luật Hình sự 2015"),
        ("theo luật BHXH", "luật Bảo hiểm xã hội"),
        ("Hiến pháp năm 2013", "Hiến pháp 2013"),
    ],
)
def test_documents(text: str, key: str) -> None:
    """One mention, with the key that plain normalisation gives."""
    assert [each["key"] for each in by_regex(Article(id="", text=text))["documents"]] == [key]


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("sáng 12-3", "2020-03-12"),
        ("ngày 15/5/2016", "2016-05-15"),
        ("ngày 2 tháng 9 năm 1945", "1945-09-02"),
        ("tháng 3/2021", "2021-03"),
        ("năm 2013", "2013"),
    ],
)
def test_dates(text: str, iso: str) -> None:
    """One date; its missing year is the year in which the article appeared."""
    article = Article(id="", text=text, published=datetime(2020, 11, 10, tzinfo=UTC))
    assert [each["iso"] for each in by_regex(article)["dates"]] == [iso]


def test_people_and_credits() -> None:
    """Names behind a title or a form of address, and the credits around the text."""
    text = (
        "(BĐ) - Bí thư Tỉnh ủy Nguyễn Văn Nam và ông Giờ dự. Ảnh: Hoài Thu\n(Theo Báo Nhà)\nVăn Lực"
    )
    found = by_regex(Article(id="", text=text))
    people = [(text[each["start"] : each["end"]], each["titles"]) for each in found["people"]]
    assert ("Nguyễn Văn Nam", ["Bí thư Tỉnh ủy"]) in people
    assert ("Giờ", []) in people
    assert found["dateline"] == "BĐ"
    assert found["byline"] == "Văn Lực"
    assert found["photo_credits"] == ["Hoài Thu"]
    assert found["source_credit"] == "Báo Nhà"
