"""Tiny builders for the crawler's records."""

from datetime import UTC, datetime
from typing import Any

from connectors.crawler.kept import Found, Message, Validators
from connectors.crawler.store import Store
from streams.identity import article_id, canonical_url
from streams.records import FeedEntry

MOMENT = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
FEED = "https://bao.example/rss"


def found(number: int = 1, *, host: str = "bao.example", outlet: str = "bao") -> Found:
    """An article that a feed names."""
    url = f"https://{host}/bai-{number}.html"
    canonical = canonical_url(url)
    return Found(
        id=article_id(canonical),
        url=url,
        canonical_url=canonical,
        outlet=outlet,
        entry=FeedEntry(title=f"Bài {number}", published=MOMENT),
    )


def discover(store: Store, *articles: Found) -> list[Found]:
    """The articles are named by a feed."""
    return store.discover(FEED, articles, MOMENT, Validators(etag='"1"'))[0]


def message(article: Found, value: bytes = b"page", **changes: Any) -> Message:
    """A message for the broker about an article."""
    fields: dict[str, Any] = {
        "article": article.id,
        "topic": "articles.raw",
        "value": value,
        "outlet": article.outlet,
        "outcome": "ok",
        "discovered_at": MOMENT,
        **changes,
    }
    return Message(**fields)
