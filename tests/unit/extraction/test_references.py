"""What the whole article tells of a short reference: (text, title, [(surface, key), ...])."""

from datetime import UTC, datetime

import pytest

from streams.extraction import find_documents

ARTICLES = [
    (
        "completed from the fuller form before",
        "Thực hiện Chỉ thị 05 CT/TW của Bộ Chính trị. Đẩy mạnh học tập Chỉ thị 05 gắn với thi đua.",
        [("Chỉ thị 05 CT/TW", "05-CT/TW"), ("Chỉ thị 05", "05-CT/TW")],
    ),
    (
        "completed from the fuller form after",
        "Nghị định 100 xử phạt nặng hơn.\nNghị định số 100/2019/NĐ-CP có hiệu lực năm 2020.",
        [("Nghị định 100", "100/2019/NĐ-CP"), ("Nghị định số 100/2019/NĐ-CP", "100/2019/NĐ-CP")],
    ),
    (
        "the stated body completes all mentions",
        "Nghị quyết 35 rất kịp thời. Nghị quyết 35 của Chính phủ giúp doanh nghiệp.",
        [("Nghị quyết 35", "35/NQ-CP"), ("Nghị quyết 35", "35/NQ-CP")],
    ),
    (
        "another body's number of the same kind is another document",
        "Chỉ thị 16/CT-TTg và Chỉ thị 16 của Bộ Chính trị.",
        [("Chỉ thị 16/CT-TTg", "16/CT-TTg"), ("Chỉ thị 16", "16-CT/TW")],
    ),
    (
        "the nearest before, where two documents share the number",
        "Nghị định 15/2018/NĐ-CP về thực phẩm. Nghị định 15 cởi mở. "
        "Nghị định 15/2020/NĐ-CP về viễn thông. Nghị định 15 phạt nặng.",
        [
            ("Nghị định 15/2018/NĐ-CP", "15/2018/NĐ-CP"),
            ("Nghị định 15", "15/2018/NĐ-CP"),
            ("Nghị định 15/2020/NĐ-CP", "15/2020/NĐ-CP"),
            ("Nghị định 15", "15/2020/NĐ-CP"),
        ],
    ),
    (
        "a letter is called văn bản as well",
        "Công văn 2383/BVHTTDL-TCDL gây tranh cãi. Thứ trưởng nói văn bản số 2383 có sai sót.",
        [
            ("Công văn 2383/BVHTTDL-TCDL", "2383/BVHTTDL-TCDL"),
            ("văn bản số 2383", "2383/BVHTTDL-TCDL"),
        ],
    ),
    (
        "a symbol that lacks the year",
        "Nghị định 67/2014/NĐ-CP hỗ trợ ngư dân. Tàu đóng theo Nghị định 67/NĐ-CP bị gỉ.",
        [("Nghị định 67/2014/NĐ-CP", "67/2014/NĐ-CP"), ("Nghị định 67/NĐ-CP", "67/2014/NĐ-CP")],
    ),
    (
        "the term of a plenum",
        "Nghị quyết Trung ương 4 (khóa XII) rất trúng. Nghị quyết TƯ 4 cần kiên trì.",
        [("Nghị quyết Trung ương 4 (khóa XII)", "NQTW4/XII"), ("Nghị quyết TƯ 4", "NQTW4/XII")],
    ),
    (
        "the year of a law",
        "Luật Báo chí bảo vệ phóng viên. Theo Luật báo chí năm 2016, hành vi này bị cấm.",
        [("Luật Báo chí", "Luật Báo chí 2016"), ("Luật báo chí năm 2016", "Luật Báo chí 2016")],
    ),
    (
        "a bill is not the law in force",
        "Luật Báo chí 2016 còn thiếu. Quốc hội bàn dự thảo Luật Báo chí (sửa đổi).",
        [("Luật Báo chí 2016", "Luật Báo chí 2016"), ("Luật Báo chí", "Luật Báo chí")],
    ),
    (
        "two years of one law leave the bare name open",
        "Luật Đất đai 2003 và Luật Đất đai 2013 khác nhau. Theo Luật Đất đai thì sao?",
        [
            ("Luật Đất đai 2003", "Luật Đất đai 2003"),
            ("Luật Đất đai 2013", "Luật Đất đai 2013"),
            ("Luật Đất đai", "Luật Đất đai"),
        ],
    ),
    (
        "này and nói trên",
        "Chỉ thị 16/CT-TTg siết chặt. Chỉ thị này có hiệu lực ngay; theo chỉ thị nói trên, chợ đóng.",
        [
            ("Chỉ thị 16/CT-TTg", "16/CT-TTg"),
            ("Chỉ thị này", "16/CT-TTg"),
            ("chỉ thị nói trên", "16/CT-TTg"),
        ],
    ),
    (
        "a capitalised bare word",
        "Nghị định 167/2016/NĐ-CP đã ký. Theo đó, Nghị định quy định sáu nhóm đối tượng.",
        [("Nghị định 167/2016/NĐ-CP", "167/2016/NĐ-CP"), ("Nghị định", "167/2016/NĐ-CP")],
    ),
    (
        "before its full mention, when only one can be meant",
        "Văn bản này gây khó cho phóng viên. Công văn số 314 do sở ký ngày 7/4/2017.",
        [("Văn bản này", "314/CV"), ("Công văn số 314", "314/CV")],
    ),
    (
        "Luật for the law that was named last",
        "Luật Quản lý nợ công 2009 đã lỗi thời. Việc thi hành Luật đạt kết quả.",
        [
            ("Luật Quản lý nợ công 2009", "Luật Quản lý nợ công 2009"),
            ("Luật", "Luật Quản lý nợ công 2009"),
        ],
    ),
    (
        "the document that amends, not the one that is amended",
        "Nghị định 62/2031/NĐ-CP sửa đổi Nghị định 06/2025/NĐ-CP. Nghị định này có hiệu lực ngay.",
        [
            ("Nghị định 62/2031/NĐ-CP", "62/2031/NĐ-CP"),
            ("Nghị định 06/2025/NĐ-CP", "06/2025/NĐ-CP"),
            ("Nghị định này", "62/2031/NĐ-CP"),
        ],
    ),
    (
        "a small word that may be common, only nearby",
        "Quyết định 749/QĐ-TTg đã ký. Theo quyết định này, các bộ phải báo cáo.\n"
        + "Cuộc họp bàn nhiều việc khác của ngành. " * 20
        + "Ông cho rằng quyết định này của đội bóng là sai.",
        [("Quyết định 749/QĐ-TTg", "749/QĐ-TTg"), ("quyết định này", "749/QĐ-TTg")],
    ),
    (
        "plural, indefinite and future words stand for nothing",
        "Nghị định 100/2019/NĐ-CP phạt nặng. Các Nghị định khác, dự thảo Nghị định mới, "
        "hai nghị định này và một Nghị định về rượu còn chờ.",
        [("Nghị định 100/2019/NĐ-CP", "100/2019/NĐ-CP")],
    ),
    (
        "a word without a document before or after is dropped",
        "Nghị quyết này rất quan trọng. Chỉ thị nêu rõ trách nhiệm.",
        [],
    ),
]


