"""Whatever comes in as a page or a time, the reading never fails and keeps its form."""

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from streams.page import parse_when, read
from streams.text import nfc

_TAGS = st.sampled_from(
    [
        "p",
        "div",
        "h1",
        "h2",
        "a",
        "article",
        "table",
        "tr",
        "td",
        "li",
        "ul",
        "figure",
        "figcaption",
        "br",
        "script",
        "style",
        "b",
        "form",
        "html",
        "body",
        "head",
        "meta",
        "title",
        "nav",
        "section",
        "span",
    ]
)
_WORDS = st.sampled_from(
    ["Nghị quyết 57-NQ/TW", "Ảnh: Mẫu", "Tin liên quan", "14/9/2026 18:44", "&amp;#7871;", "<!--", "-->",
     "một đoạn văn đủ dài để được coi là nội dung của bài báo.", "\u0301", "\x00", "]]>", "{", '"'],
)  # fmt: skip
_ATTRIBUTES = st.sampled_from(
    [
        "", ' class="detail-content"', ' class="related"', ' itemprop="articleBody"', ' href="/x"',
        ' style="display:none"', ' class="sapo"', ' type="application/ld+json"', ' hidden', " class='a",
        ' property="og:title" content="Một tít"', ' datetime="2026-01-01"', ' class="author"',
    ],
)  # fmt: skip
_SOUP = st.lists(
    st.one_of(
        st.tuples(_TAGS, _ATTRIBUTES).map(lambda pair: f"<{pair[0]}{pair[1]}>"),
        _TAGS.map(lambda tag: f"</{tag}>"),
        _WORDS,
        st.text(max_size=20),
    ),
    max_size=60,
).map("".join)


def check(html: str, url: str) -> None:
    """The laws of a page that was read."""
    page = read(html, url)
    assert page.kind in ("article", "list")
    assert page.text == nfc(page.text)
    assert page.title == nfc(page.title)
    assert all(line and line == line.strip() for line in page.text.split("\n") if page.text)
    if page.lead:
        assert page.text.split("\n")[0] == page.lead
    for when in (page.published, page.modified):
        assert when is None or when.tzinfo is not None
    assert read(html, url) == page


@given(_SOUP, st.sampled_from(["", "https://a.vn/", "https://a.vn/x-1.html", "http://[", "không"]))
@settings(max_examples=300, deadline=None)
def test_tag_soup_is_read(html: str, url: str) -> None:
    """Any order of tags and words gives a page in its form, twice the same."""
    check(html, url)


@given(st.text(max_size=400), st.text(max_size=40))
@settings(max_examples=200, deadline=None)
def test_any_text_is_read(html: str, url: str) -> None:
    """Any string at any address gives a page in its form."""
    check(html, url)


@given(st.text(alphabet=st.sampled_from('{}[]",:@typehadlinNws0 \n\\<!->/'), max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_json_ld_is_read(script: str) -> None:
    """Any content of a JSON-LD script leaves the visible page readable."""
    html = f'<script type="application/ld+json">{script}</script><h1>Tít của một bài báo mẫu</h1>'
    check(html, "https://a.vn/bai")


@given(st.text(max_size=80))
@settings(max_examples=300, deadline=None)
def test_any_text_may_be_a_time(text: str) -> None:
    """A text is an aware time or None, never an exception."""
    when = parse_when(text)
    assert when is None or when.tzinfo is not None


@given(st.integers(min_value=946_684_800, max_value=4_000_000_000))
@settings(max_examples=200, deadline=None)
def test_what_machines_write_comes_back(seconds: int) -> None:
    """ISO and RFC 822 forms of any time from 2000 to 2096 give that time."""
    when = datetime.fromtimestamp(seconds, UTC)
    assert parse_when(when.isoformat()) == when
    assert parse_when(when.strftime("%Y-%m-%dT%H:%M:%SZ")) == when
    assert parse_when(when.strftime("%a, %d %b %Y %H:%M:%S GMT")) == when
    assert parse_when(when.strftime("%a, %d %b %y %H:%M:%S +0000")) == when
