"""Traces put in order on disk: a million of them take no memory worth mentioning."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing

from streams.ledger import Source, Trace


class Sorter:
    """A private file that is gone with the process."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)  # "": a temporary file
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.execute(
            "CREATE TABLE traces (id TEXT, source TEXT, outlet TEXT, day TEXT, url TEXT,"
            " PRIMARY KEY (id, source)) WITHOUT ROWID"
        )

    def close(self) -> None:
        """Lets go of the file."""
        self._db.close()

    def add(self, traces: Iterable[Trace]) -> None:
        """Takes traces in any order; of those of one article and source the first stays."""
        self._db.execute("BEGIN")
        self._db.executemany(
            "INSERT OR IGNORE INTO traces VALUES (?, ?, ?, ?, ?)",
            ((t.id, t.source.value, t.outlet, t.day, t.url) for t in traces),
        )
        self._db.execute("COMMIT")

    def sorted(self) -> Iterator[Trace]:
        """All of them, in the order of their ids."""
        with closing(self._db.execute("SELECT * FROM traces ORDER BY id")) as rows:
            for id, source, outlet, day, url in rows:
                yield Trace(id=id, source=Source(source), outlet=outlet, day=day, url=url)
