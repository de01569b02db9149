"""Every record that crosses a process border, declared once.

Plain frozen dataclasses: `streams.codec` turns them into bytes and back. A field may be added with
a default; a field that changes meaning, or disappears, raises the record's `schema`.
Spans (`start`, `end`) count Unicode code points of the NFC text that the record itself carries.
Times are aware and in UTC when they are ours, in the outlet's own zone when they are the outlet's.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Tier = Literal["numbered", "law", "anaphor"]
Field = Literal["title", "text"]
Novelty = Literal["newly-issued", "new-to-us", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """What the feed said about an article before we had its page."""

    title: str = ""
    published: datetime | None = None
    summary: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawArticle:
    """One fetched page as received. Topic `articles.raw`, key `id`."""

    schema: int = 1
    id: str  # identity.article_id(canonical_url)
    url: str  # where the page came from in the end, after redirects
    canonical_url: str
    outlet: str  # the outlet's key in the outlets file
    first_seen: datetime  # when this article was first discovered: decides its monthly index
    discovered_at: datetime  # when this capture was asked for
    fetched_at: datetime
    status: int  # HTTP
    headers: dict[str, str]  # the few that matter, names in lower case
    feed: FeedEntry | None = None
    charset: str = "utf-8"  # what the bytes were decoded with
    quiet: bool = False  # its documents are remembered and not told: back-filled, replayed
    html: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentMention:
    """One place where an article names a Party or State document."""

    start: int
    end: int
    surface: str
    field: Field = "text"  # whether the span counts in the article's title or in its text
    tier: Tier
    key: str  # canonical key, `05-CT/TW`
    complete: bool = True  # False: the key lacks issuer or year, so it does not identify alone
    ambiguous: bool = False  # several known documents fit
    type: str = ""  # `Chỉ thị`
    number: str = ""  # `05`
    year: int | None = None
    symbol: str = ""  # `CT/TW`
    issuer: str | None = None
    issued: str | None = None  # ISO date, month or year
    title: str | None = None  # from the catalogue
    rule: str = ""  # what found it, so that a wrong one can be traced
    confidence: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonMention:
    """One mention of a named person: the bare name, and the offices attached to this mention."""

    start: int
    end: int
    surface: str
    titles: tuple[str, ...] = ()
    person: str = ""  # the fullest form of the name in this article: who is the same
    rule: str = ""
    confidence: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DateMention:
    """One expression of a calendar date, with its ISO value (`2020-11-10`, `2020-11`, `2020`,
    `--11-10` where no year can be had)."""

    start: int
    end: int
    surface: str
    iso: str
    rule: str = ""
    confidence: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """What `streams.extraction.extract` finds in one article."""

    documents: tuple[DocumentMention, ...] = ()
    people: tuple[PersonMention, ...] = ()
    dates: tuple[DateMention, ...] = ()
    dateline: str | None = None
    byline: str | None = None
    photo_credits: tuple[str, ...] = ()
    source_credit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a reader sees on an article page. `streams.page.read` makes it."""

    kind: Literal["article", "list"]
    title: str = ""
    lead: str = ""  # the sapo; also the first paragraph of `text`
    text: str = ""  # NFC; lead and body, one paragraph a line, captions in their place
    published: datetime | None = None
    modified: datetime | None = None
    section: str | None = None
    authors: tuple[str, ...] = ()
    canonical_url: str | None = None  # what the page itself says
    sources: dict[str, str] | None = (
        None  # field -> what it was taken from (`json-ld`, `meta`, ...)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrichedArticle:
    """An article as its readers know it, and what it mentions. Topic `articles.enriched`."""

    schema: int = 1
    id: str
    capture: str  # identity.capture_id: changes when the content does
    url: str
    canonical_url: str
    outlet: str
    first_seen: datetime
    discovered_at: datetime
    fetched_at: datetime
    enriched_at: datetime
    extractor: int  # extraction.VERSION: a newer extractor's result replaces an older one's
    title: str
    lead: str
    text: str
    words: str  # word-segmented text: `Chỉ_thị của Bộ_Chính_trị`, one sentence a line
    published: datetime | None
    modified: datetime | None
    section: str | None
    authors: tuple[str, ...]
    quiet: bool = False  # as the raw article's
    facts: Extraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """Something worth telling. Topic `alerts`, key `id`. The id is what it says, never random."""

    schema: int = 1
    id: str  # `first:05-CT/TW`
    kind: Literal["first-mention"]
    document: str  # canonical key
    type: str = ""
    issuer: str | None = None
    issued: str | None = None
    document_title: str | None = None
    novelty: Novelty = "unknown"  # alerts.novelty_of
    article: str  # article id
    outlet: str
    outlet_name: str = ""  # from the outlets file; empty where it is in there no more
    url: str
    title: str  # of the article
    published: datetime | None
    sentence: str  # around the mention
    people: tuple[str, ...] = ()  # named in that sentence
    discovered_at: datetime
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """What is known of an input that did not go on. Topic `articles.dead`: the value holds the
    original bytes, these fields travel in the headers."""

    id: str  # the message key: article id where it is known
    stage: str
    reason: str  # errors.Reason
    detail: str
    outlet: str = ""
    url: str = ""
    source: str = ""  # `articles.raw/3/1042`: topic, partition, offset; or `crawler`
    attempts: int = 1
    at: datetime
    content: bytes = b""
