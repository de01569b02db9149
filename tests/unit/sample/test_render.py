"""Pages carry what their template promises; feeds are what feedparser understands."""

import json
import re
from calendar import timegm
from datetime import UTC, datetime, timedelta
from typing import Any

import feedparser
import lxml.html
import pytest
from lxml.html import HtmlElement

from connectors.sample import render
from connectors.sample.articles import SECTIONS, load_articles
from connectors.sample.schedule import Published

BASE = "http://127.0.0.1:8765"
START = datetime(2026, 11, 24, 3, 7, 9, tzinfo=UTC)
SHOWN = tuple(
    Published(article=article, at=START + timedelta(seconds=n))
    for n, article in enumerate(load_articles())
)


def page(shown: Published) -> HtmlElement:
    html = render.article_page(shown, BASE, SHOWN[:10])
    return lxml.html.document_fromstring(html)


def text_of(element: HtmlElement) -> str:
    return " ".join(str(element.text_content()).split())


@pytest.mark.parametrize("shown", SHOWN, ids=lambda p: p.article.front.slug)
def test_a_page_shows_the_whole_article_once(shown: Published) -> None:
    """Title, lead and every block stand in the page, and no placeholder is left."""
    text = text_of(page(shown))
    front = shown.article.front
    for part in (front.title, front.lead, *(block.text for block in shown.article.body)):
        assert " ".join(part.split()) in text
    assert "$" not in text
    assert "{}" not in text


@pytest.mark.parametrize("shown", SHOWN[:3], ids=lambda p: render.cms_of(p.article).name)
def test_a_page_has_what_surrounds_real_articles(shown: Published) -> None:
    """Navigation to all sections, related boxes, tags, sharing, comments and a canonical address."""
    tree = page(shown)
    text = text_of(tree)
    assert all(name in text for name in SECTIONS)
    assert tree.xpath("//a[starts-with(@href, '/tag/')]")
    assert tree.xpath("//textarea | //input[contains(@placeholder, 'Bình luận')]")
    assert SHOWN[4].article.front.title in text
    assert "Facebook" in text or "Chia sẻ" in text
    canonical = tree.xpath("string(//link[@rel='canonical']/@href)")
    assert canonical == BASE + shown.article.path


def test_the_three_templates_take_turns() -> None:
    """JSON-LD and meta, meta only, plain HTML, and again."""
    names = [render.cms_of(p.article).name for p in SHOWN[:4]]
    assert names == ["json_ld", "meta_only", "plain_html", "json_ld"]


def test_the_first_template_describes_the_article_in_json_ld() -> None:
    """Headline, section, author and the time of publication with its zone, and meta beside it."""
    tree = page(SHOWN[0])
    described: dict[str, Any] = json.loads(
        tree.xpath("string(//script[@type='application/ld+json'])")
    )
    front = SHOWN[0].article.front
    assert described["@type"] == "NewsArticle"
    assert described["headline"] == front.title
    assert described["articleSection"] == front.section
    assert described["author"]["name"] == front.author
    assert datetime.fromisoformat(described["datePublished"]) == SHOWN[0].at
    assert tree.xpath("//meta[@property='article:published_time']")


def test_the_second_template_has_meta_only() -> None:
    """The time and the author stand in meta tags, and there is no JSON-LD."""
    tree = page(SHOWN[1])
    published = tree.xpath("string(//meta[@property='article:published_time']/@content)")
    assert datetime.fromisoformat(published) == SHOWN[1].at
    author = tree.xpath("string(//meta[@property='article:author']/@content)")
    assert author == SHOWN[1].article.front.author
    assert not tree.xpath("//script[@type='application/ld+json']")


def test_the_third_template_is_plain() -> None:
    """No meta tag but the charset; the time stands in `<time>`."""
    tree = page(SHOWN[2])
    assert len(tree.xpath("//meta")) == 1
    assert not tree.xpath("//script")
    assert datetime.fromisoformat(tree.xpath("string(//time/@datetime)")) == SHOWN[2].at


