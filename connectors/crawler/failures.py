"""Why Scrapy gave no page: exceptions of our middlewares, and the word for every other one."""

import asyncio

from scrapy.exceptions import IgnoreRequest

from connectors.crawler.page import Trouble
from streams.errors import Reason


class Refused(IgnoreRequest):  # type: ignore[misc]  # scrapy's types are not followed
    """The page is not fetched, now or ever, for one of our reasons."""

    def __init__(self, reason: Reason, detail: str, content: bytes = b"") -> None:
        super().__init__(detail)
        self.reason = reason
        self.content = content


class ForbiddenAddress(Exception):  # it is no error of ours
    """The page lies at an address that this outlet may not lead to."""


class EndlessHead(Exception):  # it is no error of ours
    """A server sends headers and does not stop."""


class RobotsUnknown(Exception):  # it is no error of ours
    """The host's robots.txt can't be had just now, so nothing may be fetched (RFC 9309, 2.3.1.4)."""


def explain(error: BaseException) -> Trouble:
    """The trouble behind an exception of the download."""
    if isinstance(error, Refused):
        return Trouble(reason=error.reason, detail=str(error), final=True, content=error.content)
    if isinstance(error, ForbiddenAddress):
        return Trouble(reason=Reason.UNREACHABLE, detail=str(error), final=True)
    if isinstance(error, asyncio.TimeoutError):
        return Trouble(reason=Reason.UNREACHABLE, detail="the DNS did not answer", final=False)
    text = f"{type(error).__name__}: {error}"[:500]
    return Trouble(reason=Reason.UNREACHABLE, detail=text, final=False)
