"""Text in, facts with exact offsets out: documents, people, dates, credits.

    clean -> find -> resolve -> annotate

Pure functions: no network, no clock, no files but the tables in `data/`.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from streams.extraction.annotate import documents_in, find_documents
from streams.extraction.catalogue import Catalogue
from streams.extraction.clean import Clean, clean
from streams.extraction.credits import find_credits
from streams.extraction.dates import find_dates
from streams.extraction.people import find_people
from streams.records import DateMention, Extraction, PersonMention

#: Raised whenever the same text would give other facts: a newer result replaces an older one.
VERSION = 1

__all__ = ["VERSION", "extract", "find_documents"]

M = TypeVar("M", PersonMention, DateMention)


def extract(
    text: str,
    *,
    title: str = "",
    published: datetime | None = None,
    outlet: str = "",
    catalogue: Catalogue | None = None,
) -> Extraction:
    """The facts of one article.

    Args:
        text: the article's text; offsets count its code points exactly as handed in.
        title: its title: helps to complete short references, and has mentions of its own.
        published: when it appeared: dates without a year are read from it.
        outlet: the outlet's key, for its dateline.
        catalogue: known documents (`catalogue.load`); by default those of the project.
    """
    page = clean(text)
    references, documents = documents_in(
        page, text, title=title, published=published, catalogue=catalogue
    )
    credits = find_credits(page.text, outlet=outlet)
    people = find_people(page.text, avoid=[*references, *credits.spans])
    dates = find_dates(page.text, published=published, avoid=references)
    return Extraction(
        documents=documents,
        people=tuple(_back(people, page, text)),
        dates=tuple(_back(dates, page, text)),
        dateline=credits.dateline,
        byline=credits.byline,
        photo_credits=credits.photo_credits,
        source_credit=credits.source_credit,
    )


def _back(mentions: Iterable[M], page: Clean, text: str) -> Iterable[M]:
    """Mentions of the clean text, at their places in the original."""
    if page.text == text:
        return mentions
    moved = []
    for mention in mentions:
        start, end = page.span(mention.start, mention.end)
        moved.append(replace(mention, start=start, end=end, surface=text[start:end]))
    return moved
