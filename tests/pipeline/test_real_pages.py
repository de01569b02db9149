"""Real pages and the owner's article, served from loopback as an outlet would, end as they should."""

import gzip
import json
from typing import Any

import pytest

from streams.identity import article_id, canonical_url
from tests.pipeline.conftest import SHARED, Flow

pytestmark = [
    pytest.mark.servers,
    pytest.mark.shared,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not SHARED.exists(), reason="the real pages are not beside the project"),
]


def _stems(kind: str) -> list[str]:
    names = [file.name.removesuffix(".html.gz") for file in (SHARED / "pages").glob("*.html.gz")]
    return sorted(name for name in names if ("_list" in name) == (kind == "list"))


def _found(flow: Flow, stem: str, kind: str) -> list[dict[str, Any]]:
    assert flow.shared is not None
    number = article_id(canonical_url(f"{flow.shared.url}/{stem}.html"))
    field = "_id" if kind == "articles" else "id"
    return [found for found in flow.running.search(kind) if found[field] == number]


@pytest.mark.parametrize("stem", _stems("article"))
def test_an_article_page_ends_in_the_index(flow: Flow, stem: str) -> None:
    """With a title and text that stand on the page, and a day."""
    (article,) = _found(flow, stem, "articles")
    page = gzip.decompress((SHARED / "pages" / f"{stem}.html.gz").read_bytes()).decode()
    assert article["title"].split()[0] in page
    assert len(article["text"]) > 500
    assert article["published"] is not None


@pytest.mark.parametrize("stem", _stems("list"))
def test_a_list_page_is_recognised(flow: Flow, stem: str) -> None:
    """It is no article, and is skipped with its reason."""
    assert _found(flow, stem, "articles") == []
    # as often as it came by: a replay sends it again
    assert {letter["reason"] for letter in _found(flow, stem, "dead")} == {"list-page"}


def test_the_expected_extraction_of_a_page(flow: Flow) -> None:
    """Title, author and day as in the reference beside the page; every paragraph is there."""
    (article,) = _found(flow, "VnExpress_2025_10_22", "articles")
    expected = json.loads((SHARED / "pages" / "VnExpress.json").read_text(encoding="utf-8"))["V1"]
    assert article["title"] == expected["title"]
    assert article["authors"] == expected["authors"]
    assert article["published"].startswith("2025-10-22")
    for section in expected["body"]["sections"]:
        for paragraph in section["paragraphs"]:
            assert paragraph in article["text"]


def test_the_owners_article_comes_through_whole(flow: Flow) -> None:
    """Its documents, people with titles, date, dateline and credits."""
    (article,) = _found(flow, "seed", "articles")
    mentions = [m for m in flow.running.search("mentions") if m["article"] == article["_id"]]
    keys = [m["key"] for m in sorted(mentions, key=lambda m: (m["field"] != "title", m["start"]))]
    assert keys == ["NQTW4/XI", "NQTW4/XII", "05-CT/TW", "05-CT/TW"]
    assert (article["dateline"], article["byline"]) == ("BĐ", "NGỌC QUỲNH")
    assert (article["photo_credits"], article["source_credit"]) == (["Ngọc Quỳnh"], "BTV")
    assert article["people"] == ["Nguyễn Giờ"]
    assert set(article["titles"]) == {
        "Ủy viên Ban Thường vụ Tỉnh ủy",
        "Trưởng ban Tổ chức Tỉnh ủy",
    }
    assert "2020-11-10" in article["dates"]
