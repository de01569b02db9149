"""Alerts: which mentions are worth telling, and what is told."""

from streams.alerts import alert_of, first_mentions
from streams.records import Extraction
from tests import make

TEXT = (
    "Hội nghị đã kết thúc. Bà Lê Thị Mơ, Bí thư Huyện ủy, nhắc lại Chỉ thị 05-CT/TW của Bộ Chính trị. "
    "Ông Trần Văn Tạm thì nói về Nghị định 24. Chỉ thị này vẫn còn giá trị."
)


def test_each_document_is_a_first_mention_once() -> None:
    """Several mentions of a document in an article make one, the first in reading order."""
    full = make.document(TEXT, "Chỉ thị 05-CT/TW", "05-CT/TW")
    again = make.document(TEXT, "Chỉ thị này", "05-CT/TW")
    article = make.enriched(TEXT, Extraction(documents=(again, full)))
    assert [first.key for first in first_mentions(article)] == ["05-CT/TW"]
    assert "nhắc lại" in first_mentions(article)[0].sentence


def test_what_does_not_identify_a_document_is_not_told() -> None:
    """Anaphors and incomplete keys are mentions, but not news."""
    incomplete = make.document(TEXT, "Nghị định 24", "24/NĐ-CP", complete=False)
    anaphor = make.document(TEXT, "Chỉ thị này", "05-CT/TW", tier="anaphor")
    article = make.enriched(TEXT, Extraction(documents=(incomplete, anaphor)))
    assert first_mentions(article) == ()


def test_the_alert_says_who_and_where() -> None:
    """The sentence around the mention and the people named in it travel with the alert."""
    mention = make.document(TEXT, "Chỉ thị 05-CT/TW", "05-CT/TW", type="Chỉ thị")
    people = (make.person(TEXT, "Lê Thị Mơ"), make.person(TEXT, "Trần Văn Tạm"))
    article = make.enriched(TEXT, Extraction(documents=(mention,), people=people))
    alert = alert_of(first_mentions(article)[0], now=make.MOMENT)
    assert alert.id == "first:05-CT/TW"
    assert alert.sentence.startswith("Bà Lê Thị Mơ")
    assert alert.sentence.endswith("Bộ Chính trị.")
    assert alert.people == ("Lê Thị Mơ",)
    assert alert.url == article.url


def test_a_mention_in_the_title_comes_first() -> None:
    """The title is read before the text; its sentence is the title itself."""
    title = "Quán triệt Chỉ thị 05-CT/TW"
    in_title = make.document(title, "Chỉ thị 05-CT/TW", "05-CT/TW", field="title")
    in_text = make.document(TEXT, "Chỉ thị 05-CT/TW", "05-CT/TW")
    article = make.enriched(TEXT, Extraction(documents=(in_text, in_title)), title=title)
    assert first_mentions(article)[0].sentence == title
