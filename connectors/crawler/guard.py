"""No request reaches an address inside the operator's network unless the outlet may.

A host is resolved once, its addresses are judged, and the connection is made to exactly these: a
name that answers differently the second time (DNS rebinding) gains nothing. Redirects and
robots.txt come the same way.
"""

import asyncio
import socket
import threading
import time
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.exceptions import CannotResolveHostError
from scrapy.http import Response
from twisted.internet.address import IPv4Address as TwistedV4
from twisted.internet.address import IPv6Address as TwistedV6
from twisted.internet.interfaces import IHostnameResolver, IHostResolution
from twisted.python.failure import Failure
from twisted.web._newclient import HEADER, STATUS
from zope.interface import implementer  # type: ignore[import-untyped]  # it has no types

from connectors.crawler.failures import EndlessHead, ForbiddenAddress

IP = IPv4Address | IPv6Address

_KEEP = 60.0  # seconds that an answer of the DNS is used
_MOST = 2000  # hosts kept
_DNS_TIMEOUT = 10.0  # seconds
_LOOKUPS = (
    8  # at once; one whose answer is not waited for any more counts until its thread has ended
)
_SLOT_TIMEOUT = 60.0  # seconds
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052
_UNICAST = IPv6Network("2000::/3")  # all that IANA has given out for the public
_WEB_PORTS = (80, 443)
_LOWEST_PORT = 1024  # below it each port is some service's; news sites on odd ones are above
_HEAD_BYTES = 256 * 1024  # of an answer's status line and headers; servers send 1 to 20 KB
#: Request.meta: whether addresses of this machine and of private networks may be asked.
LOOPBACK = "loopback"


def is_allowed(address: IP, *, loopback: bool) -> bool:
    """Whether a request may go to this address.

    Args:
        loopback: whether this machine and private networks are allowed. Link-local addresses (where
            clouds keep their secrets) and the like never are.
    """
    if isinstance(address, IPv6Address):
        inner = _embedded(address)
        if inner is not None:
            return is_allowed(inner, loopback=loopback)
        if address.teredo:  # through a relay that nobody knows, to a machine behind a wall
            return False
    if address.is_multicast or address.is_unspecified or address.is_link_local:
        return False
    if address.is_global:
        return address.version == 4 or address in _UNICAST
    return loopback and (address.is_loopback or address.is_private)


