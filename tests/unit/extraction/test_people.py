"""Who is named in a text: tables of (sentence, names), every sentence written for this test."""

import pytest

from streams.extraction.people import find_people

VIETNAMESE = [
    # a family name and what follows it, announced or not
    ("Tham dự có đồng chí Nguyễn Hòa An.", ["Nguyễn Hòa An"]),
    ("Theo ông Trần Bá Lộc, dự án chậm tiến độ.", ["Trần Bá Lộc"]),
    ("Chị Phạm Thị Mơ bán rau ở chợ từ sáng sớm.", ["Phạm Thị Mơ"]),
    ("Lê Văn Tứ bị bắt tại nhà riêng.", ["Lê Văn Tứ"]),
    (
        "Các ông Đỗ Quang Minh, Vũ Đức Thắng và Bùi Văn Sáu có mặt.",
        ["Đỗ Quang Minh", "Vũ Đức Thắng", "Bùi Văn Sáu"],
    ),
    ("Bác sĩ Hoàng Thị Lan trực đêm.", ["Hoàng Thị Lan"]),
    ("Bị cáo Ngô Văn Tám cúi đầu.", ["Ngô Văn Tám"]),
    ("Em Đặng Gia Bảo (12 tuổi) được khen.", ["Đặng Gia Bảo"]),
    ("Ca sĩ Mỹ Lệ trở lại sân khấu.", ["Mỹ Lệ"]),
    # rare family names
    ("Ông Thân Đức Cường nói vậy.", ["Thân Đức Cường"]),
    ("Bí thư Huyện ủy Giàng A Sùng chủ trì.", ["Giàng A Sùng"]),
    ("Anh Y Khoan Niê chia sẻ kinh nghiệm.", ["Y Khoan Niê"]),
    ("Ông Kpă Thuyên là già làng.", ["Kpă Thuyên"]),
    ("Chị H'Hen Niê về quê.", ["H'Hen Niê"]),
    # capitals
    ("ÔNG NGUYỄN VĂN BÌNH NHẬN NHIỆM VỤ", ["NGUYỄN VĂN BÌNH"]),
    # a sentence clings to the name
    ("Bộ trưởng Phạm Văn ThuBộ trưởng Thu nêu ba việc.", ["Phạm Văn Thu", "Thu"]),
    ("Ảnh: Bí thư Lê Minh Tâm Chiều 5/3 đoàn đã về.", ["Lê Minh Tâm"]),
    ("Chủ tịch Nguyễn Hữu Lợi Phát biểu tại lễ ra quân.", ["Nguyễn Hữu Lợi"]),
]

FOREIGN = [
    ("Tổng thống Donald Trump họp báo.", ["Donald Trump"]),
    ("Ông Trump rời phòng họp.", ["Trump"]),
    ("Thủ tướng Ấn Độ Narendra Modi phát biểu.", ["Narendra Modi"]),
    ("Cầu thủ Kim Si-woo giành cúp. Kim chưa từng thua.", ["Kim Si-woo", "Kim"]),
    ("Bà Anna van der Berg cho biết.", ["Anna van der Berg"]),
    ("Con trai ông là Robert Downey Jr. đóng phim.", ["Robert Downey Jr."]),
    ("Anh David Nguyễn Vũ mở công ty.", ["David Nguyễn Vũ"]),
    ("HLV Park Hang-seo về nước.", ["Park Hang-seo"]),
    ("Chủ tịch Tập Cận Bình tiếp đoàn.", ["Tập Cận Bình"]),
    ("Tổng Giám mục Giuse Vũ Văn Hiền gửi lời chào.", ["Giuse Vũ Văn Hiền"]),
]

SHORT = [
    ("Đồng chí Nguyễn Hòa An đến sớm. Đồng chí An thăm hỏi.", ["Nguyễn Hòa An", "An"]),
    ("Bà Lê Thị Hương khai. Theo bà Hương, cửa không khóa.", ["Lê Thị Hương", "Hương"]),
    ("Trần Văn Ngọc bị khởi tố, nhưng Ngọc kêu oan.", ["Trần Văn Ngọc", "Ngọc"]),
    ("Bộ trưởng Vũ Đức Nhân trả lời. Bộ trưởng Nhân hứa sửa.", ["Vũ Đức Nhân", "Nhân"]),
    ("Ông James Wood nói. Sau đó Wood rời đi.", ["James Wood", "Wood"]),
    ("Lê Tuấn Kha nổi tiếng. Video của Tuấn Kha được xem nhiều.", ["Lê Tuấn Kha", "Tuấn Kha"]),
]