def test_texts_cannot_break_the_mark_up() -> None:
    """Quotation marks in a lead survive in attributes and in JSON-LD."""
    quoting = next(p for p in SHOWN if '"' in p.article.text and not p.article.order % 3)
    html = render.article_page(quoting, BASE)
    tree = lxml.html.document_fromstring(html)
    described = tree.xpath("string(//meta[@property='og:description']/@content)")
    assert described == quoting.article.front.lead


def test_a_list_page_leads_to_every_article_newest_first() -> None:
    """One teaser an article, in reverse order of publication."""
    tree = lxml.html.document_fromstring(render.list_page(SHOWN, BASE))
    links = tree.xpath("//div[@class='item']/h3/a/@href")
    assert links == [p.article.path for p in reversed(SHOWN)]
    assert tree.xpath("string(//meta[@property='og:type']/@content)") == "website"


def test_feedparser_reads_the_rss_feed() -> None:
    """Titles, addresses, summaries and ids of all articles, newest first, without complaint."""
    feed = feedparser.parse(render.rss(SHOWN, BASE))
    assert not feed.bozo
    assert feed.version == "rss20"
    newest = list(reversed(SHOWN))
    assert [e.title for e in feed.entries] == [p.article.front.title for p in newest]
    assert [e.id for e in feed.entries] == [BASE + p.article.path for p in newest]
    assert all(p.article.front.lead in e.summary for e, p in zip(feed.entries, newest, strict=True))
    tracked = [e.link for e in feed.entries if "utm_source" in e.link]
    assert 5 <= len(tracked) < len(SHOWN)


def test_the_dates_of_the_rss_feed_tell_the_moment_of_publication() -> None:
    """The forms that feedparser knows give the very second; two forms of the press it leaves out."""
    feed = feedparser.parse(render.rss(SHOWN, BASE))
    unread = 0
    for entry, shown in zip(feed.entries, reversed(SHOWN), strict=True):
        if entry.get("published_parsed") is None:
            unread += 1
        else:
            assert timegm(entry.published_parsed) == shown.at.timestamp()
    assert unread == sum(n % 7 in (4, 6) for n in range(len(SHOWN)))


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (0, "Tue, 24 Nov 2026 10:07:09 +0700"),
        (2, "Tue, 24 Nov 2026 10:07:09 +07:00"),
        (3, "Tue, 24 Nov 2026 03:07:09 GMT"),
        (4, "Tue, 24 Nov 2026 10:07:09 +07"),
        (5, "Tue, 24 Nov 26 10:07:09 +0700"),
        (6, "11/24/2026 10:07:09 AM"),
    ],
)
def test_dates_take_the_forms_of_the_real_press(form: int, text: str) -> None:
    """Each odd form that was seen in real feeds is written exactly so."""
    assert render.feed_date(START, form) == text


def test_a_vietnamese_page_writes_the_weekday_first() -> None:
    """Weekday, date and time of Vietnam."""
    assert render.vietnamese_time(START) == "Thứ ba, 24/11/2026, 10:07 (GMT+7)"
    sunday = datetime(2026, 11, 21, 18, 0, tzinfo=UTC)
    assert render.vietnamese_time(sunday) == "Chủ nhật, 22/11/2026, 01:00 (GMT+7)"


def test_feedparser_reads_the_atom_feed() -> None:
    """All articles with address, author and the exact time; an empty feed is a feed too."""
    feed = feedparser.parse(render.atom(SHOWN, BASE, START))
    assert not feed.bozo
    assert feed.version == "atom10"
    assert {e.link for e in feed.entries} == {BASE + p.article.path for p in SHOWN}
    assert datetime.fromisoformat(feed.entries[0].published) == SHOWN[-1].at
    assert all(re.fullmatch(r".+", e.author) for e in feed.entries)
    assert feedparser.parse(render.atom((), BASE, START)).entries == []