def _embedded(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address to which a gateway or the system itself would take a packet for this one."""
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour


def check(url: str, addresses: list[IP], *, loopback: bool) -> None:
    """Raises ForbiddenAddress when `url` has a port of something else than a web server, or one of
    the addresses behind it may not be asked."""
    port = urlsplit(url).port
    if port is not None and port < _LOWEST_PORT and port not in _WEB_PORTS:
        raise ForbiddenAddress(f"{url[:200]}: port {port} is no web server's")
    for address in addresses:
        if not is_allowed(address, loopback=loopback):
            raise ForbiddenAddress(
                f"{url[:200]}: {address} is not a public address"
                + ("" if loopback else "; if it is meant, say `loopback = true` for the outlet")
            )


class Addresses:
    """Host names and what they resolve to, for a minute each."""

    def __init__(
        self,
        lookup: Callable[[str], list[IP]] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._lookup = lookup or _look_up
        self._clock = clock
        self._known: dict[str, tuple[float, list[IP]]] = {}
        self._slots = asyncio.Semaphore(_LOOKUPS)

    def known(self, host: str) -> list[IP]:
        """The addresses that the last `resolve` gave; none for a host never asked for."""
        return self._known.get(_ascii(host), (0.0, []))[1]

    async def resolve(self, host: str) -> list[IP]:
        """The addresses of a host or of an address written out.

        A DNS that hangs collects `_LOOKUPS` threads and no more: then nobody gets a slot.

        Raises:
            CannotResolveHostError: it has none, or the DNS does not answer.
        """
        host = _ascii(host)
        kept = self._known.get(host)
        if kept and kept[0] > self._clock():
            return kept[1]
        try:
            found = [ip_address(host)]
        except ValueError:
            await asyncio.wait_for(self._slots.acquire(), _SLOT_TIMEOUT)
            found = await asyncio.wait_for(self._in_thread(host), _DNS_TIMEOUT)
        if not found:
            raise CannotResolveHostError(f"no address for {host}")
        if len(self._known) >= _MOST:
            self._known.pop(next(iter(self._known)))
        self._known[host] = (self._clock() + _KEEP, found)
        return found

    async def _in_thread(self, host: str) -> list[IP]:
        # a daemon: a DNS that hangs must not hold up the end of the process
        loop = asyncio.get_running_loop()
        future: asyncio.Future[list[IP]] = loop.create_future()

        def settle(found: list[IP]) -> None:
            self._slots.release()
            if not future.done():
                future.set_result(found)

        def work() -> None:
            found: list[IP] = []
            try:
                found = self._lookup(host)
            finally:
                if not loop.is_closed():
                    loop.call_soon_threadsafe(settle, found)

        threading.Thread(target=work, daemon=True, name="dns").start()
        return await future


def _ascii(host: str) -> str:
    """One spelling: Twisted shows names outside ASCII decoded, Scrapy encoded."""
    try:
        return host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return host.lower()


def _look_up(host: str) -> list[IP]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return list(dict.fromkeys(ip_address(str(entry[4][0]).partition("%")[0]) for entry in found))


@implementer(IHostResolution)
class _Resolution:
    def __init__(self, name: str) -> None:
        self.name = name

    def cancel(self) -> None:
        """Nothing is under way."""


@implementer(IHostnameResolver)
class PinnedResolver:
    """Gives Twisted the addresses that were judged, and none for any other host."""

    def __init__(self, addresses: Addresses) -> None:
        self._addresses = addresses

    def resolveHostName(  # Twisted's name
        self,
        receiver: Any,
        host: str,
        port: int = 0,
        kinds: Any = None,
        semantics: str = "TCP",
        **names: Any,
    ) -> Any:
        """IHostnameResolver: answers at once."""
        resolution = _Resolution(host)
        receiver.resolutionBegan(resolution)
        port = names.get("portNumber", port)
        for address in self._addresses.known(host):
            kind = TwistedV4 if address.version == 4 else TwistedV6
            receiver.addressResolved(kind("TCP", str(address), port))
        receiver.resolutionComplete()
        return resolution


def _bounded(factory: type[Any]) -> type[Any]:
    """Twisted's factory of connections that give up on an answer whose head does not end: it limits
    a header's length and not their number."""

    failure: Any = Failure  # it has no types

    class Bounded(factory):  # type: ignore[misc]  # the same
        def buildProtocol(self, address: Any) -> Any:  # Twisted's name
            connection = super().buildProtocol(address)
            receive, head = connection.dataReceived, 0

            def receive_bounded(data: bytes) -> None:
                nonlocal head
                parser = connection._parser
                in_head = parser is not None and parser.state in (STATUS, HEADER)
                head = head + len(data) if in_head else 0
                if head <= _HEAD_BYTES:
                    receive(data)
                    return
                connection._giveUp(failure(EndlessHead(f"more than {_HEAD_BYTES} bytes of head")))
                connection.transport.abortConnection()

            connection.dataReceived = receive_bounded
            return connection

    return Bounded


class GuardedHandler(HTTP11DownloadHandler):  # type: ignore[misc]  # scrapy's types are not followed
    """Scrapy's HTTP handler, behind the check; every request passes here."""

    def __init__(self, crawler: Any) -> None:
        super().__init__(crawler)
        self._addresses: Addresses = crawler.spider.addresses
        self._pool._factory = _bounded(self._pool._factory)

    async def download_request(self, request: Request) -> Response:
        """Raises ForbiddenAddress, CannotResolveHostError, and what Scrapy's raises."""
        host = (urlsplit(request.url).hostname or "").lower()
        loopback = bool(request.meta.get(LOOPBACK))
        check(request.url, await self._addresses.resolve(host), loopback=loopback)
        response = await super().download_request(request)
        if response.ip_address is not None:  # a connection kept open from another outlet's request
            check(request.url, [response.ip_address], loopback=loopback)
        return response
