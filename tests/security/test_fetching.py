"""The crawler as a process, on real sockets, among servers that mean harm: what they send is
bounded in time, bytes and memory, and leads nowhere but to web pages."""

import gzip
import socket
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import brotli
import psutil
import pytest
import zstandard

from tests.pipeline.crawling import CrawlerProcess, crawling, states, wait_until
from tests.security.rawserver import Answer, RawServer, answer, endless, redirect

pytestmark = pytest.mark.hostile

_NO_BROKER = "127.0.0.1:9"  # what is fetched waits in the outbox: no Kafka is needed here
_RSS = "application/rss+xml; charset=utf-8"
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n"
_PAGE = b"<!doctype html><title>Mau</title><p>" + "Nội dung. ".encode() * 50
_BIG = 64 * 1024 * 1024  # bytes that a bomb grows to
_KEY = "bao"


def _deflate(data: bytes) -> bytes:
    return zlib.compress(data, 9)


def _brotli(data: bytes) -> bytes:
    return bytes(brotli.compress(data, quality=5))


def _zstd(data: bytes) -> bytes:
    return zstandard.compress(data, 3)


PACKERS = {"gzip": gzip.compress, "deflate": _deflate, "br": _brotli, "zstd": _zstd}
_BOMBS = {name: pack(b"<html>" + b" " * _BIG) for name, pack in PACKERS.items()}


def _rss(links: list[str]) -> bytes:
    items = "".join(f"<item><title>Bài</title><link>{link}</link></item>" for link in links)
    return f"<rss version='2.0'><channel><title>Mẫu</title>{items}</channel></rss>".encode()


@contextmanager
def _crawl(folder: Path, outlets: dict[str, dict[str, Any]]) -> Iterator[CrawlerProcess]:
    with crawling(folder, _NO_BROKER, outlets, poll=0.3, timeout=8.0, attempts=1) as crawler:
        yield crawler
        assert crawler.stop() == 0


def _fates(folder: Path) -> dict[str, tuple[str, str, str]]:
    """Path of each article's address to its state, reason and detail."""
    with closing(sqlite3.connect(f"file:{folder}/crawler.sqlite3?mode=ro", uri=True)) as db:
        rows = db.execute("SELECT url, state, reason, detail FROM articles").fetchall()
    return {
        "/" + url.split("/", 3)[3]: (state, reason, detail) for url, state, reason, detail in rows
    }


def _ended(folder: Path, count: int) -> bool:
    found = [state for state in states(folder).values() if state != "discovered"]
    return len(found) == count


def _one_way(folder: Path, pages: dict[str, Answer]) -> tuple[dict[str, Any], RawServer, int]:
    """Crawls a feed of these pages and a good one; their fates, the server, the memory at the end."""
    links = [*pages, "/good"]
    answers = {"/rss": answer(_rss(links), _RSS), "/good": answer(_PAGE), **pages}
    with RawServer(answers) as site:
        outlets = {_KEY: {"feeds": [f"{site.url}/rss"], "loopback": True}}
        with _crawl(folder, outlets) as crawler:
            wait_until(lambda: _ended(folder, len(links)))
            memory = psutil.Process(crawler.process.pid).memory_info().rss
        fates = _fates(folder)
    assert fates["/good"][0] == "fetched"
    return fates, site, memory


def test_time_and_size_of_answers_are_bounded(tmp_path: Path) -> None:
    """A page that drips, headers that drip, headers and bodies without end: each is given up within the
    page's time, and no more than a little is read of what has no end."""
    pages = {
        "/drip": endless(_HEAD + b"\r\n<html>", b"a", 0.1),
        "/drip-head": endless(_HEAD, b"X-A: b\r\n", 0.1),
        "/endless-head": endless(_HEAD, b"X-A: " + b"b" * 8000 + b"\r\n"),
        "/endless-line": endless(_HEAD + b"X-A: ", b"b" * 8000),
        "/endless-100": endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 300),
        "/endless-body": endless(_HEAD + b"\r\n<html>", b"a" * 65536),
        "/endless-redirect": endless(
            b"HTTP/1.1 302 Found\r\nLocation: /there\r\n\r\n", b"a" * 65536
        ),
    }
    fates, site, memory = _one_way(tmp_path, pages)
    assert {path: fate[1] for path, fate in fates.items()} == {
        "/drip": "unreachable",
        "/drip-head": "unreachable",
        "/endless-head": "unreachable",
        "/endless-line": "unreachable",
        "/endless-100": "unreachable",
        "/endless-body": "too-large",
        "/endless-redirect": "gone",  # what it leads to
        "/good": "",
    }
    assert "took longer than" in fates["/drip"][2]
    assert "bytes of head" in fates["/endless-head"][2]
    mb = 1024 * 1024  # of them some lie in the system's buffers
    assert site.most_sent["/endless-head"] < 10 * mb
    assert site.most_sent["/endless-100"] < 10 * mb
    assert site.most_sent["/endless-body"] < 24 * mb
    assert memory < 400 * mb


