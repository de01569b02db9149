"""What the crawler knows, on disk: every article ever discovered, and what waits for the broker.

One SQLite file. A page's state and its message in the outbox change in one transaction, so that a
crash at any moment leaves either "not fetched yet" or "fetched, and here is the message".
Every method is one short transaction and may be called from any thread.
"""

import json
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from connectors.crawler import noted, outbox, schedule, schema
from connectors.crawler.kept import Found, Message, State, Validators, Waiting
from streams.errors import Fatal
from streams.records import FeedEntry


class Store:
    """The crawler's memory; `waiting` counts the messages in the outbox.

    Args:
        recapture: seconds between two captures of an article that is edited, at least: feeds that
            change with every look must not make us fetch the same page all day.

    Raises:
        ConfigError: the file was written by a newer version.
        Fatal: the file can't be opened, or is not ours.
    """

    def __init__(self, path: Path, *, recapture: float = 600.0) -> None:
        self._recapture = recapture
        self._lock = threading.Lock()
        self._outside = -1  # SQLite's number for what other connections have written
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            self._open(path)
            self.waiting = outbox.count(self._db)
        except (sqlite3.Error, OSError) as error:
            raise Fatal(f"{path}: can't be used as the crawler's store: {error}") from error

    def _open(self, path: Path) -> None:
        self._db.execute("PRAGMA journal_mode = WAL")
        # FULL: what a feed named once may be gone from it after the power comes back
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute("PRAGMA busy_timeout = 5000")
        schema.bring_up(self._db, path)

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
    ) -> tuple[list[Found], bool]:
        """Notes the articles of a feed, and with them the validators of this very answer.

        An article that we have, and of which the feed says something that it never said before, was
        edited: its page is asked for again, within bounds. While one of them can't be asked for yet, no
        validators are noted: the server would tell nothing of a feed that stays as it is.

        Returns: those whose pages are to be fetched, each as it will be, and whether the feed is to be
            read again though it stays as it is.
        """
        at = now.timestamp()
        with self._transaction() as db:
            fates = [noted.note(db, one, at, recapture=self._recapture) for one in found]
            later = "later" in fates
            kept = Validators() if later else validators
            db.execute(
                "INSERT OR REPLACE INTO feeds VALUES (?, ?, ?, ?)",
                (feed, kept.etag, kept.last_modified, at),
            )
        return [one for one, fate in zip(found, fates, strict=True) if fate == "fetch"], later

    def validators(self, feed: str) -> Validators:
        """What the feed's last good answer gave."""
        with self._lock:
            row = self._db.execute(
                "SELECT etag, last_modified FROM feeds WHERE url = ?", (feed,)
            ).fetchone()
        return Validators(etag=row[0], last_modified=row[1]) if row else Validators()

    def changed_outside(self) -> bool:
        """Whether another process has written since the last look: `again` or `old` did."""
        with self._lock:
            version = self._db.execute("PRAGMA data_version").fetchone()[0]
            changed, self._outside = version != self._outside, version
            if changed:
                self.waiting = outbox.count(self._db)
        return bool(changed)

    def hosts(self) -> set[str]:
        """Hosts with pages to fetch."""
        with self._lock:
            rows = self._db.execute(
                "SELECT DISTINCT host FROM articles WHERE state = 'discovered'"
            ).fetchall()
        return {row[0] for row in rows}

    def next_of(
        self, host: str, outlets: Sequence[str], now: float
    ) -> tuple[Waiting, float] | None:
        """The page of `host` to fetch first, and the Unix time from which it may be.

        Of pages that are due, new ones go before edited ones, and those before old ones.
        """
        found = [
            row
            for rank in (schema.LIVE, schema.EDITED, schema.OLD)
            if (row := self._first_of(host, outlets, rank)) is not None
        ]
        due = [row for row in found if schedule.is_due(row[0], now)]
        if not found:
            return None
        row = due[0] if due else min(found)
        return (
            Waiting(
                id=row[1], url=row[2], canonical_url=row[3], outlet=row[4],
                first_seen=datetime.fromtimestamp(row[5], UTC),
                asked_at=datetime.fromtimestamp(row[6], UTC), attempts=row[7],
                entry=msgspec.json.decode(row[8] or b"{}", type=FeedEntry),
                quiet=row[9] == schema.OLD,
            ),
            row[0],
        )  # fmt: skip

    def _first_of(self, host: str, outlets: Sequence[str], rank: int) -> tuple[Any, ...] | None:
        with self._lock:
            row: tuple[Any, ...] | None = self._db.execute(
                "SELECT next_at, id, url, canonical_url, outlet, first_seen, asked_at, attempts,"
                " feed, rank FROM articles WHERE state = 'discovered' AND host = ? AND rank = ?"
                " AND outlet IN (SELECT value FROM json_each(?)) ORDER BY next_at LIMIT 1",
                (host, rank, json.dumps(outlets)),
            ).fetchone()
        return row

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
        quiet: bool = False,
    ) -> bool:
        """A page's fate is known: its state and its message together.

        Args:
            alias: the id of the address that the page was found at after redirects.
            quiet: it was fetched as an old one. If a feed has named it meanwhile, nothing is noted: it is
                fetched again as a live one, whose documents are told.

        Returns: whether an article that waited under that id was folded into this one.
        """
        with self._transaction() as db:
            if quiet and not self._is_old(db, message.article):
                return False
            if not self._settle(db, message.article, state, reason, detail):
                return False  # settled before
            outbox.put(db, message)
            self.waiting += 1
            return self._note_alias(db, alias, message.article)

    def _note_alias(self, db: sqlite3.Connection, alias: str, article: str) -> bool:
        if alias in ("", article):
            return False
        if db.execute("SELECT 1 FROM articles WHERE id = ?", (alias,)).fetchone():
            return self._settle(db, alias, "unchanged", "", f"the same as {article}")
        db.execute("INSERT OR IGNORE INTO aliases VALUES (?, ?)", (alias, article))
        return False

    @staticmethod
    def _is_old(db: sqlite3.Connection, article: str) -> bool:
        row = db.execute("SELECT rank FROM articles WHERE id = ?", (article,)).fetchone()
        return row is not None and row[0] == schema.OLD

    def ask_later(self, article: str, now: datetime) -> None:
        """As `noted.ask_later`."""
        with self._transaction() as db:
            noted.ask_later(db, article, now.timestamp(), recapture=self._recapture)

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

    def owner(self, other: str) -> str | None:
        """The article whose page we have already from the address with the id `other`."""
        with self._lock:
            row = self._db.execute(
                "SELECT id FROM articles WHERE (state IN ('fetched', 'published') OR recaptures > 0)"
                " AND (id = ?1 OR id = (SELECT article FROM aliases WHERE id = ?1))",
                (other,),
            ).fetchone()
        return str(row[0]) if row else None

    def next_message(self, after: int) -> tuple[int, Message] | None:
        """The oldest message in the outbox with a sequence number above `after`, and its number."""
        with self._lock:
            return outbox.first(self._db, after)

    def acknowledge(self, sequence: Sequence[int]) -> None:
        """The broker has these: takes them out of the outbox and marks their articles."""
        with self._transaction() as db:
            outbox.acknowledge(db, sequence, time.time())
            self.waiting -= len(sequence)

    def replace(self, seq: int, message: Message, reason: str, detail: str) -> None:
        """The broker will never take message `seq`: `message`, a dead letter, goes instead."""
        with self._transaction() as db:
            outbox.replace(db, seq, message, (reason, detail), time.time())

    def newest(self) -> dict[str, float]:
        """When the newest article of each outlet was discovered: Unix seconds by outlet. An old one
        that was found later is no news."""
        with self._lock:
            rows = self._db.execute(
                "SELECT outlet, MAX(first_seen) FROM articles WHERE rank <> ? GROUP BY 1",
                (schema.OLD,),
            )
            return dict(rows.fetchall())

    def counts(self) -> dict[tuple[str, str, str], int]:
        """Articles by (outlet, state, reason)."""
        with self._lock:
            rows = self._db.execute(
                "SELECT outlet, state, reason, COUNT(*) FROM articles GROUP BY 1, 2, 3"
            ).fetchall()
        return {(outlet, state, reason): count for outlet, state, reason, count in rows}