NOBODY = [
    # streets, schools, places, laws, prizes, bodies
    "Xe cháy trên đường Lê Lợi, quận 1.",
    "Học sinh Trường THPT Nguyễn Huệ thi tốt.",
    "Cầu vượt tại vòng xoay Nguyễn Kiệm - Nguyễn Thái Sơn thông xe.",
    "Cơ sở ở 192 Võ Nguyên Giáp, phường Phước Mỹ.",
    "Học tập tư tưởng, đạo đức, phong cách Hồ Chí Minh.",
    "Sở Y tế TP. Hồ Chí Minh kiểm tra.",
    "Đoàn Thanh niên Cộng sản Hồ Chí Minh ra quân.",
    "Trao Giải thưởng Võ Thị Sáu cho em nhỏ.",
    "Tỉnh Cao Bằng và tỉnh Hà Giang ký kết.",
    "Công ty TNHH Trần Anh khai trương.",
    "Tập đoàn Hoàng Anh Gia Lai báo lãi.",
    "Thủ tướng Chính phủ giao Bộ Tài chính.",
    "Giám đốc Công an tỉnh chỉ đạo làm rõ.",
    "Chủ tịch Hội đồng nhân dân các cấp.",
    "Ban Bí thư Trung ương Đảng ban hành.",
    "Khu lưu niệm Tổng Bí thư Trần Văn Sơn mở cửa.",
    "Đón Tết Nguyên đán Đinh Dậu vui tươi.",
    "Phát triển nông thôn là việc lớn.",
    "Manchester United thua trận.",
    "",
    "…",
]


@pytest.mark.parametrize(("text", "names"), [*VIETNAMESE, *FOREIGN, *SHORT])
def test_named_persons_are_found(text: str, names: list[str]) -> None:
    """Exactly the persons that the sentence names are found, each with its bare name."""
    assert [each.surface for each in find_people(text)] == names


@pytest.mark.parametrize("text", NOBODY)
def test_names_of_things_are_no_persons(text: str) -> None:
    """A name inside the name of a street, school, place, prize or body is nobody."""
    assert find_people(text) == ()


def test_a_street_is_no_person_wherever_the_article_repeats_it() -> None:
    """Once a name is a street's, the article's other mentions of it are the street's too."""
    text = "Thi công đường Phạm Văn Đồng. Đoạn từ Phạm Văn Đồng đến ngã tư sẽ rào chắn."
    assert find_people(text) == ()


def test_the_city_is_no_person_and_the_president_is() -> None:
    """Only `Chủ tịch Hồ Chí Minh` is the person; the city and the school of thought are not."""
    text = "Sinh thời, Chủ tịch Hồ Chí Minh căn dặn. TP. Hồ Chí Minh học theo tư tưởng Hồ Chí Minh."
    found = find_people(text)
    assert [(each.surface, each.titles) for each in found] == [("Hồ Chí Minh", ("Chủ tịch",))]


def test_avoided_spans_hold_nobody() -> None:
    """A credit handed in as avoided is left out, the same name elsewhere stays."""
    text = "Ông Lê Minh Hải nói. Ảnh: Lê Minh Hải"
    start = text.rindex("Lê")
    found = find_people(text, avoid=[(start, len(text))])
    assert [each.start for each in found] == [text.index("Lê")]


SAME = [
    (
        "Đồng chí Nguyễn Hòa An và ông Trần Bá Lộc đến. Đồng chí An phát biểu, ông Lộc ghi chép.",
        ["Nguyễn Hòa An", "Trần Bá Lộc", "Nguyễn Hòa An", "Trần Bá Lộc"],
    ),
    # the nearest earlier bearer of a given name
    (
        "Ông Lê Văn Hải nói. Ông Hải đi. Sau đó ông Vũ Đức Hải đến. Ông Hải ngồi xuống.",
        ["Lê Văn Hải", "Lê Văn Hải", "Vũ Đức Hải", "Vũ Đức Hải"],
    ),
    # the full name comes later
    ("Bà Hoa vui mừng. Bà Đỗ Thị Hoa đã chờ lâu.", ["Đỗ Thị Hoa", "Đỗ Thị Hoa"]),
    # nobody of that name is given in full
    ("Bà Hoa vui mừng.", ["Hoa"]),
    # foreigners go by their family name
    ("Tổng thống Donald Trump nói. Ông Trump cười.", ["Donald Trump", "Donald Trump"]),
]


@pytest.mark.parametrize(("text", "people"), SAME)
def test_short_forms_lead_to_their_person(text: str, people: list[str]) -> None:
    """Each mention names the fullest form of the same person in the article."""
    assert [each.person for each in find_people(text)] == people


def test_a_mention_tells_its_rule_and_how_sure_it_is() -> None:
    """A mention can be traced, and an announced full name is surer than a bare one."""
    announced, bare = find_people("Đồng chí Nguyễn Hòa An cùng Cao Thiên Trang.")
    assert announced.rule == "surname-3-address"
    assert 0 < bare.confidence < announced.confidence <= 1
