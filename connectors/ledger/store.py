"""The crawler's store as the ledger reads it: beside a running crawler, in one snapshot."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from streams.errors import Retry
from streams.ledger import Source, Trace

_ARTICLES = """
SELECT id, outlet, first_seen, url, state, reason FROM articles
WHERE ?1 IS NULL OR id IN (SELECT value FROM json_each(?1)) ORDER BY id
"""
_OUTBOX = """
SELECT article, outlet, topic FROM outbox
WHERE ?1 IS NULL OR article IN (SELECT value FROM json_each(?1)) ORDER BY article
"""


def path_of(data_dir: Path) -> Path:
    """Where the crawler keeps its store."""
    return data_dir / "crawler.sqlite3"


class StoreReader:
    """A snapshot of the store: what the crawler writes after the first look is not seen.

    Raises:
        Retry: the file can't be read now.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
            self._db.isolation_level = None
            self._db.execute("BEGIN")
            self._db.execute("SELECT COUNT(*) FROM outbox").fetchone()  # the snapshot begins here
        except sqlite3.Error as error:
            raise Retry(f"{path}: can't be read as the crawler's store: {error}") from error

    def close(self) -> None:
        """Lets go of the snapshot."""
        self._db.close()

    def traces(self, ids: Sequence[str] | None) -> Iterator[Trace]:
        """The articles in the order of their ids; all, or these. Raises Retry."""
        for id, outlet, first_seen, url, state, reason in self._rows(_ARTICLES, ids):
            yield Trace(
                id=id,
                source=Source.STORE,
                outlet=outlet,
                day=f"{datetime.fromtimestamp(first_seen, UTC):%Y-%m-%d}",
                url=url,
                state=state,
                reason=reason,
            )

    def outbox(self, ids: Sequence[str] | None) -> Iterator[Trace]:
        """What waits for the broker, in the order of the articles' ids. Raises Retry."""
        for id, outlet, topic in self._rows(_OUTBOX, ids):
            yield Trace(id=id, source=Source.OUTBOX, outlet=outlet, reason=topic)

    def _rows(self, select: str, ids: Sequence[str] | None) -> Iterator[tuple[Any, ...]]:
        wanted = None if ids is None else json.dumps(list(ids))
        try:
            with closing(self._db.execute(select, (wanted,))) as rows:
                yield from rows
        except sqlite3.Error as error:
            raise Retry(f"{self._path}: {error}") from error
