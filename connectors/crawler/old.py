"""Old articles let into the store by another process, whether a crawler runs or not.

SQLite keeps the two apart; a running crawler looks whether somebody else has written, and its
publisher takes what it finds in the outbox.
"""

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from connectors.crawler import outbox, schema
from connectors.crawler.kept import Found, Message, State, host_of
from connectors.crawler.store import Store
from streams.errors import Retry


class OldArticles(Store):
    """The crawler's store as a back-fill uses it: what it puts in is quiet, and behind live pages.

    Every method raises sqlite3.Error when the store can't be written now.

    Raises:
        Retry: there is no store.
        ConfigError: it was written by a newer version.
        Fatal: the file can't be opened, or is not ours.
    """

    def __init__(self, path: Path) -> None:
        if not path.exists():
            raise Retry(
                f"no crawler's store at {path}: start the crawler once (dongtin up, dongtin crawl), "
                "or give its --data-dir"
            )
        super().__init__(path)

    def ask(self, articles: Sequence[Found], now: datetime) -> list[bool]:
        """Asks for pages to be fetched; of each whether it was new."""
        with self._transaction() as db:
            return [self._admit(db, article, now, "discovered") for article in articles]

    def keep(self, pages: Sequence[tuple[Found, Message]], now: datetime) -> list[bool]:
        """Puts pages that we have into the outbox; of each whether its article was new."""
        with self._transaction() as db:
            new = []
            for article, message in pages:
                new.append(self._admit(db, article, now, "fetched"))
                if new[-1]:
                    outbox.put(db, message)
            return new

    @staticmethod
    def _admit(db: sqlite3.Connection, article: Found, now: datetime, state: State) -> bool:
        if db.execute("SELECT 1 FROM aliases WHERE id = ?", (article.id,)).fetchone():
            return False
        at = now.timestamp()
        entry = msgspec.json.encode(article.entry) if state == "discovered" else None
        done = db.execute(
            "INSERT OR IGNORE INTO articles (id, url, canonical_url, host, outlet, first_seen,"
            " state, next_at, changed_at, asked_at, feed, rank, detail)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'back-filled')",
            (
                article.id, article.url, article.canonical_url, host_of(article.url),
                article.outlet, at, state, at, at, at, entry, schema.OLD,
            ),
        )  # fmt: skip
        return done.rowcount == 1

    def known(self, id: str) -> bool:
        """Whether we have the article, under this address or another one."""
        with self._lock:
            row = self._db.execute(
                "SELECT 1 FROM articles WHERE id = ?1"
                " UNION ALL SELECT 1 FROM aliases WHERE id = ?1 LIMIT 1",
                (id,),
            ).fetchone()
        return row is not None

    def outbox(self) -> int:
        """Messages that wait for the broker now, whoever put them there."""
        with self._lock:
            return outbox.count(self._db)
