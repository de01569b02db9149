"""The marked page: everything of the article is on it, nothing of it is markup."""

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from connectors.cli.marked import page
from streams.records import Extraction
from tests import make


class _Reader(HTMLParser):
    """What a reader sees in the paragraphs, and the marks with what they tell."""

    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []
        self.marks: list[tuple[str, str]] = []
        self._depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "p" and found.get("class") != "legend":
            self._depth = 1
            self.text.append("")
        if tag == "mark" and found.get("title"):
            self.marks.append((str(found["class"]), str(found["title"])))

    def handle_endtag(self, tag: str) -> None:
        if tag == "p":
            self._depth = 0

    def handle_data(self, data: str) -> None:
        if self._depth:
            self.text[-1] += data


def _read(html: str) -> _Reader:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader


def test_marks_tell_key_and_rule() -> None:
    """A document tells its key, its catalogue title and what found it; a person the titles."""
    text = "Bà Lê Thị Mơ nhắc Chỉ thị 05-CT/TW."
    mention = make.document(
        text, "Chỉ thị 05-CT/TW", "05-CT/TW", title="Về học tập", rule="type+symbol"
    )
    people = (make.person(text, "Lê Thị Mơ", titles=("Bí thư Huyện ủy",)),)
    reader = _read(page("", text, Extraction(documents=(mention,), people=people)))
    assert reader.text == [text]
    person, document = reader.marks
    assert person[0] == "person"
    assert "Bí thư Huyện ủy" in person[1]
    assert document[0] == "numbered"
    assert document[1].splitlines() == ["05-CT/TW", "Về học tập", "type+symbol, 1.00"]


def test_of_marks_that_overlap_one_stays() -> None:
    """Tags are never crossed."""
    text = "Chỉ thị 05 ngày 15/5"
    outer = make.document(text, "Chỉ thị 05 ngày 15/5", "05-CT/TW")
    inner = make.document(text, "05 ngày", "x")
    reader = _read(page("", text, Extraction(documents=(inner, outer))))
    assert reader.text == [text]
    assert len(reader.marks) == 1


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"])), st.data())
def test_any_text_is_shown_as_it_is(text: str, data: st.DataObject) -> None:
    """No article can put markup into the page, whatever stands in it and wherever a mark is."""
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    mention = make.document(text, text[start:end], text)
    reader = _read(page(text, text, Extraction(documents=(mention,))))
    assert "".join(reader.text) == text