@pytest.mark.parametrize(("what", "text", "expected"), ARTICLES, ids=[a[0] for a in ARTICLES])
def test_short_and_later_forms_are_completed(
    what: str, text: str, expected: list[tuple[str, str]]
) -> None:
    """A reference has the key of the document that the rest of the article makes it."""
    assert [(m.surface, m.key) for m in find_documents(text)] == expected, what


def test_the_title_is_completed_from_the_text() -> None:
    """A short form in the title is completed from the text, and is a mention of the title."""
    title, text = "Vì sao cần Nghị định 168?", "Nghị định 168/2024/NĐ-CP có hiệu lực từ 1/1/2025."
    first, second = find_documents(text, title=title)
    assert (first.field, title[first.start : first.end]) == ("title", "Nghị định 168")
    assert (second.field, text[second.start : second.end]) == ("text", "Nghị định 168/2024/NĐ-CP")
    assert first.key == second.key == "168/2024/NĐ-CP"


def test_the_text_is_completed_from_the_title() -> None:
    """The other way round as well."""
    mentions = find_documents("Chỉ thị 45 giao việc cho các bộ.", title="Ban hành Chỉ thị 45-CT/TW")
    assert [m.key for m in mentions] == ["45-CT/TW", "45-CT/TW"]


FACTS = [
    # text, issuer, issued, complete
    ("Chỉ thị số 16-CT/TW ngày 8/5/2012 của Ban Bí thư", "Ban Bí thư", "2012-05-08", True),
    ("Chỉ thị số 99-CT/TW", None, None, True),
    ("Nghị quyết 24/2016/QH14 của Quốc hội ngày 8-11-2016", "Quốc hội", "2016-11-08", True),
    ("Nghị định 45/2031/NĐ-CP", "Chính phủ", "2031", True),
    ("Nghị định 45", "Chính phủ", None, False),
    ("Thông tư số 64/2013/TT-BTC 15/5/2013, hướng dẫn", "Bộ Tài chính", "2013-05-15", True),
    ("Quyết định 7/QĐ-TTg (ngày 3 tháng 1 năm 2030)", "Thủ tướng Chính phủ", "2030-01-03", True),
    ("Công điện 7 ngày 11/7 của Thủ tướng", "Thủ tướng Chính phủ", "--07-11", True),
    ("Quyết định 993/QĐ-UBND của UBND tỉnh Lào Cai về đất", "UBND tỉnh Lào Cai", None, False),
    ("Chỉ thị 29-CT/TU của Thành ủy Đà Nẵng", "Thành ủy Đà Nẵng", None, False),
    ("Nghị định 100/2030/NĐ-CP hướng dẫn của Bộ Xây dựng", "Chính phủ", "2030", True),
    ("Bộ Công Thương ban hành Thông tư 21/2030/TT-BCT", "Bộ Công Thương", "2030", True),
    ("công văn số 276", None, None, False),
    ("Quyết định 12 về xử lý cán bộ của Bộ Tài chính tại Hà Nội", None, None, False),
    ("Quyết định 12 về xử lý nợ của Bộ Tài chính, có hiệu lực", "Bộ Tài chính", None, True),
    (
        "Thông tư 9/2030/TT-BGDĐT của Bộ trưởng Bộ GD&ĐT",
        "Bộ trưởng Bộ Giáo dục và Đào tạo",
        "2030",
        True,
    ),
    (
        "Ngày 27/12/2030, Chính phủ đã ban hành Nghị định 9/2030/NĐ-CP",
        "Chính phủ",
        "2030-12-27",
        True,
    ),
    ("Ngày 2/1, UBND TP. Hà Nội ban hành Quyết định số 7", "UBND TP. Hà Nội", "--01-02", False),
    (
        "Quyết định 7/QĐ-UBND của UBND tỉnh Bình Định Nguyễn A ký",
        "UBND tỉnh Bình Định",
        None,
        False,
    ),
]


