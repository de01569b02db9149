"""What the crawler knows, on disk: every article ever discovered, and what waits for the broker.

One SQLite file. A page's state and its message in the outbox change in one transaction, so that a
crash at any moment leaves either "not fetched yet" or "fetched, and here is the message".
Every method is one short transaction and may be called from any thread.
"""

import json
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import msgspec
import zstandard

from streams.errors import ConfigError, Fatal
from streams.records import FeedEntry

#: `unchanged`: the page turned out to be an article that we have under another address.
State = Literal["discovered", "fetched", "published", "unchanged", "skipped", "dead"]

VERSION = 1
_SCHEMA = """
CREATE TABLE articles (
    id TEXT PRIMARY KEY,
    url TEXT NOT NULL,
    canonical_url TEXT NOT NULL,
    host TEXT NOT NULL,
    outlet TEXT NOT NULL,
    first_seen REAL NOT NULL,
    state TEXT NOT NULL DEFAULT 'discovered',
    reason TEXT NOT NULL DEFAULT '',
    detail TEXT NOT NULL DEFAULT '',
    attempts INTEGER NOT NULL DEFAULT 0,
    next_at REAL NOT NULL,
    changed_at REAL NOT NULL,
    feed BLOB
) WITHOUT ROWID;
CREATE INDEX waiting ON articles (host, next_at) WHERE state = 'discovered';
CREATE TABLE aliases (id TEXT PRIMARY KEY, article TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE feeds (
    url TEXT PRIMARY KEY, etag TEXT NOT NULL, last_modified TEXT NOT NULL, polled_at REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    article TEXT NOT NULL,
    topic TEXT NOT NULL,
    headers BLOB NOT NULL,
    value BLOB NOT NULL,
    outlet TEXT NOT NULL,
    outcome TEXT NOT NULL,
    discovered_at REAL NOT NULL
);
"""
_compress = zstandard.ZstdCompressor(level=3).compress
_decompress = zstandard.ZstdDecompressor().decompress


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
    attempts: int  # that failed
    entry: FeedEntry


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


