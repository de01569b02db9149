"""Dates, authors, section and canonical address of an article, the most trusted source first."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from urllib.parse import urljoin, urlsplit

from streams.page.container import Measured
from streams.page.dom import Element, letters, names_of, squeeze, text_of
from streams.page.furniture import is_furniture
from streams.page.names import is_name, names_in
from streams.page.structured import Structured, value
from streams.page.when import VIETNAM, parse_when
from streams.text import fold

_PUBLISHED = (
    "article:published_time", "datepublished", "pubdate", "publishdate", "publish_date",
    "og:published_time", "article:published", "dc.date.issued", "dcterms.issued", "dc.date",
    "dcterms.created", "date", "sailthru.date", "parsely-pub-date", "publish-date", "datecreated",
    "dc.date.created", "og:pubdate", "cxenseparse:recs:publishtime", "published_time", "pub_date",
)  # fmt: skip
_MODIFIED = (
    "article:modified_time", "datemodified", "og:updated_time", "dcterms.modified", "lastmod",
    "dc.date.modified", "article_updatetime", "last-modified", "modified_time", "moddate",
)  # fmt: skip
_SECTION = ("article:section", "articlesection", "og:section", "section", "its_section")
_AUTHOR = ("dable:author", "article:author", "author", "dc.creator", "dcterms.creator",
           "parsely-author", "sailthru.author", "twitter:data1")  # fmt: skip
_DATE_NAMES = re.compile(r"date|time|publish|(?<![a-z])(?:ngay|meta|gio|posted|pub|created)")
_AUTHOR_NAMES = re.compile(
    r"author|byline|by-line|tac-?gia|pen-?name|but-?danh|nguoi-?viet|writer|reporter|creator"
)
_BEFORE_TITLE, _AFTER_BODY = 60, 120  # elements around title and body that are looked at
_LONGEST_LABEL = 120  # characters of a date or author line


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """Where on the page its labels are looked for: from a little before the title to after it all."""

    head: list[Element]  # around the title, up to the body
    tail: list[Element]  # in the last of the body and after it


def around(measured: Measured, title: Element | None, container: Element | None) -> Around:
    """The elements near the title and near the body's end."""
    elements, place = measured.elements, measured.place
    first = max(0, place[title] - _BEFORE_TITLE) if title is not None else 0
    begin = place[container] if container is not None else min(len(elements), first + 400)
    size = sum(1 for _ in container.iter("*")) if container is not None else 0
    inside = set(title.iter("*")) if title is not None else set()
    at = place[title] if title is not None else first
    # nearest to the title first: further above stands the date of today
    near = elements[at : max(begin, at) + 12] + elements[first:at][::-1]
    end = begin + size
    tail = elements[max(begin, end - 12) : end + _AFTER_BODY]
    return Around(
        head=[e for e in near if e not in inside and not _in_teaser(measured, e)],
        tail=[e for e in tail if not _elsewhere(measured, e)],
    )


def _in_teaser(measured: Measured, element: Element) -> bool:
    return any(e in measured.teasers for e in (element, *islice(element.iterancestors(), 6)))


def _elsewhere(measured: Measured, element: Element) -> bool:
    """Whether an element is in a teaser or in furniture: its date and author are others'."""
    near = (element, *islice(element.iterancestors(), 6))
    return _in_teaser(measured, element) or any(is_furniture(e) for e in near)


def find_published(
    structured: Structured, where: Around, latest: datetime | None
) -> tuple[datetime | None, str]:
    """The time of publication, and where it was taken from."""
    shown = _shown_date(where)
    told = [
        ("json-ld", parse_when(value(structured.article.get("datePublished")))),
        ("meta", _first_when(structured, _PUBLISHED)),
        ("json-ld", parse_when(value(structured.article.get("uploadDate")))),
        ("json-ld", parse_when(value(structured.article.get("dateCreated")))),
    ]
    believed = [(source, w) for source, w in told if w is not None and _possible(w, latest)]
    for source, when in believed:
        # sources that differ by an hour are common: the reader's one is right
        if shown is not None and abs(when - shown) < timedelta(minutes=1):
            return _local(when), source
    if believed:
        source, when = believed[0]
        return _local(_mended(when, shown)), source
    if shown is not None and _possible(shown, latest):
        return shown, "page"
    return None, ""


def find_modified(
    structured: Structured, published: datetime | None
) -> tuple[datetime | None, str]:
    """The time of the last change, never before publication, and where it was taken from."""
    told = (
        ("json-ld", parse_when(value(structured.article.get("dateModified")))),
        ("meta", _first_when(structured, _MODIFIED)),
    )
    for source, when in told:
        if when is not None and (published is None or when >= published):
            return _local(when), source
    return None, ""


def _local(when: datetime) -> datetime:
    """A time that a machine wrote as UTC, in the zone of the outlet's readers."""
    return when.astimezone(VIETNAM) if when.utcoffset() == timedelta(0) else when


def _first_when(structured: Structured, names: tuple[str, ...]) -> datetime | None:
    for name in names:
        contents = structured.meta.get(name, ())
        when = parse_when(contents[0]) if contents else None
        if when is not None:
            return when
    return None


def _possible(when: datetime, latest: datetime | None) -> bool:
    return latest is None or when <= latest + timedelta(days=1)


def _mended(told: datetime, shown: datetime | None) -> datetime:
    """A local time that was written as UTC, or a day without its clock, mended by what is shown."""
    if shown is None:
        return told
    if (told.day, told.month) == (shown.month, shown.day) and told.year == shown.year:
        return shown  # the machine's day and month are the wrong way round
    local = told.astimezone(VIETNAM)
    midnight = (local.hour, local.minute, local.second) == (0, 0, 0)
    if midnight and shown.date() == local.date():
        return shown
    wall = told.replace(tzinfo=shown.tzinfo)
    if told.utcoffset() == timedelta(0) and abs(wall - shown) < timedelta(minutes=2):
        return wall
    return told


