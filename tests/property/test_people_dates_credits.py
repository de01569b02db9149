"""What holds for people, dates and credits on any text."""

from datetime import UTC, date, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from streams.extraction.credits import find_credits
from streams.extraction.dates import find_dates
from streams.extraction.people import find_people

SURNAMES = ["Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Vũ", "Đặng", "Bùi", "Đỗ", "Ngô"]
MIDDLES = ["Văn", "Thị", "Đức", "Ngọc", "Quang", "Thanh", "Hữu", "Minh"]
GIVEN = ["Hòa", "Lộc", "Tứ", "Giờ", "Cường", "Lan", "Mơ", "Thắng", "Khiêm", "Diệu"]
TITLES = [
    "Bí thư Tỉnh ủy",
    "Trưởng ban Tổ chức Tỉnh ủy",
    "Giám đốc Sở Tài chính",
    "Chủ tịch UBND huyện Đức Cơ",
    "Ủy viên Ban Thường vụ Tỉnh ủy",
    "Phó Chánh Văn phòng Trung ương Đảng",
]
# ordinary prose around a name; it ends where a sentence or a phrase ends
BEFORE = st.lists(
    st.sampled_from(
        ["Hôm qua trời mưa.", "Hội nghị bàn ba việc,", "Theo báo cáo,", "Tham dự có", "\n"]
    ),
    max_size=4,
).map(" ".join)
AFTER = st.sampled_from(
    [".", "; mọi người vỗ tay.", ", phát biểu khai mạc.", " cho biết.", "\nHết."]
)

# letters, marks and joints that the finders look at, in any order
ODD = st.text(
    alphabet=st.sampled_from(
        list(
            "aăâđeêioôơuưyAĂÂĐEÊIOÔƠUƯYnghtrlmNGHTRLM0123456789 .,;:-–/()\"'“”’&\n\t\u00a0\u0301\u0323\u200b"
        )
    ),
    max_size=300,
)
PIECES = st.lists(
    st.sampled_from(
        [
            "Nguyễn",
            "Văn",
            "ông",
            "Ông",
            "Bí thư",
            "(",
            ")",
            ",",
            " - ",
            ". ",
            "Ảnh:",
            "Theo",
            "Nguồn:",
            "ngày",
            "tháng",
            "năm",
            "3/4",
            "2020",
            "12",
            "-",
            "và",
            "Hà Nội",
            "TP.",
            "đồng chí",
            "GS.TS.",
            "\n",
            "Trump",
            "'",
        ]
    ),
    max_size=60,
).map(" ".join)
ANY = st.one_of(st.text(max_size=300), ODD, PIECES)


@given(ANY)
def test_people_slice_the_text(text: str) -> None:
    """Every mention is where it says, mentions never overlap, every title stands in the text."""
    end = 0
    for each in find_people(text):
        assert end <= each.start < each.end <= len(text)
        assert text[each.start : each.end] == each.surface
        assert all(title and title in text for title in each.titles)
        assert each.person
        assert 0 < each.confidence <= 1
        end = each.end


@given(ANY, st.one_of(st.none(), st.datetimes(timezones=st.just(UTC))))
def test_dates_slice_the_text_and_are_real_days(text: str, published: datetime | None) -> None:
    """Every date is where it says, and a whole one exists in the calendar."""
    end = 0
    for each in find_dates(text, published=published):
        assert end <= each.start < each.end <= len(text)
        assert text[each.start : each.end] == each.surface
        if len(each.iso) == 10:
            date.fromisoformat(each.iso)
        end = each.end


@given(ANY)
def test_credits_slice_the_text(text: str) -> None:
    """Every credit is one of its own spans."""
    found = find_credits(text)
    surfaces = {text[start:end] for start, end in found.spans}
    for value in (found.dateline, found.byline, found.source_credit, *found.photo_credits):
        assert value is None or (value and value in surfaces)


@given(
    BEFORE,
    st.sampled_from(SURNAMES),
    st.sampled_from(MIDDLES),
    st.sampled_from(GIVEN),
    st.sampled_from(TITLES),
    AFTER,
)
def test_an_announced_name_with_its_title_is_found_anywhere(
    before: str, surname: str, middle: str, given_name: str, title: str, after: str
) -> None:
    """`đồng chí <name>, <title>` is found with the title, whatever stands around it."""
    name = f"{surname} {middle} {given_name}"
    text = f"{before} đồng chí {name}, {title}{after}"
    found = [each for each in find_people(text) if each.surface == name]
    assert [each.titles for each in found] == [(title,)]


@given(
    st.dates(min_value=date(1900, 1, 1), max_value=date(2099, 12, 31)),
    st.sampled_from("/.-"),
    BEFORE,
    AFTER,
)
def test_a_full_date_is_found_anywhere(day: date, separator: str, before: str, after: str) -> None:
    """`ngày d/m/y` has its value in any surroundings, whatever the separator."""
    written = separator.join([str(day.day), str(day.month), str(day.year)])
    found = find_dates(f"{before} ngày {written}{after}", published=None)
    assert day.isoformat() in [each.iso for each in found]


@given(st.integers(min_value=0, max_value=300), ANY)
@settings(max_examples=50)
def test_avoided_spans_hold_nothing(start: int, text: str) -> None:
    """No person and no date touches a span that is read as something else."""
    span = (start, start + 40)
    people = [(each.start, each.end) for each in find_people(text, avoid=[span])]
    dates = [(each.start, each.end) for each in find_dates(text, published=None, avoid=[span])]
    assert all(end <= span[0] or start >= span[1] for start, end in people + dates)
