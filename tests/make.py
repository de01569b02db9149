"""Tiny builders for records: every field has a sensible value, a test names only what it is about."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from streams import identity
from streams.records import (
    DocumentMention,
    EnrichedArticle,
    Extraction,
    FeedEntry,
    PersonMention,
    RawArticle,
)

MOMENT = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
URL = "https://bao.example/thoi-su/bai-1.html"


def raw(html: str = "<html></html>", url: str = URL, **changes: Any) -> RawArticle:
    """A fetched page."""
    canonical = identity.canonical_url(url)
    record = RawArticle(
        id=identity.article_id(canonical),
        url=url,
        canonical_url=canonical,
        outlet="bao",
        first_seen=MOMENT,
        discovered_at=MOMENT,
        fetched_at=MOMENT,
        status=200,
        headers={"content-type": "text/html"},
        feed=FeedEntry(title="Bài một", published=MOMENT),
        html=html,
    )
    return replace(record, **changes)


def enriched(text: str, facts: Extraction | None = None, **changes: Any) -> EnrichedArticle:
    """An enriched article."""
    canonical = identity.canonical_url(URL)
    number = identity.article_id(canonical)
    record = EnrichedArticle(
        id=number,
        capture=identity.capture_id(number, "Bài một", text),
        url=URL,
        canonical_url=canonical,
        outlet="bao",
        first_seen=MOMENT,
        discovered_at=MOMENT,
        fetched_at=MOMENT,
        enriched_at=MOMENT,
        extractor=1,
        title="Bài một",
        lead="",
        text=text,
        words="",
        published=MOMENT,
        modified=None,
        section="Thời sự",
        authors=(),
        facts=facts or Extraction(),
    )
    return replace(record, **changes)


def document(text: str, surface: str, key: str, **changes: Any) -> DocumentMention:
    """The mention of `surface` in `text`."""
    start = text.index(surface)
    mention = DocumentMention(
        start=start, end=start + len(surface), surface=surface, tier="numbered", key=key
    )
    return replace(mention, **changes)


def person(text: str, surface: str, **changes: Any) -> PersonMention:
    """The person mention of `surface` in `text`."""
    start = text.index(surface)
    mention = PersonMention(start=start, end=start + len(surface), surface=surface, person=surface)
    return replace(mention, **changes)
