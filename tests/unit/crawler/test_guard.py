"""No request into the operator's network."""

import asyncio
import threading
from ipaddress import ip_address
from typing import Any

import pytest
from scrapy.exceptions import CannotResolveHostError

from connectors.crawler import guard
from connectors.crawler.failures import ForbiddenAddress
from connectors.crawler.guard import IP, Addresses, PinnedResolver, check, is_allowed


@pytest.mark.parametrize(
    ("address", "public", "with_loopback"),
    [
        ("203.162.0.181", True, True),
        ("2405:4800::1", True, True),
        ("127.0.0.1", False, True),
        ("::1", False, True),
        ("::ffff:127.0.0.1", False, True),
        ("2002:7f00:1::", False, True),  # 6to4 of 127.0.0.1
        ("64:ff9b::cba2:b5", True, True),  # NAT64 of 203.162.0.181
        ("64:ff9b::7f00:1", False, True),  # NAT64 of 127.0.0.1
        ("64:ff9b::a9fe:a9fe", False, False),  # NAT64 of 169.254.169.254
        ("2001:0:cba2:b5::1", False, False),  # Teredo
        ("::7f00:1", False, False),  # the old way to write 127.0.0.1
        ("fec0::1", False, False),  # site-local
        ("5f00::1", False, False),  # inside networks (RFC 9602)
        ("10.0.0.8", False, True),
        ("172.16.3.4", False, True),
        ("192.168.1.1", False, True),
        ("fd00::1", False, True),
        ("100.64.0.1", False, False),
        ("169.254.169.254", False, False),
        ("fe80::1", False, False),
        ("0.0.0.0", False, False),
        ("224.0.0.1", False, False),
        ("::", False, False),
    ],
)
def test_addresses(address: str, public: bool, with_loopback: bool) -> None:
    """Public addresses are allowed; this machine and private networks only where the outlet says so;
    link-local ones never."""
    assert is_allowed(ip_address(address), loopback=False) is public
    assert is_allowed(ip_address(address), loopback=True) is with_loopback


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("http://bao.example/", True),
        ("https://bao.example:443/", True),
        ("http://bao.example:8080/", True),
        ("http://bao.example:22/", False),
        ("http://bao.example:25/", False),
        ("https://bao.example:0/", False),
    ],
)
def test_ports(url: str, allowed: bool) -> None:
    """Ports of other services are not asked: a link must not make us talk to a mail server."""
    public: list[IP] = [ip_address("203.162.0.181")]
    if allowed:
        check(url, public, loopback=False)
        return
    with pytest.raises(ForbiddenAddress, match="is no web server's"):
        check(url, public, loopback=False)


def test_one_bad_address_is_enough() -> None:
    """A name with a public and a private address is refused."""
    mixed: list[IP] = [ip_address("203.162.0.181"), ip_address("10.0.0.1")]
    with pytest.raises(ForbiddenAddress, match="loopback = true"):
        check("http://bao.example/", mixed, loopback=False)


class _Receiver:
    def __init__(self) -> None:
        self.hosts: list[str] = []
        self.complete = False

    def resolutionBegan(self, _: Any) -> None:
        pass

    def addressResolved(self, address: Any) -> None:
        self.hosts.append(f"{address.host}:{address.port}")

    def resolutionComplete(self) -> None:
        self.complete = True


def _connect_to(resolver: PinnedResolver, host: str) -> list[str]:
    receiver = _Receiver()
    resolver.resolveHostName(receiver, host, portNumber=80)
    assert receiver.complete
    return receiver.hosts


async def test_connection_goes_where_the_check_looked() -> None:
    """A name that resolves differently the second time is connected to what was checked."""
    answers = iter(["203.162.0.181", "127.0.0.1"])
    now = [0.0]
    addresses = Addresses(lambda _: [ip_address(next(answers))], clock=lambda: now[0])
    resolver = PinnedResolver(addresses)
    assert _connect_to(resolver, "bao.example") == []
    assert await addresses.resolve("bao.example") == [ip_address("203.162.0.181")]
    assert _connect_to(resolver, "bao.example") == ["203.162.0.181:80"]
    now[0] = 3600.0
    assert _connect_to(resolver, "bao.example") == ["203.162.0.181:80"]
    assert await addresses.resolve("bao.example") == [ip_address("127.0.0.1")]


async def test_names_outside_ascii() -> None:
    """A name is the same encoded and decoded: Scrapy shows it one way, Twisted the other."""
    addresses = Addresses(lambda _: [ip_address("203.162.0.181")])
    await addresses.resolve("báo.example".encode("idna").decode())
    assert _connect_to(PinnedResolver(addresses), "báo.example") == ["203.162.0.181:80"]


async def test_written_out_addresses_need_no_dns() -> None:
    """An address in the link is judged as it stands."""
    addresses = Addresses(lambda _: [])
    assert await addresses.resolve("127.0.0.1") == [ip_address("127.0.0.1")]
    assert await addresses.resolve("::1") == [ip_address("::1")]


async def test_name_without_address() -> None:
    """A name that nobody knows is told as such."""
    with pytest.raises(CannotResolveHostError):
        await Addresses(lambda _: []).resolve("khong-co.example")


async def test_lookups_are_not_repeated() -> None:
    """Within a minute a name is looked up once."""
    asked: list[str] = []

    def lookup(host: str) -> list[IP]:
        asked.append(host)
        return [ip_address("203.162.0.181")]

    addresses = Addresses(lookup)
    await addresses.resolve("bao.example")
    await asyncio.gather(*(addresses.resolve("bao.example") for _ in range(5)))
    assert asked == ["bao.example"]


async def test_a_dns_that_hangs_collects_no_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many hosts are asked for: a lookup that nobody waits for any more keeps its slot."""
    monkeypatch.setattr(guard, "_DNS_TIMEOUT", 0.05)
    monkeypatch.setattr(guard, "_SLOT_TIMEOUT", 0.3)
    answer = threading.Event()
    under_way: list[str] = []

    def lookup(host: str) -> list[IP]:
        under_way.append(host)
        answer.wait(60)
        return [ip_address("203.162.0.181")]

    addresses = Addresses(lookup)
    asked = [addresses.resolve(f"bao-{n}.example") for n in range(40)]
    found = await asyncio.gather(*asked, return_exceptions=True)
    assert all(isinstance(error, TimeoutError) for error in found)
    assert len(under_way) == guard._LOOKUPS
    answer.set()
    monkeypatch.setattr(guard, "_DNS_TIMEOUT", 30.0)
    monkeypatch.setattr(guard, "_SLOT_TIMEOUT", 30.0)
    assert await addresses.resolve("bao.example") == [ip_address("203.162.0.181")]
