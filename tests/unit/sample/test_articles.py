"""The fifty articles are what they promise, and a wrong one is refused by name."""

import re
from collections import Counter
from pathlib import Path

import pytest

from connectors.sample.articles import (
    SECTIONS,
    Article,
    expected_documents,
    load_articles,
    parse,
)
from streams.errors import ConfigError
from streams.text import nfc

ARTICLES = load_articles()

#: How a canonical key shows in running text where it is not spelt as in the key.
ACRONYMS = {"Bảo hiểm xã hội": "BHXH"}
ORDINALS = {"4": "tư"}

GOOD = """+++
slug = "mot-bai-thu"
title = "Một bài thử"
lead = "(DT) - Lời dẫn."
section = "Xã hội"
documents = ["05-CT/TW"]
dateline = "DT"
byline = "HÀ VY"
photo_credits = ["Hà Vy"]

[people]
"Lê Thử" = ["Trưởng thôn"]
+++

Trưởng thôn Lê Thử nói về Chỉ thị 05-CT/TW.

![Một tấm ảnh. Ảnh: Hà Vy]

HÀ VY
"""


def whole(article: Article) -> str:
    return f"{article.front.title}\n{article.text}"


def shown(key: str, text: str) -> bool:
    """Whether the text names the document somehow: its number, or its name with its year."""
    if plenum := re.fullmatch(r"NQTW(\d+)/([IVX]+)", key):
        number, term = plenum.groups()
        named = f"Trung ương {number}" in text or f"lần thứ {ORDINALS[number]}" in text
        return named and re.search(rf"kh(?:óa|oá) {term}\b", text) is not None
    if congress := re.fullmatch(r"NQĐH/([IVX]+)", key):
        return re.search(rf"Nghị quyết Đại hội.*? {congress[1]}\b", text) is not None
    if law := re.fullmatch(r"((?:Bộ luật|Luật|Pháp lệnh|Hiến pháp).*?)(?: (\d{4}))?", key):
        name, year = law[1], law[2] or ""
        for full, short in ACRONYMS.items():
            text = text.replace(short, full)
        return re.search(rf"{re.escape(name)}(?: năm)? ?{year}", text, re.IGNORECASE) is not None
    number = re.match(r"\d+", key)
    return number is not None and re.search(rf"\b0?{int(number[0])}\b", text) is not None


def test_there_are_enough_articles_of_every_section_and_length() -> None:
    """At least 44, in all nine sections, most of 180 to 500 words, some short, two long."""
    sections = Counter(article.front.section for article in ARTICLES)
    words = sorted(len(article.text.split()) for article in ARTICLES)
    assert len(ARTICLES) >= 44
    assert set(sections) == set(SECTIONS)
    assert min(sections.values()) >= 3
    assert sum(180 <= count <= 500 for count in words) >= 40
    assert words[2] < 80
    assert [count > 1000 for count in words].count(True) == 2


def test_slugs_and_titles_are_unique() -> None:
    """No two articles share a slug, an address or a title."""
    for values in (
        [a.front.slug for a in ARTICLES],
        [a.path for a in ARTICLES],
        [a.front.title for a in ARTICLES],
    ):
        assert len(set(values)) == len(values)


@pytest.mark.parametrize("article", ARTICLES, ids=lambda a: a.front.slug)
def test_an_article_is_nfc_and_names_what_is_expected_of_it(article: Article) -> None:
    """Its text is in NFC and every expected document can be pointed at in it."""
    text = whole(article)
    assert text == nfc(text)
    for key in (*article.front.documents, *article.front.incomplete_documents):
        assert shown(key, text), key


@pytest.mark.parametrize("article", ARTICLES, ids=lambda a: a.front.slug)
def test_no_number_with_its_symbol_is_forgotten(article: Article) -> None:
    """Every full symbol that stands in the text is among the expected keys."""
    found = re.findall(
        r"\b\d+(?:/\d{4})?(?:/(?:NĐ-CP|QĐ-TTg|CT-TTg|CĐ-TTg|NQ-CP|TT-[A-ZĐ]+|QH\d+|KH-UBND)"
        r"| ?[-–] ?(?:CT|NQ|QĐi?|KL)/T[WƯU])",
        whole(article),
    )
    known = {*article.front.documents, *article.front.incomplete_documents}
    for symbol in found:
        key = re.sub(r" ?– ?", "-", symbol).replace("TƯ", "TW")
        assert key in known, symbol


