"""What was delivered to whom, and what is still to be: SQLite, so that a restart, a replay or a
second message with the same id delivers nothing twice and forgets nothing."""

import json
import sqlite3
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from streams.errors import Fatal

_TABLES = """
CREATE TABLE IF NOT EXISTS alerts (
    number INTEGER PRIMARY KEY,     -- the order in which they came
    id TEXT NOT NULL UNIQUE,
    source TEXT NOT NULL,           -- topic/partition/offset
    value BLOB,                     -- the message's bytes; NULL when nothing is left to do with it
    buried INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS deliveries (
    alert INTEGER NOT NULL REFERENCES alerts (number),
    address TEXT NOT NULL,          -- Channel.address
    state TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'failed')),
    attempts INTEGER NOT NULL DEFAULT 0,
    detail TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (alert, address)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS pending ON deliveries (address, alert) WHERE state = 'pending';
CREATE INDEX IF NOT EXISTS failed ON deliveries (alert) WHERE state = 'failed';
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """An alert that an address has not got yet."""

    number: int
    id: str
    value: bytes
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """An alert that nobody tries to deliver any more, and that some address never got."""

    number: int
    id: str
    source: str
    value: bytes
    detail: str  # each address that failed, and why
    attempts: int


class Book:
    """The record of deliveries. Every method is one transaction, on disk when it returns; threads
    may share a book."""

    def __init__(self, path: Path) -> None:
        """Opens the file, making it if there is none.

        Raises:
            Fatal: it can't be opened, or is no SQLite file.
        """
        self._lock = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.executescript(_TABLES)
        except (OSError, sqlite3.Error) as error:
            raise Fatal(f"{path}: the record of deliveries can't be opened: {error}") from error

    def add(self, id: str, value: bytes, source: str, addresses: Sequence[str]) -> bool:
        """Notes an alert to be delivered; False where its id is known already."""
        with self._lock, self._db:
            self._db.execute("BEGIN IMMEDIATE")
            row = self._db.execute(
                "INSERT OR IGNORE INTO alerts (id, source, value) VALUES (?, ?, ?)",
                (id, source, value),
            )
            if row.rowcount == 0:
                return False
            self._db.executemany(
                "INSERT INTO deliveries (alert, address, state) VALUES (?, ?, 'pending')",
                [(row.lastrowid, address) for address in addresses],
            )
            return True

    def next(self, address: str) -> Pending | None:
        """The oldest alert that an address waits for."""
        with self._lock:
            row = self._db.execute(
                "SELECT number, id, value, attempts FROM deliveries JOIN alerts ON number = alert"
                " WHERE state = 'pending' AND address = ? ORDER BY alert LIMIT 1",
                (address,),
            ).fetchone()
        if row is None:
            return None
        return Pending(number=row[0], id=row[1], value=row[2], attempts=row[3])

    def delivered(self, number: int, address: str) -> None:
        """Notes that an address has an alert."""
        self._settle(number, address, "delivered", "")

    def failed(self, number: int, address: str, detail: str, *, last: bool) -> None:
        """Notes a try that failed; after the last one the address never gets the alert."""
        self._settle(number, address, "failed" if last else "pending", detail)

    def abandon(self, addresses: Sequence[str]) -> int:
        """Gives up what waits for addresses other than these; returns how many deliveries."""
        with self._lock:
            row = self._db.execute(
                "UPDATE deliveries SET state = 'failed', detail = 'no longer configured'"
                " WHERE state = 'pending' AND address NOT IN (SELECT value FROM json_each(?))",
                (json.dumps(list(addresses)),),
            )
            return row.rowcount

    def lost(self, most: int = 50) -> list[Failed]:
        """Alerts with a failed delivery and none pending, not yet buried."""
        with self._lock:
            rows = self._db.execute(
                "SELECT number, id, source, value, group_concat(address || ': ' || detail, '; '),"
                " max(attempts) FROM deliveries AS f JOIN alerts ON number = alert"
                " WHERE state = 'failed' AND NOT buried AND NOT EXISTS"
                " (SELECT 1 FROM deliveries WHERE alert = f.alert AND state = 'pending')"
                " GROUP BY number ORDER BY number LIMIT ?",
                (most,),
            ).fetchall()
        return [
            Failed(number=n, id=i, source=s, value=v, detail=d, attempts=a)
            for n, i, s, v, d, a in rows
        ]

    def buried(self, numbers: Sequence[int]) -> None:
        """Notes that the broker has the dead letters of these alerts."""
        with self._lock, self._db:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany(
                "UPDATE alerts SET buried = 1, value = NULL WHERE number = ?",
                [(number,) for number in numbers],
            )

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._db.close()

    def _settle(self, number: int, address: str, state: str, detail: str) -> None:
        with self._lock, self._db:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute(
                "UPDATE deliveries SET state = ?, detail = ?, attempts = attempts + 1"
                " WHERE alert = ? AND address = ?",
                (state, detail[:1000], number, address),
            )
            # its bytes are needed no more once every address has it
            self._db.execute(
                "UPDATE alerts SET value = NULL WHERE number = ? AND NOT EXISTS"
                " (SELECT 1 FROM deliveries WHERE alert = number AND state <> 'delivered')",
                (number,),
            )