def test_bombs_are_not_unpacked(tmp_path: Path) -> None:
    """64 MB that travel as a few KB end as too large, in whichever packing; so do packings of packings."""
    pages = {f"/{name}": answer(bomb, Content_Encoding=name) for name, bomb in _BOMBS.items()}
    thrice = gzip.compress(gzip.compress(gzip.compress(_PAGE)))
    pages["/thrice"] = answer(thrice, Content_Encoding="gzip, gzip, gzip")
    pages["/packed"] = answer(gzip.compress(_PAGE), Content_Encoding="gzip")
    fates, _site, memory = _one_way(tmp_path, pages)
    assert {path: fate[1] for path, fate in fates.items()} == {
        **dict.fromkeys([f"/{name}" for name in _BOMBS], "too-large"),
        "/thrice": "bad-encoding",
        "/packed": "",
        "/good": "",
    }
    assert memory < 400 * 1024 * 1024


def test_redirects_lead_to_web_pages_only(tmp_path: Path) -> None:
    """Neither a file, nor another protocol, nor a script, nor another service's port, nor the address
    where clouds keep their secrets."""
    secret = tmp_path / "secret.html"
    secret.write_bytes(_PAGE)
    places = {
        "/to-file": secret.as_uri(), "/to-localhost-file": f"file://localhost{secret}",
        "/to-ftp": "ftp://127.0.0.1/x", "/to-gopher": "gopher://127.0.0.1:70/x",
        "/to-data": "data:text/html,<html>hello", "/to-script": "javascript:alert(1)",
        "/to-s3": "s3://bucket/x", "/to-port": "http://127.0.0.1:22/",
        "/to-cloud": "http://169.254.169.254/latest/meta-data/",
        "/to-cloud-6": "http://[fe80::a9fe:a9fe]/", "/to-nat64": "http://[64:ff9b::a9fe:a9fe]/",
        "/to-mapped": "http://[::ffff:169.254.169.254]/", "/to-number": "http://2852039166/",
        "/to-user": "http://bao.example@169.254.169.254/",
    }  # fmt: skip
    fates, site, _ = _one_way(tmp_path, {path: redirect(to) for path, to in places.items()})
    assert {fates[path][0] for path in places} == {"dead"}
    assert fates["/to-port"][2].endswith("port 22 is no web server's")
    for path in ("/to-cloud", "/to-cloud-6", "/to-nat64", "/to-mapped", "/to-number", "/to-user"):
        assert "is not a public address" in fates[path][2], path
    assert set(site.asked) == {"/robots.txt", "/rss", "/good", *places}


def test_links_lead_to_web_pages_only(tmp_path: Path) -> None:
    """A feed's links to files and other protocols are not even noted, and a link with a user in it is
    noted without: it can't pass for another site's."""
    secret = tmp_path / "secret.html"
    secret.write_bytes(_PAGE)
    with RawServer() as site:
        links = [
            secret.as_uri(), "ftp://127.0.0.1/x", "gopher://127.0.0.1/x", "data:text/html,x",
            "javascript:alert(1)", "mailto:a@b.c", "file:/etc/passwd",
            f"http://bao.example@127.0.0.1:{site.port}/good",
        ]  # fmt: skip
        site.answers |= {"/rss": answer(_rss(links), _RSS), "/good": answer(_PAGE)}
        outlets = {_KEY: {"feeds": [f"{site.url}/rss"], "loopback": True}}
        with _crawl(tmp_path, outlets):
            wait_until(lambda: _ended(tmp_path, 1))
        with closing(sqlite3.connect(tmp_path / "crawler.sqlite3")) as db:
            assert db.execute("SELECT url FROM articles").fetchall() == [(f"{site.url}/good",)]


_ENTITIES = "".join(
    f'<!ENTITY a{n} "{(f"&a{n - 1};" if n else "ha") * 10}">' for n in range(9)
)  # fmt: skip


def _entity_feed(encoding: str, declared: str, title: str) -> bytes:
    link = "<link>/from-entities</link>"
    return (
        f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE rss [{declared}]><rss version="2.0">'
        f"<channel><item><title>{title}</title>{link}</item></channel></rss>"
    ).encode(encoding)


