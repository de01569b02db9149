"""One raw article to one enriched article: the whole of the CPU work, without Kafka.

It runs in a lane. What goes in and out are bytes, so that the process with the event loop neither
parses nor builds JSON.
"""

import time
from datetime import UTC, datetime

from streams import codec, identity, page
from streams.errors import Invalid, Reason
from streams.extraction import VERSION, extract
from streams.extraction.catalogue import named
from streams.outcome import Outcome
from streams.records import EnrichedArticle, RawArticle
from streams.text import nfc
from streams.topics import MAX_MESSAGE_BYTES
from streams.words import segment


def enrich(
    raw: RawArticle, *, now: datetime, words: bool = True, catalogue: str = ""
) -> EnrichedArticle:
    """Reads the page, extracts the facts, segments the words.

    Raises:
        Invalid: `list-page`, `empty-text`.
    """
    seen = page.read(raw.html, raw.url, feed=raw.feed, fetched_at=raw.fetched_at)
    if seen.kind == "list":
        raise Invalid(Reason.LIST_PAGE, "a page of links to articles, not an article")
    if not seen.text.strip():
        raise Invalid(Reason.EMPTY_TEXT, "no text was found on the page")
    title, text = nfc(seen.title), nfc(seen.text)
    return EnrichedArticle(
        id=raw.id,
        capture=identity.capture_id(raw.id, title, text),
        url=raw.url,
        canonical_url=raw.canonical_url,
        outlet=raw.outlet,
        first_seen=raw.first_seen,
        discovered_at=raw.discovered_at,
        fetched_at=raw.fetched_at,
        enriched_at=now,
        extractor=VERSION,
        title=title,
        lead=nfc(seen.lead),
        text=text,
        words=segment(text) if words else "",
        published=seen.published,
        modified=seen.modified,
        section=seen.section,
        authors=seen.authors,
        quiet=raw.quiet,
        facts=extract(
            text,
            title=title,
            published=seen.published,
            outlet=raw.outlet,
            catalogue=named(catalogue),
        ),
    )


def work(value: bytes | None, words: bool, catalogue: str = "") -> Outcome:
    """A lane's job: a message of `articles.raw` to one of `articles.enriched`; never raises for
    a bad message."""
    began = time.perf_counter()
    outlet = url = ""
    discovered_at = None
    try:
        raw = codec.decode(RawArticle, value)
        outlet, url = raw.outlet, raw.url
        discovered_at = None if raw.quiet else raw.discovered_at
        article = enrich(raw, now=datetime.now(UTC), words=words, catalogue=catalogue)
        result = codec.encode(article)
        if len(result) > MAX_MESSAGE_BYTES - 4096:  # headers and key have a place in it too
            raise Invalid(Reason.TOO_LARGE, f"{len(result)} bytes once enriched")
    except Invalid as error:
        reason, detail = error.reason, error.detail
    # the one broad catch of this stage: whatever a page makes a library raise is that page's fate
    except Exception as error:  # noqa: BLE001
        reason, detail = Reason.EXTRACTOR_ERROR, f"{type(error).__name__}: {error}"
    else:
        facts = article.facts
        return Outcome(
            value=result,
            outlet=outlet,
            url=url,
            discovered_at=discovered_at,
            seconds=time.perf_counter() - began,
            mentions={
                "document": len(facts.documents),
                "person": len(facts.people),
                "date": len(facts.dates),
            },
        )
    return Outcome(
        reason=reason,
        detail=detail[:2000],
        outlet=outlet,
        url=url,
        discovered_at=discovered_at,
        seconds=time.perf_counter() - began,
    )


def warm(catalogue: str = "") -> None:
    """Loads models and tables, so that the first article does not wait for them."""
    segment("Bộ Chính trị ban hành Chỉ thị 05-CT/TW.")
    extract("Bộ Chính trị ban hành Chỉ thị 05-CT/TW.", catalogue=named(catalogue))
