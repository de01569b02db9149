"""Article or list: a weighing of signals, because each single one is wrong on some outlet."""

import re
from collections import Counter
from typing import Literal
from urllib.parse import urlsplit

from streams.page.body import Body
from streams.page.container import Measured, has_own_line
from streams.page.dom import Element, text_of
from streams.page.structured import LIST_TYPES, Structured

_LIST_PATH = re.compile(
    r"/(?:tags?|tim-kiem|search|chu-de|topics?|su-kien|dong-su-kien|category|chuyen-muc|tac-gia|"
    r"authors?|page|trang|rss|event|hashtag)(?:[/-]|$)|[?&](?:q|s|page|keyword)="
)
_ARTICLE_PATH = re.compile(r"[0-9]{5,}|(?:[a-z0-9]+-){5,}[a-z0-9]+")
_PARAGRAPH = 400  # characters of a usual paragraph
_LEAST_TEASERS = 8  # linked headlines on a page; fewer make no list
_OG_TYPES = {"article": 0.5, "news": 0.5, "video": 1.0, "website": -0.5}
_LEAST_HEADLINE = 30  # characters


def find_kind(
    structured: Structured, measured: Measured, body: Body, shown: Element | None, url: str
) -> Literal["article", "list"]:
    """What the page is. A page without signs of a list is an article, though it be empty."""
    teasers = max(count_teasers(measured), body.teasers)
    if teasers < _LEAST_TEASERS:
        return "article"
    score = (
        _told(structured)
        + _written(measured, body, teasers)
        + _titled(measured, shown, url)
        + _addressed(url)
    )
    return "article" if score > 0 else "list"


def count_teasers(measured: Measured) -> int:
    """Headlines on the page that link to an article: long links that are not part of a sentence."""
    seen: set[str] = set()
    beside: dict[Element | None, int] = {}  # once for each parent: it may have many links
    for number, link in enumerate(measured.elements):
        target = link.get("href")
        if link.tag != "a" or not target or target.startswith(("#", "javascript:")):
            continue
        size = measured.size[number]
        parent = link.getparent()
        if parent not in beside:
            beside[parent] = _beside(parent)
        if size >= _LEAST_HEADLINE and (beside[parent] < size or has_own_line(link)):
            seen.add(target)
    return len(seen)


def _beside(parent: Element | None) -> int:
    """Characters that stand directly in an element, between its links."""
    if parent is None:
        return 0
    return sum(len((t or "").strip()) for t in (parent.text, *(child.tail for child in parent)))


def _told(structured: Structured) -> float:
    """What metadata says. og:type is `article` on many lists and `website` on many articles."""
    score = 0.0
    if structured.article:
        score += 3 if structured.confirmed else 1
    elif structured.articles > 1 or structured.types & LIST_TYPES:
        score -= 2
    if structured.meta_first("article:published_time", "pubdate", "datepublished"):
        score += 2 if len(structured.meta.get("datepublished", ())) < 4 else -1
    elif not structured.article:
        score -= 0.5
    kind = structured.meta_first("og:type").lower()
    return score + _OG_TYPES.get(kind.split(".")[0], 0.0)


def _written(measured: Measured, body: Body, teasers: int) -> float:
    """What stands on the page: paragraphs, or teasers."""
    prose = sum(line.prose for line in body.lines if line.prose >= 60)
    paragraphs = sum(line.prose >= 60 for line in body.lines)
    marked = body.container is not None and body.container.get("itemprop") == "articleBody"
    score = 2.0 if marked and prose else 0.0
    if body.teasers >= _LEAST_TEASERS and body.teasers >= 0.6 * paragraphs:
        return score - 3
    # an article in one long paragraph is as long as one in many
    paragraphs = max(paragraphs, prose // _PARAGRAPH)
    if prose >= 600 and paragraphs >= 3:
        sure = 3.0 if prose >= 1500 else 1.5
        return score + (sure if _together(body) else -1.5)
    if body.teasers >= 5 and body.teasers >= paragraphs:
        return score - 3
    if not paragraphs:
        return score - 2
    return score - (teasers > 4 * paragraphs)


def _together(body: Body) -> bool:
    """Whether the paragraphs stand side by side, and not each in a teaser of its own."""
    parents = Counter(
        line.block.getparent() if line.block is not body.container else line.block
        for line in body.lines
        if line.prose >= 60 and line.kind in ("text", "item")
    )
    most = max(parents.values(), default=0)
    return most >= 0.3 * parents.total()


def _titled(measured: Measured, shown: Element | None, url: str) -> float:
    """The headline on the page: a list's is the section's name, or leads elsewhere."""
    if shown is None:
        shown = next((e for e in measured.elements if e.tag == "h1"), None)
    if shown is None:
        return -1.5
    links = [*shown.iter("a"), *shown.iterancestors("a")]
    if any(_elsewhere(link.get("href") or "", url) for link in links):
        return -2.5
    words = len(text_of(shown).split())
    return 1.0 if words >= 6 else -1.5 if words <= 4 else 0.0


def _elsewhere(target: str, url: str) -> bool:
    try:
        there, here = urlsplit(target.strip()).path, urlsplit(url).path
    except ValueError:
        return False
    return there not in ("", "/") and there.rstrip("/") != here.rstrip("/")


def _addressed(url: str) -> float:
    """What the address looks like: a weak hint, except for a home page."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return 0.0
    if parts.path in ("", "/") and parts.hostname:
        return -4.0
    if _LIST_PATH.search(f"{parts.path}?{parts.query}"):
        return -1.5
    return 1.0 if _ARTICLE_PATH.search(parts.path) else -1.0