def _shown_date(where: Around) -> datetime | None:
    """The date on the page nearest to the title; one with a clock before one without."""
    plain_day: datetime | None = None
    for element in where.head + where.tail:
        named = bool(_DATE_NAMES.search(names_of(element))) or element.tag == "time"
        text = element.get("datetime") or _label(element)
        if not text or not re.search("[0-9]{4}|[0-9]/[0-9]{2}", text):
            continue
        when = parse_when(text)
        if when is None:
            continue
        if when.hour or when.minute:
            if named or len(text) <= 60:
                return when
        elif plain_day is None and named:
            plain_day = when
    return plain_day


def _label(element: Element) -> str:
    """An element's text when it is short, else nothing."""
    if len(element) > 8 or len(element.text or "") > _LONGEST_LABEL:
        return ""
    text = ""
    for number, piece in enumerate(element.itertext()):
        text += str(piece) + " "
        if number > 20 or len(text) > 4 * _LONGEST_LABEL:
            return ""
    text = squeeze(text)
    return text if len(text) <= _LONGEST_LABEL else ""


def find_authors(
    structured: Structured, where: Around, last_lines: list[tuple[str, bool]], site: frozenset[str]
) -> tuple[tuple[str, ...], str]:
    """The authors' names, site names left out, and where they were taken from.

    Args:
        last_lines: the last lines of the body, and whether each is a signature by its form.
    """
    metas = [c for name in _AUTHOR for c in structured.meta.get(name, ())]
    shown = _shown_authors(where)
    signed = [text for text, formed in last_lines if formed]
    for source, texts in (
        ("json-ld", _people(structured.article.get("author"))),
        ("meta", metas),
        ("page", list(shown)),
        ("body", signed),
        ("page", _beside_date(where)),
    ):
        names = tuple(dict.fromkeys(n for text in texts for n in names_in(text, site)))
        if names:
            return names, source
    return (), ""


def _people(author: Any) -> list[str]:
    listed = author if isinstance(author, list) else [author]
    return [value(a.get("name") if isinstance(a, dict) else a) for a in listed[:20] if a]


def _beside_date(where: Around) -> list[str]:
    """A name that stands with the date under the title, where no class tells that it is one."""
    for element in where.head:
        name = _label(element)
        parent = element.getparent()
        if len(name.split()) < 2 or not is_name(name) or parent is None:
            continue
        together = _label(parent)
        if len(together) > len(name) + 5 and parse_when(together.replace(name, " ")) is not None:
            return [name]
    return []


def _shown_authors(where: Around) -> Iterator[str]:
    for element in where.head + where.tail:
        marked = element.get("rel") == "author" or element.get("itemprop") == "author"
        if marked or _AUTHOR_NAMES.search(names_of(element)):
            text = _label(element)
            if text:
                yield text


def find_section(structured: Structured, root: Element, title: str) -> tuple[str | None, str]:
    """The section that the article stands in, and where it was taken from."""
    told = value(structured.article.get("articleSection"))
    if told:
        # `Kinh doanh, Tài chính` is the breadcrumb in one value
        parts = told.split(", ")
        return parts[-1] if set(parts) <= set(structured.crumbs) else told, "json-ld"
    for name in _SECTION:
        content = structured.meta_first(name)
        if content and not content.isdigit():
            return content, "meta"
    crumbs = [c for c in structured.crumbs if _is_crumb(c, title)]
    if crumbs:
        return crumbs[-1], "json-ld"
    shown = [c for c in _shown_crumbs(root) if _is_crumb(c, title)]
    return (shown[-1], "page") if shown else (None, "")


def _is_crumb(text: str, title: str) -> bool:
    home = fold(text) in ("trang chu", "home", "homepage", "trang nhat")
    return bool(text) and not home and len(text) <= 60 and letters(text) != letters(title)


def _shown_crumbs(root: Element) -> list[str]:
    for element in root.iter("ul", "ol", "div", "nav"):
        if re.search(r"bread-?crumb", names_of(element)):
            found = [text_of(a) for a in element.iter("a")][:6]
            if found:
                return found
    return []


def find_canonical(structured: Structured, root: Element, url: str) -> tuple[str | None, str]:
    """The address that the page gives for itself, absolute, and where it was taken from."""
    links = [
        link.get("href", "") for link in root.iter("link")
        if "canonical" in (link.get("rel") or "").lower().split()
    ]  # fmt: skip
    page = structured.article.get("mainEntityOfPage") or structured.article.get("url")
    told = page.get("@id") if isinstance(page, dict) else page
    for source, target in (
        *(("link", link) for link in links),
        ("meta", structured.meta_first("og:url")),
        ("json-ld", value(told)),
    ):
        absolute = _absolute(target, url)
        if absolute:
            return absolute, source
    return None, ""


def _absolute(target: str, url: str) -> str | None:
    try:
        found = urljoin(url, target.strip())
        parts, here = urlsplit(found), urlsplit(url)
    except ValueError:
        return None
    if not target.strip() or parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    # a template's fixed `home page` is no address of an article
    if parts.path in ("", "/") and not parts.query and here.path not in ("", "/"):
        return None
    return found


def utc_now_limit(fetched_at: datetime | None) -> datetime | None:
    """The time after which nothing can have been published; naive times are taken as UTC."""
    if fetched_at is None or fetched_at.tzinfo is not None:
        return fetched_at
    return fetched_at.replace(tzinfo=UTC)
