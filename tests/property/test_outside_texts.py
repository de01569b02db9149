"""Feeds, addresses, settings, tables and command line input, spoilt: always a fate that is declared."""

import json
import tempfile
import tomllib
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from twisted.web.client import URI
from typer.testing import CliRunner
from w3lib.url import safe_url_string

from connectors.cli.main import app
from connectors.crawler.discover import MAX_ENTRIES, read_feed
from connectors.crawler.schedule import wish
from connectors.notify.channels import channels
from streams import settings
from streams.configuration import load
from streams.errors import ConfigError
from streams.identity import article_id, canonical_url, without_user
from streams.page.when import parse_when
from streams.secret import Secret
from streams.settings import TABLES, Notify
from streams.tables import read_toml, read_tsv
from tests.make import MOMENT
from tests.outside import fuzzed, spoilt

_URL = "https://bao.example/rss"
_RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Báo</title><ttl>5</ttl>
<item><title><![CDATA[Bài <b>một</b> &amp; hai]]></title><link>https://bao.example/bai-1.html</link>
<guid isPermaLink="true">https://bao.example/bai-1.html</guid><pubDate>Tue, 24 Nov 2026 10:00:00 +0700</pubDate>
<description>&lt;p&gt;Mực nước &lt;img src="/a.jpg"&gt; thấp&lt;/p&gt;</description></item>
<item><title>Hai</title><link>/bai-2.html?utm_source=rss#x</link><dc:date>2026-11-24</dc:date></item>
</channel></rss>"""
_ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://bao.example/"><title>Báo</title>
<entry><title type="html">Bài &lt;i&gt;ba&lt;/i&gt;</title><link rel="alternate" href="bai-3.html"/>
<id>urn:x</id><updated>2026-11-24T10:00:00+07:00</updated><summary type="xhtml">
<div xmlns="http://www.w3.org/1999/xhtml">Tóm tắt</div></summary></entry></feed>"""
_FEEDS = [
    _RSS.encode(), _ATOM.encode(), _RSS.encode("utf-16"),
    _RSS.replace("utf-8", "windows-1258").encode("cp1258", "ignore"), _ATOM.encode("utf-8-sig"),
]  # fmt: skip
_TAGS = [
    b"<item>", b"</item>", b"<entry>", b"<link>", b"</link>", b"<!DOCTYPE x [", b"<!ENTITY a 'b'>",
    b"&a;", b"<![CDATA[", b"<?xml version='1.0' encoding='hex'?>", b"encoding='utf-7'", b"xml:base='//['",
    b"<div>", b"<a href='javascript:x'>", b"http://[::1", b"file:///etc/passwd", b"/dev/zero", b"<ttl>9",
    b"<georss:point>1 2</georss:point>", b"<media:content url=''/>", b"<itunes:duration>", b"<gml:pos>",
]  # fmt: skip


@fuzzed(400)
@given(
    spoilt(_FEEDS, _TAGS),
    st.sampled_from(["", "text/xml; charset=utf-16", "x; charset=hex", "a/b"]),
)
def test_any_spoilt_feed(content: bytes, kind: str) -> None:
    """Entries that can be fetched, each once, of bounded length, the same twice; or what is wrong."""
    feed = read_feed(content, _URL, content_type=kind)
    assert feed.entries or feed.detail
    assert len(feed.detail) <= 2100
    assert len({entry.id for entry in feed.entries}) == len(feed.entries) <= MAX_ENTRIES
    for entry in feed.entries:
        assert urlsplit(entry.url).scheme in ("http", "https")
        assert "@" not in urlsplit(entry.url).netloc
        assert entry.id == article_id(canonical_url(entry.url))
        assert max(len(entry.url), len(entry.feed.title), len(entry.feed.summary)) <= 2000
        json.dumps([entry.url, entry.feed.title, entry.feed.summary]).encode()
        f"{entry.feed.title}{entry.feed.summary}{entry.url}".encode()
    assert read_feed(content, _URL, content_type=kind) == feed


_BRICKS = [
    b"<a>", b"&", b"<", b"&lt;", b"&#1", b"<a b='", b"<!ELEMENT ", b"<item>", b"</a>", b"&lt;a href=x&gt;",
    b"<item><title>a</title><link>/x</link></item>", b"&lt;div&gt;", b"<![CDATA[ ]]>", b"<b xmlns='a'>",
    b"&lt;!--", b"<category>x</category>", b"<enclosure url='x'/>", b"&lt;p style='a:b;'&gt;", b"\xff", b"<!",
    b"<p ", b"&lt;p ", b"<![CDATA[<p ]]>", b"<![CDATA[<x ]]>",
]  # fmt: skip


