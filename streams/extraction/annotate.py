"""Step 5: resolved references as mentions: places in the original text, with all that is known."""

from dataclasses import replace
from datetime import datetime

from streams.extraction.clean import Clean, clean
from streams.extraction.documents import find
from streams.extraction.model import Resolved
from streams.extraction.references import resolve
from streams.extraction.vocabulary import DocumentType, type_by_code
from streams.records import DocumentMention, Field, Tier


def find_documents(
    text: str, *, title: str = "", published: datetime | None = None
) -> tuple[DocumentMention, ...]:
    """Every mention of a document in an article's title and text, the title's first.

    Args:
        text: the article's text; offsets count its code points.
        title: its title; mentions there have `field="title"` and offsets of the title.
        published: when the article appeared: documents of a later date are no candidates.
    """
    return documents_in(clean(text), text, title=title, published=published)[1]


def documents_in(
    page: Clean, text: str, *, title: str, published: datetime | None
) -> tuple[list[tuple[int, int]], tuple[DocumentMention, ...]]:
    """The same for a text that is clean already; also the mentions' spans in the clean text."""
    pages: dict[Field, tuple[str, Clean]] = {"title": (title, clean(title)), "text": (text, page)}
    references = [
        replace(reference, field=field)
        for field, (_, each) in pages.items()
        for reference in find(each)
    ]
    resolved = resolve(references)
    spans = [
        (one.reference.start, one.reference.end)
        for one in resolved
        if one.reference.field == "text"
    ]
    return spans, tuple(_mention(one, *pages[one.reference.field]) for one in resolved)


def _mention(one: Resolved, original: str, page: Clean) -> DocumentMention:
    reference = one.reference
    start, end = page.span(reference.start, reference.end)
    return DocumentMention(
        start=start,
        end=end,
        surface=original[start:end],
        field=reference.field,
        tier=_tier(one),
        key=one.key,
        complete=one.complete,
        ambiguous=one.ambiguous,
        type=_label(one),
        number=reference.number,
        year=one.year,
        symbol=str(one.symbol) if one.symbol else "",
        issuer=one.issuer,
        issued=one.issued,
        rule=one.rule,
    )


def _tier(one: Resolved) -> Tier:
    kind = one.reference.kind
    return kind if kind in ("law", "anaphor") else "numbered"


def _label(one: Resolved) -> str:
    """The type: as the symbol says, where the word before it says otherwise."""
    kind: DocumentType | None = one.reference.type
    code = one.symbol.type_code if one.symbol else ""
    if code and (kind is None or not kind.printed_as(code)) and one.reference.kind == "numbered":
        kind = type_by_code().get(code, kind)
    return kind.label if kind else ""