def test_feeds_are_only_what_was_sent(tmp_path: Path) -> None:
    """A feed opens no file, asks for nothing, unpacks no bomb, expands no entities, and ends; the good
    feed beside it is read."""
    local = tmp_path / "local.xml"
    local.write_bytes(_rss(["/from-a-local-file"]))
    with RawServer() as site:
        outside = f'<!ENTITY x SYSTEM "{site.url}/entity">'
        dtd = f'<!DOCTYPE rss SYSTEM "{site.url}/entity">'.encode()
        feeds = {
            "/a-path": answer(str(local).encode(), _RSS),
            "/a-device": answer(b"/dev/zero", _RSS),
            "/an-address": answer(f"{site.url}/entity".encode(), _RSS),
            "/laughs": answer(_entity_feed("utf-8", _ENTITIES, "&a8;"), _RSS),
            "/laughs-16": answer(_entity_feed("utf-16", _ENTITIES, "&a8;"), _RSS),
            "/outside": answer(_entity_feed("utf-8", outside, "&x;"), _RSS),
            "/outside-16": answer(_entity_feed("utf-16", outside, "&x;"), _RSS),
            "/dtd": answer(b"<?xml version='1.0'?>" + dtd + _rss(["/dtd-item"]), _RSS),
            "/drip": endless(_HEAD + b"\r\n<rss>", b"<a>", 0.1),
            "/endless": endless(_HEAD + b"\r\n<rss>", b"<a>" * 20000),
            **{f"/{n}": answer(b, _RSS, Content_Encoding=n) for n, b in _BOMBS.items()},
        }
        site.answers |= feeds | {"/rss": answer(_rss(["/good"]), _RSS), "/good": answer(_PAGE)}
        outlets = {
            _KEY: {"feeds": [site.url + path for path in [*feeds, "/rss"]], "loopback": True}
        }
        with _crawl(tmp_path, outlets) as crawler:
            wait_until(lambda: all(site.asked[path] for path in [*feeds, "/good"]))
            wait_until(lambda: _fates(tmp_path).get("/good", ("",))[0] == "fetched")
            memory = psutil.Process(crawler.process.pid).memory_info().rss
        assert not site.asked["/entity"]
    assert "/from-a-local-file" not in _fates(tmp_path)
    with closing(sqlite3.connect(tmp_path / "crawler.sqlite3")) as db:
        told = b"".join(bytes(row[0] or b"") for row in db.execute("SELECT feed FROM articles"))
    assert b"haha" not in told
    assert memory < 400 * 1024 * 1024


@pytest.mark.parametrize("name", [*_BOMBS, "drip", "to-cloud"])
def test_rules_that_cant_be_read_close_the_door(tmp_path: Path, name: str) -> None:
    """A robots.txt that is a bomb, never ends, or leads where nobody may look: nothing else is asked."""
    robots = {
        "drip": endless(_HEAD + b"\r\n", b"#", 0.1),
        "to-cloud": redirect("http://169.254.169.254/robots.txt"),
        **{n: answer(b, "text/plain", Content_Encoding=n) for n, b in _BOMBS.items()},
    }[name]
    with RawServer({"/rss": answer(_rss(["/good"]), _RSS), "/robots.txt": robots}) as site:
        outlets = {_KEY: {"feeds": [f"{site.url}/rss"], "loopback": True}}
        with _crawl(tmp_path, outlets) as crawler:
            failed = f'dongtin_feed_polls_total{{outcome="unreachable",outlet="{_KEY}"}}'
            wait_until(lambda: crawler.metrics().get(failed, 0) >= 2)
    assert set(site.asked) == {"/robots.txt"}


def test_huge_rules_are_read_to_their_limit(tmp_path: Path) -> None:
    """Of a robots.txt without end the first 512 KB count."""
    rules = endless(_HEAD + b"\r\nUser-agent: *\nDisallow: /shut\n", b"# more\n" * 10000)
    links = ["/shut", "/good"]
    answers = {"/rss": answer(_rss(links), _RSS), "/good": answer(_PAGE), "/robots.txt": rules}
    with RawServer(answers) as site:
        outlets = {_KEY: {"feeds": [f"{site.url}/rss"], "loopback": True}}
        with _crawl(tmp_path, outlets):
            wait_until(lambda: _ended(tmp_path, 2))
    assert _fates(tmp_path)["/shut"][:2] == ("skipped", "robots")
    assert _fates(tmp_path)["/good"][0] == "fetched"


def test_no_spelling_of_this_machine_is_asked(tmp_path: Path) -> None:
    """Without the outlet's word not one connection is made, however the address is written."""
    with RawServer() as site, RawServer(family=socket.AF_INET6) as six:
        hosts = [
            "localhost", "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1",
            "127.0.0.1.", "0.0.0.0", "0", "LOCALHOST", "localhost.", "%6c%6f%63alhost", "①②⑦.⓪.⓪.①",
            "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]",
        ]  # fmt: skip
        feeds = [f"http://{host}:{site.port}/rss" for host in hosts]
        feeds += [f"http://[{host}]:{six.port}/rss" for host in ("::1", "0:0:0:0:0:0:0:1", "::")]
        with _crawl(tmp_path, {_KEY: {"feeds": feeds}}) as crawler:
            failed = f'dongtin_feed_polls_total{{outcome="unreachable",outlet="{_KEY}"}}'
            wait_until(lambda: crawler.metrics().get(failed, 0) >= 2 * len(feeds))
        assert (site.connections, six.connections) == (0, 0)
