"""Asks for what is due and hands on what comes back.

`start` runs for as long as the spider does: it hands out feeds and pages that are due, and sleeps
until something is due or has come back.
"""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.http import Response

from connectors.crawler.failures import explain
from connectors.crawler.feeds import DueFeed, Feeds
from connectors.crawler.guard import LOOPBACK, Addresses
from connectors.crawler.kept import Waiting
from connectors.crawler.middlewares import STOPPED, Limits
from connectors.crawler.page import Answer, Trouble
from connectors.crawler.pages import Pages
from connectors.crawler.store import Store
from streams.errors import Reason
from streams.health import PROCESS
from streams.metrics import OUTBOX
from streams.settings import Settings

log = logging.getLogger("dongtin")

#: Seconds; the longest sleep of `start`: a page's next try may be due, the outbox may have room again.
_SLEEP = 1.0
#: Seconds that `start` may wait for Scrapy to take a request, beyond a page's own time limit: Scrapy
#: takes none while 64 are under way.
_TAKE_SECONDS = 60.0
_PERMANENT = frozenset({301, 308})  # redirects
_MOST_HOSTS = 2000  # whose pace is remembered; feeds may name any, without end
_FEED_ACCEPT = "application/rss+xml,application/atom+xml,application/xml;q=0.9,*/*;q=0.5"


class NewsSpider(Spider):  # type: ignore[misc]  # scrapy's types are not followed
    """One spider for all outlets.

    Args:
        config: outlets and pace.
        addresses: what the download handler connects to.
        queued: called after a message went into the outbox.
        room: whether the stages behind have room for one more old page.
        failed: called with what makes going on impossible: the store can't be written.
    """

    name = "dongtin"

    def __init__(
        self,
        *,
        config: Settings,
        store: Store,
        addresses: Addresses,
        queued: Callable[[], None],
        room: Callable[[], bool],
        failed: Callable[[BaseException], None],
    ) -> None:
        super().__init__()
        self.addresses = addresses
        self._crawler_settings = config.crawler
        self._store = store
        self._failed = failed
        self._wake = asyncio.Event()
        self._outlets = {key: outlet for key, outlet in config.outlets.items() if outlet.enabled}
        self._feeds = Feeds(self._outlets, config.crawler.poll, store)
        self._pages = Pages(
            store,
            tuple(self._outlets),
            attempts=config.crawler.attempts,
            outbox=config.crawler.outbox,
            queued=queued,
            room=room,
        )
        self._limits: Limits | None = None

    @classmethod
    def from_crawler(cls, crawler: Any, *args: Any, **kwargs: Any) -> "NewsSpider":
        """Scrapy's way of making it."""
        spider: NewsSpider = super().from_crawler(crawler, *args, **kwargs)
        spider._limits = Limits(crawler)
        return spider

    async def start(self) -> AsyncIterator[Request]:
        """Requests as they become due, for ever."""
        heart = PROCESS.expect("spider", self._crawler_settings.timeout + _TAKE_SECONDS)
        while True:
            heart.beat()
            self._wake.clear()
            for feed in self._feeds.take_due():
                heart.beat()
                yield self._feed_request(feed)
            if self._store.changed_outside():
                self._pages.add_hosts(self._store.hosts())
            for page in self._pages.take_due():
                heart.beat()
                yield self._page_request(page)
            self._show_outbox()
            seconds = max(0.005, min(_SLEEP, self._feeds.seconds_until_due()))
            try:
                await asyncio.wait_for(self._wake.wait(), seconds)
            except TimeoutError:
                continue

    def _show_outbox(self) -> None:
        waiting, most = self._store.waiting, self._crawler_settings.outbox
        OUTBOX.set(waiting)
        full = f"{waiting} pages wait for the broker, {most} is the bound: no page is fetched"
        PROCESS.note("outbox", full if waiting >= most else "")

    def _feed_request(self, feed: DueFeed) -> Request:
        return self._request(
            feed.url,
            feed.outlet,
            callback=self.on_feed,
            errback=self.on_feed_failure,
            headers={"Accept": _FEED_ACCEPT, **feed.headers},
            priority=1,
            cb_kwargs={"url": feed.url},
        )

    def _page_request(self, page: Waiting) -> Request:
        return self._request(
            page.url,
            page.outlet,
            callback=self.on_page,
            errback=self.on_page_failure,
            cb_kwargs={"page": page},
        )

    def _request(self, url: str, key: str, **more: Any) -> Request:
        outlet = self._outlets[key]
        pause = self._crawler_settings.pause if outlet.pause is None else outlet.pause
        # one at a time, `pause` apart; a host that is known keeps its pace
        slots = self.crawler.engine.downloader.per_slot_settings
        while len(slots) >= _MOST_HOSTS:
            slots.pop(next(iter(slots)))  # it gets the same again with its next request
        slots.setdefault(
            urlsplit(url).hostname or "", {"concurrency": 1, "delay": pause, "jitter": 0.0}
        )
        return Request(url, dont_filter=True, meta={LOOPBACK: outlet.loopback}, **more)

    async def on_feed(self, response: Response, url: str) -> None:
        """A feed's server has answered."""
        try:
            hosts = await self._feeds.read(url, _answer(response), cut=STOPPED in response.flags)
            self._pages.add_hosts(hosts)
        except sqlite3.Error as error:
            self._failed(error)
        # a feed that nobody has foreseen must not stop the others
        except Exception as error:
            log.exception("feed %s", url)
            self._feeds.fail(url, Reason.CRASH, repr(error))
        self._feeds.release(url)
        self._wake.set()

    async def on_feed_failure(self, failure: Any) -> None:
        """A feed could not be had."""
        url = failure.request.cb_kwargs["url"]
        trouble = explain(failure.value)
        self._feeds.fail(url, trouble.reason, trouble.detail)
        self._feeds.release(url)
        self._wake.set()

    async def on_page(self, response: Response, page: Waiting) -> None:
        """A page's server has answered."""
        try:
            await self._pages.read(page, _answer(response), cut=STOPPED in response.flags)
        except sqlite3.Error as error:
            self._failed(error)
        # a page that nobody has foreseen must not stop the others
        except Exception as error:
            log.exception("page %s", page.url)
            self._fail_page(page, Trouble(reason=Reason.CRASH, detail=repr(error), final=True))
        self._pages.release(page)
        self._wake.set()

    async def on_page_failure(self, failure: Any) -> None:
        """A page could not be had."""
        page = failure.request.cb_kwargs["page"]
        self._fail_page(page, explain(failure.value))
        self._pages.release(page)
        self._wake.set()

    def _fail_page(self, page: Waiting, trouble: Trouble) -> None:
        try:
            self._pages.fail(page, trouble)
        except sqlite3.Error as error:
            self._failed(error)


def _answer(response: Response) -> Answer:
    headers = response.headers.to_unicode_dict()
    return Answer(
        url=response.url,
        moved=_PERMANENT.issuperset(response.meta.get("redirect_reasons", ())),
        status=response.status,
        headers={str(name).lower(): str(value) for name, value in headers.items()},
        body=response.body,
    )
