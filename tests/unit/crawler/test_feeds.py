"""Which feed is asked next, and what its answer means."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY

from connectors.crawler.feeds import DueFeed, Feeds
from connectors.crawler.page import Answer
from connectors.crawler.store import Store
from streams.metrics import OUTLET_NEWEST, POLLS
from streams.settings import Outlet
from tests.unit.crawler.making import found, message

_RSS = (
    "<rss version='2.0'><channel>"
    "<item><title>Bài một</title><link>/bai-1.html</link></item></channel></rss>"
).encode()
_A, _B, _C = "https://bao.example/a.rss", "https://bao.example/b.rss", "https://tin.example/c.rss"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A new store."""
    store = Store(tmp_path / "crawler.sqlite3")
    yield store
    store.close()


def _feeds(store: Store, *urls: str) -> Feeds:
    # the poll of a nanosecond makes every feed due at once
    return Feeds({"bao": Outlet(name="Báo", feeds=urls or (_A,))}, 1e-9, store)


def _answer(body: bytes = _RSS, status: int = 200, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(url=_A, status=status, headers=named, body=body)


def _polls(outcome: str) -> float:
    samples: Any = POLLS.labels("bao", outcome).collect()
    return float(next(iter(samples)).samples[0].value)


def _take(feeds: Feeds) -> DueFeed:
    (due,) = feeds.take_due()
    return due


def test_one_feed_of_a_host_at_a_time(store: Store) -> None:
    """Of each host one feed is in hand; the others follow."""
    feeds = _feeds(store, _A, _B, _C)
    first = list(feeds.take_due())
    assert {due.url for due in first} in ({_A, _C}, {_B, _C})
    assert list(feeds.take_due()) == []
    for due in first:
        feeds.release(due.url)
    assert len(list(feeds.take_due())) == 2


async def test_next_request_is_conditional(store: Store) -> None:
    """What a good answer gave as validators is sent back, after a restart too."""
    feeds = _feeds(store)
    assert _take(feeds).headers == {}
    hosts = await feeds.read(_A, _answer(etag='"7"', last_modified="Mon"), cut=False)
    assert hosts == {"bao.example"}
    feeds.release(_A)
    for again in (feeds, _feeds(store)):
        assert _take(again).headers == {"If-None-Match": '"7"', "If-Modified-Since": "Mon"}


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (_answer(status=304), "not-modified"),
        (_answer(status=503), "http-status"),
        (_answer(b"<html>502</html>"), "not-a-feed"),
        (_answer(b"x" * 3_000_000), "too-large"),
        (_answer(b"<rss version='2.0'><channel/></rss>"), "nothing-new"),
    ],
)
async def test_answers_without_news(store: Store, answer: Answer, outcome: str) -> None:
    """Every answer is counted by its outcome, and none but a good feed leaves a trace."""
    feeds = _feeds(store)
    _take(feeds)
    before = _polls(outcome)
    assert await feeds.read(_A, answer, cut=False) == set()
    assert _polls(outcome) == before + 1
    assert store.counts() == {}


async def test_bad_answer_keeps_the_validators(store: Store) -> None:
    """An error page in between does not make the next request forget what we have."""
    feeds = _feeds(store)
    await feeds.read(_A, _answer(etag='"7"'), cut=False)
    await feeds.read(_A, _answer(b"<html>", etag='"8"'), cut=False)
    assert _take(feeds).headers == {"If-None-Match": '"7"'}


async def test_failing_feed_is_asked_more_rarely(store: Store) -> None:
    """A feed that fails waits longer than one that answers, and as long as its server wishes."""
    feeds = Feeds({"bao": Outlet(name="Báo", feeds=(_A,))}, 60, store)
    await feeds.read(_A, _answer(), cut=False)
    assert 50 < feeds.seconds_until_due() < 70
    await feeds.read(_A, _answer(status=500), cut=False)
    assert 100 < feeds.seconds_until_due() < 140
    await feeds.read(_A, _answer(status=429, retry_after="1800"), cut=False)
    assert 1700 < feeds.seconds_until_due() <= 1800
    await feeds.read(_A, _answer(status=304), cut=False)
    assert 50 < feeds.seconds_until_due() < 70


async def test_same_answer_is_not_parsed_again(store: Store) -> None:
    """A server without validators that sends the same again costs a comparison."""
    feeds = _feeds(store)
    await feeds.read(_A, _answer(), cut=False)
    before = _polls("same")
    assert await feeds.read(_A, _answer(), cut=False) == set()
    assert _polls("same") == before + 1


async def test_an_answer_with_an_edit_that_waits_is_read_again(store: Store) -> None:
    """The same bytes count as new, and are asked for without conditions, until the edit is taken."""
    feeds = _feeds(store)
    await feeds.read(_A, _answer(etag='"7"'), cut=False)
    store.finish(message(found(1)), "fetched")
    assert store.waiting == 1  # the broker has yet to get it
    later = _RSS.replace(b"<title>", "<title>Sửa: ".encode())
    before = _polls("same")
    for _ in range(2):
        await feeds.read(_A, _answer(later, etag='"8"'), cut=False)
    assert _polls("same") == before
    assert _take(feeds).headers == {}


async def test_the_newest_article_of_an_outlet_outlives_a_restart(store: Store) -> None:
    """Its time is shown when it is met, and again by the next process from the store."""
    feeds = _feeds(store)
    before = REGISTRY.get_sample_value("dongtin_articles_discovered_total", {"outlet": "bao"}) or 0
    began = time.time()
    await feeds.read(_A, _answer(), cut=False)
    assert _newest() >= began
    discovered = REGISTRY.get_sample_value("dongtin_articles_discovered_total", {"outlet": "bao"})
    assert discovered == before + 1
    shown = _newest()
    OUTLET_NEWEST.clear()
    _feeds(store)
    assert _newest() == pytest.approx(shown, abs=1.0)


def _newest() -> float:
    name = "dongtin_outlet_newest_article_timestamp_seconds"
    value = REGISTRY.get_sample_value(name, {"outlet": "bao"})
    assert value is not None
    return value
