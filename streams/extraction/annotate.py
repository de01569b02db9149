"""Step 5: resolved references as mentions: places in the original text, with all that is known."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from streams.extraction.catalogue import Catalogue, Choice, Evidence, shipped
from streams.extraction.clean import Clean, clean
from streams.extraction.confidence import confidence
from streams.extraction.documents import find
from streams.extraction.model import Resolved
from streams.extraction.references import resolve
from streams.extraction.vocabulary import DocumentType, type_by_code
from streams.records import DocumentMention, Field, Tier

_BESIDE = 220  # characters after a mention in which its title is looked for
_MENTIONS_READ = 6  # of one document, for its title: more would add nothing but time


def find_documents(
    text: str,
    *,
    title: str = "",
    published: datetime | None = None,
    catalogue: Catalogue | None = None,
) -> tuple[DocumentMention, ...]:
    """Every mention of a document in an article's title and text, the title's first.

    Args:
        text: the article's text; offsets count its code points.
        title: its title; mentions there have `field="title"` and offsets of the title.
        published: when the article appeared: documents of a later date are no candidates.
        catalogue: known documents; by default those that come with the project.
    """
    return documents_in(clean(text), text, title=title, published=published, catalogue=catalogue)[1]


def documents_in(
    page: Clean,
    text: str,
    *,
    title: str,
    published: datetime | None,
    catalogue: Catalogue | None = None,
) -> tuple[list[tuple[int, int]], tuple[DocumentMention, ...]]:
    """The same for a text that is clean already; also the mentions' spans in the clean text."""
    pages: dict[Field, tuple[str, Clean]] = {"title": (title, clean(title)), "text": (text, page)}
    references = [
        replace(reference, field=field)
        for field, (_, each) in pages.items()
        for reference in find(each)
    ]
    resolved = [_with_year(one, published) for one in resolve(references)]
    chosen = _choose(resolved, pages, published, catalogue or shipped())
    spans = [
        (one.reference.start, one.reference.end)
        for one in resolved
        if one.reference.field == "text"
    ]
    return spans, tuple(
        _mention(one, *pages[one.reference.field], chosen[one.key]) for one in resolved
    )


def _with_year(one: Resolved, published: datetime | None) -> Resolved:
    """`ngày 11/7` with its year: the number's, else the last one before the article appeared."""
    if not one.issued or not one.issued.startswith("--"):
        return one
    year = one.year
    if year is None and published:
        year = published.year - (one.issued[2:] > f"{published:%m-%d}")
    return replace(one, issued=f"{year}-{one.issued[2:]}") if year else one


def _choose(
    resolved: Sequence[Resolved],
    pages: dict[Field, tuple[str, Clean]],
    published: datetime | None,
    catalogue: Catalogue,
) -> dict[str, Choice]:
    """Which known document each key stands for, from all its mentions together."""
    mentions: dict[str, list[int]] = defaultdict(list)
    for place, one in enumerate(resolved):
        mentions[one.key].append(place)
    chosen = {}
    for key, places in mentions.items():
        same = [resolved[place] for place in places]
        beside = " | ".join(_beside(resolved, place, pages) for place in places[:_MENTIONS_READ])
        chosen[key] = catalogue.choose(
            Evidence(
                key=key,
                type=same[0].reference.type.name if same[0].reference.type else "",
                issued=max((one.issued for one in same if one.issued), key=len, default=None),
                term=next((t for one in same if (t := _term(one))), ""),
                around=beside,
                published=published.date() if published else None,
            )
        )
    return chosen


def _term(one: Resolved) -> str:
    return one.reference.term if one.reference.kind == "numbered" else ""


def _beside(resolved: Sequence[Resolved], place: int, pages: dict[Field, tuple[str, Clean]]) -> str:
    """The words after a mention, up to the next one: where the press writes the title."""
    here = resolved[place].reference
    end = here.end + _BESIDE
    if place + 1 < len(resolved):
        following = resolved[place + 1].reference
        if following.field == here.field and following.kind != "anaphor":
            end = min(end, max(following.start, here.end))
    return pages[here.field][1].text[here.end : end]


def _mention(one: Resolved, original: str, page: Clean, choice: Choice) -> DocumentMention:
    reference = one.reference
    start, end = page.span(reference.start, reference.end)
    known = choice.entry
    return DocumentMention(
        start=start,
        end=end,
        surface=original[start:end],
        field=reference.field,
        tier=_tier(one),
        key=one.key,
        complete=one.complete,
        ambiguous=choice.several or (one.ambiguous and known is None),
        type=_label(one),
        number=reference.number,
        year=one.year,
        symbol=str(one.symbol) if one.symbol else "",
        issuer=one.issuer or (known.issuer if known else None),
        issued=_issued(one, known.issued if known else None),
        title=known.title if known else None,
        rule=one.rule,
        confidence=confidence(one.rule),
    )


def _issued(one: Resolved, known: str | None) -> str | None:
    """The date as the article states it; the catalogue's where the article has no full one."""
    if known and (one.issued is None or len(one.issued) < len("2016-05-15")):
        return known
    return one.issued


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
