"""Real pages of nine outlets, asserted by facts: none of their sentences is written here."""

import gzip
import hashlib
import json
import re
from dataclasses import dataclass
from datetime import date
from html import escape
from pathlib import Path

import pytest
from lxml import etree

from streams.page import read
from streams.text import nfc

PAGES = Path(__file__).resolve().parents[4] / "shared" / "pages"

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not PAGES.is_dir(), reason=f"no real pages beside the project: {PAGES}"),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a reader sees on one page, without its sentences."""

    page: str
    day: date
    authors: tuple[str, ...]
    title_words: int
    lead: int  # characters
    begin: str  # the first two words of the text
    end: str  # its last two words
    lines: int
    digest: str  # of the whole text, read by eye on 24 November 2026


ARTICLES = [
    Seen(
        page="VnExpress_2025_10_22", day=date(2025, 10, 22), authors=("Lê Phương",),
        title_words=11, lead=119, begin="Người đàn", end="Lê Phương", lines=8,
        digest="b515840ba420",
    ),
    Seen(
        page="baochinhphu_article", day=date(2026, 3, 1), authors=(), title_words=9, lead=146,
        begin="(Chinhphu.vn) -", end="pháp luật.", lines=72, digest="be7f8b255099",
    ),
    Seen(
        page="baodautu_article", day=date(2026, 3, 7), authors=("Nguyên Minh",), title_words=17,
        lead=193, begin="Ông Tống", end="năm trước.", lines=14, digest="36adef9807f2",
    ),
    Seen(
        page="cafef_article", day=date(2026, 3, 7), authors=("Dương Ngọc",), title_words=22,
        lead=185, begin="“Sau tháng", end="của FTSE.", lines=13, digest="b941dfebad36",
    ),
    Seen(
        page="cafef_article_batdongsan", day=date(2026, 3, 7), authors=("Hồ Hương",),
        title_words=15, lead=305, begin="Bộ Tài", end="pháp luật.", lines=11,
        digest="56d7ba53851b",
    ),
    Seen(
        page="dantri_article", day=date(2026, 3, 7), authors=("Tri Túc",), title_words=12,
        lead=179, begin="(Dân trí)", end="23.855-26.259 đồng.", lines=13, digest="a6a997079beb",
    ),
    Seen(
        page="nld_article", day=date(2026, 3, 7), authors=("Minh Chiến",), title_words=16,
        lead=155, begin="(NLĐO)- Không", end="triệu đồng/năm.", lines=22, digest="9ef524c8017d",
    ),
    Seen(
        page="thanhnien_article", day=date(2023, 9, 13), authors=("Đức Huy",), title_words=10,
        lead=150, begin="Cơ quan", end="làm rõ.", lines=7, digest="73bd83beb410",
    ),
    Seen(
        page="tuoitre_article", day=date(2026, 3, 7), authors=("NHẬT XUÂN", "NGHI VŨ"),
        title_words=11, lead=150, begin="Xung đột", end="như hoa.", lines=29,
        digest="a79b24129379",
    ),
    Seen(
        page="vietnamnet_article", day=date(2026, 3, 7), authors=("Duy Anh",), title_words=8,
        lead=139, begin="CTCP Tập", end="hoàn toàn.", lines=10, digest="47ece9993a08",
    ),
    Seen(
        page="vnexpress_article", day=date(2026, 3, 7), authors=("Hà Thu",), title_words=12,
        lead=154, begin="Trung Quốc,", end="(tổng hợp)", lines=32, digest="7beae4812f08",
    ),
]  # fmt: skip


def html_of(page: str) -> str:
    """A page as it was received."""
    return gzip.decompress((PAGES / f"{page}.html.gz").read_bytes()).decode("utf-8", "replace")


def address_of(html: str) -> str:
    """The address that a page gives for itself."""
    found = re.search(
        r'rel="canonical"[^>]*href="([^"]+)"|href="([^"]+)"[^>]*rel="canonical"', html
    )
    return (found[1] or found[2]) if found else ""


@pytest.mark.parametrize("seen", ARTICLES, ids=lambda seen: seen.page)
@pytest.mark.parametrize("addressed", [True, False], ids=["address", "no address"])
def test_an_article_reads_as_its_reader_sees_it(seen: Seen, addressed: bool) -> None:
    """Title, lead, begin, end and whole of the text, day and authors, with and without address."""
    html = html_of(seen.page)
    page = read(html, address_of(html) if addressed else "")
    assert page.kind == "article"
    assert page.published is not None
    assert page.published.date() == seen.day
    assert page.authors == seen.authors
    assert len(page.title.split()) == seen.title_words
    assert len(page.lead) == seen.lead
    words = page.text.split()
    assert (" ".join(words[:2]), " ".join(words[-2:])) == (seen.begin, seen.end)
    assert page.text.splitlines()[0] == page.lead
    assert page.text.count("\n") + 1 == seen.lines
    assert hashlib.sha256(page.text.encode()).hexdigest()[:12] == seen.digest


@pytest.mark.parametrize(
    "page",
    ["baochinhphu", "baodautu", "cafef", "dantri", "nld", "tuoitre", "vietnamnet", "vnexpress"],
)
@pytest.mark.parametrize("addressed", [True, False], ids=["address", "no address"])
def test_a_list_page_is_told_from_an_article(page: str, addressed: bool) -> None:
    """A section page is a list, also where og:type says article, and where no address helps."""
    html = html_of(f"{page}_list")
    assert read(html, address_of(html) if addressed else "").kind == "list"


def test_the_expected_extraction_of_one_page_is_met() -> None:
    """Every paragraph of the published expectation stands in the text, in its order."""
    expected = json.loads((PAGES / "VnExpress.json").read_text(encoding="utf-8"))["V1"]
    body = expected["body"]
    paragraphs = [*body["summary"], *(p for s in body["sections"] for p in s["paragraphs"])]
    page = read(html_of("VnExpress_2025_10_22"), "https://vnexpress.net/")
    assert page.text.splitlines()[:-1] == paragraphs  # the last line is the byline
    assert list(page.authors) == expected["authors"]


def without(html: str, *, metadata: bool, names: bool) -> str:
    """A page whose metadata or whose class names and ids are taken away."""
    root = etree.fromstring(html.encode(), etree.HTMLParser(encoding="utf-8", huge_tree=True))
    for element in list(root.iter("meta", "script")) if metadata else []:
        if element.getparent() is not None:
            element.getparent().remove(element)
    for element in root.iter(etree.Element):
        gone = ("itemprop", "data-role") if metadata else ()
        for attribute in (*gone, *(("class", "id") if names else ())):
            if attribute in element.attrib:
                del element.attrib[attribute]
    return etree.tostring(root, encoding="unicode", method="html")


@pytest.mark.parametrize("seen", ARTICLES, ids=lambda seen: seen.page)
@pytest.mark.parametrize(("metadata", "names"), [(True, False), (False, True), (True, True)])
def test_an_unknown_outlet_is_read_by_its_build(seen: Seen, metadata: bool, names: bool) -> None:
    """Without metadata, without class names, without both: kind, title, day and begin stand."""
    page = read(without(html_of(seen.page), metadata=metadata, names=names), "")
    assert page.kind == "article"
    assert len(page.title.split()) == seen.title_words
    assert page.published is not None
    assert page.published.date() == seen.day
    assert " ".join(page.text.split()[:2]) == seen.begin


@pytest.mark.parametrize(
    "page",
    ["baochinhphu", "baodautu", "cafef", "dantri", "nld", "tuoitre", "vietnamnet", "vnexpress"],
)
def test_an_unknown_outlets_list_is_told_by_its_build(page: str) -> None:
    """A list is a list without metadata and class names."""
    html = without(html_of(f"{page}_list"), metadata=True, names=True)
    assert read(html, "").kind == "list"


def test_the_owners_article_comes_through_whole() -> None:
    """Every line of the seed article stands in the text, and its byline is the author."""
    seed = next((PAGES.parent / "seed").glob("*.txt")).read_text(encoding="utf-8")
    title, *paragraphs = [" ".join(nfc(line).split()) for line in seed.splitlines() if line.strip()]
    body = "".join(f"<p>{escape(line)}</p>" for line in paragraphs)
    page = read(f"<h1>{escape(title)}</h1><div class=noidung>{body}</div>", "")
    assert page.title == title
    assert page.text.splitlines() == paragraphs
    assert page.authors == ("NGỌC QUỲNH",)


def test_no_sentence_of_real_articles_is_taken_for_furniture() -> None:
    """Of 500 real texts in a page with related news, nearly all come through letter by letter."""
    corpus = PAGES.parent / "corpus" / "articles.jsonl.gz"
    texts = gzip.decompress(corpus.read_bytes()).decode("utf-8").strip().split("\n")
    rows = [json.loads(row) for row in texts[::4]]
    whole, articles = 0, 0
    for row in rows:
        paragraphs = [" ".join(nfc(line).split()) for line in row["text"].split("\n")]
        paragraphs = [line for line in paragraphs if line]
        beside = "".join(
            f"<div><h3><a href=/{n}>{escape(other['title'] or '')}</a></h3></div>"
            for n, other in enumerate(rows[:12])
        )
        body = "".join(f"<p>{escape(line)}</p>" for line in paragraphs)
        html = f"<h1>{escape(row['title'] or '')}</h1><div>{body}</div><div>{beside}</div>"
        page = read(html, "https://baomau.example.vn/bai-mau-1234567.html")
        articles += page.kind == "article"
        whole += page.text.splitlines() == paragraphs
    # the rest repeat their title or end in links of their own
    assert articles >= 0.99 * len(rows)
    assert whole >= 0.95 * len(rows)
