"""Pages that are dead or skipped, to be fetched once more, whether a crawler runs or not.

One transaction on the crawler's store from another process: SQLite keeps the two apart, and a
running crawler looks whether somebody else has written.
"""

import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from connectors.crawler.schema import VERSION
from streams.errors import ConfigError, Retry

_WAIT = 10.0  # seconds for another process's transaction


def ask_again(path: Path, ids: Sequence[str]) -> dict[str, str]:
    """Asks for these articles' pages again, with all their tries.

    Returns: of each id that the store knows its state now: `discovered` for those to be fetched,
        another one for those that the crawler has got meanwhile, which stay as they are.

    Raises:
        Retry: the store can't be written now.
        ConfigError: it was written by another version.
    """
    now = time.time()
    try:
        uri = f"{path.absolute().as_uri()}?mode=rw"
        with closing(sqlite3.connect(uri, uri=True, timeout=_WAIT, isolation_level=None)) as db:
            _check(path, db)
            db.execute("BEGIN IMMEDIATE")
            db.executemany(
                "UPDATE articles SET state = 'discovered', reason = '', attempts = 0, next_at = ?,"
                " changed_at = ?, asked_at = ?, detail = 'asked for again'"
                " WHERE id = ? AND state IN ('dead', 'skipped')",
                [(now, now, now, id) for id in ids],
            )
            found = {id: _state(db, id) for id in ids}
            db.execute("COMMIT")
    except sqlite3.Error as error:
        raise Retry(f"{path}: can't be written: {error}") from error
    return {id: state for id, state in found.items() if state is not None}


def _check(path: Path, db: sqlite3.Connection) -> None:
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version != VERSION:
        raise ConfigError(path, f"schema {version}, this program knows {VERSION}")


def _state(db: sqlite3.Connection, id: str) -> str | None:
    row = db.execute("SELECT state FROM articles WHERE id = ?", (id,)).fetchone()
    return str(row[0]) if row else None