@pytest.mark.parametrize("brick", _BRICKS)
@pytest.mark.parametrize("close", [b"", b"</title><link>/a</link></item></channel></rss>"])
def test_a_feeds_time_grows_with_its_length(brick: bytes, close: bytes) -> None:
    """Eight times the feed takes about eight times the time, whatever is repeated in it."""

    def cost(length: int) -> float:
        body = b"<rss version='2.0'><channel><item><title>" + brick * (length // len(brick)) + close
        began = process_time()
        read_feed(body, _URL)
        return process_time() - began

    assert _grows_less_than(32, cost, 10_000, 80_000)


def _grows_less_than(factor: float, cost: Callable[[int], float], small: int, large: int) -> bool:
    """Measured up to three times in turn: a busy moment of the machine spoils one pair."""
    return any(cost(large) < factor * cost(small) + 0.05 for _ in range(3))


_ADDRESSES = [
    b"https://bao.example/thoi-su/bai-1.html?a=1&b=2#x", b"http://m.bao.example:8080/amp/x.amp",
    b"https://user:pass@bao.example@evil.example/", b"http://[2405:4800::1]:80/x", b"//bao.example/x",
    "https://báo.example/bài viết.html".encode(), b"http://bao.example/%C3%A1?q=%00", b"HTTPS://BAO.example",
]  # fmt: skip
_PARTS = [
    b"http://", b"javascript:", b"file://", b"\t", b"\\", b"\\@", b":0", b":99999", b":\xd9\xa3", b"%2f", b"..",
    b"[", b"]", b"[::1]", b"xn--", b"\xef\xbc\x8f", b"\xe2\x91\xa0", b"?amp=1", b"/amp/", b".amp", b"www.", b";",
]  # fmt: skip


@fuzzed(1000)
@given(spoilt(_ADDRESSES, _PARTS).map(lambda b: b.decode(errors="replace")))
@example("https://www.m.bao.example/")
@example("http://[::ffff:1.2.3.4]/")
def test_any_address(url: str) -> None:
    """An address has one spelling, whose spelling is itself, on the web, without a user; or is none."""
    try:
        canonical = canonical_url(url)
    except ValueError:
        return
    parts = urlsplit(canonical)
    assert parts.scheme == "https"
    assert parts.hostname
    assert "@" not in parts.netloc
    assert article_id(canonical) == article_id(canonical_url(url))
    assert "@" not in urlsplit(without_user(canonical)).netloc


@fuzzed(1000)
@given(spoilt(_ADDRESSES, _PARTS).map(lambda b: b.decode(errors="replace")))
@example("http://127.0.0.1\\@bao.example/")
@example("http://bao.example#@127.0.0.1/")
@example("http://bao.example\t.evil.example/")
@example("http://[::1]@bao.example/")
def test_the_guard_looks_at_the_host_that_is_connected_to(url: str) -> None:
    """The library that connects reads out of an address the host that was judged, or none at all."""
    try:
        asked = safe_url_string(url)
        judged = (urlsplit(asked).hostname or "").lower()
        parse: Any = URI.fromBytes  # it has no types
        connected = parse(asked.encode("ascii")).host.decode().strip("[]").lower()
    except (ValueError, UnicodeError):
        return  # Scrapy makes no request of it
    if urlsplit(asked).scheme in ("http", "https") and judged:
        # with a user in it the host has a name that nothing was looked up for
        assert connected in (judged, "") or "@" in connected


@fuzzed(200)
@given(st.one_of(st.text(max_size=50), spoilt([b"120", b"Wed, 21 Oct 2026 07:28:00 GMT"]).map(
    lambda b: b.decode(errors="replace"))))  # fmt: skip
def test_any_time_that_a_server_wishes(header: str) -> None:
    """Seconds, not negative, or nothing."""
    seconds = wish({"retry-after": header}, MOMENT)
    assert seconds is None or seconds >= 0


@fuzzed(300)
@given(spoilt([b"2026-11-24T10:00:00+07:00", b"Tue, 24 Nov 2026 10:00:00 GMT", b"24/11/2026 10:00",
               "Thứ ba, 24/11/2026, 10:00 (GMT+7)".encode()]))  # fmt: skip
def test_any_spoilt_time(value: bytes) -> None:
    """An aware time or None."""
    when = parse_when(value.decode(errors="replace"))
    assert when is None or when.tzinfo is not None


_NAMES = [f"{table}.{name}" for table, kind in TABLES.items() for name in kind.__dataclass_fields__]
_TOML = [
    b'[kafka]\nbootstrap = "a:1"\n[crawler]\npoll = 5.0\n[outlets.bao]\nname = "B"\nfeeds = ["https://a.vn/r"]\n',
    b'[elasticsearch]\nurl = "http://a:9200"\nuser = "me"\npassword = "hunter2"\n[notify]\nurls = ["json://a"]\n',
    b'outlets = {a = {name = "A", feeds = ["http://a"], poll = 1.5, loopback = true}}\n',
]  # fmt: skip
_WORDS = [
    b"[kafka]\n", b"[[outlets]]\n", b"kafka = 3\n", b"outlets.bao.feeds = []\n", b"nan", b"inf", b"0x10",
    b"1979-05-27", b"[]", b"{}", b'"""', b"http://[", b"https://me:pw@a", b"\ntimeout = -1", b"[outlets.'a\\n']",
    *(f"\n{name} = ".encode() for name in _NAMES[:12]),
]  # fmt: skip
_VALUES = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20),
    st.sampled_from(["", "0", "-1", "1e3", "nan", "inf", "²", "99999", "true", "no", "a b", "http://["]),
)  # fmt: skip


