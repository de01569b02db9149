"""What was delivered to whom, and what is still to be: SQLite, so that a restart, a replay or a
second message with the same id delivers nothing twice and forgets nothing."""

import json
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from streams.errors import Fatal

#: Its file, in the data folder.
RECORD = "notify.sqlite3"
#: Seconds to wait for another process (`dongtin alerts`) that is just writing.
_BUSY_SECONDS = 30.0

_TABLES = """
CREATE TABLE IF NOT EXISTS alerts (
    number INTEGER PRIMARY KEY,     -- the order in which they came
    id TEXT NOT NULL UNIQUE,
    source TEXT NOT NULL,           -- topic/partition/offset
    value BLOB,                     -- the message's bytes; NULL when every address has it
    buried INTEGER NOT NULL DEFAULT 0,
    came REAL NOT NULL DEFAULT 0    -- when it was taken in, Unix seconds
);
CREATE TABLE IF NOT EXISTS deliveries (
    alert INTEGER NOT NULL REFERENCES alerts (number),
    address TEXT NOT NULL,          -- Channel.address
    state TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'failed')),
    attempts INTEGER NOT NULL DEFAULT 0,
    detail TEXT NOT NULL DEFAULT '',
    at REAL NOT NULL DEFAULT 0,     -- of the last try
    PRIMARY KEY (alert, address)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS pending ON deliveries (address, alert) WHERE state = 'pending';
CREATE INDEX IF NOT EXISTS failed ON deliveries (alert) WHERE state = 'failed';
"""
#: Columns that records of earlier versions lack.
_LATER = (("alerts", "came"), ("deliveries", "at"))


