"""The data tables, and the examples that the folder's README gives for them."""

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from streams.errors import ConfigError
from streams.extraction import documents, find_documents, keys, laws, vocabulary
from streams.tables import read_tsv

DATA = vocabulary.DATA
README = (DATA.parent / "README.md").read_text(encoding="utf-8")
COLUMNS = {
    "document_types.tsv": ("name", "code", "symbols", "number", "later"),
    "issuers.tsv": ("code", "kind", "name", "aliases"),
    "laws.tsv": ("name", "aliases"),
    "abbreviations.tsv": ("short", "long"),
    "foreign.tsv": ("kind", "name"),
    "catalogue.tsv": ("key", "also", "type", "issuer", "issued", "term", "title", "sure"),
    "confidence.tsv": ("rule", "right", "wrong"),
    "places.tsv": ("name", "kind"),
}
CACHES = (
    vocabulary.document_types,
    vocabulary.type_by_code,
    vocabulary.issuers,
    vocabulary.issuer_by_code,
    vocabulary.places,
    documents._anchors,
    keys._code,
    keys.parse_symbol,
    laws._tables,
)


@pytest.fixture
def own_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the tables that a test may add to."""
    for name in COLUMNS:
        (tmp_path / name).write_bytes((DATA / name).read_bytes())
    for module in (vocabulary, laws):
        monkeypatch.setattr(module, "DATA", tmp_path)
    for cache in CACHES:
        cache.cache_clear()
    yield tmp_path
    for cache in CACHES:
        cache.cache_clear()


@pytest.mark.parametrize("name", COLUMNS)
def test_every_table_names_its_source_and_repeats_nothing(name: str) -> None:
    """Composed Unicode, a head that says where the facts are from, no row twice."""
    text = (DATA / name).read_text(encoding="utf-8")
    assert unicodedata.is_normalized("NFC", text)
    assert re.search("(?i)source|on gold", text[: text.index("\n" + COLUMNS[name][0])])
    rows = [tuple(row.values()) for _, row in read_tsv(DATA / name, COLUMNS[name])]
    assert rows
    assert len(rows) == len(set(rows))


@pytest.mark.parametrize("table", ["document_types.tsv", "issuers.tsv"])
def test_the_readme_example_for_a_table_works(own_tables: Path, table: str) -> None:
    """The row shown there, added to the table, makes the case shown there come true."""
    row, case = _example(table)
    text, expected = case
    assert [(m.surface, m.key) for m in find_documents(text)] != expected
    with (own_tables / table).open("a", encoding="utf-8") as file:
        file.write(row + "\n")
    for cache in CACHES:
        cache.cache_clear()
    assert [(m.surface, m.key) for m in find_documents(text)] == expected


def _example(table: str) -> tuple[str, tuple[str, list[tuple[str, str]]]]:
    section = README[README.index(f"One row in `data/{table}`") :]
    row = re.search("```\n(.+)\n```", section)
    case = re.search(r": `\(\"(.+?)\", \[\(\"(.+?)\", \"(.+?)\"\)\]\)`", section)
    assert row
    assert case
    return row[1], (case[1], [(case[2], case[3])])


@pytest.mark.parametrize(
    ("table", "row", "told"),
    [
        ("document_types.tsv", "sổ tay\tST\t\toften\tno", "number: 'often' is none of free"),
        ("issuers.tsv", "XX\tchurch\tGiáo hội\t", "kind: 'church' is none of party"),
        ("issuers.tsv", "XX\tstate", "2 fields, 4 wanted"),
    ],
)
def test_a_wrong_row_is_told_with_file_and_line(
    own_tables: Path, table: str, row: str, told: str
) -> None:
    """A slip in a table stops the program with the place of the slip."""
    with (own_tables / table).open("a", encoding="utf-8") as file:
        file.write(row + "\n")
    with pytest.raises(ConfigError, match=rf"{table}:\d+: .*{re.escape(told)}"):
        find_documents("Chỉ thị 05-CT/TW")
