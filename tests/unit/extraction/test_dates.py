"""Dates and their ISO values: tables of (sentence, [(surface, iso), ...]), written for this test."""

from datetime import UTC, datetime

import pytest

from streams.extraction.dates import find_dates

PUBLISHED = datetime(2020, 11, 12, tzinfo=UTC)

TABLE = [
    # full dates, in every typing
    ("Ngày 15/5/2016, hội nghị khai mạc.", [("Ngày 15/5/2016", "2016-05-15")]),
    ("ký ngày 15-5-2016 tại Hà Nội", [("ngày 15-5-2016", "2016-05-15")]),
    ("sáng 15.05.2016", [("sáng 15.05.2016", "2016-05-15")]),
    ("ngày 15 tháng 5 năm 2016", [("ngày 15 tháng 5 năm 2016", "2016-05-15")]),
    ("ngày 19 tháng Sáu", [("ngày 19 tháng Sáu", "2020-06-19")]),
    ("vào 2016-05-15 lúc trưa", [("2016-05-15", "2016-05-15")]),
    ("từ 1/1/2017.Từ 2/2/2017, áp dụng", [("1/1/2017", "2017-01-01"), ("2/2/2017", "2017-02-02")]),
    ("(9/7/1912-9/7/2017)", [("9/7/1912", "1912-07-09"), ("9/7/2017", "2017-07-09")]),
    # a day and a month, the year from the publication
    ("Ngày 10.11, Đảng ủy họp.", [("Ngày 10.11", "2020-11-10")]),
    ("Sáng nay, 12-11, tòa tuyên án.", [("12-11", "2020-11-12")]),
    ("chiều ngày 9/11", [("chiều ngày 9/11", "2020-11-09")]),
    ("tối qua (11/11), xe lật", [("11/11", "2020-11-11")]),
    ("trước 10/1 phải xong", [("10/1", "2021-01-10")]),
    ("đêm 30-12", [("đêm 30-12", "2020-12-30")]),
    ("tại Hà Nội sáng 28/11Bị truy thu", [("sáng 28/11", "2020-11-28")]),
    # months
    ("tháng 3/2021 khởi công", [("tháng 3/2021", "2021-03")]),
    ("tháng 12 – 2017", [("tháng 12 – 2017", "2017-12")]),
    ("tháng 10.2018", [("tháng 10.2018", "2018-10")]),
    ("tháng 3 năm 2021", [("tháng 3 năm 2021", "2021-03")]),
    ("hồi tháng 8", [("tháng 8", "2020-08")]),
    ("các tháng 9, 10 và 11", [("tháng 9", "2020-09"), ("10", "2020-10"), ("11", "2020-11")]),
    ("so với tháng 12 năm trước", [("tháng 12", "2019-12")]),
    ("tháng Tư", [("tháng Tư", "2020-04")]),
    # years
    ("năm 2013", [("năm 2013", "2013")]),
    ("đầu năm 2016, cuối 2017", [("năm 2016", "2016"), ("2017", "2017")]),
    ("nhiệm kỳ 2015 - 2020", [("2015", "2015"), ("2020", "2020")]),
    ("giai đoạn 2021-2025", [("2021", "2021"), ("2025", "2025")]),
    ("các năm 2010, 2011, 2012 đều lỗ", [("năm 2010", "2010"), ("2011", "2011"), ("2012", "2012")]),
    ("có hiệu lực (2009), Chính phủ", [("2009", "2009")]),
    # ranges: one entry an end, the month from the last
    ("từ ngày 3 đến 5/6", [("ngày 3", "2020-06-03"), ("5/6", "2020-06-05")]),
    ("trong hai ngày 11 và 12/7", [("ngày 11", "2020-07-11"), ("12/7", "2020-07-12")]),
    ("ngày 15 - 18/4/2017", [("ngày 15", "2017-04-15"), ("18/4/2017", "2017-04-18")]),
    ("giải Mùa thu (18-21/5)", [("18", "2020-05-18"), ("21/5", "2020-05-21")]),
    ("hai ngày 7 đến 8-3-2018", [("ngày 7", "2018-03-07"), ("8-3-2018", "2018-03-08")]),
]

NO_DATE = [
    "thắng 2-1",
    "chiếm 3/4 diện tích",
    "khoảng 1/3 số hộ",
    "Nghị định 30/2020/NĐ-CP",
    "Quyết định 749/QĐ-TTg",
    "2.000 người",
    "hơn 2017 người",
    "số 12/2017",
    "tỉ lệ 12-3",
    "24/7",
    "ngày 32/13",
    "31/2/2020",
    "phiên bản 4.0",
    "08.3456.7890",
    "6 tháng đầu",
    "tăng 3,5%",
    "ngày mai",
    "",
    "giá 1.500 đồng",
    "quốc lộ 1A",
    "căn hộ 12-05",
]


@pytest.mark.parametrize(("text", "dates"), TABLE)
def test_dates_have_their_iso_value(text: str, dates: list[tuple[str, str]]) -> None:
    """Each expression of a date is found where it stands, with its value."""
    found = find_dates(text, published=PUBLISHED)
    assert [(each.surface, each.iso) for each in found] == dates


@pytest.mark.parametrize("text", NO_DATE)
def test_other_numbers_are_no_dates(text: str) -> None:
    """Scores, shares, prices, document numbers and impossible days are no dates."""
    assert find_dates(text, published=PUBLISHED) == ()


YEARS = [
    # publication, text, iso of the first date
    (datetime(2018, 1, 5, tzinfo=UTC), "hồi tháng 12", "2017-12"),
    (datetime(2018, 1, 5, tzinfo=UTC), "chậm nhất tháng 6", "2018-06"),
    (datetime(2018, 12, 30, tzinfo=UTC), "từ ngày 1/1", "2019-01-01"),
    (datetime(2018, 8, 1, tzinfo=UTC), "ngày 29/2", "--02-29"),
    (None, "Ngày 6/6, trời mưa.", "--06-06"),
    (
        None,
        "Ngày 6/6, họp bàn kế hoạch năm 2017. Năm 2017 nhiều việc, đến năm 2020 xong.",
        "2017-06-06",
    ),
]


@pytest.mark.parametrize(("published", "text", "iso"), YEARS)
def test_the_missing_year(published: datetime | None, text: str, iso: str) -> None:
    """The year that brings the date nearest to the publication, else the article's own, else none."""
    assert find_dates(text, published=published)[0].iso == iso


def test_years_inside_avoided_spans_are_no_dates() -> None:
    """The year of a law belongs to the law."""
    text = "Theo Luật Đất đai 2013, từ năm 2014 được cấp sổ."
    span = (text.index("Luật"), text.index(","))
    assert [each.iso for each in find_dates(text, published=None, avoid=[span])] == ["2014"]


def test_a_guess_says_so() -> None:
    """The rule of a date with an inferred year tells it."""
    (found,) = find_dates("Ngày 10/11 khai mạc.", published=PUBLISHED)
    assert found.rule == "day-month+year"
