"""Step 3: from the symbol as it was typed to the canonical key.

The Party writes `05-CT/TW`, the state `749/QĐ-TTg` and `30/2020/NĐ-CP`; the press mixes them.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from streams.extraction.vocabulary import DocumentType, Issuer, issuer_by_code, type_by_code

#: Opening month of each National Assembly, from its first session: (year, month, number).
_ASSEMBLIES = (
    (1992, 9, 9), (1997, 9, 10), (2002, 7, 11), (2007, 7, 12), (2011, 7, 13), (2016, 7, 14),
    (2021, 7, 15), (2026, 4, 16),
)  # fmt: skip
_ODD_CODES = {
    "TƯ": "TW", "T.Ư": "TW", "T.W": "TW", "TTG": "TTg", "QDD": "QĐ", "QD": "QĐ", "ND": "NĐ",
    "ƯBND": "UBND", "CTR": "CTr", "TTR": "TTr", "QĐI": "QĐi", "CTRHĐ": "CTrHĐ", "THU": "ThU",
    "TXU": "ThU", "HĐNĐ": "HĐND", "QYĐ": "QyĐ",
}  # fmt: skip
_LETTERS_AND_LAWS = ("CV", "BC", "L", "PC", "PL", "HP")
_PARTY_BODY = re.compile(r"(?:.*TW|.*TU|HU|QU|ThU|ĐU.*|ĐLĐU|BCSĐ.*|ĐĐ.*|HNTW)")
_ASSEMBLY_BODY = re.compile(r"(QH|UBTVQH)(\d{1,2})")


@dataclass(frozen=True, slots=True)
class Symbol:
    """What stands behind the number: `QĐ-TTg` is (`QĐ`, (`TTg`,))."""

    type_code: str
    bodies: tuple[str, ...]

    @property
    def party(self) -> bool:
        """Whether the Party's way of writing holds for it."""
        return (
            self.type_code not in ("", "CĐ", "TTLT")
            and len(self.bodies) > 0
            and _PARTY_BODY.fullmatch(self.bodies[0]) is not None
            and self.bodies[-1] != "TWPCTT"
        )

    def __str__(self) -> str:
        parts = [self.type_code, *self.bodies] if self.type_code else list(self.bodies)
        if self.party:
            return f"{self.type_code}/{'-'.join(self.bodies)}"
        return "-".join(parts)


@lru_cache(maxsize=4_096)  # typed outside: no end of new ones
def _code(typed: str) -> str:
    """One code in its official spelling."""
    bare = re.sub(r"\s", "", typed)
    upper = bare.upper()
    if upper in _ODD_CODES:
        return _ODD_CODES[upper]
    for known in (*type_by_code(), *issuer_by_code()):
        if known.upper() == upper:
            return known
    without = upper.replace("&", "")
    if without in issuer_by_code():
        return without
    return bare


@lru_cache(maxsize=4_096)
def parse_symbol(typed: str) -> Symbol:
    """`QĐ - UBND`, `CT /TƯ` -> Symbol; what can't be understood stays as it was typed."""
    parts = [part for part in re.split(r"[-/ ]+", typed.strip(" -/")) if part]
    codes = [_code(part) for part in (_unglued(parts[0]) if len(parts) == 1 else parts)]
    if codes and codes[0] in type_by_code():
        return Symbol(codes[0], tuple(codes[1:]))
    return Symbol("", tuple(codes))


def _unglued(typed: str) -> list[str]:
    """`NĐCP` as `NĐ`, `CP`: a type and a body that lost what joined them."""
    for length in (2, 3, 4):
        kind, body = _code(typed[:length]), _code(typed[length:])
        if kind in type_by_code() and body in issuer_by_code():
            return [kind, body]
    return [typed]


def padded(number: str) -> str:
    """The Party numbers with two digits at least."""
    return number.zfill(2) if number.isdigit() else number


def key(number: str, year: int | None, symbol: Symbol | None, type_code: str) -> str:
    """The canonical key: of everything that is known, in the official spelling."""
    if symbol is None or not (symbol.type_code or symbol.bodies):
        return "/".join([number, *([str(year)] if year else []), type_code])
    if symbol.party and year is None:
        return f"{padded(number)}-{symbol}"
    return "/".join([number, *([str(year)] if year else []), str(symbol)])


def assembly(year: int, month: int | None) -> int | None:
    """Which National Assembly sat then; None where the year alone leaves it open."""
    sat = [n for y, m, n in _ASSEMBLIES if (y, m) <= (year, month if month is not None else 12)]
    if not sat:
        return None
    opening = next((m for y, m, n in _ASSEMBLIES if n == sat[-1] and y == year), None)
    return None if opening is not None and month is None else sat[-1]


def completed(
    kind: DocumentType, issuer: Issuer, year: int | None, month: int | None
) -> Symbol | None:
    """The symbol that follows without doubt from the type and the issuing body, or None."""
    code, body = kind.code, issuer.code
    if code in _LETTERS_AND_LAWS or (code in ("ĐA", "CTr") and not issuer.party):
        return None  # Đề án 06 of the Government is a decision of its head
    if body == "CP" and code in ("CT", "QĐ", "CĐ"):
        body = "TTg"  # the Government as such issues none; the press says so for its head
    if body == "TTg" and code == "NQ":
        body = "CP"
    if body in ("QH", "UBTVQH"):
        term = assembly(year, month) if year else None
        if term is None or code != "NQ":
            return None
        return Symbol("", (f"{body}{term}",))
    if issuer.party and code == "QĐi":
        code = "QĐ"  # as printed until today
    if not _issues(code, issuer):
        return None
    return Symbol(code, (body,))


def _issues(code: str, issuer: Issuer) -> bool:
    """Whether such a body issues such documents under its own code."""
    if code == "NĐ":
        return issuer.code == "CP"
    if code in ("TT", "TTLT"):
        return issuer.kind == "state" and issuer.code not in ("CP", "TTg", "CTN", "HĐBT")
    if code == "NQ":
        return issuer.party or issuer.code in ("CP", "TTg", "HĐND", "HĐTP")
    return True


def body_name(symbol: Symbol) -> str | None:
    """The body (of a joint circular: bodies) that the symbol alone names, or None."""
    if symbol.type_code in ("TTLT", "NQLT"):
        names = [_state_body(body) for body in symbol.bodies]
        known = [name for name in names if name]
        return " và ".join([", ".join(known[:-1]), known[-1]]) if len(known) > 1 else None
    return _state_body(symbol.bodies[0]) if symbol.bodies else None


def _state_body(code: str) -> str | None:
    """The body that a code stands for; None where several share it (TW, UBND)."""
    found = _ASSEMBLY_BODY.fullmatch(code)
    issuer = issuer_by_code().get(found[1] if found else code)
    if issuer is None or issuer.local or issuer.code == "TW":
        return None
    return issuer.name
