"""Looks at feeds, fetches pages, and gives each page its fate in the store.

`start` runs for as long as the spider does: it hands out what is due, at most one feed and one page
of a host at a time, and sleeps until something is due or has come back.
"""

import asyncio
import hashlib
import logging
import random
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.http import Response

from connectors.crawler import schedule
from connectors.crawler.discover import Feed, read_feed
from connectors.crawler.failures import Refused, explain
from connectors.crawler.guard import LOOPBACK, Addresses
from connectors.crawler.middlewares import STOPPED, Limits
from connectors.crawler.page import (
    KEPT_BYTES,
    Answer,
    Trouble,
    article_message,
    find_trouble,
    letter_message,
)
from connectors.crawler.schedule import FeedPlan
from connectors.crawler.store import Found, Store, Validators, Waiting, host_of
from streams.errors import Invalid, Reason
from streams.identity import article_id, canonical_url
from streams.metrics import OUTBOX, POLLS, account
from streams.settings import Outlet, Settings
from streams.topics import MAX_PAGE_BYTES

log = logging.getLogger("dongtin")

_SLEEP = 1.0  # seconds; the longest sleep of `start`: the broker may have made room in the outbox
_FEED_ACCEPT = "application/rss+xml,application/atom+xml,application/xml;q=0.9,*/*;q=0.5"


@dataclass(slots=True)
class _FeedState:
    outlet: str
    plan: FeedPlan
    validators: Validators
    seen: bytes = b""  # digest of the last good answer


@dataclass(slots=True)
class _HostState:
    """A host that does not answer is left alone, so that an outage costs few pages their tries."""

    failures: int = 0
    until: float = 0.0  # monotonic


