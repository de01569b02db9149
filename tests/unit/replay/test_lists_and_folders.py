"""Lists of addresses, folders of pages, and whose an article is."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.replay.folder import all_files, by_list, by_themselves
from connectors.replay.found import Bad, Find, Other, Saved
from connectors.replay.listed import Line, ListFile
from connectors.replay.outlets import Outlets
from streams.errors import ConfigError
from streams.settings import Outlet
from streams.topics import MAX_PAGE_BYTES
from tests.archives import page

URL = "https://bao.example/bai.html"


def lines(path: Path, content: str | bytes) -> list[Line | Bad]:
    """What a list of this content says."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(ListFile(path).lines())


def good(found: list[Line | Bad]) -> list[Line]:
    """The lines that can be read."""
    return [one for one in found if isinstance(one, Line)]


def test_an_address_a_line(tmp_path: Path) -> None:
    """Comments and empty lines count for nothing; each knows its line; a line without an end of
    a megabyte is no address."""
    content = f"\ufeff# old ones\n{URL}\r\n\n{'x' * 1_000_000}\n{URL}?2"
    found = good(lines(tmp_path / "a.txt", content))
    assert [(one.url, one.where) for one in (found[0], found[-1])] == [
        (URL, f"{tmp_path / 'a.txt'}:2"),
        (f"{URL}?2", f"{tmp_path / 'a.txt'}:5"),
    ]
    assert found[1].url == "(a line of more than 64 KB)"


def test_more_columns(tmp_path: Path) -> None:
    """As TSV and as JSON lines: times with and without a zone, a title, an outlet."""
    row = {
        "url": URL,
        "published": "2019-05-06T07:08+07:00",
        "fetched": "2020-01-02",
        "title": "Bài",
    }
    tsv = "\t".join(row) + "\n" + "\t".join(row.values()) + "\n"
    for name, content in (("a.tsv", tsv), ("a.jsonl", json.dumps(row, ensure_ascii=False))):
        (one,) = good(lines(tmp_path / name, content))
        assert one.url == URL
        assert one.entry.published == datetime(2019, 5, 6, 0, 8, tzinfo=UTC)
        assert one.fetched_at == datetime(2020, 1, 2, tzinfo=UTC)
        assert one.entry.title == "Bài"


@pytest.mark.parametrize(
    ("name", "line"),
    [("a.tsv", "a\tb\tc"), ("a.tsv", f"{URL}\tyesterday or so"), ("a.jsonl", "{"), ("a.jsonl", "[" * 9999),
     ("a.jsonl", '{"url": 3}')],
)  # fmt: skip
def test_a_bad_line_is_named(tmp_path: Path, name: str, line: str) -> None:
    """With its number; the next one is read."""
    head = "url\tpublished\n" if name == "a.tsv" else ""
    next_one = f"{URL}\t" if head else json.dumps({"url": URL})
    found = lines(tmp_path / name, f"{head}{line}\n{next_one}\n")
    assert isinstance(found[0], Bad)
    assert found[0].where.endswith(":2" if head else ":1")
    assert [one.url for one in good(found)] == [URL]


def test_unknown_columns_are_refused(tmp_path: Path) -> None:
    """With file, line and what is known."""
    with pytest.raises(ConfigError, match=r"a\.tsv:1: columns are \['adress'\]; known: url"):
        lines(tmp_path / "a.tsv", "adress\nhttps://x.example\n")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Pages on disk, and what is none."""
    folder = tmp_path / "pages"
    (folder / "b").mkdir(parents=True)
    link = f'<link rel="canonical" href="{URL}"></head>'.encode()
    (folder / "b/one.html").write_bytes(page("Một").replace(b"</head>", link))
    (folder / "none.html").write_bytes(page("Không"))
    (folder / "large.htm").write_bytes(b"<html>" + bytes(MAX_PAGE_BYTES))
    (folder / "notes.txt").write_text("notes")
    os.mkfifo(folder / "pipe.html")
    os.utime(folder / "b/one.html", (1_557_126_489, 1_557_126_489))
    return folder


def bad(found: list[Find]) -> list[Bad]:
    """What could not be read."""
    return [one for one in found if isinstance(one, Bad)]


def test_pages_that_tell_their_address(folder: Path) -> None:
    """Taken at it, as of the file's time; those that don't are named, and other files counted."""
    found = list(by_themselves(all_files(folder)))
    (one,) = [one for one in found if isinstance(one, Saved)]
    assert (one.url, one.fetched_at) == (URL, datetime(2019, 5, 6, 7, 8, 9, tzinfo=UTC))
    assert [(Path(b.where).name, b.reason) for b in bad(found)] == [
        ("large.htm", "too-large"),
        ("none.html", "bad-record"),
        ("pipe.html", "bad-record"),
    ]
    assert [one.kind for one in found if isinstance(one, Other)] == ["another file"]


def test_pages_of_a_list(folder: Path, tmp_path: Path) -> None:
    """At the address and time that it gives; a file that is not there, or outside, is named."""
    (tmp_path / "secret").write_bytes(page("Kín"))
    path = tmp_path / "list.tsv"
    rows = [
        "file\turl\tfetched",
        "none.html\thttps://bao.example/2.html\t2018-01-01",
        "b/one.html\t\t2018-01-02T03:04:05Z",
        "gone.html\thttps://bao.example/3.html\t",
        "../secret\thttps://bao.example/4.html\t",
        "\thttps://bao.example/5.html\t",
    ]
    path.write_text("\n".join(rows))
    found = list(by_list(folder, ListFile(path)))
    assert [(one.url, one.fetched_at.year) for one in found if isinstance(one, Saved)] == [
        ("https://bao.example/2.html", 2018),
        (URL, 2018),
    ]
    assert [b.where.split()[0] for b in bad(found)] == [f"{path}:{n}" for n in (4, 5, 6)]


def outlets(forced: str | None = None) -> Outlets:
    """Three outlets, two of one domain."""
    feeds = {
        "bao": "https://www.baomoi.com.vn/rss",
        "thudo": "https://thudo.thoidai.vn/rss",
        "kinhte": "https://kinhte.thoidai.vn/rss",
        "nha": "http://127.0.0.1:8080/rss",
    }
    known = {key: Outlet(name=key, feeds=(feed,)) for key, feed in feeds.items()}
    return Outlets(known, forced)


@pytest.mark.parametrize(
    ("url", "told", "key"),
    [
        ("http://baomoi.com.vn/a", "", "bao"),
        ("https://m.baomoi.com.vn/a", "", "bao"),
        ("https://xe.baomoi.com.vn/a", "", "bao"),
        ("https://thudo.thoidai.vn/a", "", "thudo"),
        ("https://thoidai.vn/a", "", ""),
        ("http://127.0.0.1:8080/a", "", "nha"),
        ("http://127.0.0.1:9090/a", "", ""),
        ("https://khac.vn/a", "kinhte", "kinhte"),
        ("https://khac.vn/a", "unknown", ""),
        ("no address", "", ""),
    ],
)
def test_whose_an_article_is(url: str, told: str, key: str) -> None:
    """By what the list says, by host, by a domain that is one outlet's alone."""
    assert outlets().of(url, told) == key
    assert outlets("thudo").of(url, told) == "thudo"
