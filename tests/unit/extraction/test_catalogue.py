"""Choosing among known documents, and adding one's own."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from streams.errors import ConfigError
from streams.extraction import extract, find_documents
from streams.extraction.catalogue import COLUMNS, load, shipped

HEAD = "\t".join(COLUMNS)
TWO_OF_ONE_NUMBER = [
    # text, date chosen, several
    ("Nghị quyết số 18-NQ/TW ngày 25/10/2017 của Trung ương", "2017-10-25", False),
    ("Nghị quyết số 18-NQ/TW ngày 16/6/2022 của Trung ương", "2022-06-16", False),
    ("Nghị quyết số 18-NQ/TW của Ban Chấp hành Trung ương khóa XIII", "2022-06-16", False),
    (
        "Nghị quyết số 18-NQ/TW về tiếp tục đổi mới, sắp xếp tổ chức bộ máy của hệ thống chính trị"
        " tinh gọn, hoạt động hiệu lực, hiệu quả",
        "2017-10-25",
        False,
    ),
    ("Nghị quyết số 18-NQ/TW được quán triệt tại hội nghị", None, True),
]


@pytest.mark.parametrize(("text", "issued", "several"), TWO_OF_ONE_NUMBER)
def test_date_term_or_topic_choose_and_else_it_is_open(
    text: str, issued: str | None, several: bool
) -> None:
    """Documents that share a number are told apart by evidence; without it none is guessed."""
    mention = find_documents(text)[0]
    assert (mention.key, mention.issued, mention.ambiguous) == ("18-NQ/TW", issued, several)
    assert (mention.title is None) == several


def test_a_document_of_later_date_is_no_candidate() -> None:
    """An article of 2018 can't mean the resolution of 2022."""
    text = "Nghị quyết số 18-NQ/TW được quán triệt tại hội nghị"
    mention = find_documents(text, published=datetime(2018, 3, 1, tzinfo=UTC))[0]
    assert mention.issued is None or mention.issued < "2018"


def test_a_known_document_gives_issuer_date_and_title() -> None:
    """What the article leaves out comes from the catalogue."""
    mention = find_documents("theo Nghị định 100/2019/NĐ-CP")[0]
    assert (mention.issuer, mention.issued) == ("Chính phủ", "2019-12-30")
    assert mention.title is not None
    law = find_documents("theo Luật Đất đai 2024")[0]
    assert (law.issued, law.title) == ("2024-01-18", "Luật Đất đai")


def test_an_unknown_document_has_no_title() -> None:
    """A number that the catalogue does not hold is left as it is."""
    mention = find_documents("theo Nghị định 999/2031/NĐ-CP")[0]
    assert (mention.title, mention.ambiguous) == (None, False)


def test_a_file_of_your_own_is_read_first(tmp_path: Path) -> None:
    """A row of one's own adds a document, for `extract` as well."""
    path = tmp_path / "mine.tsv"
    path.write_text(
        f"# ours\n{HEAD}\n77-CT/TU\t\tchỉ thị\tTỉnh ủy\t2031-02-03\t\tVề trồng rừng ven biển\t2\n",
        encoding="utf-8",
    )
    text = "Chỉ thị 77-CT/TU ngày 3/2/2031"
    assert find_documents(text)[0].title is None
    found = extract(text, catalogue=load(path)).documents[0]
    assert (found.title, found.issuer) == ("Về trồng rừng ven biển", "Tỉnh ủy")


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("77-CT/TU\t\tchỉ thị\tTỉnh ủy\t3/2/2031\t\tVề rừng\t2", "mine.tsv:2: issued"),
        ("\t\tchỉ thị\tTỉnh ủy\t2031\t\tVề rừng\t2", "mine.tsv:2: key"),
        ("77-CT/TU\tchỉ thị", "mine.tsv:2: 2 fields"),
    ],
)
def test_a_wrong_row_is_told_with_its_line(tmp_path: Path, row: str, told: str) -> None:
    """File, line and column stand in the message."""
    path = tmp_path / "mine.tsv"
    path.write_text(f"{HEAD}\n{row}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=told):
        load(path)


def test_the_shipped_catalogue_is_read_once() -> None:
    """It is the same object for every article."""
    assert shipped() is shipped()
