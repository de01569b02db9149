"""What must hold of documents in any text."""

import unicodedata
from time import process_time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from streams.extraction import extract, find_documents
from streams.extraction.clean import clean
from streams.extraction.vocabulary import issuers

YEARS = st.integers(1998, 2035)
NUMBERS = st.integers(1, 9999).map(str)
MINISTRIES = sorted(
    {i.code for i in issuers().by_alias.values() if i.kind == "state" and i.code.startswith("B")}
)
PARTY = st.builds(
    lambda number, code: (f"{code[1]} số {number:02}-{code[0]}/TW", f"{number:02}-{code[0]}/TW"),
    st.integers(1, 300),
    st.sampled_from(
        [("CT", "Chỉ thị"), ("NQ", "Nghị quyết"), ("KL", "Kết luận"), ("QĐ", "Quy định")]
    ),
)
DECREES = st.builds(
    lambda number, year: (f"Nghị định số {number}/{year}/NĐ-CP", f"{number}/{year}/NĐ-CP"),
    NUMBERS,
    YEARS,
)
CIRCULARS = st.builds(
    lambda number, year, body: (
        f"Thông tư {number}/{year}/TT-{body}",
        f"{number}/{year}/TT-{body}",
    ),
    NUMBERS,
    YEARS,
    st.sampled_from(MINISTRIES),
)
DECISIONS = st.builds(
    lambda number: (f"Quyết định số {number}/QĐ-TTg", f"{number}/QĐ-TTg"), NUMBERS
)
PLENUMS = st.builds(
    lambda number, term: (f"Nghị quyết Trung ương {number} khóa {term}", f"NQTW{number}/{term}"),
    st.integers(1, 15),
    st.sampled_from(["VIII", "IX", "X", "XI", "XII", "XIII", "XIV"]),
)
REFERENCES = st.one_of(PARTY, DECREES, CIRCULARS, DECISIONS, PLENUMS)
# what an article is made of, and anything else
PROSE = st.text(st.sampled_from("aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạ ,\nAĐQ"), max_size=120)
ANYTHING = st.text(max_size=200)
PIECES = st.lists(
    st.sampled_from(
        ["Chỉ thị", "số", " ", "05", "-", "/", "CT", "TW", "Luật", "Đất đai", "2013", "năm", "khóa",
         "XII", "Trung ương", "4", "của", "Bộ Chính trị", "này", ",", "và", "Nghị quyết", "Đại hội",
         "(", ")", "\n", "QH15", "ngày 1/2/2020", "\u0301", "\u200b", "NQ", "sửa đổi, bổ sung"]
    ),
    max_size=40,
).map("".join)  # fmt: skip


@settings(deadline=None)
@given(REFERENCES, PROSE, PROSE)
def test_a_canonical_reference_is_found_in_any_prose(
    reference: tuple[str, str], before: str, after: str
) -> None:
    """Whatever words stand around it, it is found whole and with its key."""
    surface, key = reference
    text = f"{before}\n{surface}. {after}"
    assert (surface, key) in {(m.surface, m.key) for m in find_documents(text)}


@settings(deadline=None)
@given(st.one_of(ANYTHING, PIECES), st.one_of(ANYTHING, PIECES))
@example("\ud800 Chỉ thị 05-CT/TW", "İ\u0301")
def test_no_string_is_too_odd_and_spans_always_slice(text: str, title: str) -> None:
    """Any text gives an answer, and every mention is the slice that it says it is."""
    for mention in extract(text, title=title).documents:
        source = title if mention.field == "title" else text
        assert 0 <= mention.start < mention.end <= len(source)
        assert mention.surface == source[mention.start : mention.end]
        assert mention.key
        assert 0 < mention.confidence <= 1


@settings(deadline=None)
@given(st.lists(st.one_of(REFERENCES.map(lambda r: r[0]), PROSE), max_size=6).map("; ".join))
def test_decomposed_text_gives_the_same_mentions(text: str) -> None:
    """The NFD form of a text has the same mentions, at the same places once composed."""
    decomposed = unicodedata.normalize("NFD", text)
    composed = find_documents(unicodedata.normalize("NFC", text))
    mentions = find_documents(decomposed)
    assert [m.key for m in mentions] == [m.key for m in composed]
    assert [unicodedata.normalize("NFC", m.surface) for m in mentions] == [
        m.surface for m in composed
    ]


@settings(deadline=None)
@given(ANYTHING)
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    """A clean text is clean, and its lower case runs in step."""
    once = clean(text)
    assert clean(once.text).text == once.text
    assert len(once.lower) == len(once.text)


BRICKS = [
    "Chỉ thị 05, ", "Chỉ thị số ", "luật ", "Luật Phòng, ", "Nghị quyết Đại hội đại biểu ",
    "Nghị định 24 của ", "05-CT/TW ", "12/2016/", "a\u0301", "Chỉ thị này ", "Quyết định 1",
    "Luật sửa đổi, bổ sung một số điều của Luật ", "Công văn khẩn của các bộ ", "NQTW",
    "Nghị quyết Trung ương 4 khóa ", "Nghị quyết số 1-A-B-C-D-E-F-G-H ",
]  # fmt: skip


@pytest.mark.parametrize("brick", BRICKS)
def test_repeats_cost_time_in_proportion(brick: str) -> None:
    """Eight times the text takes about eight times the time: nothing explodes."""
    small, large = cost(brick, 8_000), cost(brick, 64_000)
    assert large < small * 8 * 4 + 0.05


def cost(brick: str, length: int) -> float:
    """Seconds of this process for `length` characters of one brick: the better of two runs."""
    text = brick * (length // len(brick))
    taken = []
    for _ in range(2):
        start = process_time()
        find_documents(text)
        taken.append(process_time() - start)
    return min(taken)
