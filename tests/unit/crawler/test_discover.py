"""Feeds to entries."""

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from connectors.crawler.discover import MAX_ENTRIES, MAX_FEED_BYTES, plain, read_feed

_URL = "https://bao.example/rss/thoi-su.rss"
_SHARED = Path(__file__).resolve().parents[4] / "shared" / "feeds"


def _rss(*items: str) -> bytes:
    return (
        f"<rss version='2.0'><channel><title>Báo</title>{''.join(items)}</channel></rss>".encode()
    )


def _item(link: str, title: str = "Bài", more: str = "") -> str:
    return f"<item><title>{title}</title><link>{link}</link>{more}</item>"


def test_entry_has_link_title_time_and_summary() -> None:
    """All that a feed says of an article is there, as text and as an aware time."""
    body = _rss(
        _item(
            "https://bao.example/bai-1.html",
            "<![CDATA[  Sông Trà   cạn &amp; nước ]]>",
            "<description><![CDATA[<a href='/x'><img src='/a.jpg'></a></br>Mực nước <b>thấp</b>.<p>"
            "Hết]]></description><pubDate>Mon, 14 Sep 26 09:13:00 +0700</pubDate>",
        )
    )
    (entry,) = read_feed(body, _URL).entries
    assert entry.url == "https://bao.example/bai-1.html"
    assert entry.feed.title == "Sông Trà cạn & nước"
    assert entry.feed.summary == "Mực nước thấp. Hết"
    assert entry.feed.published == datetime(2026, 9, 14, 9, 13, tzinfo=timezone(timedelta(hours=7)))


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("/bai-1.html", "https://bao.example/bai-1.html"),
        ("//m.bao.example/bai-1.html", "https://m.bao.example/bai-1.html"),
        ("bai-1.html#binh-luan", "https://bao.example/rss/bai-1.html"),
        ("\n  https://bao.example/bai-1.html\n", "https://bao.example/bai-1.html"),
    ],
)
def test_link_is_resolved(link: str, url: str) -> None:
    """Relative links count from the feed's address; fragments and space around are no part of it."""
    (entry,) = read_feed(_rss(_item(link)), _URL).entries
    assert entry.url == url


def test_same_article_once() -> None:
    """Mobile, AMP and tracked addresses of one article are one entry."""
    links = (
        "https://bao.example/bai-1.html",
        "http://www.bao.example/bai-1.html?utm_source=rss",
        "https://m.bao.example/bai-1.html",
        "https://amp.bao.example/bai-1.html#dau",
    )
    feed = read_feed(_rss(*(_item(link) for link in links)), _URL)
    assert len(feed.entries) == 1
    assert feed.entries[0].url == links[0]


@pytest.mark.parametrize(
    "link", ["", "javascript:void(0)", "mailto:a@b.example", "ftp://a.example/b"]
)
def test_odd_link_is_left_out_and_told(link: str) -> None:
    """An entry that leads nowhere is left out, the others stay, and it is said."""
    feed = read_feed(_rss(_item(link), _item("/bai-2.html")), _URL)
    assert [entry.url for entry in feed.entries] == ["https://bao.example/bai-2.html"]
    assert feed.detail == "1 entries without a usable link"


def test_atom() -> None:
    """Atom is read like RSS; its alternate link is the article's."""
    body = (
        "<feed xmlns='http://www.w3.org/2005/Atom'><title>Báo</title><entry><title>Bài</title>"
        "<link rel='self' href='/a.xml'/><link rel='alternate' href='/bai-1.html'/>"
        "<updated>2026-09-14T02:13:00Z</updated><summary>Tóm tắt</summary></entry></feed>"
    ).encode()
    (entry,) = read_feed(body, _URL).entries
    assert entry.url == "https://bao.example/bai-1.html"
    assert entry.feed.published is not None


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><html><body><h1>502</h1></body></html>", "an HTML page"),
        (
            b"<!DOCTYPE r [<!ENTITY a 'x'>]><rss version='2.0'><channel/></rss>",
            "declares XML entities",
        ),
    ],
)
def test_not_a_feed(body: bytes, detail: str) -> None:
    """What is no feed is told apart, with why."""
    feed = read_feed(body, _URL)
    assert (feed.outcome, feed.detail) == ("not-a-feed", detail)


