"""What a feed names, noted in the crawler's store: is its page to be fetched? Each function is a part of its
caller's transaction."""

import hashlib
import sqlite3
from typing import Literal

import msgspec

from connectors.crawler import schema
from connectors.crawler.kept import Found, host_of
from connectors.crawler.schedule import LONGEST_RETRY_AFTER, is_due

#: Captures that edits may lead to, of one article.
MOST_RECAPTURES = 20


#: `fetch`: its page is to be fetched, now or when its time has come. `later`: it was edited, and its page can't
#: be asked for yet: the feed must be read again, though it does not change.
Noted = Literal["fetch", "known", "later"]


def note(db: sqlite3.Connection, article: Found, now: float, *, recapture: float) -> Noted:
    """Notes an article, and whether its page is to be fetched: it is new, waits as an old one and is in the
    news now, or was edited.

    Args:
        now: Unix seconds.
        recapture: seconds between two captures of an article that is edited, at least.
    """
    if _insert(db, article, now) or _was_old(db, article, now):
        return "fetch"
    return _note_edit(db, article, now, recapture)


def _insert(db: sqlite3.Connection, article: Found, now: float) -> bool:
    if db.execute("SELECT 1 FROM aliases WHERE id = ?", (article.id,)).fetchone():
        return False
    done = db.execute(
        "INSERT OR IGNORE INTO articles (id, url, canonical_url, host, outlet, first_seen,"
        " next_at, changed_at, asked_at, feed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            article.id, article.url, article.canonical_url, host_of(article.url),
            article.outlet, now, now, now, now, msgspec.json.encode(article.entry),
        ),
    )  # fmt: skip
    if done.rowcount == 1:
        db.execute("INSERT OR IGNORE INTO entries VALUES (?, ?)", _told(article))
    return done.rowcount == 1


def _was_old(db: sqlite3.Connection, article: Found, now: float) -> bool:
    """A page that waits as an old one is in the news: it is a live one."""
    done = db.execute(
        "UPDATE articles SET rank = ?, next_at = ?, asked_at = ?, feed = ?, detail = ''"
        " WHERE id = ? AND state = 'discovered' AND rank = ?",
        (schema.LIVE, now, now, msgspec.json.encode(article.entry), article.id, schema.OLD),
    )
    return done.rowcount == 1


def _note_edit(db: sqlite3.Connection, article: Found, now: float, recapture: float) -> Noted:
    id, told = _told(article)
    known = db.execute("SELECT hash = ? FROM entries WHERE article = ?", (told, id)).fetchall()
    if (1,) in known:
        return "known"
    if not known:  # of before such things were noted
        db.execute(
            "INSERT OR IGNORE INTO entries SELECT id, ? FROM articles WHERE id = ?", (told, id)
        )
        return "known"
    row = db.execute(
        "SELECT state, next_at, asked_at, recaptures FROM articles WHERE id = ?", (id,)
    ).fetchone()
    state, next_at, asked_at, recaptures = row
    if state == "discovered":
        if is_due(next_at, now):
            return "later"  # it may be in hand, as it was before
        db.execute(
            "UPDATE articles SET feed = ? WHERE id = ?", (msgspec.json.encode(article.entry), id)
        )
        db.execute("INSERT OR IGNORE INTO entries VALUES (?, ?)", (id, told))
        return "known"  # it will be fetched as it is then
    if state not in ("fetched", "published") or recaptures >= MOST_RECAPTURES:
        return "known"
    soon = abs(now - asked_at) < recapture  # the clock may have been set back since
    due = asked_at + recapture if soon else now
    # the broker has yet to get the last capture; or `is_due` would not believe the time
    if state == "fetched" or due - now > LONGEST_RETRY_AFTER:
        return "later"
    feed = msgspec.json.encode(article.entry)
    _capture_again(db, id, now, due=due, rank=schema.EDITED, why="edited", feed=feed)
    db.execute("INSERT OR IGNORE INTO entries VALUES (?, ?)", (id, told))
    return "fetch"


def ask_later(db: sqlite3.Connection, id: str, now: float, *, recapture: float) -> None:
    """An article's page was not its own: it is fetched again after the time between two captures, within the
    bound for edits; an old one stays an old one.

    Args:
        now, recapture: as for `note`.
    """
    row = db.execute("SELECT state, rank, recaptures FROM articles WHERE id = ?", (id,)).fetchone()
    state, rank, recaptures = row
    if state not in ("fetched", "published") or recaptures >= MOST_RECAPTURES:
        return
    due, rank = now + min(recapture, LONGEST_RETRY_AFTER), max(rank, schema.EDITED)
    _capture_again(db, id, now, due=due, rank=rank, why="not its own page", feed=None)


def _capture_again(
    db: sqlite3.Connection,
    id: str,
    now: float,
    *,
    due: float,
    rank: int,
    why: str,
    feed: bytes | None,
) -> None:
    db.execute(
        "UPDATE articles SET state = 'discovered', reason = '', detail = ?, attempts = 0, rank = ?,"
        " next_at = ?, changed_at = ?, asked_at = ?, feed = ?, recaptures = recaptures + 1"
        " WHERE id = ?",
        (why, rank, due, now, due, feed, id),
    )


def _told(article: Found) -> tuple[str, str]:
    """An article's id, and a digest of what the feed says of it."""
    entry = msgspec.json.encode(article.entry)
    return article.id, hashlib.sha256(entry).hexdigest()[:16]
