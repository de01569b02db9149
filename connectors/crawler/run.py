"""`dongtin crawl`: the store, the publisher and the spider together, until the end is asked for."""

import asyncio
import logging
import signal
import threading
from typing import Any

from scrapy.crawler import AsyncCrawlerRunner
from scrapy.utils.reactor import install_reactor

from connectors.crawler.guard import Addresses, PinnedResolver
from connectors.crawler.publish import Publisher
from connectors.crawler.room import Room
from connectors.crawler.spider import NewsSpider
from connectors.crawler.store import Store
from streams.alone import Alone
from streams.errors import ConfigError, Fatal
from streams.health import LOOP_SECONDS, MAIN, PROCESS, START
from streams.settings import Settings

log = logging.getLogger("dongtin")

_SPIDER_GRACE = 5.0  # seconds for the pages in hand; those that take longer are fetched next time
_PUBLISHER_GRACE = 3.0  # seconds for the broker's answers; the rest stays in the outbox
_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"
_MIDDLEWARES = "scrapy.downloadermiddlewares"


def run(settings: Settings, stop: threading.Event | None = None) -> int:
    """Crawls until `stop` is set, or without one until SIGTERM or SIGINT. Once in a process.

    Returns: the exit status: 0 after a clean end within 10 s of being asked; 1 when it can't begin
        or go on, after an error in the log.
    """
    if stop is None:
        stop = threading.Event()
        asked = stop
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: asked.set())
    try:
        if not any(outlet.enabled for outlet in settings.outlets.values()):
            raise ConfigError(settings.config or "", "outlets: none is enabled")
        path = settings.data_dir / "crawler.sqlite3"
        with Alone(path, "another crawler"):
            _crawl(settings, Store(path, recapture=settings.crawler.recapture), stop)
    except Fatal as error:
        log.error("crawl: %s", error)
        return 1
    return 0


def _crawl(settings: Settings, store: Store, stop: threading.Event) -> None:
    """Raises Fatal with what made going on impossible."""
    causes: list[BaseException] = []

    def failed(error: BaseException) -> None:
        causes.append(error)
        stop.set()

    # its warnings tell of single pages, whose fate is in the store
    logging.getLogger("scrapy").setLevel(logging.ERROR)
    publisher = Publisher(store, settings.kafka, failed=failed)
    room = Room(settings.kafka, failed=failed)
    addresses = Addresses()
    install_reactor(_REACTOR)
    from twisted.internet import reactor as installed

    reactor: Any = installed  # its type says nothing of what it can do

    reactor.installNameResolver(PinnedResolver(addresses))

    async def main() -> None:
        turning = asyncio.ensure_future(_turn())
        runner = AsyncCrawlerRunner(scrapy_settings(settings))
        finished = runner.crawl(
            NewsSpider,
            config=settings,
            store=store,
            addresses=addresses,
            queued=publisher.nudge,
            room=room.take,
            failed=failed,
        )
        asked = asyncio.ensure_future(_wait_for(stop))
        await asyncio.wait([asked, finished], return_when=asyncio.FIRST_COMPLETED)
        if not stop.is_set():
            failed(finished.exception() or Fatal("the spider ended by itself"))
        await asyncio.wait([asyncio.ensure_future(runner.stop())], timeout=_SPIDER_GRACE)
        turning.cancel()

    def begin() -> None:
        task = asyncio.ensure_future(main())
        task.add_done_callback(lambda done: _end(done, causes, reactor))

    publisher.start()
    room.start()
    reactor.callWhenRunning(begin)
    reactor.run(installSignalHandlers=False)
    room.stop()
    publisher.stop(_PUBLISHER_GRACE)
    store.close()
    if causes:
        raise Fatal(f"can't go on: {causes[0]!r}") from causes[0]


def _end(done: "asyncio.Task[None]", causes: list[BaseException], reactor: Any) -> None:
    error = done.exception()
    if error is not None:
        causes.append(error)
    reactor.stop()


async def _turn() -> None:
    """The reactor's heart-beat."""
    heart = PROCESS.expect(MAIN, LOOP_SECONDS)
    PROCESS.note(START)
    while True:
        heart.beat()
        await asyncio.sleep(1.0)


async def _wait_for(stop: threading.Event) -> None:
    loop = asyncio.get_running_loop()
    heard = asyncio.Event()

    def listen() -> None:
        stop.wait()
        loop.call_soon_threadsafe(heard.set)

    threading.Thread(target=listen, daemon=True, name="stop").start()
    await heard.wait()


def scrapy_settings(settings: Settings) -> dict[str, Any]:
    """Scrapy's settings for a polite, quiet crawler that opens no port."""
    crawler = settings.crawler
    return {
        "USER_AGENT": crawler.user_agent,
        "ROBOTSTXT_OBEY": True,
        # rules are written for the product's name (RFC 9309, 2.2.1)
        "ROBOTSTXT_USER_AGENT": crawler.user_agent.partition("/")[0],
        "DOWNLOAD_DELAY": crawler.pause,
        "DOWNLOAD_DELAY_JITTER": 0.0,
        "CONCURRENT_REQUESTS": 64,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "DOWNLOAD_TIMEOUT": crawler.timeout,
        "DOWNLOAD_MAXSIZE": 0,  # middlewares.Limits does it, and keeps the beginning
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "DOWNLOAD_HANDLERS": {
            "http": "connectors.crawler.guard.GuardedHandler",
            "https": "connectors.crawler.guard.GuardedHandler",
            "data": None, "file": None, "ftp": None, "s3": None,
        },
        "DOWNLOADER_MIDDLEWARES": {
            f"{_MIDDLEWARES}.robotstxt.RobotsTxtMiddleware": None,
            "connectors.crawler.middlewares.Robots": 100,
            f"{_MIDDLEWARES}.httpcompression.HttpCompressionMiddleware": None,
            "connectors.crawler.middlewares.Decompression": 590,
            f"{_MIDDLEWARES}.redirect.RedirectMiddleware": None,
            "connectors.crawler.middlewares.Redirects": 600,
        },
        "REDIRECT_MAX_TIMES": 10,
        "RETRY_ENABLED": False,  # the store counts tries, over restarts
        "METAREFRESH_ENABLED": False,
        "HTTPERROR_ALLOW_ALL": True,  # every status has its fate
        "HTTPPROXY_ENABLED": False,  # a proxy would connect where we must not
        "COOKIES_ENABLED": False,
        "DEFAULT_REQUEST_HEADERS": {
            "Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.1",
            "Accept-Language": "vi,en;q=0.3",
        },
        "DUPEFILTER_CLASS": "scrapy.dupefilters.BaseDupeFilter",
        "STATS_CLASS": "scrapy.statscollectors.DummyStatsCollector",
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
        "MEMUSAGE_ENABLED": False,
        "LOG_ENABLED": False,
        "LOG_LEVEL": "WARNING",
        "TWISTED_REACTOR": _REACTOR,
    }  # fmt: skip
