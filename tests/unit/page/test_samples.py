"""Pages written for the tests, in the shapes of many content systems: read as a reader would."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from streams.page import VIETNAM, read
from streams.records import FeedEntry

SAMPLES = Path(__file__).parent / "samples"
ADDRESS = "https://baomau.example.vn/bai-mau-20260101123456.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a reader sees on a sample page."""

    page: str
    title: str
    lead: str  # its beginning
    lines: tuple[str, ...]  # the beginning of every line after the lead
    published: datetime | None = None
    authors: tuple[str, ...] = ()
    section: str | None = None
    never: tuple[str, ...] = ()  # parts of the page that are not the article


def at(*parts: int) -> datetime:
    """A time in Vietnam."""
    return datetime(*parts, tzinfo=VIETNAM)  # type: ignore[arg-type,misc]  # a date's numbers


ARTICLES = [
    Seen(
        page="wordpress_graph",
        title="Xã vùng cao mở lớp học chữ cho người lớn",
        lead="(BMT) - Ba tối mỗi tuần",
        lines=(
            "Một buổi học ở bản Mẫu. Ảnh: Lò Thị Mẫu",
            "Lớp học do Đảng ủy xã mở",
            "Theo ông Vàng A Mẫu, Bí thư Đảng ủy xã, nhiều người đã bỏ học",
            "“Tôi viết được tên mình rồi”",
            "Xã đặt mục tiêu",
            "Lò Thị Mẫu",
        ),
        published=at(2026, 4, 2, 8, 15),  # written as UTC
        authors=("Lò Thị Mẫu",),
        section="Giáo dục",
        never=("Chia sẻ", "cõng sách", "Quê tôi", "Từ khóa", "Giá lợn", "Giấy phép"),
    ),
    Seen(
        page="broken_ld",
        title="Thông qua kế hoạch trồng một triệu cây xanh ven sông",
        lead="Thành phố sẽ trồng một triệu cây trong năm năm tới, ưu tiên hai bờ sông",
        lines=("Chiều 19/5", "Nguồn vốn gồm", "Mỗi phường", "Kế hoạch có hiệu lực"),
        published=at(2026, 5, 20, 7, 30),
        authors=("Trần Thị Mẫu",),
        never=("Sạt lở", "xe buýt"),
    ),
    Seen(
        page="meta_only_br",
        title="Huyện Mẫu sơ kết công tác dân vận",
        lead="",
        lines=(
            "Sáng 30/6",
            "Dự hội nghị",
            "Theo báo cáo, toàn huyện",
            "Quang cảnh hội nghị.",
            "Hội nghị cũng",
            "Đinh Văn Mẫu",
        ),
        published=at(2026, 6, 30, 16, 5),
        authors=("Đinh Văn Mẫu",),
        section="Tin trong huyện",
        never=("Ngày đăng", "tự quản", "Các tin khác"),
    ),
    Seen(
        page="bare_tables",
        title="Cầu Mẫu thông xe sau hai năm thi công",
        lead="Người dân hai xã ven sông",
        lines=("Chiều 14/9", "Cầu dài 312 m", "Ông Bùi Văn Mẫu", "Nguyễn Mẫu"),
        published=at(2026, 9, 14, 18, 44),
        authors=("Nguyễn Mẫu",),
        never=("Trang nhất", "Kinh tế", "Tòa soạn"),
    ),
    Seen(
        page="amp",
        title="Khánh thành nhà truyền thống bên bến cảng cũ",
        lead="TTO - Hơn ba trăm hiện vật",
        lines=(
            "Nhà truyền thống nhìn từ bến cảng. Ảnh: Vũ Mẫu",
            "Công trình được xây",
            "Khách tham quan",
        ),
        published=at(2026, 6, 11, 9, 0),  # a local time that is written as UTC
        authors=("Phạm Thị Mẫu", "Vũ Mẫu"),
        never=("công viên mở", "Trang chủ", "©"),
    ),
    Seen(
        page="table_article",
        title="Lịch cấp nước luân phiên trong tháng 7",
        lead="Công ty Cấp nước Mẫu công bố",
        lines=(
            "Việc cấp nước luân phiên",
            "Phường | Ngày | Giờ",
            "Mẫu Một | 3/7 | 6h-12h",
            "Mẫu Hai | 4/7 | 12h-18h",
            "Người dân có thể gọi",
            "Nguồn: Công ty Cấp nước Mẫu",
        ),
        published=at(2026, 7, 1, 6, 0),
        never=("#tag", "hồ Mẫu\n"),
    ),
    Seen(
        page="unclosed",
        title="Đội bóng Mẫu thắng trận thứ năm liên tiếp",
        lead="",
        lines=(
            "Tối 2/8",
            "Bàn mở tỷ số đến từ pha đá phạt của Nguyễn Văn Mẫu ở phút 58",
            "Bốn phút cuối trận",
            "Đội bóng Mẫu giữ ngôi đầu",
            "Vòng sau họ làm khách trên sân Bình Mẫu & gặp đối thủ cũ",
        ),
    ),
    Seen(
        page="photo_story",
        title="Mùa lúa chín trên ruộng bậc thang",
        lead="Giữa tháng 9",
        lines=(
            "Ruộng bậc thang nhìn từ trên cao.",
            "Người dân gặt lúa",
            "Lúa được tuốt ngay tại ruộng. Ảnh: Hà Mẫu",
            "Mùa gặt kéo dài",
        ),
        published=at(2026, 9, 20, 5, 0),
        never=("Có thể bạn quan tâm", "Phiên chợ"),
    ),
    Seen(
        page="video",
        title="Xe tải lật chắn ngang đèo Mẫu, giao thông ùn tắc ba giờ",
        lead="Xe tải chở gỗ",
        lines=(),
        published=at(2026, 10, 5, 11, 20),
        never=("đua thuyền", "Voi rừng"),
    ),
    Seen(
        page="live_blog",
        title="Trực tiếp: Bão số 4 đổ bộ, sóng cao sáu mét ven biển Mẫu",
        lead="Tâm bão vào đất liền",
        lines=(
            "11:45",
            "Gần hai nghìn hộ",
            "UBND huyện Mẫu",
            "10:20",
            "Bão vào đất liền",
            "Gió giật",
            "06:10",
            "Công điện khẩn",
            "Thủ tướng ban hành",
        ),
        published=at(2026, 8, 21, 6, 10),
        never=("bản tin dự báo", "Chuyên gia khí tượng"),
    ),
    Seen(
        page="short_big_related",
        title="Tạm dừng tuyến phà Mẫu do sương mù",
        lead="",
        lines=("Từ 5h30", "Xe có thể đi vòng"),
        published=at(2026, 12, 3, 8, 5),
        authors=("Quốc Mẫu",),
        never=("Sân bay", "cầu dây văng"),
    ),
    Seen(
        page="cms_body",
        title="Lễ hội đền Mẫu đón hơn mười nghìn lượt khách",
        lead="Ba ngày hội đền Mẫu",
        lines=(
            "Đoàn rước kiệu vào sân đền. (Ảnh: Đức Mẫu)",
            "Sáng 12/3",
            "Theo Ban Quản lý di tích",
            "Hội kéo dài",
        ),
        published=at(2026, 3, 12, 14, 0),
        authors=("Đức Mẫu", "Thanh Mẫu"),
        section="Văn hóa",
        never=("điệu múa", "Xem thêm", "Google News", "Bình luận", "Hội năm nay", "Tổng Biên tập"),
    ),
    Seen(
        page="microdata",
        title="Bàn về cải cách thủ tục đất đai ở cấp xã",
        lead="Phân cấp mạnh hơn",
        lines=(
            "Từ ngày 1/7/2026",
            "Quy trình ngắn, trách nhiệm rõ",
            "Qua khảo sát",
            "Thứ nhất",
            "Thứ hai",
            "Bài viết kiến nghị",
        ),
        published=at(2026, 11, 3, 8, 0),
        authors=("TS. Ngô Thị Mẫu",),
        never=("Tạp chí Mẫu",),
    ),
]


