"""What the finder knows: types of documents and the bodies that issue them, read from `data/`."""

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from streams.errors import ConfigError
from streams.tables import read_tsv
from streams.text import fold

DATA = Path(__file__).parent / "data"
#: The capital letters of Vietnamese, for a character class.
UPPER = "A-Z" + "".join(
    letter for letter in map(chr, (*range(0xC0, 0x1B1), *range(0x1EA0, 0x1EFA))) if letter.isupper()
)
_FIRST_WORD = re.compile(r"[^\W_]+")
_CAPITALISED = re.compile(rf"(?<![^\W_])[{UPPER}]")
# Trung ương Đoàn, Đảng bộ tỉnh: not the Party's centre
_OTHER_BODY = re.compile(r" (?:Đoàn|Hội(?! nghị)|Mặt trận|MTTQ|bộ|ủy|uỷ|viên|đoàn|khối)(?![^\W_])")


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentType:
    """A row of `data/document_types.tsv`, whose head says what the columns mean."""

    name: str
    code: str
    symbols: tuple[str, ...]
    number: str
    later: str

    @property
    def label(self) -> str:
        """`Nghị quyết`: how the type is shown."""
        return self.name.capitalize()

    def printed_as(self, code: str) -> bool:
        """Whether a document of this type may carry `code` in its symbol."""
        return code == self.code or code in self.symbols


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """A row of `data/issuers.tsv`: a body, and its code in symbols."""

    code: str
    kind: str
    name: str

    @property
    def party(self) -> bool:
        """Whether its symbols are written in the Party's way."""
        return self.kind.endswith("party")

    @property
    def local(self) -> bool:
        """Whether a place belongs to its name."""
        return self.kind.startswith("local")


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuers:
    """All bodies, to be found by any of their names."""

    by_alias: dict[str, Issuer]  # by folded name
    exact: frozenset[str]  # aliases that hold only in capitals: TƯ is not tự
    by_first: dict[str, tuple[str, ...]]  # first word -> the aliases that begin so, longest first

    def at(self, text: str, folded: str, place: int) -> tuple[Issuer, int] | None:
        """The body named at a place, and where its name ends.

        Args:
            text: a piece of clean text.
            folded: the same, folded (same length).
        """
        word = _FIRST_WORD.match(folded, place)
        for alias in self.by_first.get(word[0], ()) if word else ():
            end = place + len(alias)
            if folded.startswith(alias, place) and not folded[end : end + 1].isalnum():
                return self._checked(text, alias, place, end)
        return None

    def all_in(self, text: str, folded: str) -> list[tuple[Issuer, int, int]]:
        """The bodies named in a piece of text, with their places."""
        named = []
        done = 0
        for capital in _CAPITALISED.finditer(text):
            found = self.at(text, folded, capital.start()) if capital.start() >= done else None
            if found:
                done = found[1]
                named.append((found[0], capital.start(), done))
        return named

    def _checked(self, text: str, alias: str, start: int, end: int) -> tuple[Issuer, int] | None:
        if not text[start].isupper() or (alias in self.exact and not text[start:end].isupper()):
            return None
        issuer = self.by_alias[alias]
        if issuer.code == "TW" and _OTHER_BODY.match(text, end):
            return None
        return issuer, end


@cache
def document_types() -> dict[str, DocumentType]:
    """All types, by their lower-case name.

    Raises:
        ConfigError: the data file is wrong.
    """
    path = DATA / "document_types.tsv"
    types = {}
    for line, row in read_tsv(path, ("name", "code", "symbols", "number", "later")):
        _one_of(path, line, row, "number", ("free", "capital", "listed", "marked"))
        _one_of(path, line, row, "later", ("bare", "pointed", "no"))
        types[row["name"]] = DocumentType(
            name=row["name"],
            code=row["code"],
            symbols=tuple(filter(None, row["symbols"].split(";"))),
            number=row["number"],
            later=row["later"],
        )
    return types


@cache
def type_by_code() -> dict[str, DocumentType]:
    """The type that a code in a symbol stands for (`NQ` -> nghị quyết)."""
    found: dict[str, DocumentType] = {}
    for kind in document_types().values():
        if kind.number != "marked" or kind.code == "PC":
            found.setdefault(kind.code, kind)
    for kind in document_types().values():
        for code in kind.symbols:
            found.setdefault(code, kind)
    return found


@cache
def issuers() -> Issuers:
    """All bodies.

    Raises:
        ConfigError: the data file is wrong.
    """
    path = DATA / "issuers.tsv"
    by_alias: dict[str, Issuer] = {}
    exact = set()
    for line, row in read_tsv(path, ("code", "kind", "name", "aliases")):
        _one_of(path, line, row, "kind", ("party", "state", "local", "local-party"))
        issuer = Issuer(code=row["code"], kind=row["kind"], name=row["name"])
        for alias in filter(None, [row["name"], *row["aliases"].split(";")]):
            by_alias.setdefault(fold(alias), issuer)
            if alias.replace(".", "").isupper() and " " not in alias:
                exact.add(fold(alias))
    by_first: dict[str, list[str]] = defaultdict(list)
    for name in sorted(by_alias, key=len, reverse=True):
        by_first[(_FIRST_WORD.match(name) or [name])[0]].append(name)
    return Issuers(
        by_alias=by_alias,
        exact=frozenset(exact),
        by_first={word: tuple(names) for word, names in by_first.items()},
    )


@cache
def places() -> frozenset[str]:
    """Names of provinces, districts and towns, folded."""
    rows = read_tsv(DATA / "places.tsv", ("name", "kind"))
    return frozenset(fold(row["name"]) for _, row in rows)


@cache
def issuer_by_code() -> dict[str, Issuer]:
    """The body that a code in a symbol stands for; `TW` stands for three, so for none."""
    bodies: dict[str, Issuer] = {}
    for issuer in issuers().by_alias.values():
        bodies.setdefault(issuer.code, issuer)
    return bodies


def _one_of(
    path: Path, line: int, row: dict[str, str], column: str, allowed: tuple[str, ...]
) -> None:
    if row[column] not in allowed:
        raise ConfigError(
            path, f"{column}: {row[column]!r} is none of {', '.join(allowed)}", line=line
        )
