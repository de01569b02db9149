"""The outlet's pages: articles in three CMS templates, list pages, RSS and Atom. Pure functions.

The templates carry what surrounds the text on real pages (navigation, related boxes, tags, share
buttons, comments, footer), so that a reader of pages has something to leave out.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from functools import cache
from html import escape
from pathlib import Path
from string import Template
from typing import Any
from xml.etree import ElementTree as ET

from connectors.sample.articles import SECTIONS, Article, Block
from connectors.sample.schedule import Published

PAPER = "Báo Dòng Tin"
VIETNAM = timezone(timedelta(hours=7))

_TEMPLATES = Path(__file__).with_name("templates")
_WEEKDAYS = ("Thứ hai", "Thứ ba", "Thứ tư", "Thứ năm", "Thứ sáu", "Thứ bảy", "Chủ nhật")
_ATOM = "http://www.w3.org/2005/Atom"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cms:
    """One content management system: its page template, and its mark-up for a block of text."""

    name: str
    paragraph: str
    heading: str
    photo: str
    quote: str
    byline: str


JSON_LD = Cms(
    name="json_ld",
    paragraph='<p class="Normal">{}</p>',
    heading="<h2>{}</h2>",
    photo='<figure class="photo"><img src="{image}" alt="{}"><figcaption>{}</figcaption></figure>',
    quote='<blockquote class="box-quote"><p>{}</p></blockquote>',
    byline='<p class="author-mail" style="text-align:right"><strong>{}</strong></p>',
)
META_ONLY = Cms(
    name="meta_only",
    paragraph="<p>{}</p>",
    heading="<p><b>{}</b></p>",
    photo='<div class="cms-photo" type="Photo"><div><img src="{image}" alt="{}"></div>'
    '<div class="cms-caption"><p>{}</p></div></div>',
    quote='<div class="cms-note"><p>{}</p></div>',
    byline='<div class="detail-author">{}</div>',
)
PLAIN_HTML = Cms(
    name="plain_html",
    paragraph="<p>{}</p>",
    heading="<h3>{}</h3>",
    photo='<table class="picture"><tr><td><img src="{image}" alt=""></td></tr>'
    '<tr><td class="caption"><em>{}</em></td></tr></table>',
    quote="<blockquote>{}</blockquote>",
    byline='<p class="signed"><b>{}</b></p>',
)
CMS = (JSON_LD, META_ONLY, PLAIN_HTML)


def cms_of(article: Article) -> Cms:
    """The three take turns."""
    return CMS[article.order % len(CMS)]


def article_page(shown: Published, base_url: str, others: Sequence[Published] = ()) -> str:
    """The HTML page of an article; `others` fill the boxes around it."""
    article, at = shown.article, shown.at.astimezone(VIETNAM)
    front, cms = article.front, cms_of(article)
    canonical = base_url + article.path
    return _template(cms.name).substitute(
        _frame(base_url),
        title=escape(front.title),
        lead=escape(front.lead),
        author=escape(front.author or PAPER),
        section=escape(front.section),
        section_path=f"/{SECTIONS[front.section]}/",
        canonical=escape(canonical),
        image=escape(f"{base_url}/anh/{front.slug}.jpg"),
        published_iso=at.isoformat(timespec="seconds"),
        published_text=vietnamese_time(at),
        published_date=f"{at:%d/%m/%Y %H:%M}",
        body="\n".join(_block(cms, article, block) for block in article.body),
        tags="".join(f'<a href="/tag/{n}">{escape(t)}</a> ' for n, t in enumerate(front.tags)),
        keywords=escape(", ".join(front.tags)),
        related=_links(others[:3]),
        most_read=_links(others[3:8]),
        json_ld=_json_ld(article, at, canonical),
    )


def _block(cms: Cms, article: Article, block: Block) -> str:
    text = escape(block.text, quote=False)
    if block.kind == "photo":
        image = f"/anh/{article.front.slug}.jpg"
        slots = cms.photo.count("{}")
        return cms.photo.format(*[escape(block.text)] * slots, image=image)
    if article.is_byline(block):
        return cms.byline.format(text)
    markup = {"paragraph": cms.paragraph, "heading": cms.heading, "quote": cms.quote}
    return markup[block.kind].format(text)


def list_page(shown: Sequence[Published], base_url: str, section: str | None = None) -> str:
    """The front page, or a section's, newest first."""
    teasers = "\n".join(
        f'<div class="item"><h3><a href="{p.article.path}">{escape(p.article.front.title)}</a></h3>'
        f'<span class="time">{p.at.astimezone(VIETNAM):%d/%m/%Y %H:%M}</span>'
        f"<p>{escape(p.article.front.lead)}</p></div>"
        for p in reversed(shown)
    )
    heading = section or "Tin mới nhất"
    return _template("list").substitute(_frame(base_url), heading=escape(heading), teasers=teasers)