@fuzzed(400)
@given(
    st.one_of(st.none(), spoilt(_TOML, _WORDS)),
    st.dictionaries(
        st.sampled_from([f"DONGTIN_{name.replace('.', '_')}".upper() for name in _NAMES] + ["DONGTIN_KAFKA_X"]),
        _VALUES, max_size=3,
    ),
)  # fmt: skip
def test_any_settings(content: bytes | None, environment: dict[str, str]) -> None:
    """Settings, or one ConfigError that begins with the place; never a secret in either."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "dongtin.toml"
        config.write_bytes(content or b"")
        try:
            told = repr(load(config if content is not None else None, environment=environment))
        except ConfigError as error:
            told = str(error)
            assert told.startswith((str(config), "environment: ", "settings: ")), told
    if content and b"unknown" not in told.encode():
        assert "hunter2" not in told


@pytest.mark.parametrize("made", ["folder", "none", "bytes"])
def test_a_file_that_cant_be_read(tmp_path: Path, made: str) -> None:
    """A folder, nothing, bytes that are no text in its place: a ConfigError that names it."""
    path = tmp_path / "x.toml"
    if made == "folder":
        path.mkdir()
    elif made == "bytes":
        path.write_bytes(b"\xff\xfe")
    for read in (read_toml, lambda p: list(read_tsv(p, ["a"]))):
        with pytest.raises(ConfigError, match=r"x\.toml"):
            read(path)


_TSV = [
    b"# note\nkey\ttype\tname\n05-CT/TW\tCh\xe1\xbb\x89 th\xe1\xbb\x8b\tB\xc3\xa1o\n\n57-NQ/TW\tNQ\tx\n"
]


@fuzzed(200)
@given(spoilt(_TSV, [b"\t", b"\n", b"\r", b"\x0b", b"\x85", b'"', b"#"]))
def test_any_table(content: bytes) -> None:
    """Rows with every column, or a ConfigError with file and line."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.tsv"
        path.write_bytes(content)
        rows = _rows(path)
    if isinstance(rows, ConfigError):
        assert str(rows).startswith(str(path))
    else:
        assert all(set(row) == {"key", "type", "name"} for _, row in rows)


def _rows(path: Path) -> list[tuple[int, dict[str, str]]] | ConfigError:
    try:
        return list(read_tsv(path, ["key", "type", "name"]))
    except ConfigError as error:
        return error


_LINES = [
    json.dumps({"id": "1", "text": "Chỉ thị 05-CT/TW", "title": "Bài", "published": "2026-11-24"}).encode(),
    b'{"id": "2", "text": "\\ud800 \\u0000 \\u202e"}', b'{"id": "", "text": ""}',
]  # fmt: skip


@fuzzed(100)
@given(spoilt(_LINES, [b'"text"', b'"id"', b"[" * 3000, b"1" * 5000, b"\\udfff", b"\n"]))
def test_any_line_to_extract(content: bytes) -> None:
    """`dongtin extract --jsonl`: one result a line up to the first mistake, which is told; status 1."""
    done = CliRunner().invoke(app, ["extract", "--jsonl"], input=content)
    if done.exception and not isinstance(done.exception, SystemExit):
        assert type(done.exception).__module__ == "streams.errors", done.exception
        assert str(done.exception).startswith("standard input:")
    for line in done.stdout.splitlines():
        json.loads(line)


_NOTIFY = [
    b"mailtos://user:password@example.com?from=a@b.c", b"tgram://123:abc/456", b"slack://a/b/c/#x",
    b"json://127.0.0.1:9/x", b"msteams://a/b/c", b"discord://1/2",
]  # fmt: skip


@fuzzed(100)
@given(spoilt(_NOTIFY, [b"://", b"?", b"hunter2", b"%", b"[", b"nosuch://"]).map(
    lambda b: b.decode(errors="replace")))  # fmt: skip
def test_any_notify_address(url: str) -> None:
    """A channel whose name has nothing of the address but its kind, or a ConfigError without it."""
    with tempfile.TemporaryDirectory() as folder:
        own = settings.Settings(data_dir=Path(folder), notify=Notify(urls=(Secret(url),)))
        try:
            told = "".join(channel.address for channel in channels(own))
        except ConfigError as error:
            told = str(error)
    rest: Any = url.partition("://")[2]
    assert len(rest) < 12 or rest not in told


def test_the_samples_are_good() -> None:
    """What is spoilt here is right before: else the tests would only see noise."""
    assert all(len(read_feed(feed, _URL).entries) >= 1 for feed in _FEEDS)
    assert all(tomllib.loads(text.decode()) for text in _TOML)