def html_of(page: str) -> str:
    """A sample page."""
    return (SAMPLES / f"{page}.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("seen", ARTICLES, ids=lambda seen: seen.page)
@pytest.mark.parametrize("address", [ADDRESS, ""], ids=["address", "no address"])
def test_an_article_reads_as_its_reader_sees_it(seen: Seen, address: str) -> None:
    """The article is whole, in its order, and nothing beside it is in the text."""
    page = read(html_of(seen.page), address)
    assert page.kind == "article"
    assert page.title == seen.title
    lines = page.text.splitlines()
    if seen.lead:
        assert page.lead.startswith(seen.lead)
        assert lines[0] == page.lead
        lines = lines[1:]
    else:
        assert page.lead == ""
    assert len(lines) == len(seen.lines), lines
    for line, begin in zip(lines, seen.lines, strict=True):
        assert line.startswith(begin)
    assert (page.published, page.authors, page.section) == (
        seen.published,
        seen.authors,
        seen.section,
    )
    assert not [part for part in seen.never if part in page.text]


@pytest.mark.parametrize("page", ["list_section", "list_tag", "list_search", "list_topic"])
@pytest.mark.parametrize("address", [ADDRESS, ""], ids=["address", "no address"])
def test_a_list_is_told_by_what_stands_on_it(page: str, address: str) -> None:
    """Section, tag, search and topic pages are lists even at an article's address."""
    assert read(html_of(page), address).kind == "list"


def test_a_home_page_with_one_marked_article_is_a_list() -> None:
    """A big linked headline with its own JSON-LD does not make a home page an article."""
    assert read(html_of("list_home"), "https://baomau.example.vn/").kind == "list"
    assert read(html_of("list_home"), "").kind == "list"


def test_the_feed_fills_what_the_page_does_not_tell() -> None:
    """Title and time come from the feed only where the page has none."""
    feed = FeedEntry(title="Tít của bản tin", published=at(2026, 1, 2, 3, 4))
    page = read(
        "<p>Một đoạn văn đủ dài để được coi là nội dung của bài báo này.</p>", "", feed=feed
    )
    assert (page.title, page.published) == ("Tít của bản tin", at(2026, 1, 2, 3, 4))
    assert page.sources is not None
    assert (page.sources["title"], page.sources["published"]) == ("feed", "feed")
    page = read(html_of("cms_body"), ADDRESS, feed=feed)
    assert page.title.startswith("Lễ hội")
    assert page.published == at(2026, 3, 12, 14, 0)


def test_nothing_is_published_after_it_was_fetched() -> None:
    """A time in the future is not believed: the feed's is taken."""
    html = '<meta property="article:published_time" content="2031-01-01T00:00:00+07:00"><p>Chữ</p>'
    fetched = datetime(2026, 5, 5, tzinfo=UTC)
    feed = FeedEntry(published=at(2026, 5, 4, 9, 0))
    assert read(html, "", fetched_at=fetched).published is None
    assert read(html, "", feed=feed, fetched_at=fetched).published == at(2026, 5, 4, 9, 0)


@pytest.mark.parametrize(
    "html",
    ["", "   ", "<html></html>", "\x00\x01\x02", "%PDF-1.7 \x00 obj", "<script>var a=1</script>"],
)
def test_a_page_without_text_is_an_empty_article(html: str) -> None:
    """No usable text is an article with the text "", whatever the input is."""
    page = read(html, "https://baomau.example.vn/bai.html")
    assert (page.kind, page.lead) == ("article", "")
    assert len(page.text) < 20


def test_where_a_field_came_from_is_told() -> None:
    """Every field that was found has its source."""
    page = read(html_of("wordpress_graph"), ADDRESS)
    assert page.sources == {
        "title": "h1",
        "text": "container",
        "published": "json-ld",
        "modified": "json-ld",
        "section": "json-ld",
        "authors": "json-ld",
        "canonical_url": "link",
    }


def test_the_canonical_address_is_absolute_and_the_articles_own() -> None:
    """A relative address is resolved; a template that names the home page is not believed."""
    assert read(html_of("amp"), ADDRESS).canonical_url == (
        "https://baomau.example.vn/khanh-thanh-nha-truyen-thong-20260611.html"
    )
    home = '<link rel="canonical" href="https://baomau.example.vn/"><p>Chữ</p>'
    assert read(home, ADDRESS).canonical_url is None
    assert (
        read('<link rel="canonical" href="javascript:x"><p>Chữ</p>', ADDRESS).canonical_url is None
    )


def test_text_is_composed_unicode() -> None:
    """Decomposed letters, doubled entities and invisible characters are gone."""
    html = (
        '<h1>Nghi&#803; quye\u0302\u0301t</h1><meta property="og:title" content="Nghị quy&amp;#7871;t">'
        "<div class=article-content><p>Ba\u0323n\u200b đo\u0323c ca\u0301c nơi gửi thư về tòa soạn, "
        "hỏi về Nghi\u0323 quye\u0302\u0301t&nbsp;57.</p></div>"
    )
    page = read(html, "")
    assert page.title == "Nghị quyết"
    assert page.text == "Bạn đọc các nơi gửi thư về tòa soạn, hỏi về Nghị quyết 57."


def test_a_text_of_five_megabytes_is_read_whole() -> None:
    """Ten thousand long paragraphs come through, each once and in order."""
    words = "của một văn bản rất dài, đủ chữ để là đoạn văn, " * 8
    body = "".join(f"<p>Đoạn {n} {words}</p>" for n in range(10_000))
    page = read(f"<h1>Toàn văn một văn bản rất dài của tỉnh Mẫu</h1><article>{body}</article>", "")
    assert len(body.encode()) > 5_000_000
    assert page.kind == "article"
    assert page.text.count("\n") == 9_999
    assert page.text.splitlines()[-1].startswith("Đoạn 9999 ")


@pytest.mark.parametrize("tag", ["div", "b", "table><tr><td", "a href=x", "blockquote"])
def test_deep_nesting_does_no_harm(tag: str) -> None:
    """Tags opened without end are read without an exception."""
    read(f"<{tag}>" * 20_000 + "chữ", ADDRESS)
