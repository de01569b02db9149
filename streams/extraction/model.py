"""What the steps hand to each other: places in the clean text, and what was read there."""

from dataclasses import dataclass
from typing import Literal

from streams.extraction.keys import Symbol
from streams.extraction.vocabulary import DocumentType, Issuer
from streams.records import Field

Kind = Literal["numbered", "plenum", "congress", "law", "anaphor"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A place that names a document, as far as the place itself tells.

    `group` joins the members of a list (`các quyết định 106, 107/QĐ-TTg`): what is said once
    holds for all of them.
    """

    start: int
    end: int
    kind: Kind
    type: DocumentType | None
    rule: str
    number: str = ""
    year: int | None = None
    symbol: Symbol | None = None
    term: str = ""  # khóa or lần thứ, as a Roman number
    law: str = ""  # a law's official name
    bill: bool = False  # a law that is not one yet
    issuer: Issuer | None = None
    issuer_name: str | None = None  # as stated, with its place
    issued: str | None = None  # ISO date, month or year as stated
    group: int = 0
    aside: bool = False  # named only as what another document amends, replaces or guides
    field: Field = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """A reference with the document it stands for, as far as the article tells."""

    reference: Reference
    key: str
    complete: bool
    ambiguous: bool = False
    year: int | None = None
    symbol: Symbol | None = None
    issuer: str | None = None
    issued: str | None = None
    rule: str
