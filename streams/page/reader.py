"""`read`: a page of HTML as what its reader sees."""

from datetime import datetime

from streams.page.body import Body, find_body, lines_above, second_opinion
from streams.page.container import Measured, measure
from streams.page.dom import Element, drop_head, letters, parse, squeeze, strip_unread
from streams.page.fields import (
    Around,
    around,
    find_authors,
    find_canonical,
    find_modified,
    find_published,
    find_section,
    utc_now_limit,
)
from streams.page.kind import find_kind
from streams.page.lines import Line
from streams.page.structured import Structured, body_of, plain, read_structured, value
from streams.page.titles import find_title, guess_title, site_names
from streams.records import FeedEntry, Page

_NO_FEED = FeedEntry()
_SIGNATURE_WITHIN = 3  # last lines of the body in which a signature is looked for


def read(
    html: str, url: str, *, feed: FeedEntry | None = None, fetched_at: datetime | None = None
) -> Page:
    """What a reader sees on a page. Never raises; time grows with the page's length.

    Args:
        html: the page, decoded.
        url: where it came from: makes relative addresses absolute, and hints at what the page is.
        feed: what the feed said: fills what the page does not tell.
        fetched_at: nothing is published after this.

    Returns:
        A page of kind `list` has title and text as far as they could be read. An article whose
        text could not be found has the text "".
    """
    root = parse(html)
    entry = feed or _NO_FEED
    if root is None:
        return Page(kind="article", title=squeeze(entry.title), published=entry.published)
    return _read_tree(root, url, entry, fetched_at)


def _read_tree(root: Element, url: str, feed: FeedEntry, fetched_at: datetime | None) -> Page:
    structured = read_structured(root, url)
    canonical, from_canonical = find_canonical(structured, root, url)
    strip_unread(root)
    title, from_title, shown = find_title(root, structured, url, feed.title)
    drop_head(root)
    measured = measure(root, shown)
    section, from_section = find_section(structured, root, title)
    site = site_names(structured, url)
    labels = site | {letters(c) for c in (*structured.crumbs, section or "") if c}
    body = find_body(root, measured, (title, shown), _descriptions(structured, feed), labels)
    if shown is None and from_title in ("", "title"):
        title, from_title, body = _guessed(title, from_title, body, measured)
    kind = find_kind(structured, measured, body, shown, url)
    where = around(measured, shown, body.container)
    published, from_published = _published(structured, where, feed, fetched_at)
    modified, from_modified = find_modified(structured, published)
    authors, from_authors = find_authors(structured, where, _signatures(body), site)
    if kind == "article":
        body = second_opinion(body, root, measured, title, body_of(structured.article))
    sources = _told(
        title=from_title, text=body.source, published=from_published, modified=from_modified,
        section=from_section, authors=from_authors, canonical_url=from_canonical,
    )  # fmt: skip
    return Page(
        kind=kind, title=title, lead=body.lead, text=body.text, published=published,
        modified=modified, section=section, authors=authors, canonical_url=canonical,
        sources=sources,
    )  # fmt: skip


def _told(**sources: str) -> dict[str, str]:
    return {field: source for field, source in sources.items() if source}


def _guessed(title: str, source: str, body: Body, measured: Measured) -> tuple[str, str, Body]:
    """The headline above or in the body of a page that names only its outlet, and the rest."""
    guess = guess_title(list(body.lines)) or guess_title(lines_above(measured, body.container))
    return (guess, "page", body.without(guess)) if guess else (title, source, body)


def _descriptions(structured: Structured, feed: FeedEntry) -> list[str]:
    """What metadata and feed say the article is about."""
    told = (
        value(structured.article.get("description")),
        structured.meta_first("og:description"),
        structured.meta_first("description", "twitter:description"),
        plain(feed.summary[:5000]),
    )
    return [text for text in dict.fromkeys(told) if text]


def _published(
    structured: Structured, where: Around, feed: FeedEntry, fetched_at: datetime | None
) -> tuple[datetime | None, str]:
    found, source = find_published(structured, where, utc_now_limit(fetched_at))
    if found is None and feed.published is not None:
        return feed.published, "feed"
    return found, source


def _signatures(body: Body) -> list[tuple[str, bool]]:
    last = body.lines[-_SIGNATURE_WITHIN:]
    return [(line.text, _is_signature(line, last=line is last[-1])) for line in last]


def _is_signature(line: Line, *, last: bool) -> bool:
    """Whether a line at the body's end is a name set apart: bold, to the right, or the last."""
    if line.kind == "caption" or len(line.text) > 60 or line.text.endswith((".", "?")):
        return False
    style = f"{line.block.get('style') or ''}{line.block.get('align') or ''}".lower()
    return line.strong or "right" in style or (last and len(line.text.split()) > 1)
