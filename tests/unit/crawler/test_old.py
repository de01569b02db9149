"""Old articles let in beside a crawler."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from connectors.crawler.old import OldArticles
from connectors.crawler.store import Store
from streams.errors import Retry
from tests.unit.crawler.making import MOMENT, discover, found, message

NOW = MOMENT.timestamp()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the store lies."""
    return tmp_path / "crawler.sqlite3"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    """The store of a crawler at work."""
    with closing(Store(path)) as store:
        yield store


@pytest.fixture
def old(store: Store, path: Path) -> Iterator[OldArticles]:
    """The same store, from beside."""
    with closing(OldArticles(path)) as old:
        yield old


def test_a_kept_page_is_in_the_outbox_with_its_state(store: Store, old: OldArticles) -> None:
    """The crawler's publisher finds it and the crawler counts it; a second time it is known."""
    store.changed_outside()
    pages = [(found(1), message(found(1), b"old page"))]
    assert old.keep(pages, MOMENT) == [True]
    assert old.keep(pages, MOMENT) == [False]
    assert old.outbox() == 1
    assert store.changed_outside()
    assert store.waiting == 1
    put = store.next_message(0)
    assert put is not None
    assert put[1] == message(found(1), b"old page")
    store.acknowledge([put[0]])
    assert store.waiting == 0
    assert store.counts() == {("bao", "published", ""): 1}


def test_old_pages_wait_behind_live_ones_and_are_quiet(store: Store, old: OldArticles) -> None:
    """Also behind those that come later."""
    assert old.ask([found(1), found(2)], MOMENT) == [True, True]
    discover(store, found(3))
    first = store.next_of("bao.example", ("bao",), NOW + 1)
    assert first is not None
    assert (first[0].id, first[0].quiet) == (found(3).id, False)
    store.finish(message(found(3)), "fetched")
    then = store.next_of("bao.example", ("bao",), NOW + 1)
    assert then is not None
    assert then[0].quiet
    assert then[0].entry in (found(1).entry, found(2).entry)


def test_what_is_known_stays_as_it_is(store: Store, old: OldArticles) -> None:
    """Under its own address or another one, fetched or not."""
    discover(store, found(1), found(2))
    store.finish(message(found(1)), "fetched", alias=found(9).id)
    before = store.counts()
    assert old.ask([found(1), found(2), found(9)], MOMENT) == [False, False, False]
    assert old.keep([(found(9), message(found(9)))], MOMENT) == [False]
    assert [old.known(found(n).id) for n in (1, 2, 9, 3)] == [True, True, True, False]
    assert store.counts() == before


def test_an_old_page_in_the_news_is_a_live_one(store: Store, old: OldArticles) -> None:
    """A feed that names it brings it to the front, and its documents are told."""
    old.ask([found(1), found(2)], MOMENT)
    assert discover(store, found(2)) == [found(2)]
    assert discover(store, found(2)) == []
    first = store.next_of("bao.example", ("bao",), NOW + 1)
    assert first is not None
    assert (first[0].id, first[0].quiet) == (found(2).id, False)


def test_no_store_is_made(path: Path) -> None:
    """A wrong data folder is told, and nothing is left behind."""
    with pytest.raises(Retry, match="no crawler's store"):
        OldArticles(path)
    assert not path.exists()
