"""Which titles a mention carries: tables of (sentence, titles of its persons in order)."""

import pytest

from streams.extraction.people import find_people

BEFORE = [
    # no district has that name: it is its chairman's
    ("Chủ tịch UBND huyện Đinh Hữu Mẫu phát biểu.", [["Chủ tịch UBND huyện"]]),
    ("Chủ tịch UBND TP Huỳnh Đức Mẫu cho biết.", [["Chủ tịch UBND TP"]]),
    # Vũ Quang is a district too
    ("HLV Vũ Quang Bảo nói sau trận đấu.", [["HLV"]]),
    ("Phó Giám đốc Sở GTVT Hà Nội Hà Huy Quang nói.", [["Phó Giám đốc Sở GTVT Hà Nội"]]),
    ("Bộ trưởng Bộ Y tế Đào Thị Lan dự.", [["Bộ trưởng Bộ Y tế"]]),
    ("Phó Chủ tịch UBND tỉnh Cà Mau Thân Đức Hưng ký.", [["Phó Chủ tịch UBND tỉnh Cà Mau"]]),
    ("Đại tá Lê Văn Hùng kể.", [["Đại tá"]]),
    ("PGS.TS Vũ Thị Mai giảng bài.", [["PGS.TS"]]),
    ("TS. Cấn Văn Lực phân tích.", [["TS"]]),
    (
        "Ủy viên Bộ Chính trị, Bí thư Thành ủy Hà Nội Trần Văn A chủ trì.",
        [["Ủy viên Bộ Chính trị", "Bí thư Thành ủy Hà Nội"]],
    ),
    (
        "Bộ trưởng Bộ Công Thương kiêm Trưởng ban Chỉ đạo Lê Minh Đức họp.",
        [["Bộ trưởng Bộ Công Thương", "Trưởng ban Chỉ đạo"]],
    ),
    (
        "Chủ tịch Hội Nông dân - Phó Bí thư Huyện ủy Đỗ Văn Năm.",
        [["Chủ tịch Hội Nông dân", "Phó Bí thư Huyện ủy"]],
    ),
    ("Nguyên Phó Thủ tướng Vũ Khoan nhớ lại.", [["Nguyên Phó Thủ tướng"]]),
    ("Chủ tịch UBND TP. Hà Nội Nguyễn Đức Long.", [["Chủ tịch UBND TP. Hà Nội"]]),
    (
        "Phó Thống đốc Ngân hàng Nhà nước (NHNN) Phạm Thị Hồng.",
        [["Phó Thống đốc Ngân hàng Nhà nước (NHNN)"]],
    ),
    ("Phó Chủ tịch EuroCham - ông Tomaso Rossi đánh giá cao.", [["Phó Chủ tịch EuroCham"]]),
    ("Tổng thống Mỹ Donald Trump đến.", [["Tổng thống Mỹ"]]),
    ("ĐB Nguyễn Sỹ Hiền (Ninh Thuận) chất vấn.", [["ĐB"]]),
    # somebody else's title, or an address only
    ("Thừa lệnh Thủ tướng, Phó Thủ tướng Vũ Đức Bình báo cáo.", [["Phó Thủ tướng"]]),
    ("Thay mặt Ban Bí thư, đồng chí Lê Văn Nam trao quyết định.", [[]]),
    ("Ông Lê Văn Nam và bà Vũ Thị Hòa đến.", [[], []]),
    ("Luật sư của Tổng thống là Marc Wood lên tiếng.", [[]]),
]