@pytest.mark.parametrize("body", [b'{"error": 1}', b"\x00\xff\xfe\x01", "không có gì".encode()])
def test_bytes_that_are_no_xml(body: bytes) -> None:
    """JSON, noise and plain text are no feeds."""
    assert read_feed(body, _URL).outcome == "not-a-feed"


def test_feed_without_entries() -> None:
    """A feed that has nothing today is no error."""
    assert read_feed(_rss(), _URL).outcome == "empty"


def test_cut_feed_gives_what_is_whole() -> None:
    """A feed that breaks off gives the entries before the break."""
    whole = _rss(_item("/bai-1.html"), _item("/bai-2.html"))
    feed = read_feed(whole[: whole.rindex(b"<link>")], _URL)
    assert [entry.url for entry in feed.entries] == ["https://bao.example/bai-1.html"]


def test_huge_feeds_are_bounded() -> None:
    """Beyond the bound in bytes a feed is refused, beyond the bound in entries it is cut, and told."""
    assert read_feed(b"<rss>" + b" " * MAX_FEED_BYTES, _URL).outcome == "too-large"
    feed = read_feed(_rss(*(_item(f"/b-{n}.html") for n in range(MAX_ENTRIES + 5))), _URL)
    assert len(feed.entries) == MAX_ENTRIES
    assert feed.detail == f"5 entries beyond the first {MAX_ENTRIES} left out"


def test_ttl_in_seconds() -> None:
    """A feed's ttl is given in minutes."""
    body = _rss("<ttl>5</ttl>", _item("/bai-1.html"))
    assert read_feed(body, _URL).ttl == 300.0


def test_charset_of_the_header_counts() -> None:
    """A feed in UTF-8 without a declaration is read as such, whatever the header leaves open."""
    (entry,) = read_feed(_rss(_item("/a.html", "Thủ tướng")), _URL, content_type="text/xml").entries
    assert entry.feed.title == "Thủ tướng"


def test_plain_text_of_markup() -> None:
    """Tags go, block tags leave a space, entities are characters, a text's length is bounded."""
    assert plain("<p>a</p><p>b&nbsp;&lt;c&gt;</p>") == "a b <c>"
    assert len(plain("x" * 10_000)) == 2000


@pytest.mark.shared
@pytest.mark.skipif(not _SHARED.exists(), reason="shared/feeds is not beside the project")
def test_real_feeds() -> None:
    """Every entry of every real feed has a title, an address of its own and a time."""
    for path in sorted(_SHARED.glob("*.rss")):
        body = path.read_bytes()
        feed = read_feed(body, _URL)
        assert feed.outcome == "ok", path.name
        assert len(feed.entries) == body.count(b"<item>"), path.name
        assert all(entry.feed.title and entry.feed.published for entry in feed.entries), path.name


def test_a_feed_opens_no_file(tmp_path: Path) -> None:
    """Bytes that are the name of a file are no feed, whatever stands in that file."""
    path = tmp_path / "own.xml"
    path.write_bytes(_rss(_item("/secret.html")))
    for content in (str(path).encode(), str(path).encode() + b"\n", path.as_uri().encode()):
        assert read_feed(content, _URL).outcome == "not-a-feed"


def test_a_link_shows_where_it_leads() -> None:
    """A user in an address is taken out: it would pass for another site's."""
    (entry,) = read_feed(_rss(_item("https://bao.example@evil.example/bai.html")), _URL).entries
    assert entry.url == entry.canonical_url == "https://evil.example/bai.html"
