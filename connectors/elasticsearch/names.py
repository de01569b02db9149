"""The names of indices: pure.

    dongtin-articles-v1-2026.11   a month of articles, in the first version of their mapping
    dongtin-articles              the alias in front of all months, whatever their version
    dongtin-documents-v1          the register; dongtin-documents is the alias in front of it

A month's index is written by its own name, and made from its template by the first document that
comes. Kinds with one index are written through the alias, which always has one index behind it.
"""

import re
from dataclasses import dataclass

#: Kinds of documents with an index a month, by first sight of the article.
MONTHLY = ("articles", "mentions", "captures")
#: Kinds with one index.
SINGLE = ("documents", "alerts", "dead")
KINDS = (*MONTHLY, *SINGLE)

_REST = re.compile(r"(?:-v(?P<version>[1-9]\d{0,5}))?(?:-(?P<month>\d{4}\.\d\d))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexName:
    """What the name of an index says."""

    name: str
    kind: str
    version: int  # of its mapping; 0: made when mappings had none
    month: str  # `2026.11`; empty for a kind with one index


def alias(prefix: str, kind: str) -> str:
    """The name by which all documents of a kind are read."""
    return f"{prefix}-{kind}"


def index(prefix: str, kind: str, version: int, month: str = "") -> str:
    """The name of an index; of a kind's only one without `month`."""
    name = f"{alias(prefix, kind)}-v{version}"
    return f"{name}-{month}" if month else name


def parse(prefix: str, kind: str, name: str) -> IndexName | None:
    """What a name says; None for one that is no index of this kind."""
    found = _REST.fullmatch(name, len(alias(prefix, kind)))
    if not name.startswith(alias(prefix, kind)) or not found:
        return None
    month = found["month"] or ""
    if bool(month) != (kind in MONTHLY):
        return None
    return IndexName(name=name, kind=kind, version=int(found["version"] or 0), month=month)
