"""Dead pages asked for again by another process."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from connectors.crawler.again import ask_again
from connectors.crawler.kept import Found
from connectors.crawler.store import Store
from streams.errors import Retry
from tests.unit.crawler.making import discover, found, message

_ASK = """
import sys
from pathlib import Path
from connectors.crawler.again import ask_again
print(ask_again(Path(sys.argv[1]), sys.argv[2:]))
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the store lies."""
    return tmp_path / "crawler.sqlite3"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    """The store of a crawler that has one article dead, one published, one waiting."""
    with closing(Store(path)) as store:
        discover(store, found(1, host="one.example"), found(2), found(3))
        store.finish(message(dead(), topic="articles.dead", outcome="http-status"), "dead")
        store.finish(message(found(2)), "fetched")
        first, second = store.next_message(0), store.next_message(1)
        assert first is not None
        assert second is not None
        store.acknowledge([first[0], second[0]])
        yield store


def dead() -> Found:
    """The article that is dead."""
    return found(1, host="one.example")


def test_a_running_crawler_hears_of_it(store: Store, path: Path) -> None:
    """Asked from another process, the page waits again, with all its tries; asked twice, once."""
    assert not store.hosts() & {"one.example"}
    store.changed_outside()
    assert not store.changed_outside()
    for _ in range(2):
        subprocess.run([sys.executable, "-c", _ASK, str(path), dead().id], check=True)
    assert store.changed_outside()
    assert not store.changed_outside()
    assert "one.example" in store.hosts()
    page = store.next_of("one.example", ["bao"], time.time())
    assert page is not None
    assert (page[0].id, page[0].attempts) == (dead().id, 0)


def test_own_writing_is_not_another_process(store: Store) -> None:
    """Else the crawler would look through its hosts after every page."""
    store.changed_outside()
    discover(store, found(9))
    assert not store.changed_outside()


def test_only_what_died_is_fetched_again(store: Store, path: Path) -> None:
    """What waits or has been published stays as it is; an unknown article is not made up."""
    assert ask_again(path, [dead().id, found(2).id, found(3).id, "nobody"]) == {
        dead().id: "discovered",
        found(2).id: "published",
        found(3).id: "discovered",
    }
    assert store.counts() == {("bao", "published", ""): 1, ("bao", "discovered", ""): 2}


def test_the_page_may_die_and_be_asked_for_again(store: Store, path: Path) -> None:
    """Once more its fate is noted, with its message, in one step."""
    ask_again(path, [dead().id])
    again = message(dead(), topic="articles.dead", outcome="gone")
    store.finish(again, "skipped", reason="gone")
    assert store.counts()[("bao", "skipped", "gone")] == 1
    assert ask_again(path, [dead().id]) == {dead().id: "discovered"}


def test_no_store_is_made(path: Path) -> None:
    """Where there is none, nothing is left behind."""
    with pytest.raises(Retry, match="can't be written"):
        ask_again(path, ["a"])
    assert not path.exists()