AFTER = [
    (
        "Đồng chí Lê Văn Nam, Ủy viên Ban Thường vụ Tỉnh ủy, Trưởng ban Tổ chức Tỉnh ủy.",
        [["Ủy viên Ban Thường vụ Tỉnh ủy", "Trưởng ban Tổ chức Tỉnh ủy"]],
    ),
    ("Ông Lê Văn Nam - Giám đốc Sở Tài chính cho biết.", [["Giám đốc Sở Tài chính"]]),
    ("Ông Lê Văn Nam, Phó Giám đốc Sở GTVT TP.HCM khẳng định.", [["Phó Giám đốc Sở GTVT TP.HCM"]]),
    ("Ông Lê Văn Nam (Giám đốc Công an tỉnh Yên Bái) nói.", [["Giám đốc Công an tỉnh Yên Bái"]]),
    (
        "Ông Lê Văn Nam, Vụ trưởng Vụ Pháp chế (Bộ Y tế), trả lời.",
        [["Vụ trưởng Vụ Pháp chế (Bộ Y tế)"]],
    ),
    (
        "Bà Vũ Thị Hòa, Giám đốc Nhà khách Quốc hội tại Đà Nẵng (NKQH), mời.",
        [["Giám đốc Nhà khách Quốc hội tại Đà Nẵng"]],
    ),
    (
        "Ông Lê Văn Nam, giám đốc Sở Lao động, Thương binh và Xã hội tỉnh Hải Dương, ký.",
        [["giám đốc Sở Lao động, Thương binh và Xã hội tỉnh Hải Dương"]],
    ),
    (
        "Thượng tá Lê Văn Nam (Phó phòng Tham mưu, Công an tỉnh Lào Cai) kể.",
        [["Thượng tá", "Phó phòng Tham mưu, Công an tỉnh Lào Cai"]],
    ),
    (
        "Lê Văn Nam (SN 1973, trú tại Hàng Bông, Hà Nội, nguyên Phó Chủ tịch UBND phường Trung Tự) khai.",
        [["nguyên Phó Chủ tịch UBND phường Trung Tự"]],
    ),
    ("Anh Lê Văn Nam (Founder và CEO Kyber) trình bày.", [["Founder", "CEO Kyber"]]),
    (
        "Anh Lê Văn Nam – Phó giám đốc Nhà máy Đạm kiêm giám đốc Nhà máy NPK.",
        [["Phó giám đốc Nhà máy Đạm", "giám đốc Nhà máy NPK"]],
    ),
    ("Ông Lê Văn Nam, 52 tuổi, Chủ tịch xã, đến sớm.", [["Chủ tịch xã"]]),
    # a predicate is no title
    ("Ông Lê Văn Nam là Giám đốc Sở Nội vụ.", [[]]),
    ("Ông Lê Văn Nam giữ chức Bí thư Huyện ủy.", [[]]),
    # a comma in front of the next person's title
    ("Bộ trưởng Lê Văn Nam, Thứ trưởng Vũ Đức Bình cùng đi.", [["Bộ trưởng"], ["Thứ trưởng"]]),
    (
        "Có Lê Văn Nam (nguyên giám đốc), Vũ Đức Bình (nguyên phó giám đốc).",
        [["nguyên giám đốc"], ["nguyên phó giám đốc"]],
    ),
    (
        "Đại tướng Lê Văn Nam, Bộ trưởng Bộ Quốc phòng; Cao Đức Bình, Ủy viên Trung ương Đảng.",
        [["Đại tướng", "Bộ trưởng Bộ Quốc phòng"], ["Ủy viên Trung ương Đảng"]],
    ),
    # the unit ends where the sentence goes on
    (
        "Ông Lê Văn Nam, Trưởng ban Tổ chức Thành ủy Cần Thơ báo cáo kết quả.",
        [["Trưởng ban Tổ chức Thành ủy Cần Thơ"]],
    ),
    (
        "Ông Lê Văn Nam, Chủ tịch UBND huyện Đức Cơ vừa có văn bản.",
        [["Chủ tịch UBND huyện Đức Cơ"]],
    ),
]


@pytest.mark.parametrize(("text", "titles"), [*BEFORE, *AFTER])
def test_a_mention_carries_the_titles_beside_it(text: str, titles: list[list[str]]) -> None:
    """One title an office, with the unit that belongs to it, as the text has it."""
    assert [list(each.titles) for each in find_people(text)] == titles


def test_a_new_title_word_is_one_line_of_data() -> None:
    """Every title word of the data file is found in front of a name, whatever it is."""
    from streams.extraction.lexicon import lexicon

    for first, phrases in lexicon().titles.items():
        for phrase, kind in phrases:
            if kind == "body" or len("".join(phrase)) <= 3:
                continue
            title = " ".join(phrase).capitalize()
            (found,) = find_people(f"Hôm qua, {title} Nguyễn Hòa An đến.")
            assert found.surface == "Nguyễn Hòa An", (first, title)
            assert found.titles[-1].lower().endswith(phrase[-1]), (title, found.titles)
