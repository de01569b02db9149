"""The grammar of a number and its symbol: `30/2020/NĐ-CP`, `05 CT/TW`, `107/QĐ - TTg`.

Every pattern here is matched at one place and is bounded, so it costs a constant.
"""

import re
from dataclasses import dataclass

from streams.extraction.keys import Symbol, parse_symbol
from streams.extraction.vocabulary import issuer_by_code, type_by_code

_CODE = (
    r"(?:T\. ?[ƯW]|TTg|Ttg|ttg|T[hx]U|C[Tt]r(?:HĐ)?|QĐi|QyĐ|TTr|Ttr|QDD"
    r"|[A-ZĐ][a-z]{1,2}[A-ZĐ]{2,6}"  # HoREA
    r"|[A-ZĐƯ]{1,16}(?:&[A-ZĐ]{1,6})?(?:(?<=[A-ZĐ]{2})[a-z]{1,2}[A-ZĐ]{1,6})?\d{0,3})"
    r"(?![A-ZĐƯ&\d])"
)
_NUMBER = re.compile(
    r"(?P<number>\d{1,2}\.\d{3}(?= ?[/-] ?[A-ZĐ])"
    r"|\d{1,5}(?:-\d{1,2}(?= ?/ ?[A-ZĐ]))?)(?P<letter>[a-eA-E](?![^\W\d_]))?"
    r"(?P<year> {0,2}[/-] {0,2}(?:19|20)\d\d(?!\d))?"
    rf"(?P<symbol>(?P<joint> {{0,2}}[/-] {{0,2}}| {{1,2}}|)(?P<first>{_CODE})"
    rf"(?: {{0,2}}[-/] {{0,2}}{_CODE}){{0,5}})?"
)
_LETTER = re.compile(r"[^\W\d_]")
_ASSEMBLY = re.compile(r"(?:UBTV)?QH\d{1,2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number as it stands in the text, with year and symbol where they are printed."""

    start: int
    end: int
    number: str
    year: int | None
    symbol: Symbol | None


def number_at(text: str, place: int, *, named: bool) -> Number | None:
    """The number that begins at a place.

    Args:
        named: whether a type word stands before it; then unknown codes are believed as well.
    """
    found = _NUMBER.match(text, place)
    if not found:
        return None
    number = found["number"].replace(".", "") + (found["letter"] or "").lower()
    year = int(found["year"].strip(" /-")) if found["year"] else None
    end = (
        found.end("year") if found["year"] else found.end("letter" if found["letter"] else "number")
    )
    typed = _believed(text, found, named=named)
    if typed:
        return Number(
            start=place,
            end=end + len(typed),
            number=number,
            year=year,
            symbol=parse_symbol(typed),
        )
    return Number(start=place, end=end, number=number, year=year, symbol=None)


def _believed(text: str, found: re.Match[str], *, named: bool) -> str:
    """As much of what looks like a symbol as is one."""
    typed = found["symbol"]
    if not typed:
        return ""
    typed = _whole_words(text, found.start("symbol"), typed)
    if not typed:
        return ""
    symbol = parse_symbol(typed)
    tight = found["joint"].strip() == found["joint"] != "" or "/" in found["joint"]
    known = symbol.type_code != "" and len(symbol.bodies) > 0
    assembly = bool(symbol.bodies) and _ASSEMBLY.fullmatch(symbol.bodies[0]) is not None
    body = symbol.bodies[0] if symbol.bodies else ""
    if known or (assembly and found["joint"]):
        return typed
    if not named:
        of_a_letter = body in issuer_by_code() and len(symbol.bodies) > 1 and "/" in found["joint"]
        return typed if of_a_letter else ""
    if found["joint"].strip() and (body in issuer_by_code() or symbol.type_code in type_by_code()):
        return typed
    return typed if tight and len(typed.strip(" /-")) > 1 else ""


def _whole_words(text: str, start: int, typed: str) -> str:
    """Cut codes that only begin a word: `- V` of `- Về`, `TW` of `TWvề` stays."""
    end = start + len(typed)
    if end < len(text) and _LETTER.match(text, end):
        last = re.search(r" {0,2}[-/ ] {0,2}[^-/ ]*$", typed)
        code = typed[last.start() :].strip(" -/") if last else typed.strip(" -/")
        if len(code) < 2 or text[end].isupper() or not code.isupper():
            return typed[: last.start()] if last else ""
    return typed