class NewsSpider(Spider):  # type: ignore[misc]  # scrapy's types are not followed
    """One spider for all outlets.

    Args:
        config: outlets and pace.
        published: called after a message went into the outbox.
        failed: called with what makes going on impossible: the store can't be written.
    """

    name = "dongtin"

    def __init__(
        self,
        *,
        config: Settings,
        store: Store,
        addresses: Addresses,
        published: Callable[[], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        super().__init__()
        self.addresses = addresses  # the download handler's
        self._config = config
        self._store = store
        self._published = published
        self._failed = failed
        self._wake = asyncio.Event()
        self._outlets = {key: outlet for key, outlet in config.outlets.items() if outlet.enabled}
        self._feeds = dict(self._plan())
        self._feed_hosts: set[str] = set()  # with a feed in hand
        self._page_hosts: set[str] = set()  # with a page in hand
        self._hosts = store.hosts()  # with pages to fetch
        self._trouble: dict[str, _HostState] = {}

    @classmethod
    def from_crawler(cls, crawler: Any, *args: Any, **kwargs: Any) -> "NewsSpider":
        """Scrapy's way of making it."""
        spider: NewsSpider = super().from_crawler(crawler, *args, **kwargs)
        spider._limits = Limits(crawler)
        return spider

    def _plan(self) -> Iterator[tuple[str, _FeedState]]:
        now = time.monotonic()
        for key, outlet in self._outlets.items():
            for url in outlet.feeds:
                plan = schedule.first_look(
                    outlet.poll or self._config.crawler.poll,
                    fixed=outlet.poll is not None,
                    now=now,
                    chance=random.random(),  # noqa: S311  # spreads load, hides nothing
                )
                yield url, _FeedState(key, plan, self._store.validators(url))

    async def start(self) -> AsyncIterator[Request]:
        """Requests as they become due, for ever."""
        while True:
            self._wake.clear()
            for request in self._due_feeds():
                yield request
            for request in self._due_pages():
                yield request
            OUTBOX.set(self._store.waiting)
            try:
                await asyncio.wait_for(self._wake.wait(), self._until_due())
            except TimeoutError:
                continue

    # what is due

    def _due_feeds(self) -> Iterator[Request]:
        now = time.monotonic()
        for url, state in sorted(self._feeds.items(), key=lambda item: item[1].plan.next_at):
            host = host_of(url)
            if state.plan.next_at > now:
                return
            if host in self._feed_hosts:
                continue
            self._feed_hosts.add(host)
            headers = {
                "Accept": _FEED_ACCEPT,
                "If-None-Match": state.validators.etag,
                "If-Modified-Since": state.validators.last_modified,
            }
            yield self._request(
                url,
                self._outlets[state.outlet],
                self.on_feed,
                self.on_feed_failure,
                headers={name: value for name, value in headers.items() if value},
                priority=1,
                cb_kwargs={"url": url},
            )

    def _due_pages(self) -> Iterator[Request]:
        room = self._config.crawler.outbox - self._store.waiting - len(self._page_hosts)
        for host in sorted(self._hosts - self._page_hosts):
            if room <= 0:
                return
            page = self._next_page(host)
            if page is None:
                continue
            room -= 1
            self._page_hosts.add(host)
            yield self._request(
                page.url,
                self._outlets[page.outlet],
                self.on_page,
                self.on_page_failure,
                cb_kwargs={"page": page},
            )

    def _next_page(self, host: str) -> Waiting | None:
        held = self._trouble.get(host)
        if held and held.until > time.monotonic():
            return None
        found = self._store.next_of(host, tuple(self._outlets))
        if found is None:
            self._hosts.discard(host)
            return None
        page, at = found
        return page if at <= time.time() else None

    def _until_due(self) -> float:
        """Seconds until `start` has to look again by itself."""
        free = (
            s.plan.next_at for u, s in self._feeds.items() if host_of(u) not in self._feed_hosts
        )
        return min(_SLEEP, max(0.005, min(free, default=_SLEEP) - time.monotonic()))

    def _request(
        self, url: str, outlet: Outlet, callback: object, errback: object, **more: Any
    ) -> Request:
        pause = self._config.crawler.pause if outlet.pause is None else outlet.pause
        host = urlsplit(url).hostname or ""
        # one at a time, `pause` apart; a slot that is there keeps its pace
        slots = self.crawler.engine.downloader.per_slot_settings
        slots.setdefault(host, {"concurrency": 1, "delay": pause, "jitter": 0.0})
        return Request(
            url,
            callback=callback,
            errback=errback,
            dont_filter=True,
            meta={LOOPBACK: outlet.loopback},
            **more,
        )

    # feeds

    async def on_feed(self, response: Response, url: str) -> None:
        """A feed's server has answered."""
        await self._safely(self._read_feed(response, url))
        self._feed_done(url)

    async def on_feed_failure(self, failure: Any) -> None:
        """A feed could not be had."""
        url = failure.request.cb_kwargs["url"]
        trouble = explain(failure.value)
        self._feed_failed(url, trouble.reason, trouble.detail)
        self._feed_done(url)

    def _feed_done(self, url: str) -> None:
        self._feed_hosts.discard(host_of(url))
        self._wake.set()

    async def _read_feed(self, response: Response, url: str) -> None:
        state = self._feeds[url]
        if response.status == 304:
            self._feed_good(url, "not-modified")
            return
        if response.status != 200 or STOPPED in response.flags:
            reason = Reason.TOO_LARGE if STOPPED in response.flags else Reason.HTTP_STATUS
            self._feed_failed(url, reason, f"HTTP {response.status}", response)
            return
        digest = hashlib.sha256(response.body).digest()
        if digest == state.seen:
            self._feed_good(url, "same")
            return
        kind = _header(response, "Content-Type")
        feed = await asyncio.to_thread(read_feed, response.body, response.url, content_type=kind)
        if feed.outcome in ("not-a-feed", "too-large"):
            self._feed_failed(url, feed.outcome, feed.detail)
            return
        self._discover(url, feed, response)
        state.seen = digest

    def _discover(self, url: str, feed: Feed, response: Response) -> None:
        state = self._feeds[url]
        validators = Validators(
            etag=_header(response, "ETag"), last_modified=_header(response, "Last-Modified")
        )
        found = [
            Found(
                id=entry.id,
                url=entry.url,
                canonical_url=entry.canonical_url,
                outlet=state.outlet,
                entry=entry.feed,
            )
            for entry in feed.entries
        ]
        new = self._store.discover(url, found, datetime.now(UTC), validators)
        state.validators = validators
        self._hosts.update(host_of(article.url) for article in new)
        if feed.detail:
            log.warning("feed %s: %s", url, feed.detail)
        self._feed_good(url, "new" if new else "nothing-new", ttl=feed.ttl)

    def _feed_good(self, url: str, outcome: str, *, ttl: float | None = None) -> None:
        state = self._feeds[url]
        if state.plan.failures:
            log.info("feed %s: well again", url)
        POLLS.labels(state.outlet, outcome).inc()
        state.plan = schedule.after_answer(
            state.plan, now=time.monotonic(), chance=random.random(), ttl=ttl  # noqa: S311
        )  # fmt: skip

    def _feed_failed(
        self, url: str, outcome: str, detail: str, response: Response | None = None
    ) -> None:
        state = self._feeds[url]
        if not state.plan.failures:
            log.warning("feed %s: %s: %s", url, outcome, detail)
        POLLS.labels(state.outlet, outcome).inc()
        wish = _retry_after(response) if response else None
        state.plan = schedule.after_failure(
            state.plan, now=time.monotonic(), chance=random.random(), retry_after=wish  # noqa: S311
        )  # fmt: skip

    # pages

    async def on_page(self, response: Response, page: Waiting) -> None:
        """A page's server has answered."""
        self._trouble.pop(host_of(page.url), None)
        await self._safely(self._read_page(response, page), page)
        self._page_done(page)

    async def on_page_failure(self, failure: Any) -> None:
        """A page could not be had."""
        page = failure.request.cb_kwargs["page"]
        trouble = explain(failure.value)
        if not trouble.final:
            held = self._trouble.setdefault(host_of(page.url), _HostState())
            held.failures += 1
            held.until = time.monotonic() + schedule.page_delay(held.failures)
        await self._safely(self._give_up_or_wait(page, trouble), page)
        self._page_done(page)

    def _page_done(self, page: Waiting) -> None:
        self._page_hosts.discard(host_of(page.url))
        self._wake.set()

    async def _read_page(self, response: Response, page: Waiting) -> None:
        answer = _answer(response)
        if STOPPED in response.flags:
            raise Refused(
                Reason.TOO_LARGE, f"more than {MAX_PAGE_BYTES} bytes", answer.body[:KEPT_BYTES]
            )
        trouble = find_trouble(answer)
        if trouble is not None:
            wish = _retry_after(response)
            await self._give_up_or_wait(page, trouble, wish)
            return
        into = self._known_as(page, answer.url)
        if into != page.id:
            self._store.fold(page.id, into)
            account("crawl", "unchanged", page.outlet)
            return
        now = datetime.now(UTC)
        try:
            message = await asyncio.to_thread(article_message, page, answer, now)
        except Invalid as error:
            raise Refused(error.reason, error.detail, answer.body) from error
        self._store.finish(message, "fetched")
        self._published()

    def _known_as(self, page: Waiting, url: str) -> str:
        """The id of the article that the redirect led to, where we have it already."""
        try:
            final = canonical_url(url)
        except ValueError:
            return page.id
        # outlets send what they have taken down to their front page: that is no article
        if urlsplit(final).path == "/":
            return page.id
        return self._store.alias(article_id(final), page.id)

    async def _give_up_or_wait(
        self, page: Waiting, trouble: Trouble, retry_after: float | None = None
    ) -> None:
        now = datetime.now(UTC)
        if not trouble.final and page.attempts + 1 < self._config.crawler.attempts:
            delay = schedule.page_delay(page.attempts + 1, retry_after=retry_after)
            until = now + timedelta(seconds=delay)
            self._store.postpone(page.id, until, f"{trouble.reason}: {trouble.detail}"[:1000])
            return
        message = letter_message(page, trouble, now)
        state = "skipped" if trouble.reason.disposition == "skipped" else "dead"
        self._store.finish(message, state, reason=trouble.reason, detail=trouble.detail[:1000])  # type: ignore[arg-type]  # a literal in both cases
        self._published()

    async def _safely(self, work: Coroutine[Any, Any, None], page: Waiting | None = None) -> None:
        """Runs one answer's work: whatever it meets, the others go on, unless the disk fails."""
        try:
            await work
        except sqlite3.Error as error:
            self._failed(error)
        except Refused as error:
            if page is not None:
                await self._safely(self._give_up_or_wait(page, explain(error)))
        # the one place where a page that nobody has foreseen is kept from stopping the crawler
        except Exception as error:
            log.exception("crawler: %s", page.url if page else "feed")
            if page is not None:
                detail = f"{type(error).__name__}: {error}"
                trouble = Trouble(reason=Reason.CRASH, detail=detail, final=True)
                await self._safely(self._give_up_or_wait(page, trouble))


def _answer(response: Response) -> Answer:
    headers = response.headers.to_unicode_dict()
    return Answer(
        url=response.url,
        status=response.status,
        headers={str(name).lower(): str(value) for name, value in headers.items()},
        body=response.body,
    )


def _header(response: Response, name: str) -> str:
    return bytes(response.headers.get(name) or b"").decode("latin-1")[:500]


def _retry_after(response: Response) -> float | None:
    return schedule.parse_retry_after(_header(response, "Retry-After"), datetime.now(UTC))
