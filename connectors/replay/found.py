"""What a reader of old articles comes upon, whatever it reads."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from streams.records import FeedEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """An address whose page is to be fetched."""

    where: str  # file and line
    url: str
    outlet: str = ""  # its key; empty: by the address
    entry: FeedEntry = field(default_factory=FeedEntry)


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """A page that somebody has kept."""

    where: str  # file, and place in it
    url: str
    outlet: str = ""  # its key; empty: by the address
    fetched_at: datetime
    headers: Mapping[str, str] = field(default_factory=dict)  # names in lower case
    body: bytes  # unpacked
    entry: FeedEntry = field(default_factory=FeedEntry)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bad:
    """Something that should be an article, and can't be read as one."""

    where: str
    reason: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """Something that is no article, and was never meant to be; only counted."""

    kind: str  # of a small number of kinds


Find = Listed | Saved | Bad | Other
