"""The sample outlet's articles, read by hand when they were written: the extraction reads the same."""

import pytest

from connectors.sample.articles import Article, load_articles
from streams.extraction import extract
from streams.extraction.credits import find_credits


def _name(article: Article) -> str:
    return article.front.slug


@pytest.mark.parametrize("article", load_articles(), ids=_name)
def test_documents_are_as_read(article: Article) -> None:
    """Exactly the documents that a careful reader finds, complete and incomplete ones apart."""
    found = extract(article.text, title=article.front.title).documents
    named = [mention for mention in found if mention.tier != "anaphor"]
    assert {m.key for m in named if m.complete} == set(article.front.documents)
    assert {m.key for m in named if not m.complete} == set(article.front.incomplete_documents)


@pytest.mark.parametrize("article", load_articles(), ids=_name)
def test_credits_are_as_read(article: Article) -> None:
    """Dateline, byline, photographers and source, as they stand in the article."""
    found = find_credits(article.text)
    front = article.front
    assert found.dateline == front.dateline
    assert found.byline == front.byline
    assert list(found.photo_credits) == list(front.photo_credits)
    assert found.source_credit == front.source_credit


@pytest.mark.parametrize(
    ("text", "photos", "source"),
    [
        ("Trẻ được khám.\nẢnh: Trung tâm Y tế huyện\nXe đi tiếp.", ("Trung tâm Y tế huyện",), None),
        ("Trẻ được khám. Ảnh: Thế Anh\nXe đi tiếp.", ("Thế Anh",), None),
        ("Trẻ được khám. Ảnh: Quốc Bảo (TTXVN)\nXe đi.", ("Quốc Bảo",), None),
        ("Xe đã đi hết bản.\n(Theo Công an tỉnh)\nMINH HÀ", (), "Công an tỉnh"),
        ("(Theo kế hoạch)\nXe đã đi hết bản.", (), None),
    ],
)
def test_institutions_are_credits_too(
    text: str, photos: tuple[str, ...], source: str | None
) -> None:
    """A credit that stands alone on its line is taken whole, whatever its name."""
    found = find_credits(text)
    assert (found.photo_credits, found.source_credit) == (photos, source)


def test_a_law_does_not_take_the_year_of_its_neighbour() -> None:
    """`Luật ... và Nghị định 188/2025/NĐ-CP`: the year is the decree's; `Luật ... số 13/2008/QH12`
    is one document."""
    keys = [
        m.key for m in extract("Theo Luật Bảo hiểm y tế và Nghị định 188/2025/NĐ-CP.").documents
    ]
    assert keys == ["Luật Bảo hiểm y tế", "188/2025/NĐ-CP"]
    (law, _number) = extract("Theo Luật Thuế giá trị gia tăng số 13/2008/QH12.").documents
    assert law.key == "Luật Thuế giá trị gia tăng 2008"


def test_a_capital_begins_a_laws_name_behind_any_word() -> None:
    """`quy định Luật ...` names it; `khoa Luật` and `pháp luật` do not."""
    found = extract("Theo quy định Luật Đất đai năm 2013; khoa Luật Đất đai; pháp luật đất đai.")
    assert [m.key for m in found.documents] == ["Luật Đất đai 2013"]
