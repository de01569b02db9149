"""The outbox in the crawler's store: messages that the broker has not taken yet. Each function is a part
of its caller's transaction."""

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
import zstandard

from connectors.crawler.kept import Message

_compress = zstandard.ZstdCompressor(level=3).compress
_decompress = zstandard.ZstdDecompressor().decompress


def count(db: sqlite3.Connection) -> int:
    """Messages that wait."""
    return int(db.execute("SELECT COUNT(*) FROM outbox").fetchone()[0])


def put(db: sqlite3.Connection, message: Message) -> None:
    """One more message, behind all others."""
    db.execute(
        "INSERT INTO outbox (article, topic, headers, value, outlet, outcome, discovered_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            message.article, message.topic, msgspec.msgpack.encode(dict(message.headers)),
            _compress(message.value), message.outlet, message.outcome,
            message.discovered_at.timestamp(),
        ),
    )  # fmt: skip


def first(db: sqlite3.Connection, after: int) -> tuple[int, Message] | None:
    """The oldest message with a sequence number above `after`, and its number."""
    row = db.execute(
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


def acknowledge(db: sqlite3.Connection, sequence: Sequence[int], now: float) -> None:
    """The broker has these: they go, and their articles are published."""
    for seq in sequence:
        db.execute(
            "UPDATE articles SET state = 'published', changed_at = ?"
            " WHERE state = 'fetched' AND id = (SELECT article FROM outbox WHERE seq = ?)",
            (now, seq),
        )
        db.execute("DELETE FROM outbox WHERE seq = ?", (seq,))


def replace(
    db: sqlite3.Connection, seq: int, letter: Message, why: tuple[str, str], now: float
) -> None:
    """The broker will never take message `seq`: a dead letter goes instead.

    Args:
        why: the article's reason code and its detail.
    """
    db.execute("DELETE FROM outbox WHERE seq = ?", (seq,))
    db.execute(
        "UPDATE articles SET state = 'dead', reason = ?, detail = ?, changed_at = ?"
        " WHERE id = ? AND state = 'fetched'",
        (*why, now, letter.article),
    )
    put(db, letter)
