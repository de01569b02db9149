"""The crawler's memory."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.crawler.store import Store, Validators
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
    assert store.discover("https://other.example/rss", [found(1)], MOMENT, Validators()) == []


def test_restart_forgets_nothing(store: Store, path: Path) -> None:
    """After a restart the pages that wait, the outbox and the feeds' validators are as before."""
    discover(store, found(1), found(2), found(3))
    store.finish(message(found(1), b"page one"), "fetched")
    store.finish(message(found(2), topic="articles.dead", outcome="gone"), "skipped", reason="gone")
    store.close()
    again = Store(path)
    assert again.hosts() == {"bao.example"}
    waiting = again.next_of("bao.example", ("bao",))
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
    waiting = store.next_of("bao.example", ("bao",))
    assert waiting is not None
    assert (waiting[0].attempts, waiting[1]) == (1, later.timestamp())


def test_pages_of_other_outlets_are_left_alone(store: Store) -> None:
    """Pages of an outlet that is no longer watched wait, and are not handed out."""
    discover(store, found(1, outlet="old"))
    assert store.next_of("bao.example", ("bao",)) is None
    assert store.next_of("bao.example", ("bao", "old")) is not None


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
from connectors.crawler.store import Store
from tests.unit.crawler.making import discover, found, message
store = Store(Path(sys.argv[1]))
discover(store, found(1), found(2))
store.finish(message(found(1)), "fetched")
put = store._put
def put_and_die(db, message):
    put(db, message)
    os.kill(os.getpid(), signal.SIGKILL)
store._put = put_and_die
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
