"""Names and wordings that tell what is not the article."""

import pytest
from lxml import etree

from streams.page.furniture import is_closing_head, is_furniture, is_furniture_line


@pytest.mark.parametrize(
    "name",
    ["tinLienQuan", "box_tin_khac", "article-related", "detail__related", "fb-comments", "tags",
     "kbwscwl-relatedbox type-2", "box-category-like", "breadcrumb", "newsletter", "social-share"],
)  # fmt: skip
def test_names_of_furniture_are_known(name: str) -> None:
    """Class names that many content systems give to what is not the article."""
    element = etree.fromstring(f'<div class="{name}"/>')
    assert is_furniture(element)


@pytest.mark.parametrize(
    "name",
    ["relative", "dt-relative", "position-relative", "detail-content", "PhotoCMS_Caption", "heading",
     "readable", "operating", "elementor-widget", "post type-post tag-mau", "content", "advice"],
)  # fmt: skip
def test_names_of_articles_and_layout_are_left(name: str) -> None:
    """Body, caption and utility classes are not furniture though they look alike."""
    element = etree.fromstring(f'<div class="{name}"/>')
    assert not is_furniture(element)


@pytest.mark.parametrize(
    "line",
    ["Chia sẻ", "Từ khóa: nghị quyết, chuyển đổi số", ">> Xem thêm: Một bài khác", "#mau #thu",
     "Theo dõi Báo Mẫu trên Google News", "0:00 / 3:15", "Nguồn: https://baomau.example.vn/bai",
     "Đường dây nóng: 0900.000.000", "A+"],
)  # fmt: skip
def test_boilerplate_lines_are_known(line: str) -> None:
    """Lines that stand on every page of an outlet."""
    assert is_furniture_line(line)


@pytest.mark.parametrize(
    "line",
    ["Ảnh:", "Nguồn: TTXVN", "Theo Báo Mẫu", "Ảnh: Ngọc Mẫu", "Chia sẻ với phóng viên, ông Mẫu nói:",
     "Bình luận về Nghị quyết 57-NQ/TW, ông Mẫu cho rằng đây là bước ngoặt.", "Hà Mẫu (tổng hợp)",
     "Kênh này có hơn 600.000 người theo dõi TikTok và Facebook.", "Đường dây nóng đã nhận tin báo."],
)  # fmt: skip
def test_lines_of_articles_are_left(line: str) -> None:
    """Credits, bylines and sentences that begin alike are the article's."""
    assert not is_furniture_line(line)
    assert not is_closing_head(line)


@pytest.mark.parametrize(
    "line", ["Tin liên quan", "Các bài viết cùng chuyên mục:", "CÓ THỂ BẠN QUAN TÂM", "3 bình luận"]
)
def test_heads_of_what_follows_an_article_are_known(line: str) -> None:
    """Headings of related news and of comments."""
    assert is_closing_head(line)
