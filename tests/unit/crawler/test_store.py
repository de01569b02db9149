"""The crawler's memory."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.crawler.kept import Found, Validators
from connectors.crawler.noted import MOST_RECAPTURES
from connectors.crawler.store import Store
from streams.errors import ConfigError, Fatal
from tests.unit.crawler.making import FEED, MOMENT, discover, found, message


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the store lies."""
    return tmp_path / "data" / "crawler.sqlite3"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    """A new store."""
    store = Store(path)
    yield store
    store.close()


def test_article_is_new_once(store: Store) -> None:
    """What was discovered before is not new again, in the same feed or in another one."""
    assert discover(store, found(1), found(2)) == [found(1), found(2)]
    assert discover(store, found(2), found(3)) == [found(3)]
    other = store.discover("https://other.example/rss", [found(1)], MOMENT, Validators())
    assert other == ([], False)


def test_restart_forgets_nothing(store: Store, path: Path) -> None:
    """After a restart the pages that wait, the outbox and the feeds' validators are as before."""
    discover(store, found(1), found(2), found(3))
    store.finish(message(found(1), b"page one"), "fetched")
    store.finish(message(found(2), topic="articles.dead", outcome="gone"), "skipped", reason="gone")
    store.close()
    again = Store(path)
    assert again.hosts() == {"bao.example"}
    waiting = again.next_of("bao.example", ("bao",), time.time())
    assert waiting is not None
    assert waiting[0].id == found(3).id
    assert waiting[0].entry == found(3).entry
    assert again.waiting == 2
    first = again.next_message(0)
    assert first is not None
    assert first[1] == message(found(1), b"page one")
    assert again.validators(FEED) == Validators(etag='"1"')
    again.close()


def test_acknowledged_message_leaves_the_outbox(store: Store) -> None:
    """An acknowledgement takes out exactly its message and marks exactly its article."""
    discover(store, found(1), found(2))
    store.finish(message(found(1)), "fetched")
    store.finish(message(found(2)), "fetched")
    first = store.next_message(0)
    assert first is not None
    store.acknowledge([first[0]])
    assert store.waiting == 1
    assert store.counts() == {("bao", "published", ""): 1, ("bao", "fetched", ""): 1}
    second = store.next_message(0)
    assert second is not None
    assert second[1].article == found(2).id


def test_skipped_article_stays_skipped(store: Store) -> None:
    """The acknowledgement of a dead letter does not make its article a published one."""
    discover(store, found(1))
    store.finish(message(found(1), outcome="robots"), "skipped", reason="robots")
    first = store.next_message(0)
    assert first is not None
    store.acknowledge([first[0]])
    assert store.counts() == {("bao", "skipped", "robots"): 1}


def test_fate_is_given_once(store: Store) -> None:
    """A second fate for the same article changes nothing and sends nothing."""
    discover(store, found(1))
    store.finish(message(found(1)), "fetched")
    store.finish(message(found(1), outcome="gone"), "skipped", reason="gone")
    assert store.waiting == 1
    assert store.counts() == {("bao", "fetched", ""): 1}


def test_postponed_page_waits_behind_others(store: Store) -> None:
    """A failed try is counted and moves the page behind those that are due."""
    discover(store, found(1), found(2))
    later = MOMENT.replace(year=2030)
    store.postpone(found(1).id, later, "HTTP 500")
    store.finish(message(found(2)), "fetched")
    waiting = store.next_of("bao.example", ("bao",), time.time())
    assert waiting is not None
    assert (waiting[0].attempts, waiting[1]) == (1, later.timestamp())


def test_pages_of_other_outlets_are_left_alone(store: Store) -> None:
    """Pages of an outlet that is no longer watched wait, and are not handed out."""
    discover(store, found(1, outlet="old"))
    assert store.next_of("bao.example", ("bao",), time.time()) is None
    assert store.next_of("bao.example", ("bao", "old"), time.time()) is not None


def test_redirect_to_a_known_article(store: Store) -> None:
    """The address where redirects ended is the same article, found before or after."""
    discover(store, found(1), found(2))
    assert store.owner(found(2).id) is None
    assert store.finish(message(found(1)), "fetched", alias=found(2).id)  # 2 waited: folded
    assert store.finish(message(found(2)), "fetched") is False
    assert store.owner(found(1).id) == found(1).id
    assert store.counts() == {("bao", "fetched", ""): 1, ("bao", "unchanged", ""): 1}


def test_redirect_to_an_address_found_later(store: Store) -> None:
    """An address that an article was redirected to is no new article when a feed names it."""
    discover(store, found(1))
    store.finish(message(found(1)), "fetched", alias=found(9).id)
    assert discover(store, found(9)) == []
    assert store.owner(found(9).id) == found(1).id


def test_refused_message_is_replaced(store: Store) -> None:
    """A dead letter takes the place of a message that the broker refuses; the article is dead."""
    discover(store, found(1))
    store.finish(message(found(1), b"x" * 1000), "fetched")
    first = store.next_message(0)
    assert first is not None
    letter = message(found(1), b"x", topic="articles.dead", outcome="too-large")
    store.replace(first[0], letter, "too-large", "refused")
    second = store.next_message(0)
    assert second is not None
    assert second[0] > first[0]
    assert second[1] == letter
    assert store.waiting == 1
    assert store.counts() == {("bao", "dead", "too-large"): 1}


