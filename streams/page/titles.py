"""The title that a reader sees, and the element that shows it."""

import re
from collections.abc import Iterator
from itertools import islice
from urllib.parse import urlsplit

from streams.page.dom import HEADINGS, Element, letters, names_of, squeeze, text_of
from streams.page.lines import Line
from streams.page.structured import Structured, value
from streams.text import fold

_PARTED = re.compile(r"\s+[|–—·»-]\s+|\s*\|\s*")
_TITLE_NAMES = re.compile(r"title|tieude|tieu-de|headline")
_SITE_WORDS = re.compile(
    r"\b(?:bao|tap chi|dai|online|news|dien tu|tin tuc|tin nhanh|cong thong tin)\b"
)
_GUESS_WITHIN = 8  # lines of the body
_LONGEST = 500  # characters of a title
_MOST_SHOWN = 400  # elements looked at for the title


def find_title(
    root: Element, structured: Structured, url: str, feed_title: str
) -> tuple[str, str, Element | None]:
    """The title, where it was taken from, and the element on the page that shows it.

    A heading of the page wins when it agrees with what the page says of itself, because metadata is
    often cut short or written for search engines; without that, metadata wins.
    """
    told = list(_told(root, structured, url, feed_title))
    for heading in islice(root.iter("h1"), _MOST_SHOWN):
        text = text_of(heading)[:_LONGEST]
        agreeing = [(source, title) for source, title in told if text and agree(text, title)]
        if agreeing:
            # a label before the headline (`Infographic`) is not the headline
            for source, title in agreeing:
                if letters(text) != letters(title) and letters(text).endswith(letters(title)):
                    return title, source, heading
            return text, "h1", heading
    least = 15 if told else 0
    headings = [h for h in islice(root.iter("h1"), _MOST_SHOWN) if len(text_of(h)) > least]
    alone = headings[0] if len(headings) == 1 else None
    if alone is not None and (not told or told[0][0] in ("title", "feed")):
        return text_of(alone)[:_LONGEST], "h1", alone
    if told:
        source, title = told[0]
        return title, source, _shown(root, title)
    return "", "", None


def guess_title(lines: list[Line]) -> str:
    """The headline above a body, for a page that names no title, or only its outlet's name."""
    for line in lines[:_GUESS_WITHIN]:
        named = any(_TITLE_NAMES.search(names_of(e)) for e in (line.block, *list(line.block)[:2]))
        apart = line.kind == "head" or line.strong or named
        if apart and 15 <= len(line.text) <= 200 and not line.text.endswith((".", ":", ",")):
            return line.text
        if line.prose >= 80:
            break
    return ""


def agree(shown: str, told: str) -> bool:
    """Whether two titles are one: equal but for spelling, cut short, or mostly the same words."""
    first, second = letters(shown), letters(told)
    if not first or not second:
        return False
    if first == second:
        return True
    shorter, longer = sorted((first, second), key=len)
    if len(shorter) >= 15 and (longer.startswith(shorter) or longer.endswith(shorter)):
        return len(longer) <= 1.4 * len(shorter) or shorter == second
    words, others = set(fold(shown).split()), set(fold(told).split())
    return len(words) > 3 and len(words & others) >= 0.6 * max(len(words), len(others))


def _told(
    root: Element, structured: Structured, url: str, feed_title: str
) -> Iterator[tuple[str, str]]:
    """(source, title) as the page's metadata and the feed tell it, the most trusted first."""
    site = site_names(structured, url)
    headline = value(structured.article.get("headline") or structured.article.get("name"))
    candidates = [
        ("json-ld", headline),
        ("meta", structured.meta_first("og:title", "twitter:title", "headline", "title")),
        ("meta", structured.meta_first("dc.title", "dcterms.title")),
        ("feed", squeeze(feed_title)),
        ("title", "".join(squeeze(t.text or "") for t in root.iter("title"))[:500]),
    ]
    for source, title in candidates:
        bare = without_site(title[:_LONGEST], site)
        if bare:
            yield source, bare


def site_names(structured: Structured, url: str) -> frozenset[str]:
    """Letters of the names by which a page calls its own outlet."""
    try:
        host = (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        host = ""
    labels = [part for part in host.split(".") if len(part) > 3]
    names = [structured.meta_first("og:site_name"), structured.meta_first("application-name")]
    names.append(value(structured.article.get("publisher")))
    names.append(structured.meta_first("dc.publisher", "source", "copyright", "generator"))
    return frozenset(letters(n) for n in [*names, *labels, host] if n)


def without_site(title: str, site: frozenset[str]) -> str:
    """A title without the outlet's name after it: `… | Báo Mẫu`, `… - Mẫu Online`.

    Only a part that names the outlet, or says that it is a newspaper, is taken off.
    """
    while True:
        cuts = list(_PARTED.finditer(title))
        if not cuts:
            return title
        last = title[cuts[-1].end() :]
        if not _names_site(last, site) or len(title[: cuts[-1].start()]) < 8:
            return title
        title = title[: cuts[-1].start()].strip()


def _names_site(part: str, site: frozenset[str]) -> bool:
    bare = letters(part)
    if not bare or len(part) > 60:
        return False
    if bare in site or any(len(s) > 4 and (s in bare or bare in s) for s in site if len(bare) > 3):
        return True
    return len(part.split()) <= 7 and bool(_SITE_WORDS.search(fold(part)))


def _shown(root: Element, title: str) -> Element | None:
    """The element that shows a title which no h1 shows: a heading, one of that name, or any."""
    wanted = letters(title)
    begins = title[:12]
    plain: Element | None = None
    looked = 0
    for element in root.iter("h1", "h2", "h3", "h4", "p", "div", "span", "td", "strong", "b"):
        apart = element.tag in HEADINGS or bool(_TITLE_NAMES.search(names_of(element)))
        if not apart and (plain is not None or squeeze((element.text or "")[:80])[:12] != begins):
            continue
        looked += 1
        if looked > _MOST_SHOWN:
            break
        if len(element) < 20 and letters(text_of(element)) == wanted and not _in_link(element):
            if apart:
                return element
            plain = element
    return plain


def _in_link(element: Element) -> bool:
    return element.find(".//a") is not None or next(element.iterancestors("a"), None) is not None
