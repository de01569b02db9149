"""Which outlet an old article is of: by its address. Pure."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from courlan import extract_domain

from streams.identity import canonical_url
from streams.settings import Outlet


class Outlets:
    """The outlets of the settings.

    Args:
        forced: the key of the one whose articles all are; None: each article's by its address.
    """

    def __init__(self, outlets: Mapping[str, Outlet], forced: str | None = None) -> None:
        self._known = frozenset(outlets)
        self._forced = forced
        self._hosts: dict[str, str] = {}
        domains: dict[str, set[str]] = {}
        for key, outlet in outlets.items():
            for feed in outlet.feeds:
                self._hosts.setdefault(_place(feed), key)
                domains.setdefault(_domain(feed), set()).add(key)
        #: A registered domain that several outlets share tells of none of them.
        self._domains = {
            domain: next(iter(keys))
            for domain, keys in domains.items()
            if domain and len(keys) == 1
        }

    def of(self, url: str, told: str = "") -> str:
        """The key of the outlet; empty when none is known.

        Args:
            told: the key that came with the address.
        """
        if self._forced or told:
            return self._forced or (told if told in self._known else "")
        return self._hosts.get(_place(url)) or self._domains.get(_domain(url), "")


def _place(url: str) -> str:
    """Host and port, without `www.` and the like."""
    try:
        return urlsplit(canonical_url(url)).netloc
    except ValueError:
        return ""


def _domain(url: str) -> str:
    return str(extract_domain(url) or "")