class Store:
    """The crawler's memory; `waiting` counts the messages in the outbox.

    Raises:
        ConfigError: the file was written by a newer version.
        Fatal: the file can't be opened, or is not ours.
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._outside = -1  # SQLite's number for what other connections have written
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            self._open(path)
            self.waiting: int = self._db.execute("SELECT COUNT(*) FROM outbox").fetchone()[0]
        except (sqlite3.Error, OSError) as error:
            raise Fatal(f"{path}: can't be used as the crawler's store: {error}") from error

    def _open(self, path: Path) -> None:
        self._db.execute("PRAGMA journal_mode = WAL")
        # FULL: what a feed named once may be gone from it after the power comes back
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute("PRAGMA busy_timeout = 5000")
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version > VERSION:
            raise ConfigError(path, f"schema {version}, this program knows {VERSION}: update it")
        if version == 0:
            self._db.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version = {VERSION}; COMMIT;")

    def close(self) -> None:
        """Lets go of the file."""
        with self._lock:
            self._db.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                self._db.execute("ROLLBACK")
                raise

    def discover(
        self, feed: str, found: Sequence[Found], now: datetime, validators: Validators
    ) -> list[Found]:
        """Notes the articles of a feed, and with them the validators of this very answer.

        Returns: those that were not known, each as it will be fetched.
        """
        with self._transaction() as db:
            new = [article for article in found if self._insert(db, article, now.timestamp())]
            db.execute(
                "INSERT OR REPLACE INTO feeds VALUES (?, ?, ?, ?)",
                (feed, validators.etag, validators.last_modified, now.timestamp()),
            )
        return new

    @staticmethod
    def _insert(db: sqlite3.Connection, article: Found, now: float) -> bool:
        if db.execute("SELECT 1 FROM aliases WHERE id = ?", (article.id,)).fetchone():
            return False
        done = db.execute(
            "INSERT OR IGNORE INTO articles (id, url, canonical_url, host, outlet, first_seen,"
            " next_at, changed_at, feed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                article.id, article.url, article.canonical_url, host_of(article.url),
                article.outlet, now, now, now, msgspec.json.encode(article.entry),
            ),
        )  # fmt: skip
        return done.rowcount == 1

    def validators(self, feed: str) -> Validators:
        """What the feed's last good answer gave."""
        with self._lock:
            row = self._db.execute(
                "SELECT etag, last_modified FROM feeds WHERE url = ?", (feed,)
            ).fetchone()
        return Validators(etag=row[0], last_modified=row[1]) if row else Validators()

    def changed_outside(self) -> bool:
        """Whether another process has written since the last look: `again.ask_again` did."""
        with self._lock:
            version = self._db.execute("PRAGMA data_version").fetchone()[0]
        changed, self._outside = version != self._outside, version
        return bool(changed)

    def hosts(self) -> set[str]:
        """Hosts with pages to fetch."""
        with self._lock:
            rows = self._db.execute(
                "SELECT DISTINCT host FROM articles WHERE state = 'discovered'"
            ).fetchall()
        return {row[0] for row in rows}

    def next_of(self, host: str, outlets: Sequence[str]) -> tuple[Waiting, float] | None:
        """The page of `host` to fetch first, and the Unix time from which it may be."""
        with self._lock:
            row = self._db.execute(
                "SELECT id, url, canonical_url, outlet, first_seen, attempts, feed, next_at"
                " FROM articles WHERE state = 'discovered' AND host = ?"
                " AND outlet IN (SELECT value FROM json_each(?)) ORDER BY next_at LIMIT 1",
                (host, json.dumps(outlets)),
            ).fetchone()
        if row is None:
            return None
        return (
            Waiting(
                id=row[0], url=row[1], canonical_url=row[2], outlet=row[3],
                first_seen=datetime.fromtimestamp(row[4], UTC), attempts=row[5],
                entry=msgspec.json.decode(row[6] or b"{}", type=FeedEntry),
            ),
            row[7],
        )  # fmt: skip

    def postpone(self, article: str, until: datetime, detail: str) -> None:
        """One more attempt failed; the next one not before `until`."""
        with self._transaction() as db:
            db.execute(
                "UPDATE articles SET attempts = attempts + 1, next_at = ?, detail = ?,"
                " changed_at = ? WHERE id = ? AND state = 'discovered'",
                (until.timestamp(), detail, time.time(), article),
            )

    def finish(
        self,
        message: Message,
        state: State,
        *,
        reason: str = "",
        detail: str = "",
        alias: str = "",
    ) -> bool:
        """A page's fate is known: its state and its message together.

        Args:
            alias: the id of the address that the page was found at after redirects.

        Returns: whether an article that waited under that id was folded into this one.
        """
        with self._transaction() as db:
            if not self._settle(db, message.article, state, reason, detail):
                return False  # settled before
            self._put(db, message)
            folded = self._note_alias(db, alias, message.article)
        self.waiting += 1
        return folded

    def _note_alias(self, db: sqlite3.Connection, alias: str, article: str) -> bool:
        if alias in ("", article):
            return False
        if db.execute("SELECT 1 FROM articles WHERE id = ?", (alias,)).fetchone():
            return self._settle(db, alias, "unchanged", "", f"the same as {article}")
        db.execute("INSERT OR IGNORE INTO aliases VALUES (?, ?)", (alias, article))
        return False

    def fold(self, article: str, into: str) -> None:
        """The article is one that we have already as `into`: nothing is to be sent."""
        with self._transaction() as db:
            self._settle(db, article, "unchanged", "", f"the same as {into}")

    @staticmethod
    def _settle(
        db: sqlite3.Connection, article: str, state: State, reason: str, detail: str
    ) -> bool:
        done = db.execute(
            "UPDATE articles SET state = ?, reason = ?, detail = ?, attempts = attempts + 1,"
            " changed_at = ?, feed = NULL WHERE id = ? AND state = 'discovered'",
            (state, reason, detail, time.time(), article),
        )
        return done.rowcount == 1

    @staticmethod
    def _put(db: sqlite3.Connection, message: Message) -> None:
        db.execute(
            "INSERT INTO outbox (article, topic, headers, value, outlet, outcome, discovered_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                message.article, message.topic, msgspec.msgpack.encode(dict(message.headers)),
                _compress(message.value), message.outlet, message.outcome,
                message.discovered_at.timestamp(),
            ),
        )  # fmt: skip

    def owner(self, other: str) -> str | None:
        """The article whose page we have already from the address with the id `other`."""
        with self._lock:
            row = self._db.execute(
                "SELECT id FROM articles WHERE state IN ('fetched', 'published')"
                " AND (id = ?1 OR id = (SELECT article FROM aliases WHERE id = ?1))",
                (other,),
            ).fetchone()
        return str(row[0]) if row else None

    def next_message(self, after: int) -> tuple[int, Message] | None:
        """The oldest message in the outbox with a sequence number above `after`, and its number."""
        with self._lock:
            row = self._db.execute(
                "SELECT seq, article, topic, value, headers, outlet, outcome, discovered_at"
                " FROM outbox WHERE seq > ? ORDER BY seq LIMIT 1",
                (after,),
            ).fetchone()
        if row is None:
            return None
        return row[0], Message(
            article=row[1], topic=row[2], value=_decompress(row[3]),
            headers=msgspec.msgpack.decode(row[4], type=dict[str, bytes]), outlet=row[5],
            outcome=row[6], discovered_at=datetime.fromtimestamp(row[7], UTC),
        )  # fmt: skip

    def acknowledge(self, sequence: Sequence[int]) -> None:
        """The broker has these: takes them out of the outbox and marks their articles."""
        with self._transaction() as db:
            for seq in sequence:
                db.execute(
                    "UPDATE articles SET state = 'published', changed_at = ?"
                    " WHERE state = 'fetched' AND id = (SELECT article FROM outbox WHERE seq = ?)",
                    (time.time(), seq),
                )
                db.execute("DELETE FROM outbox WHERE seq = ?", (seq,))
        self.waiting -= len(sequence)

    def replace(self, seq: int, message: Message, reason: str, detail: str) -> None:
        """The broker will never take message `seq`: `message`, a dead letter, goes instead."""
        with self._transaction() as db:
            db.execute("DELETE FROM outbox WHERE seq = ?", (seq,))
            db.execute(
                "UPDATE articles SET state = 'dead', reason = ?, detail = ?, changed_at = ?"
                " WHERE id = ? AND state = 'fetched'",
                (reason, detail, time.time(), message.article),
            )
            self._put(db, message)

    def counts(self) -> dict[tuple[str, str, str], int]:
        """Articles by (outlet, state, reason)."""
        with self._lock:
            rows = self._db.execute(
                "SELECT outlet, state, reason, COUNT(*) FROM articles GROUP BY 1, 2, 3"
            ).fetchall()
        return {(outlet, state, reason): count for outlet, state, reason, count in rows}


def host_of(url: str) -> str:
    """The host that is asked for `url`, in lower case."""
    return (urlsplit(url).hostname or "").lower()
