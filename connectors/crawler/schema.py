"""The tables of the crawler's store, and how a store of an earlier version becomes one of today."""

import sqlite3
from pathlib import Path

from streams.errors import ConfigError

#: What a page's `rank` means: lower ones of a host are fetched first.
LIVE, EDITED, OLD = 0, 1, 2

_ENTRIES = (
    "CREATE TABLE entries (article TEXT, hash TEXT, PRIMARY KEY (article, hash)) WITHOUT ROWID;"
)
_WAITING = "CREATE INDEX waiting ON articles (host, rank, next_at) WHERE state = 'discovered';"
_TABLES = f"""
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
    feed BLOB,
    rank INTEGER NOT NULL DEFAULT {LIVE},
    asked_at REAL NOT NULL DEFAULT 0,       -- when this capture was asked for
    recaptures INTEGER NOT NULL DEFAULT 0   -- times that an edit made us ask again
) WITHOUT ROWID;
{_WAITING}
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
{_ENTRIES}
"""
#: From each version to the next one.
_STEPS = {
    1: (
        "ALTER TABLE articles ADD COLUMN rank INTEGER NOT NULL DEFAULT 0;"
        "ALTER TABLE articles ADD COLUMN asked_at REAL NOT NULL DEFAULT 0;"
        "ALTER TABLE articles ADD COLUMN recaptures INTEGER NOT NULL DEFAULT 0;"
        "UPDATE articles SET asked_at = first_seen;"
        "DROP INDEX waiting;",
        _WAITING,
        _ENTRIES,
    ),
}
VERSION = 2


def bring_up(db: sqlite3.Connection, path: Path) -> None:
    """Makes the tables, or changes those of an earlier version, each step in one transaction.

    Raises:
        ConfigError: a newer program wrote it.
        sqlite3.Error: it can't be written, or is no store.
    """
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    if version > VERSION:
        raise ConfigError(path, f"schema {version}, this program knows {VERSION}: update it")
    if version == 0:
        db.executescript(f"BEGIN; {_TABLES} PRAGMA user_version = {VERSION}; COMMIT;")
        return
    for step in range(version, VERSION):
        db.executescript(
            f"BEGIN; {' '.join(_STEPS[step])} PRAGMA user_version = {step + 1}; COMMIT;"
        )
