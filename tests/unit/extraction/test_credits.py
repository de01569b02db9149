"""Who signs an article: tables of (text, credits), every text written for this test."""

import pytest

from streams.extraction.credits import find_credits

BODY = "Hội nghị kết thúc lúc 17 giờ cùng ngày."

DATELINES = [
    ("(BĐ)- Ngày 10.11, Đảng ủy Khối họp.", "BĐ"),
    ("(Chinhphu.vn) - Thủ tướng vừa ký quyết định.", "Chinhphu.vn"),
    ("TTO - Sáng nay trời mưa.", "TTO"),
    ("TT (Hà Nội) - Sáng nay trời mưa.", "TT (Hà Nội)"),
    ("Hà Nội – Sáng nay trời mưa.", "Hà Nội"),
    ("Dân trí Sáng nay trời mưa.", "Dân trí"),
    ("VTV.vn - Sáng nay trời mưa.", "VTV.vn"),
    ("Một dòng tiêu đề không có dấu chấm\n(QNO) - Sáng nay trời mưa.", "QNO"),
    # no dateline
    ("Sáng nay trời mưa - gió mạnh cấp năm.", None),
    ("Dân trí cao là vốn quý của một nước.", None),
    ("(Ảnh: internet) - Sáng nay trời mưa.", None),
    ("", None),
]

SIGNED = [
    # end of the text, byline, source
    ("NGỌC QUỲNH", "NGỌC QUỲNH", None),
    ("Văn Bình", "Văn Bình", None),
    ("T.Vũ", "T.Vũ", None),
    ("B. An", "B. An", None),
    ("Huy Thịnh - Ngô Tùng", "Huy Thịnh - Ngô Tùng", None),
    ("Hiền Hạnh (TTXVN)", "Hiền Hạnh", None),
    ("Phạm Huân/VOV-Washington", "Phạm Huân", None),
    ("(Tú Anh ghi)", "Tú Anh", None),
    ("Thực hiện: HOÀNG HÀ", "HOÀNG HÀ", None),
    ("Nhóm PV", "Nhóm PV", None),
    ("PV", "PV", None),
    ("Theo VnExpress", None, "VnExpress"),
    ("Theo Thu Cúc/Chinhphu.vn", "Thu Cúc", "Chinhphu.vn"),
    ("Theo Bích Diệp (Dân Trí)", "Bích Diệp", "Dân Trí"),
    ("Theo Ngọc TrâmCông an nhân dân", "Ngọc Trâm", "Công an nhân dân"),
    ("Theo Báo Giáo dục thời đại", None, "Báo Giáo dục thời đại"),
    ("Theo giaoducthoidai.vn", None, "giaoducthoidai.vn"),
    ("Kinhtedothi.vn", None, "Kinhtedothi.vn"),
    ("TTXVN/Tin Tức", None, "TTXVN/Tin Tức"),
    ("D.Thu >>> Xem thêm các tin khác", "D.Thu", None),
]

NOT_SIGNED = [
    "Đoàn đã đến TP. HCM",
    "Người trúng cử là ông Nguyễn Văn An.",
    "theo khoản 2 Nghị định 145/2020/NĐ-CP)",
    "…",
]

PHOTOS = [
    ("Quang cảnh hội nghị. Ảnh Ngọc Quỳnh\nHội nghị bàn ba việc.", ("Ngọc Quỳnh",)),
    ("Cầu mới. Ảnh: Văn Minh Ông Lê Văn Nam cho biết.", ("Văn Minh",)),
    ("Cầu mới. Ảnh: HQ. Ông Nam nói.", ("HQ",)),
    ("Cầu mới (Ảnh: T.Phương).", ("T.Phương",)),
    ("Cầu mới. Ảnh: Thống Nhất/TTXVN Hội nghị.", ("Thống Nhất/TTXVN",)),
    ("Cầu mới. Ảnh VGP/Từ Lương Những việc đã làm.", ("VGP/Từ Lương",)),
    ("Cầu mới. Ảnh: Internet", ("Internet",)),
    ("Cầu mới. Ảnh: HẢI NGUYỄN Tới 2020 sẽ xong.", ("HẢI NGUYỄN",)),
    ("Hai cây. Ảnh: An Bình\nBa cây. Ảnh: An Lộc", ("An Bình", "An Lộc")),
    ("Anh Nguyễn Văn Nam chụp ảnh phong cảnh.", ()),
    ("Ảnh hưởng của bão còn kéo dài.", ()),
]


@pytest.mark.parametrize(("text", "dateline"), DATELINES)
def test_the_dateline_stands_before_the_first_sentence(text: str, dateline: str | None) -> None:
    """A code or a place before the dash, and an outlet's free code, open an article."""
    assert find_credits(text).dateline == dateline


@pytest.mark.parametrize(("end", "byline", "source"), SIGNED)
@pytest.mark.parametrize("joint", [" ", "\n"])
def test_the_end_is_signed(end: str, byline: str | None, source: str | None, joint: str) -> None:
    """The last words of an article name its author, its source, or both."""
    found = find_credits(BODY + joint + end)
    assert (found.byline, found.source_credit) == (byline, source)


@pytest.mark.parametrize("end", NOT_SIGNED)
def test_an_ordinary_end_is_no_signature(end: str) -> None:
    """Places, names in the last sentence and document codes sign nothing."""
    found = find_credits(f"{BODY} {end}")
    assert (found.byline, found.source_credit) == (None, None)


@pytest.mark.parametrize(("text", "photos"), PHOTOS)
def test_photo_credits_end_where_the_name_ends(text: str, photos: tuple[str, ...]) -> None:
    """What follows `Ảnh` is the photographer; the next sentence may cling to it."""
    assert find_credits(text).photo_credits == photos


def test_one_name_for_text_and_photo() -> None:
    """`Tin, ảnh:` signs both."""
    found = find_credits(f"{BODY} Tin, ảnh: Quốc Đạt (TTXVN)")
    assert (found.byline, found.photo_credits) == ("Quốc Đạt", ("Quốc Đạt",))


def test_a_source_line() -> None:
    """`Nguồn:` on a line of its own, or in brackets, is the source."""
    assert find_credits("Một dòng.\nNguồn: BTV\nDòng nữa.").source_credit == "BTV"
    assert (
        find_credits("Một dòng. (Nguồn: The Japan News/ TTXVN) Dòng nữa.").source_credit
        == "The Japan News/ TTXVN"
    )


def test_spans_slice_what_was_found() -> None:
    """Every credit has its place, so that it can be kept out of the people."""
    text = "(BĐ)- Hội nghị họp. Ảnh: An Bình\nHọp xong.\nNGỌC HÀ"
    found = find_credits(text)
    assert [text[start:end] for start, end in found.spans] == ["BĐ", "An Bình", "NGỌC HÀ"]


def test_each_dateline_of_the_data_file_is_read() -> None:
    """A line in datelines.tsv is enough for an outlet's code."""
    from streams.extraction.credits import dateline_codes

    for code, free in dateline_codes().items():
        text = f"{code} Sáng nay trời mưa." if free else f"{code} - Sáng nay trời mưa."
        assert find_credits(text).dateline == code
