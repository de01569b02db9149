"""From typed symbols to official keys."""

import pytest

from streams.extraction.keys import assembly, completed, key, parse_symbol
from streams.extraction.vocabulary import document_types, issuer_by_code, issuers

SYMBOLS = [
    ("NĐ - CP", "NĐ-CP", "7/NĐ-CP"),
    ("CT /TƯ", "CT/TW", "07-CT/TW"),
    ("ct-tw", "CT/TW", "07-CT/TW"),
    ("NQ/T.Ư", "NQ/TW", "07-NQ/TW"),
    ("QĐ-TTG", "QĐ-TTg", "7/QĐ-TTg"),
    ("QDD-Ttg", "QĐ-TTg", "7/QĐ-TTg"),
    ("CĐ-TW", "CĐ-TW", "7/CĐ-TW"),
    ("QH15", "QH15", "7/QH15"),
    ("UBND-KT", "UBND-KT", "7/UBND-KT"),
    ("TTLT/BYT-BTC", "TTLT-BYT-BTC", "7/TTLT-BYT-BTC"),
    ("TT-BGD&ĐT", "TT-BGDĐT", "7/TT-BGDĐT"),
    ("CV/BCSĐCP", "CV/BCSĐCP", "07-CV/BCSĐCP"),
    ("ABC", "ABC", "7/ABC"),
    ("NĐCP", "NĐ-CP", "7/NĐ-CP"),
    ("NQTW", "NQ/TW", "07-NQ/TW"),
    ("BTC", "BTC", "7/BTC"),
    ("UBND", "UBND", "7/UBND"),
]


@pytest.mark.parametrize(("typed", "official", "whole"), SYMBOLS)
def test_symbols_get_their_official_spelling(typed: str, official: str, whole: str) -> None:
    """However it was typed, a symbol has one spelling, and a key its own separators."""
    symbol = parse_symbol(typed)
    assert str(symbol) == official
    assert key("7", None, symbol, "") == whole


COMPLETED = [
    ("chỉ thị", "Bộ Chính trị", "CT/TW"),
    ("chỉ thị", "Chính phủ", "CT-TTg"),
    ("nghị quyết", "Thủ tướng Chính phủ", "NQ-CP"),
    ("quy định", "Ban Bí thư", "QĐ/TW"),
    ("thông tư", "Bộ Y tế", "TT-BYT"),
    ("kế hoạch", "Tỉnh ủy", "KH/TU"),
    ("nghị quyết", "Bộ Y tế", None),
    ("công văn", "Bộ Y tế", None),
    ("nghị quyết", "Quốc hội", None),
]


@pytest.mark.parametrize(("kind", "body", "symbol"), COMPLETED)
def test_type_and_body_fix_the_symbol_or_not(kind: str, body: str, symbol: str | None) -> None:
    """Only what follows without doubt is completed."""
    issuer = next(i for i in issuers().by_alias.values() if i.name == body)
    made = completed(document_types()[kind], issuer, None, None)
    assert (str(made) if made else None) == symbol


def test_the_assembly_follows_from_the_year_where_it_can() -> None:
    """An election year is open without the month."""
    assert (assembly(2022, None), assembly(2013, None)) == (15, 13)
    assert (assembly(2021, None), assembly(2021, 5), assembly(2021, 11)) == (None, 14, 15)
    assert assembly(1950, None) is None


def test_the_code_of_the_centre_stands_for_no_single_body() -> None:
    """TW is the Politburo, the Secretariat and the Central Committee."""
    named = [i for i in issuers().by_alias.values() if i.code == "TW"]
    assert len({i.name for i in named}) > 1
    assert issuer_by_code()["CP"].name == "Chính phủ"
