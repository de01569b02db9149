"""Scrapy's middlewares with our reason codes, and with what a crawler that never ends needs."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any

from scrapy import Request, signals
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest, StopDownload
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import ProtegoRobotParser
from scrapy.utils.httpobj import urlparse_cached

from connectors.crawler.failures import ForbiddenAddress, Refused, RobotsUnknown
from connectors.crawler.guard import LOOPBACK
from connectors.crawler.page import KEPT_BYTES
from streams.errors import Reason
from streams.identity import without_user
from streams.topics import MAX_PAGE_BYTES

#: Seconds for which a robots.txt counts; RFC 9309, 2.4: a day at most.
ROBOTS_AGE = 3600.0
#: Seconds until a robots.txt that could not be had is asked for again: less than between two tries
#: for a page (schedule.page_delay).
ROBOTS_RETRY = 1.0
_ROBOTS_BYTES = 512 * 1024  # RFC 9309, 2.5: at least 500 KiB are read
_ROBOTS_MOST = 2000  # hosts kept
_LAYERS = 2  # of compression; servers and caches make one
#: Flag of a response that Scrapy was told to read no further.
STOPPED = "download_stopped"
_RECEIVED, _LIMIT = "received_bytes", "limit_bytes"


@dataclass(slots=True)
class _Known:
    parser: "asyncio.Future[ProtegoRobotParser]"
    until: float = float("inf")  # monotonic; while it is being fetched, for ever


class Robots(RobotsTxtMiddleware):  # type: ignore[misc]  # scrapy's types are not followed
    """Asks again at intervals, and takes a robots.txt that can't be had for a closed door.

    RFC 9309, 2.3.1: 4xx means that all is allowed, 5xx and silence that nothing is.
    """

    def __init__(self, crawler: Any) -> None:
        super().__init__(crawler)
        self._known: dict[tuple[str, bool], _Known] = {}

    async def process_request(self, request: Request, spider: Any = None) -> None:
        """Raises Refused (`robots`), RobotsUnknown, ForbiddenAddress."""
        try:
            await super().process_request(request)
        except Refused:
            raise
        except IgnoreRequest as error:
            raise Refused(Reason.ROBOTS, f"robots.txt forbids {request.url[:500]}") from error

    async def robot_parser(self, request: Request) -> ProtegoRobotParser:
        """The rules of the request's host."""
        key = (urlparse_cached(request).netloc, bool(request.meta.get(LOOPBACK)))
        known = self._known.get(key)
        if known is None or known.until < time.monotonic():
            if len(self._known) >= _ROBOTS_MOST:
                self._known.pop(next(iter(self._known)))
            known = _Known(asyncio.ensure_future(self._fetch(request)))
            known.parser.add_done_callback(lambda _: self._date(known))
            self._known[key] = known
        return await asyncio.shield(known.parser)

    @staticmethod
    def _date(known: _Known) -> None:
        failed = known.parser.cancelled() or known.parser.exception() is not None
        known.until = time.monotonic() + (ROBOTS_RETRY if failed else ROBOTS_AGE)

    async def _fetch(self, request: Request) -> ProtegoRobotParser:
        place = urlparse_cached(request)
        robots = Request(
            f"{place.scheme}://{place.netloc}/robots.txt",
            meta={"dont_obey_robotstxt": True, LOOPBACK: request.meta.get(LOOPBACK)},
            callback=NO_CALLBACK,
        )
        try:
            response = await self.crawler.engine.download_async(robots)
        except Refused as error:
            if error.reason is Reason.REDIRECT_LOOP:  # RFC 9309, 2.3.1.2: no rules there
                return self._parser(b"")
            raise RobotsUnknown(f"{robots.url}: {error}") from error
        except ForbiddenAddress:
            raise
        # whatever keeps us from reading the rules keeps us from the page
        except Exception as error:
            raise RobotsUnknown(f"{robots.url}: {type(error).__name__}: {error}") from error
        if response.status >= 500:
            raise RobotsUnknown(f"{robots.url}: HTTP {response.status}")
        return self._parser(response.body[:_ROBOTS_BYTES] if response.status == 200 else b"")

    def _parser(self, rules: bytes) -> ProtegoRobotParser:
        return ProtegoRobotParser.from_crawler(self.crawler, rules)


class Redirects(RedirectMiddleware):  # type: ignore[misc]  # scrapy's types are not followed
    """Scrapy's, with a reason code when it gives up."""

    def process_response(self, request: Request, response: Response, spider: Any = None) -> Any:
        """Raises Refused (`redirect-loop`)."""
        try:
            to = super().process_response(request, response)
        except IgnoreRequest as error:
            times = request.meta.get("redirect_times", 0)
            raise Refused(
                Reason.REDIRECT_LOOP, f"{times} redirects, the last to {request.url[:500]}"
            ) from error
        # a user in it would be part of the host's name for the library that connects
        return to.replace(url=without_user(to.url)) if isinstance(to, Request) else to


class Decompression(HttpCompressionMiddleware):  # type: ignore[misc]  # the same
    """Scrapy's, with a reason code for what grows beyond the limit."""

    def process_response(self, request: Request, response: Response, spider: Any = None) -> Any:
        """Raises Refused (`too-large`, `bad-encoding`)."""
        if STOPPED in response.flags:
            return response  # cut off: there is no end to decompress to
        layers = sum(line.count(b",") + 1 for line in response.headers.getlist("Content-Encoding"))
        if layers > _LAYERS:  # each may cost as much as a whole page
            raise Refused(
                Reason.BAD_ENCODING, f"compressed {layers} times", response.body[:KEPT_BYTES]
            )
        request.meta["download_maxsize"] = MAX_PAGE_BYTES
        try:
            return super().process_response(request, response)
        except IgnoreRequest as error:
            raise Refused(
                Reason.TOO_LARGE,
                f"more than {MAX_PAGE_BYTES} bytes after decompression, {len(response.body)} before",
                response.body[:KEPT_BYTES],
            ) from error


class Limits:
    """Stops a download at the largest page, so that it never fills the memory.

    Of an answer that says itself that it is larger, only what goes into the dead letter is read.
    """

    def __init__(self, crawler: Any) -> None:
        # signals hold their receivers weakly: whoever makes it keeps it
        crawler.signals.connect(self.headers_received, signals.headers_received)
        crawler.signals.connect(self.bytes_received, signals.bytes_received)

    def headers_received(self, request: Request, body_length: int | object) -> None:
        """Signal of Scrapy; the length is no number when it is not known."""
        larger = isinstance(body_length, int) and body_length > MAX_PAGE_BYTES
        request.meta[_RECEIVED] = 0
        request.meta[_LIMIT] = KEPT_BYTES if larger else MAX_PAGE_BYTES

    def bytes_received(self, request: Request, data: bytes) -> None:
        """Signal of Scrapy. Raises StopDownload."""
        request.meta[_RECEIVED] += len(data)
        if request.meta[_RECEIVED] > request.meta[_LIMIT]:
            raise StopDownload(fail=False)