def test_several_documents_are_named_by_several_articles() -> None:
    """First mentions must be told apart from later ones, so later ones there must be."""
    times = Counter(key for article in ARTICLES for key in article.front.documents)
    assert sum(count >= 2 for count in times.values()) >= 15
    assert times["168/2024/NĐ-CP"] >= 4
    assert any(not article.front.documents for article in ARTICLES)


def test_expected_documents_are_the_complete_keys_of_all_articles() -> None:
    """Every complete key counts once; an incomplete one never."""
    expected = expected_documents()
    assert {"05-CT/TW", "NQTW4/XI", "NQTW4/XII", "Luật Đất đai 2024", "749/QĐ-TTg"} <= expected
    assert "Luật Bảo hiểm y tế" not in expected
    assert expected == {key for article in ARTICLES for key in article.front.documents}


def test_a_good_file_is_read_block_by_block() -> None:
    """Paragraphs, photo and byline come out in order, the expectations as written."""
    article = parse(GOOD, Path("x.md"), 7)
    assert [block.kind for block in article.body] == ["paragraph", "photo", "paragraph"]
    assert article.captions == ("Một tấm ảnh. Ảnh: Hà Vy",)
    assert article.is_byline(article.body[-1])
    assert not article.is_byline(article.body[0])
    assert article.front.people == {"Lê Thử": ("Trưởng thôn",)}
    assert article.path == "/xa-hoi/mot-bai-thu-post100107.html"


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('slug = "mot-bai-thu"', 'slug = "Một bài"', "slug"),
        ('section = "Xã hội"', 'section = "Tin vặt"', "section"),
        ('title = "Một bài thử"', 'title = " "', "title"),
        ("Lời dẫn", "Lời dẫn\u200b", "NFC"),
        ("documents =", "document =", "document"),
        ('["05-CT/TW"]', '["05-CT/TW", "05-CT/TW"]', "documents"),
        ('["05-CT/TW"]', '"05-CT/TW"', "documents"),
        ('dateline = "DT"', 'dateline = "TTO"', "dateline"),
        ('byline = "HÀ VY"', 'byline = "HÀ MY"', "byline"),
        ('photo_credits = ["Hà Vy"]', 'photo_credits = ["Hà My"]', "photo_credits"),
        ('["Trưởng thôn"]', '["Trưởng bản"]', "people"),
        ('byline = "HÀ VY"', 'source_credit = "Báo Khác"', "source_credit"),
        ("+++\n\nTrưởng", "\n\nTrưởng", "front matter"),
        ('title = "Một', "title = Một", "front matter"),
    ],
)
def test_a_wrong_file_is_refused_by_file_and_key(old: str, new: str, key: str) -> None:
    """The message names the file and the key that is wrong."""
    assert old in GOOD
    with pytest.raises(ConfigError, match=rf"bai\.md.*{key}"):
        parse(GOOD.replace(old, new), Path("bai.md"), 0)


def test_a_folder_with_a_doubled_slug_a_strange_name_or_nothing_is_refused(tmp_path: Path) -> None:
    """Each mistake is told with the file, or the folder, that has it."""
    with pytest.raises(ConfigError, match="no article"):
        load_articles(tmp_path)
    (tmp_path / "001-a.md").write_text(GOOD, encoding="utf-8")
    (tmp_path / "002-b.md").write_text(GOOD, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"002-b\.md.*slug"):
        load_articles(tmp_path)
    (tmp_path / "002-b.md").rename(tmp_path / "b.md")
    with pytest.raises(ConfigError, match=r"b\.md.*NNN-slug"):
        load_articles(tmp_path)
