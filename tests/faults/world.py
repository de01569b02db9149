"""What must be there at the end, and what is there: everything that the judge looks at. Pure data."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Letter:
    """A dead letter, by what it says."""

    stage: str
    reason: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What the outlets published and what was sent, as it must end.

    Attributes:
        articles: ids that must be searchable.
        documents: keys of the documents that these name; each has one alert.
        letters: the dead letters, skipped articles among them.
        contents: of some letters the bytes that they must hold.
        tracked: ids of everything that the ledger must count.
    """

    articles: frozenset[str]
    documents: frozenset[str]
    letters: frozenset[Letter] = frozenset()
    contents: Mapping[Letter, bytes] = field(default_factory=dict)
    tracked: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Everything as it was found once nothing moved any more.

    Attributes:
        raw: ids in `articles.raw`, each with the values that were sent.
        enriched: ids in `articles.enriched`, each with the ids of its mentions.
        articles, mentions: how often each id is in its indices.
        documents: key -> whether the register says that it was told.
        alerts_sent: ids in the topic `alerts`.
        alerts: (id, document) -> how often it is in the index.
        delivered: document -> lines in the file.
        letters: of `articles.dead`, with the bytes they hold.
        letters_indexed: how often each is in its index.
        lags: group, topic and partition -> messages not finished.
        ready: process -> whether it says that it can work.
        orphans: processes that outlived the one that started them.
        ledger: what `dongtin ledger --json` said, and its exit status.
    """

    raw: Mapping[str, frozenset[bytes]]
    enriched: Mapping[str, frozenset[str]]
    articles: Counter[str]
    mentions: Counter[str]
    documents: Mapping[str, bool]
    alerts_sent: frozenset[str]
    alerts: Counter[tuple[str, str]]
    delivered: Counter[str]
    letters: Mapping[Letter, frozenset[bytes]]
    letters_indexed: Counter[Letter]
    lags: Mapping[tuple[str, str, int], int]
    ready: Mapping[str, bool]
    orphans: tuple[str, ...]
    ledger: Mapping[str, Any]
    ledger_status: int