State = Literal["pending", "delivered", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What became of an alert at one address."""

    id: str  # of the alert
    address: str
    state: State
    attempts: int
    detail: str  # of the last try that failed
    came: float  # when the alert was taken in, Unix seconds
    at: float  # of the last try, Unix seconds; 0: none yet


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
            self._db = sqlite3.connect(
                path, timeout=_BUSY_SECONDS, check_same_thread=False, isolation_level=None
            )
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.executescript(_TABLES)
            self._add_columns()
        except (OSError, sqlite3.Error) as error:
            raise Fatal(f"{path}: the record of deliveries can't be opened: {error}") from error

    def _add_columns(self) -> None:
        for table, column in _LATER:
            there = self._db.execute("SELECT name FROM pragma_table_info(?)", (table,)).fetchall()
            if (column,) not in there:
                self._db.execute(f"ALTER TABLE {table} ADD COLUMN {column} REAL NOT NULL DEFAULT 0")

    def add(self, id: str, value: bytes, source: str, addresses: Sequence[str]) -> bool:
        """Notes an alert to be delivered; False where its id is known already.

        One that was given up and comes again in another message (`dongtin dead retry`) is tried
        anew at the addresses that never got it.
        """
        with self._changing():
            row = self._db.execute(
                "INSERT OR IGNORE INTO alerts (id, source, value, came) VALUES (?, ?, ?, ?)",
                (id, source, value, time.time()),
            )
            if row.rowcount == 0:
                return self._again(id, value, source)
            self._db.executemany(
                "INSERT INTO deliveries (alert, address, state) VALUES (?, ?, 'pending')",
                [(row.lastrowid, address) for address in addresses],
            )
            return True

    def _again(self, id: str, value: bytes, source: str) -> bool:
        row = self._db.execute(
            "SELECT number FROM alerts WHERE id = ? AND buried AND source <> ?", (id, source)
        ).fetchone()
        if row is None:
            return False
        self._db.execute(
            "UPDATE alerts SET buried = 0, value = ?, source = ? WHERE number = ?",
            (value, source, *row),
        )
        self._revive("alert = ?", row)
        return True

    def retry(self, ids: Sequence[str] | None, addresses: Sequence[str]) -> int:
        """Takes up again what was given up, at addresses that are still there; returns how many
        deliveries.

        What failed at an address that is gone goes to those that are new since: an address with
        another password is another one.

        Args:
            ids: of alerts; None: all.
        """
        where = (
            "address IN (SELECT value FROM json_each(?)) AND alert IN"
            " (SELECT number FROM alerts WHERE value IS NOT NULL AND (? OR id IN"
            " (SELECT value FROM json_each(?))))"
        )
        told = (json.dumps(list(addresses)), ids is None, json.dumps(list(ids or ())))
        with self._changing():
            count = self._revive(where, told) + self._readdress(where, told)
            self._db.execute(
                "UPDATE alerts SET buried = 0 WHERE buried AND EXISTS"
                " (SELECT 1 FROM deliveries WHERE alert = number AND state = 'pending')"
            )
            return count

    def _readdress(self, where: str, values: Sequence[object]) -> int:
        gone = f"state = 'failed' AND {where.replace('address IN', 'address NOT IN', 1)}"
        select = f"SELECT DISTINCT alert FROM deliveries WHERE {gone}"  # noqa: S608 - our own parts
        count = 0
        for alert in self._db.execute(select, values).fetchall():
            row = self._db.execute(
                "INSERT OR IGNORE INTO deliveries (alert, address, state)"
                " SELECT ?, value, 'pending' FROM json_each(?)",
                (*alert, values[0]),
            )
            count += row.rowcount
            if row.rowcount:
                self._db.execute(
                    "DELETE FROM deliveries WHERE alert = ? AND state = 'failed'"
                    " AND address NOT IN (SELECT value FROM json_each(?))",
                    (*alert, values[0]),
                )
        return count

    def _revive(self, where: str, values: Sequence[object]) -> int:
        change = "UPDATE deliveries SET state = 'pending', attempts = 0 WHERE state = 'failed' AND "
        return self._db.execute(change + where, values).rowcount

    def waiting(self, address: str, most: int) -> list[Pending]:
        """The oldest alerts that an address waits for, in their order."""
        with self._lock:
            rows = self._db.execute(
                "SELECT number, id, value, attempts FROM deliveries JOIN alerts ON number = alert"
                " WHERE state = 'pending' AND address = ? ORDER BY alert LIMIT ?",
                (address, most),
            ).fetchall()
        return [Pending(number=n, id=i, value=v, attempts=a) for n, i, v, a in rows]

    def deliveries(self, states: Sequence[State], since: float, most: int) -> list[Delivery]:
        """Deliveries in these states of alerts that came since then, the newest first."""
        with self._lock:
            rows = self._db.execute(
                "SELECT id, address, state, attempts, detail, came, at FROM deliveries"
                " JOIN alerts ON number = alert WHERE came >= ?"
                " AND state IN (SELECT value FROM json_each(?))"
                " ORDER BY number DESC, address LIMIT ?",
                (since, json.dumps(list(states)), most),
            ).fetchall()
        return [
            Delivery(id=i, address=a, state=s, attempts=n, detail=d, came=c, at=t)
            for i, a, s, n, d, c, t in rows
        ]

    def backlog(self) -> tuple[int, float]:
        """How many deliveries are still to be made, and since when (Unix seconds) the oldest of their
        alerts is here; 0 where there is none."""
        with self._lock:
            count, since = self._db.execute(
                "SELECT COUNT(*), COALESCE(MIN(came), 0) FROM deliveries"
                " JOIN alerts ON number = alert WHERE state = 'pending'"
            ).fetchone()
        return int(count), float(since)

    def begin(self, numbers: Sequence[int], address: str) -> None:
        """Notes that these alerts are about to be sent there: what can't be noted must not be sent."""
        with self._changing():
            self._db.executemany(
                "UPDATE deliveries SET at = ? WHERE alert = ? AND address = ?",
                [(time.time(), number, address) for number in numbers],
            )

    def delivered(self, numbers: Sequence[int], address: str) -> None:
        """Notes that an address has these alerts, all of them or, after a crash, none."""
        with self._changing():
            for number in numbers:
                self._settle(number, address, "delivered", "")

    def failed(self, number: int, address: str, detail: str, *, last: bool) -> None:
        """Notes a try that failed; after the last one the address gets the alert only if a person
        asks for it (`retry`)."""
        with self._changing():
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
        with self._changing():
            self._db.executemany(
                "UPDATE alerts SET buried = 1 WHERE number = ?", [(number,) for number in numbers]
            )

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._db.close()

    @contextmanager
    def _changing(self) -> Iterator[None]:
        with self._lock, self._db:
            self._db.execute("BEGIN IMMEDIATE")
            yield

    def _settle(self, number: int, address: str, state: State, detail: str) -> None:
        self._db.execute(
            "UPDATE deliveries SET state = ?, detail = ?, attempts = attempts + 1, at = ?"
            " WHERE alert = ? AND address = ?",
            (state, detail[:1000], time.time(), number, address),
        )
        # its bytes are needed no more once every address has it
        self._db.execute(
            "UPDATE alerts SET value = NULL WHERE number = ? AND NOT EXISTS"
            " (SELECT 1 FROM deliveries WHERE alert = number AND state <> 'delivered')",
            (number,),
        )
