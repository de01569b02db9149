"""The crawler under faults: nothing is lost, and nothing is fetched or published twice."""

import random
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient

from streams import topics
from streams.identity import article_id, canonical_url
from tests.pipeline.crawling import (
    CountingSite,
    OwnBroker,
    crawling,
    outbox_size,
    read_topics,
    states,
    wait_until,
)

pytestmark = [pytest.mark.servers, pytest.mark.faults]


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnBroker]:
    """A broker that the tests of this file may stop."""
    with OwnBroker(tmp_path_factory.mktemp("broker")) as broker:
        yield broker


@pytest.fixture
def key() -> str:
    """An outlet of the test's own."""
    return f"outlet-{uuid.uuid4().hex[:8]}"


def _ids(site: CountingSite) -> set[str]:
    return {article_id(canonical_url(f"{site.url}/bai-{n}.html")) for n in range(site.size)}


def _published(folder: Path) -> int:
    return list(states(folder).values()).count("published")


def _wait_for(folder: Path, goal: int) -> None:
    wait_until(lambda: _published(folder) >= goal)


def test_broker_away_loses_and_doubles_nothing(tmp_path: Path, broker: OwnBroker, key: str) -> None:
    """Pages fetched while the broker is away wait on disk, within the bound, and go out once."""
    with CountingSite(10) as site:
        outlets = {key: {"feeds": [site.feed], "loopback": True}}
        with crawling(tmp_path, broker.address, outlets, outbox=20) as crawler:
            wait_until(lambda: _published(tmp_path) == 10)
            broker.stop()
            site.size = 60
            wait_until(lambda: outbox_size(tmp_path) == 20)
            polls = site.asked["/rss"]
            wait_until(lambda: site.asked["/rss"] > polls + 2)  # feeds are looked at all the same
            assert outbox_size(tmp_path) == 20
            assert sum(site.pages.values()) == 30
            broker.start()
            wait_until(lambda: _published(tmp_path) == 60)
            assert crawler.stop() == 0
        assert set(site.pages.values()) == {1}
        found = sorted(article.id for article in read_topics(broker.address, key).articles)
        assert found == sorted(_ids(site))


def test_crawler_killed_in_mid_flow(tmp_path: Path, broker: OwnBroker, key: str) -> None:
    """kill -9 at any moment: every article arrives, and none that is in the outbox or published is
    fetched again."""
    seed = random.randrange(10_000)
    chance = random.Random(seed)
    with CountingSite(200) as site:
        outlets = {key: {"feeds": [site.feed], "loopback": True}}
        for _ in range(4):
            goal = _published(tmp_path) + chance.randrange(5, 30)
            # slowly: else a test that stands still for a second would find all published
            with crawling(tmp_path, broker.address, outlets, pause=0.05) as crawler:
                _wait_for(tmp_path, goal)
                crawler.kill()
            kept = {i for i, state in states(tmp_path).items() if state != "discovered"}
            assert len(kept) < site.size
        with crawling(tmp_path, broker.address, outlets) as crawler:
            wait_until(lambda: _published(tmp_path) == 200)
            assert crawler.stop() == 0
        found = {article.id for article in read_topics(broker.address, key).articles}
        assert found == _ids(site), f"seed {seed}"
        # only the page in hand at a kill may be asked for once more
        assert sum(site.pages.values()) <= 200 + 4, f"seed {seed}"


def test_nothing_fetched_again_after_a_restart(tmp_path: Path, broker: OwnBroker, key: str) -> None:
    """A clean stop with the broker away keeps the outbox; the next start sends it, fetching nothing."""
    with CountingSite(15) as site:
        outlets = {key: {"feeds": [site.feed], "loopback": True}}
        broker.stop()
        with crawling(tmp_path, broker.address, outlets) as crawler:
            wait_until(lambda: states(tmp_path) and outbox_size(tmp_path) == 15)
            assert crawler.stop() == 0
        broker.start()
        with crawling(tmp_path, broker.address, outlets) as crawler:
            wait_until(lambda: _published(tmp_path) == 15)
            assert crawler.stop() == 0
        assert set(site.pages.values()) == {1}
        found = sorted(article.id for article in read_topics(broker.address, key).articles)
        assert found == sorted(_ids(site))


def test_page_that_the_broker_refuses(tmp_path: Path, broker: OwnBroker, key: str) -> None:
    """A message too large for the topic becomes a dead letter and holds up nothing behind it."""
    noise = random.Random(1)
    text = "".join(chr(noise.randrange(0x4E00, 0x9F00)) for _ in range(400_000))
    page = f"<!doctype html><p>{text}</p>".encode()
    with CountingSite(8) as site:
        site.answers["/bai-3.html"] = (200, {"Content-Type": "text/html"}, page)
        for n in (4, 5, 6):  # large enough to be taken for refused themselves
            body = page[:90_000].decode(errors="ignore").encode()
            site.answers[f"/bai-{n}.html"] = (200, {"Content-Type": "text/html"}, body)
        outlets = {key: {"feeds": [site.feed], "loopback": True}}
        try:
            _limit(broker.address, 300_000)
            with crawling(tmp_path, broker.address, outlets) as crawler:
                wait_until(
                    lambda: (
                        sorted(states(tmp_path).values()) == ["dead"] + ["published"] * 7
                        and outbox_size(tmp_path) == 0
                    )
                )
                assert crawler.stop() == 0
        finally:
            _limit(broker.address, topics.MAX_MESSAGE_BYTES)
        found = read_topics(broker.address, key)
        refused = article_id(canonical_url(f"{site.url}/bai-3.html"))
        assert {article.id for article in found.articles} == _ids(site) - {refused}
        assert [letter.reason for letter in found.letters] == ["too-large"]
        assert found.letters[0].url == f"{site.url}/bai-3.html"
        assert found.letters[0].id == refused


def _limit(kafka: str, most: int) -> None:
    admin = KafkaAdminClient(bootstrap_servers=kafka)
    config = {**topics.RAW.config(0), "max.message.bytes": str(most)}
    try:
        admin.alter_configs(
            [ConfigResource(ConfigResourceType.TOPIC, topics.RAW.name, configs=config)]
        )
    finally:
        admin.close()