@pytest.mark.parametrize(("text", "issuer", "issued", "complete"), FACTS)
def test_issuer_and_date_are_read_beside_the_number(
    text: str, issuer: str | None, issued: str | None, complete: bool
) -> None:
    """Who issued it and when, as stated or as the code says; complete says if the key suffices."""
    mention = find_documents(text)[0]
    assert (mention.issuer, mention.issued, mention.complete) == (issuer, issued, complete)


def test_a_day_without_its_year_is_the_last_before_the_article() -> None:
    """The year that a date of issue leaves out comes from the day of publication."""
    text = "Công điện 7 ngày 28/12 của Thủ tướng và Công điện 8 ngày 3/1 của Thủ tướng."
    mentions = find_documents(text, published=datetime(2031, 1, 5, tzinfo=UTC))
    assert [m.issued for m in mentions] == ["2030-12-28", "2031-01-03"]


def test_facts_said_once_hold_for_every_mention() -> None:
    """Issuer and date stated at one mention are given to the others of that document."""
    text = "Kết luận 99-KL/TW được bàn. Kết luận số 99-KL/TW ngày 5/6/2031 của Ban Bí thư nêu rõ."
    assert {(m.issuer, m.issued) for m in find_documents(text)} == {("Ban Bí thư", "2031-06-05")}


def test_the_parts_of_a_reference_are_given() -> None:
    """Type, number, year and symbol come apart; the type is the symbol's where the word errs."""
    mention = find_documents("tại Nghị định số 39-NQ/TW của Bộ Chính trị")[0]
    assert (mention.type, mention.number, mention.symbol) == ("Nghị quyết", "39", "NQ/TW")
    mention = find_documents("theo thông tư 22/2021/TT-BGDĐT")[0]
    assert (mention.type, mention.number, mention.year) == ("Thông tư", "22", 2021)
    assert mention.symbol == "TT-BGDĐT"


def test_every_mention_tells_its_rule_and_how_far_to_trust_it() -> None:
    """A rule id, and a confidence between 0 and 1 that is not the same for every rule."""
    text = "Luật Đất đai 2013, Chỉ thị 05-CT/TW và Chỉ thị 05. Luật này mới."
    mentions = find_documents(text)
    assert all(m.rule and 0 < m.confidence <= 1 for m in mentions)
    assert len({m.rule for m in mentions}) == len(mentions)
