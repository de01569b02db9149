"""Each kind of bad input is bad in just the way its case says."""

import http.client
import unicodedata
import urllib.error
import urllib.request
import zlib
from collections.abc import Iterator

import feedparser
import pytest

from connectors.sample.trouble import (
    CASES,
    HUGE_FEED_ENTRIES,
    Case,
    good_path,
    trouble_server,
)
from streams.errors import Reason
from streams.topics import MAX_PAGE_BYTES

BY_NAME = {case.name: case for case in CASES}


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    with trouble_server(drip=0.001) as served:
        yield served


def get(address: str) -> tuple[int, str, bytes]:
    try:
        with urllib.request.urlopen(address, timeout=60) as reply:
            return reply.status, reply.headers.get("Content-Type", ""), reply.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers.get("Content-Type", ""), error.read()


def body(base: str, name: str) -> bytes:
    return body_of(base, BY_NAME[name].path)


def body_of(base: str, path: str) -> bytes:
    return get(base + path)[2]


def size(address: str, *, unpack: bool = False) -> int:
    """Bytes that come, counted without keeping them."""
    count, unpacker = 0, zlib.decompressobj(wbits=31)
    with urllib.request.urlopen(address, timeout=60) as reply:
        while chunk := reply.read(1 << 20):
            count += len(unpacker.decompress(chunk) if unpack else chunk)
    return count


def test_the_cases_cover_every_reason_of_fetching() -> None:
    """Names and paths are unique, and each reason that a fetch can end in has a case."""
    assert len({case.name for case in CASES}) == len({case.path for case in CASES}) == len(CASES)
    covered = {case.reason for case in CASES}
    assert covered >= {
        Reason.LIST_PAGE,
        Reason.EMPTY_TEXT,
        Reason.NOT_HTML,
        Reason.ROBOTS,
        Reason.GONE,
        Reason.HTTP_STATUS,
        Reason.UNREACHABLE,
        Reason.REDIRECT_LOOP,
        Reason.TOO_LARGE,
        Reason.BAD_ENCODING,
    }


@pytest.mark.parametrize("case", [c for c in CASES if c.kind == "page"], ids=lambda c: c.name)
def test_every_page_has_a_feed_that_lists_it_beside_a_good_one(base: str, case: Case) -> None:
    """The feed of a case names its page and a good article, which answers."""
    feed = feedparser.parse(body_of(base, f"/feed/{case.name}.xml"))
    assert [e.link for e in feed.entries] == [base + case.path, base + good_path(case.name)]
    status, content_type, page = get(base + good_path(case.name))
    assert (status, content_type) == (200, "text/html; charset=utf-8")
    assert "05-CT/TW" in page.decode()


def test_one_feed_lists_all_pages_and_unknown_feeds_are_404(base: str) -> None:
    """`/feed/all.xml` for whoever wants all trouble at once."""
    links = {e.link for e in feedparser.parse(body_of(base, "/feed/all.xml")).entries}
    assert links >= {base + case.path for case in CASES if case.kind == "page"}
    assert get(base + "/feed/none.xml")[0] == 404


def test_large_pages_are_larger_than_the_limit(base: str) -> None:
    """50 MB, a bomb of 100 MB in half a megabyte, a text over the limit and one below."""
    assert size(base + "/page-50mb") > 50 * 1024 * 1024
    assert size(base + "/gzip-bomb") < 1024 * 1024
    assert size(base + "/gzip-bomb", unpack=True) > 100 * 1024 * 1024
    assert size(base + "/five-mb-text") > MAX_PAGE_BYTES
    assert 4 * 1024 * 1024 < size(base + "/four-mb-text") < MAX_PAGE_BYTES


def test_charsets_are_what_the_case_says(base: str) -> None:
    """The same page in windows-1258, UTF-16 and UTF-8, labelled rightly or not."""
    title = "Sông Trà cạn nước"
    labels = {
        name: get(base + BY_NAME[name].path)[1]
        for name in ("windows-1258", "1258-as-utf-8", "utf-16-as-utf-8", "utf-8-as-latin-1")
    }
    assert labels == {
        "windows-1258": "text/html; charset=windows-1258",
        "1258-as-utf-8": "text/html; charset=utf-8",
        "utf-16-as-utf-8": "text/html; charset=utf-8",
        "utf-8-as-latin-1": "text/html; charset=iso-8859-1",
    }
    for name in ("windows-1258", "1258-as-utf-8"):
        assert title in unicodedata.normalize("NFC", body(base, name).decode("cp1258"))
    with pytest.raises(UnicodeDecodeError):
        body(base, "1258-as-utf-8").decode("utf-8")
    assert title in body(base, "utf-16-as-utf-8").decode("utf-16")
    assert title in body(base, "utf-8-as-latin-1").decode("utf-8")
    with pytest.raises(UnicodeDecodeError):
        body(base, "noise-as-html").decode("utf-8")


@pytest.mark.parametrize(("name", "status"), [("500", 500), ("404", 404), ("410", 410)])
def test_a_status_is_the_one_in_its_name(base: str, name: str, status: int) -> None:
    """The page fails with that status."""
    assert get(base + BY_NAME[name].path)[0] == status


def test_a_redirect_loop_never_arrives(base: str) -> None:
    """Two addresses send to each other."""
    connection = http.client.HTTPConnection(base.removeprefix("http://"), timeout=60)
    path = "/redirect-loop"
    for _ in range(6):
        connection.request("GET", path)
        reply = connection.getresponse()
        reply.read()
        assert reply.status == 302
        path = reply.headers["Location"]
    connection.close()
    assert path == "/redirect-loop"


def test_a_cut_page_ends_in_the_middle(base: str) -> None:
    """The client sees that the transfer is incomplete."""
    with pytest.raises(http.client.IncompleteRead):
        body(base, "chunked-cut")


def test_a_slow_page_never_ends() -> None:
    """It drips on after its last byte, and the server stops all the same."""
    with trouble_server(drip=0.0001) as base:
        reply = urllib.request.urlopen(base + "/slow", timeout=60)
        page = reply.read(4000)
        assert page.rstrip().endswith(b"</html>")
        assert page.endswith(b" ")
        reply.close()


def test_things_that_are_no_pages_say_so(base: str) -> None:
    """A PDF and plain bytes by their content type; a page without text; a list; a closed door."""
    assert get(base + "/not-html")[1] == "application/pdf"
    assert get(base + "/binary")[1] == "application/octet-stream"
    assert b"<p>" not in body(base, "empty-text")
    assert body(base, "list-page").count(b"<li>") == 40
    assert "Disallow: /robots-forbidden/" in body_of(base, "/robots.txt").decode()


def test_feeds_are_bad_each_in_its_way(base: str) -> None:
    """Not XML, cut, empty, with odd links, huge."""
    not_xml = feedparser.parse(body(base, "feed-not-xml"))
    assert not_xml.entries == []
    assert not_xml.version == ""
    cut = feedparser.parse(body(base, "feed-cut"))
    assert cut.bozo
    assert sum("link" in entry for entry in cut.entries) == 2
    assert feedparser.parse(body(base, "feed-empty")).entries == []
    odd = feedparser.parse(body(base, "feed-odd-links"))
    assert [entry.get("link") for entry in odd.entries][:2] == [None, "javascript:void(0)"]
    assert len(odd.entries) == 6
    assert body(base, "huge-feed").count(b"<item>") == HUGE_FEED_ENTRIES
