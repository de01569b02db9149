"""Pages out of web archives, good and bad ones."""

import gzip
import tracemalloc
import zlib
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import brotli
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.replay.found import Bad, Find, Other, Saved
from connectors.replay.warc import MOST_HEAD, Archive
from streams.topics import MAX_PAGE_BYTES
from tests.archives import bomb, page, record, write

URL = "https://bao.example/bai-{}.html"


def good(number: int, *, packed: bool = True) -> bytes:
    """A record with an article."""
    return record(URL.format(number), page(f"Bài {number}"), packed=packed)


def read(path: Path, *records: bytes) -> list[Find]:
    """What is found in a file of these records."""
    return list(Archive(write(path, records)).finds())


def urls(found: list[Find]) -> list[str]:
    """Addresses of the pages."""
    return [one.url for one in found if isinstance(one, Saved)]


def bad(found: list[Find]) -> list[Bad]:
    """What could not be read."""
    return [one for one in found if isinstance(one, Bad)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the archive lies."""
    return tmp_path / "a.warc.gz"


@pytest.mark.parametrize("packed", [True, False])
def test_pages_are_found(path: Path, packed: bool) -> None:
    """Each with its address, the time at which it was fetched, its headers and its bytes."""
    first, second = read(path, good(1, packed=packed), good(2, packed=packed))
    assert isinstance(first, Saved)
    assert first.url == URL.format(1)
    assert first.fetched_at == datetime(2019, 5, 6, 7, 8, 9, tzinfo=UTC)
    assert first.headers["content-type"] == "text/html; charset=utf-8"
    assert first.body == page("Bài 1")
    assert isinstance(second, Saved)
    assert second.body == page("Bài 2")


def test_an_archive_packed_as_a_whole(path: Path) -> None:
    """Not as the format wants it, and found all the same."""
    whole = gzip.compress(good(1, packed=False) + good(2, packed=False))
    assert urls(read(path, whole)) == [URL.format(1), URL.format(2)]


def test_only_good_answers_of_html_are_pages(path: Path) -> None:
    """The rest is counted by kind."""
    found = read(
        path,
        record("https://bao.example/", b"", kind="warcinfo"),
        record(URL.format(1), b"<p>", status="404 Not Found"),
        record(URL.format(2), b"", status="301 Moved", headers={"Location": "/"}),
        record("https://bao.example/a.png", b"\x89PNG", headers={"Content-Type": "image/png"}),
        record("https://bao.example/v", bytes(MAX_PAGE_BYTES + 9), headers={"Content-Type": "v/x"}),
        good(3),
    )
    kinds = Counter(one.kind for one in found if isinstance(one, Other))
    assert kinds == {"warcinfo": 1, "HTTP 4xx": 1, "HTTP 3xx": 1, "not HTML": 2}
    assert urls(found) == [URL.format(3)]
    assert bad(found) == []


_PACKERS = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.compress,
}


@pytest.mark.parametrize("name", _PACKERS)
def test_packed_bodies_are_unpacked(path: Path, name: str) -> None:
    """As the crawler unpacks them; also in chunks; also where the archive holds them unpacked."""
    packed = _PACKERS[name](page("Bài"))
    middle = len(packed) // 2
    chunks = b"".join(
        b"%x\r\n%b\r\n" % (len(part), part) for part in (packed[:middle], packed[middle:], b"")
    )
    encoding = {"Content-Encoding": name}
    found = read(
        path,
        record(URL.format(1), packed, headers=encoding),
        record(URL.format(2), chunks, headers={**encoding, "Transfer-Encoding": "chunked"}),
        record(URL.format(3), page("Bài"), headers={"Transfer-Encoding": "chunked"}),
        record(URL.format(4), page("Bài"), headers={"Content-Encoding": "gzip"}),
    )
    assert [one.body for one in found if isinstance(one, Saved)] == [page("Bài")] * 4
    assert all("content-encoding" not in one.headers for one in found if isinstance(one, Saved))


def test_bombs_are_told_and_cost_little_memory(path: Path) -> None:
    """Bodies that unpack to 64 MB, a record of 64 MB, a head without an end, each in some
    kilobytes: named, and the page behind them is found."""
    size = 64 * 1024 * 1024
    plain = record(URL.format(1), b"X", packed=False)
    head, _, _ = plain.partition(b"Content-Length")
    endless = gzip.compress(head + b"X-Long: ")
    records = [
        record(URL.format(1), bomb(size), headers={"Content-Encoding": "gzip"}),
        record(URL.format(2), brotli.compress(bytes(size)), headers={"Content-Encoding": "br"}),
        gzip.compress(record(URL.format(3), bytes(size), packed=False)),
        gzip.compress(head + b"X-Long: " + bytes(size)),
        endless,
        good(6),
    ]
    write(path, records)
    tracemalloc.start()
    found = list(Archive(path).finds())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [one.reason for one in bad(found)] == [
        "too-large", "too-large", "too-large", "damaged", "damaged",
    ]  # fmt: skip
    assert urls(found) == [URL.format(6)]
    assert peak < 8 * MAX_PAGE_BYTES + 8 * MOST_HEAD


def test_a_damaged_record_costs_only_itself(path: Path) -> None:
    """Bytes turned over in one of three: the other two are found, the one is named by its place."""
    first, second, third = good(1), good(2), good(3)
    middle = len(second) // 2
    broken = (
        second[:middle]
        + bytes(b ^ 0x5A for b in second[middle : middle + 40])
        + second[middle + 40 :]
    )
    found = read(path, first, broken, third)
    assert urls(found) == [URL.format(1), URL.format(3)]
    assert bad(found)
    assert bad(found)[0].where == f"{path}@{len(first)}"


def test_a_file_that_breaks_off(path: Path) -> None:
    """What was whole is found, the rest is named."""
    for packed in (True, False):
        records = good(1, packed=packed) + good(2, packed=packed)
        found = read(path, records[:-200])
        assert urls(found) == [URL.format(1)]
        assert len(bad(found)) == 1


@pytest.mark.parametrize(
    "odd",
    [
        record(URL.format(9), page("Bài"), date="yesterday"),
        record(URL.format(9), page("Bài"), truncated="length"),
        record(URL.format(9), b"\x1f\x8bno", headers={"Content-Encoding": "gzip"}),
        record(URL.format(9), b"<html>", headers={"Content-Encoding": "lzma"}),
        gzip.compress(b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 4\r\n\r\nHTTP\r\n\r\n"),
        gzip.compress(b"no archive at all, by any means\r\n"),
        gzip.compress(
            record(URL.format(9), b"<html>", packed=False).replace(b"Content-Length", b"X-L")
        ),
    ],
)
def test_an_odd_record_is_named_and_passed(path: Path, odd: bytes) -> None:
    """And what stands around it is found."""
    found = read(path, good(1), odd, good(2))
    assert urls(found) == [URL.format(1), URL.format(2)]
    assert len(bad(found)) == 1
    assert str(path) in bad(found)[0].where


def test_an_empty_file_and_one_of_zstd(path: Path) -> None:
    """Nothing is found; what can't be read is said."""
    assert read(path) == []
    (told,) = bad(read(path, zstandard.compress(good(1, packed=False))))
    assert "zstd" in told.detail


#: Made once: each record has a random id.
_WHOLE = {
    packed: b"".join(good(number, packed=packed) for number in (1, 2, 3))
    for packed in (True, False)
}


@settings(max_examples=100)
@given(
    packed=st.booleans(),
    edits=st.lists(
        st.tuples(st.floats(0, 1), st.integers(0, 30), st.binary(max_size=30)), max_size=4
    ),
)
def test_whatever_is_in_a_file_reading_ends(
    tmp_path_factory: pytest.TempPathFactory, packed: bool, edits: list[tuple[float, int, bytes]]
) -> None:
    """Bytes put in, taken out and changed anywhere: no error, and no more pages than were put in."""
    content = bytearray(_WHOLE[packed])
    for share, taken, put in edits:
        at = int(share * len(content))
        content[at : at + taken] = put
    found = read(tmp_path_factory.mktemp("warc") / "a", bytes(content))
    assert len(urls(found)) <= 3