def not_found_page(base_url: str) -> str:
    """What the outlet answers for an address that it does not have (yet)."""
    return _template("not_found").substitute(_frame(base_url))


def rss(shown: Sequence[Published], base_url: str) -> bytes:
    """RSS 2.0, newest first, with the date forms of real feeds and some tracked addresses."""
    root = ET.Element("rss", version="2.0")
    channel = ET.SubElement(root, "channel")
    _add(channel, "title", f"{PAPER} - Tin mới nhất")
    _add(channel, "link", f"{base_url}/rss.xml")
    _add(channel, "description", "Bản tin mẫu chạy trên máy này")
    _add(channel, "language", "vi-vn")
    for published in reversed(shown):
        article, item = published.article, ET.SubElement(channel, "item")
        tracked = "?utm_source=rss&utm_medium=rss" if article.order % 5 == 4 else ""
        link = base_url + article.path
        image = f'<a href="{link}"><img src="{base_url}/anh/{article.front.slug}.jpg"></a></br>'
        _add(item, "title", article.front.title)
        _add(item, "link", link + tracked)
        _add(item, "guid", link)
        _add(item, "pubDate", feed_date(published.at, form=article.order))
        _add(item, "description", image + escape(article.front.lead, quote=False))
    return _xml(root)


def atom(shown: Sequence[Published], base_url: str, started: datetime) -> bytes:
    """The same as an Atom feed; `started` dates a feed that has no entry yet."""
    ET.register_namespace("", _ATOM)
    root = ET.Element(f"{{{_ATOM}}}feed")
    updated = max((p.at for p in shown), default=started)
    _add(root, f"{{{_ATOM}}}title", PAPER)
    _add(root, f"{{{_ATOM}}}id", f"{base_url}/atom.xml")
    _add(root, f"{{{_ATOM}}}updated", updated.astimezone(UTC).isoformat())
    for published in reversed(shown):
        article, entry = published.article, ET.SubElement(root, f"{{{_ATOM}}}entry")
        link = base_url + article.path
        at = published.at.astimezone(VIETNAM).isoformat()
        _add(entry, f"{{{_ATOM}}}title", article.front.title)
        _add(entry, f"{{{_ATOM}}}id", link)
        ET.SubElement(entry, f"{{{_ATOM}}}link", rel="alternate", type="text/html", href=link)
        _add(entry, f"{{{_ATOM}}}published", at)
        _add(entry, f"{{{_ATOM}}}updated", at)
        _add(entry, f"{{{_ATOM}}}summary", article.front.lead)
        author = ET.SubElement(entry, f"{{{_ATOM}}}author")
        _add(author, f"{{{_ATOM}}}name", article.front.author or PAPER)
    return _xml(root)


def feed_date(at: datetime, form: int) -> str:
    """`at` as Vietnamese feeds write it; forms seen in the feeds of fourteen outlets take turns."""
    local = at.astimezone(VIETNAM)
    usual = format_datetime(local)
    forms = (
        usual,
        usual,
        usual.removesuffix("0700") + "07:00",
        format_datetime(at.astimezone(UTC), usegmt=True),
        usual.removesuffix("00"),
        usual.replace(f" {local.year} ", f" {local:%y} "),
        f"{local.month}/{local.day}/{local.year} {local:%I:%M:%S %p}".replace(" 0", " "),
    )
    return forms[form % len(forms)]


def vietnamese_time(at: datetime) -> str:
    """`Thứ ba, 24/11/2026, 09:41 (GMT+7)`."""
    local = at.astimezone(VIETNAM)
    return f"{_WEEKDAYS[local.weekday()]}, {local:%d/%m/%Y, %H:%M} (GMT+7)"


def _json_ld(article: Article, at: datetime, canonical: str) -> str:
    front = article.front
    described: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "mainEntityOfPage": {"@type": "WebPage", "@id": canonical},
        "headline": front.title,
        "description": front.lead,
        "datePublished": at.isoformat(timespec="seconds"),
        "dateModified": at.isoformat(timespec="seconds"),
        "articleSection": front.section,
        "author": {"@type": "Person", "name": front.author or PAPER},
        "publisher": {"@type": "Organization", "name": PAPER},
    }
    return json.dumps(described, ensure_ascii=False).replace("</", "<\\/")


def _frame(base_url: str) -> dict[str, str]:
    links = (f'<li><a href="/{path}/">{escape(name)}</a></li>' for name, path in SECTIONS.items())
    return {"paper": escape(PAPER), "base_url": escape(base_url), "navigation": "".join(links)}


def _links(shown: Sequence[Published]) -> str:
    return "".join(
        f'<li><a href="{p.article.path}">{escape(p.article.front.title)}</a></li>' for p in shown
    )


@cache
def _template(name: str) -> Template:
    return Template((_TEMPLATES / f"{name}.html").read_text(encoding="utf-8"))


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = text


def _xml(root: ET.Element) -> bytes:
    text: str = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}'.encode()