def test_newer_schema_is_refused(store: Store, path: Path) -> None:
    """A store of a newer version is left alone, with a message that names it."""
    store.close()
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 99")
    with pytest.raises(ConfigError, match="schema 99"):
        Store(path)


def test_file_that_is_no_store(path: Path) -> None:
    """A file of something else is an error that names it."""
    path.parent.mkdir(parents=True)
    path.write_bytes(b"no database at all" * 100)
    with pytest.raises(Fatal, match=r"crawler\.sqlite3"):
        Store(path)


_KILLED = """
import os, signal, sys
from pathlib import Path
from connectors.crawler import outbox
from connectors.crawler.store import Store
from tests.unit.crawler.making import discover, found, message
store = Store(Path(sys.argv[1]))
discover(store, found(1), found(2))
store.finish(message(found(1)), "fetched")
put = outbox.put
def put_and_die(db, message):
    put(db, message)
    os.kill(os.getpid(), signal.SIGKILL)
outbox.put = put_and_die
store.finish(message(found(2)), "fetched")
"""


def test_kill_in_the_middle_of_a_transaction(path: Path) -> None:
    """kill -9 between the state and the commit leaves both as they were: not fetched, nothing sent."""
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run(
        [sys.executable, "-c", _KILLED, str(path)],
        check=False,
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    assert done.returncode == -signal.SIGKILL
    store = Store(path)
    assert store.counts() == {("bao", "fetched", ""): 1, ("bao", "discovered", ""): 1}
    assert store.waiting == 1
    store.close()


def edited(number: int, title: str) -> Found:
    """The same article with another title in the feed."""
    return replace(found(number), entry=replace(found(number).entry, title=title))


def publish(store: Store, *articles: Found) -> None:
    """Their pages were fetched, and the broker has them."""
    for article in articles:
        store.finish(message(article), "fetched")
        entry = store.next_message(0)
        assert entry is not None
        store.acknowledge([entry[0]])


def see(store: Store, article: Found, after: float) -> list[Found]:
    """A feed names it so many seconds later."""
    return store.discover(FEED, [article], MOMENT + timedelta(seconds=after), Validators())[0]


def test_an_edited_article_is_fetched_again(store: Store) -> None:
    """As the same article, behind new ones; what the feed has said before is no edit."""
    discover(store, found(1))
    publish(store, found(1))
    assert see(store, found(1), 1000) == []
    again = edited(1, "Bài 1 (đã sửa)")
    assert see(store, again, 1000) == [again]
    see(store, found(2), 2000)
    first = store.next_of("bao.example", ("bao",), time.time())
    assert first is not None
    assert first[0].id == found(2).id
    publish(store, found(2))
    second = store.next_of("bao.example", ("bao",), time.time())
    assert second is not None
    assert (second[0].id, second[0].entry.title) == (found(1).id, "Bài 1 (đã sửa)")
    assert second[0].first_seen == MOMENT
    assert second[0].asked_at == MOMENT + timedelta(seconds=1000)
    publish(store, found(1))
    assert see(store, again, 3000) == see(store, found(1), 3000) == []
    assert store.counts() == {("bao", "published", ""): 2}


def test_an_edit_waits_for_its_time(store: Store) -> None:
    """Seen too soon after the last capture it is fetched when the time between two has passed."""
    discover(store, found(1))
    publish(store, found(1))
    again = edited(1, "Sửa")
    assert see(store, again, 599) == [again]
    waiting = store.next_of("bao.example", ("bao",), time.time())
    assert waiting is not None
    page, at = waiting
    assert at == (MOMENT + timedelta(seconds=600)).timestamp()
    assert page.asked_at == MOMENT + timedelta(seconds=600)
    assert page.entry.title == "Sửa"
    assert see(store, again, 601) == []


def test_a_feed_with_an_edit_that_waits_is_read_again(store: Store) -> None:
    """While the broker has not got the last capture: it is asked for without conditions, since it may never
    change again."""
    etag = Validators(etag='"2"')

    def look(article: Found, after: float) -> bool:
        at = MOMENT + timedelta(seconds=after)
        return store.discover(FEED, [article], at, etag)[1]

    discover(store, found(1))
    again = edited(1, "Sửa")
    assert look(again, 1)  # its page may be in hand, as it was before
    store.finish(message(found(1)), "fetched")
    assert look(again, 2)
    assert store.validators(FEED) == Validators()
    first = store.next_message(0)
    assert first is not None
    store.acknowledge([first[0]])
    assert not look(again, 601)
    assert store.validators(FEED) == etag
    store.finish(message(found(1), topic="articles.dead", outcome="gone"), "skipped", reason="gone")
    assert not look(edited(1, "Sửa nữa"), 2000)  # there is no page to fetch


def test_an_edit_of_a_page_that_waits_for_its_next_try(store: Store) -> None:
    """It will be fetched as it is then, with what the feed says now; once."""
    discover(store, found(1))
    store.postpone(found(1).id, MOMENT + timedelta(seconds=60), "HTTP 503")
    again = edited(1, "Sửa")
    at = MOMENT + timedelta(seconds=1)
    assert store.discover(FEED, [again], at, Validators()) == ([], False)
    waiting = store.next_of("bao.example", ("bao",), time.time())
    assert waiting is not None
    assert waiting[0].entry.title == "Sửa"
    publish(store, found(1))
    assert see(store, again, 1000) == []


def test_a_time_between_captures_that_no_delay_reaches(tmp_path: Path) -> None:
    """Longer than a page's next try is believed to be away: the feed is read until it has passed."""
    store = Store(tmp_path / "slow.sqlite3", recapture=7200.0)
    discover(store, found(1))
    publish(store, found(1))
    again = [edited(1, "Sửa")]
    for after, told in ((10, ([], True)), (3700, (again, False))):
        at = MOMENT + timedelta(seconds=after)
        assert store.discover(FEED, again, at, Validators()) == told
    store.close()


def test_a_page_that_waits_is_not_asked_for_twice(store: Store) -> None:
    """It will be fetched as it is then."""
    discover(store, found(1))
    assert see(store, edited(1, "Sửa"), 1000) == []
    assert store.counts() == {("bao", "discovered", ""): 1}


def test_a_feed_that_never_says_the_same_is_given_up(store: Store) -> None:
    """Within a bound: its pages would be fetched for ever."""
    discover(store, found(1))
    publish(store, found(1))
    asked = 0
    for number in range(MOST_RECAPTURES + 5):
        if see(store, edited(1, f"Lần {number}"), 1000.0 * (number + 1)):
            asked += 1
            publish(store, found(1))
    assert asked == MOST_RECAPTURES


def test_an_edited_article_that_others_lead_to_stays_one(store: Store) -> None:
    """While its page is fetched again, a redirect to it is still a redirect to an article we have."""
    discover(store, found(1))
    publish(store, found(1))
    see(store, edited(1, "Sửa"), 1000)
    assert store.owner(found(1).id) == found(1).id


_VERSION_1 = """
CREATE TABLE articles (
    id TEXT PRIMARY KEY, url TEXT NOT NULL, canonical_url TEXT NOT NULL, host TEXT NOT NULL,
    outlet TEXT NOT NULL, first_seen REAL NOT NULL, state TEXT NOT NULL DEFAULT 'discovered',
    reason TEXT NOT NULL DEFAULT '', detail TEXT NOT NULL DEFAULT '',
    attempts INTEGER NOT NULL DEFAULT 0, next_at REAL NOT NULL, changed_at REAL NOT NULL, feed BLOB
) WITHOUT ROWID;
CREATE INDEX waiting ON articles (host, next_at) WHERE state = 'discovered';
CREATE TABLE aliases (id TEXT PRIMARY KEY, article TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE feeds (
    url TEXT PRIMARY KEY, etag TEXT NOT NULL, last_modified TEXT NOT NULL, polled_at REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, article TEXT NOT NULL, topic TEXT NOT NULL,
    headers BLOB NOT NULL, value BLOB NOT NULL, outlet TEXT NOT NULL, outcome TEXT NOT NULL,
    discovered_at REAL NOT NULL
);
PRAGMA user_version = 1;
"""


def test_a_store_of_version_1_goes_on(path: Path) -> None:
    """Nothing it knew is lost; its articles are not taken for edited ones the first time a feed
    names them again, and are after that."""
    path.parent.mkdir(parents=True)
    old = found(1)
    with sqlite3.connect(path) as db:
        db.executescript(_VERSION_1)
        db.executemany(
            "INSERT INTO articles (id, url, canonical_url, host, outlet, first_seen, state, next_at,"
            " changed_at) VALUES (?, ?, ?, 'bao.example', 'bao', ?, ?, 1, 1)",
            [
                (a.id, a.url, a.canonical_url, MOMENT.timestamp(), state)
                for a, state in ((old, "published"), (found(2), "discovered"))
            ],
        )
    db.close()
    store = Store(path)
    waiting = store.next_of("bao.example", ("bao",), time.time())
    assert waiting is not None
    assert (waiting[0].id, waiting[0].asked_at) == (found(2).id, MOMENT)
    assert see(store, old, 1000) == []
    again = edited(1, "Sửa")
    assert see(store, again, 2000) == [again]
    store.close()
    assert Store(path).counts() == {("bao", "discovered", ""): 2}


def test_the_newest_article_of_an_outlet_is_no_old_one(store: Store, path: Path) -> None:
    """The last that was discovered; one that was looked for because it is old does not count."""
    assert store.newest() == {}
    discover(store, found(1))
    store.discover(FEED, [found(2)], MOMENT + timedelta(hours=1), Validators())
    outlet = found(1).outlet
    assert store.newest() == {outlet: (MOMENT + timedelta(hours=1)).timestamp()}
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("UPDATE articles SET rank = 2 WHERE id = ?", (found(2).id,))
    assert store.newest() == {outlet: MOMENT.timestamp()}
