"""What goes into the crawler's store and comes out of it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from urllib.parse import urlsplit

from streams.records import FeedEntry

#: `unchanged`: the page turned out to be an article that we have under another address.
State = Literal["discovered", "fetched", "published", "unchanged", "skipped", "dead"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An article that a feed named."""

    id: str
    url: str
    canonical_url: str
    outlet: str
    entry: FeedEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An article whose page is to be fetched."""

    id: str
    url: str
    canonical_url: str
    outlet: str
    first_seen: datetime
    asked_at: datetime  # when this capture was asked for
    attempts: int  # that failed
    entry: FeedEntry
    quiet: bool = False  # an old article: its documents are remembered and not told


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message for the broker; `outcome` is `ok` or a reason code."""

    article: str  # its id, and the message's key
    topic: str
    value: bytes
    headers: Mapping[str, bytes] = field(default_factory=dict)
    outlet: str
    outcome: str
    discovered_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What makes the next request for a feed a conditional one."""

    etag: str = ""
    last_modified: str = ""


def host_of(url: str) -> str:
    """The host that is asked for `url`, in lower case."""
    return (urlsplit(url).hostname or "").lower()
