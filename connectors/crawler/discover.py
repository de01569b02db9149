"""Feed bytes to entries. Pure: no network, no clock."""

import html
import io
import re
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urldefrag, urljoin

import feedparser
from w3lib.html import remove_tags

from streams.identity import article_id, canonical_url, without_user
from streams.page.when import parse_when
from streams.records import FeedEntry
from streams.text import nfc

#: Largest feed that is read, in bytes; feedparser needs about 40 times a feed's size while at it.
MAX_FEED_BYTES = 2 * 1024 * 1024
#: Entries of one feed that are looked at; outlets give 20 to 200.
MAX_ENTRIES = 1000
_LONGEST = 2000  # characters of a title or summary that are kept
_LONGEST_URL = 2000
#: A tag ends at the latest where the next one begins: else each of many that never end would be read to
#: the end of the text, 23 s for 240 kB of `<p `.
_BREAKS = re.compile(r"</?(?:p|br|div|li|tr|td|h\d)\b[^<>]*>", re.IGNORECASE)
_ENTITY = re.compile(rb"<!ENTITY", re.IGNORECASE)
_HTML = re.compile(rb"<(?:!doctype\s+html|html|body)\b", re.IGNORECASE)
_HEAD = 4096  # bytes in which a document says what it is

Outcome = Literal["ok", "empty", "not-a-feed", "too-large"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One article as a feed names it."""

    id: str
    url: str
    canonical_url: str
    feed: FeedEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """What a feed's bytes say; `detail` explains every outcome but `ok`, and what was left out."""

    outcome: Outcome
    entries: tuple[Entry, ...] = ()
    ttl: float | None = None  # seconds
    detail: str = ""


def read_feed(content: bytes, url: str, *, content_type: str = "") -> Feed:
    """Reads RSS or Atom; never raises.

    Args:
        url: where the feed came from: relative links count from there.
        content_type: the header, for its charset.
    """
    if len(content) > MAX_FEED_BYTES:
        return Feed(outcome="too-large", detail=f"{len(content)} bytes, at most {MAX_FEED_BYTES}")
    refused = _refuse(content)
    if refused:
        return Feed(outcome="not-a-feed", detail=refused)
    try:
        # a stream, never the bytes themselves: those it would first try to open as a file's name
        parsed = feedparser.parse(
            io.BytesIO(content),
            response_headers={"content-location": url, "content-type": content_type},
        )
    # feedparser meets input that nobody has foreseen, and a bad feed must not stop the others
    except Exception as error:  # noqa: BLE001
        return Feed(outcome="not-a-feed", detail=f"{type(error).__name__}: {error}"[:_LONGEST])
    if not parsed.entries and not parsed.version:
        cause = parsed.get("bozo_exception", "no RSS or Atom element")
        return Feed(outcome="not-a-feed", detail=str(cause)[:_LONGEST])
    return _collect(parsed, url)


def _refuse(content: bytes) -> str:
    """Why these bytes are not even tried; empty when they may be a feed."""
    head = content[:_HEAD]
    if not content.strip():
        return "empty"
    if _HTML.search(head) and b"<rss" not in head and b"<feed" not in head:
        return "an HTML page"
    if _ENTITY.search(content):
        return "declares XML entities"
    return ""


def _collect(parsed: Any, url: str) -> Feed:
    entries: dict[str, Entry] = {}
    rejected = 0
    for item in parsed.entries[:MAX_ENTRIES]:
        entry = _entry(item, url)
        if entry is None:
            rejected += 1
        else:
            entries.setdefault(entry.id, entry)
    left = len(parsed.entries) - MAX_ENTRIES
    notes = [
        f"{rejected} entries without a usable link" if rejected else "",
        f"{left} entries beyond the first {MAX_ENTRIES} left out" if left > 0 else "",
    ]
    return Feed(
        outcome="ok" if entries else "empty",
        entries=tuple(entries.values()),
        ttl=_ttl(parsed.feed.get("ttl", "")),
        detail="; ".join(note for note in notes if note) or ("" if entries else "no entries"),
    )


def _entry(item: Any, base: str) -> Entry | None:
    link = str(item.get("link") or "").strip()
    if not link:
        return None
    try:
        url = without_user(urldefrag(urljoin(base, link)).url)
        canonical = canonical_url(url)
    except ValueError:
        return None
    if len(url) > _LONGEST_URL:
        return None
    return Entry(
        id=article_id(canonical),
        url=url,
        canonical_url=canonical,
        feed=FeedEntry(
            title=plain(str(item.get("title") or "")),
            published=parse_when(str(item.get("published") or item.get("updated") or "")),
            summary=plain(str(item.get("summary") or "")),
        ),
    )


def plain(markup: str) -> str:
    """HTML of a feed as one line of text, NFC, 2,000 characters at most."""
    text = html.unescape(remove_tags(_BREAKS.sub(" ", markup)))
    return " ".join(nfc(text).split())[:_LONGEST].rstrip()


def _ttl(value: object) -> float | None:
    text = str(value).strip()
    return float(text) * 60 if text.isascii() and text.isdigit() and len(text) < 6 else None
