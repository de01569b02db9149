"""The crawler among servers: each article once, politely, and never where it must not go."""

import time
import uuid
from pathlib import Path
from typing import Any

import pytest

from connectors.kafka.admin import ensure
from connectors.sample.server import SampleOutlet
from connectors.sample.serving import Reply, Request
from streams.identity import article_id, canonical_url
from streams.settings import Kafka, Settings
from tests.pipeline.crawling import (
    CountingSite,
    crawling,
    free_port,
    outbox_size,
    read_topics,
    states,
    wait_until,
)

pytestmark = pytest.mark.servers


@pytest.fixture
def key() -> str:
    """An outlet of the test's own."""
    return f"outlet-{uuid.uuid4().hex[:8]}"


class _Watched(SampleOutlet):
    """The sample outlet, noting what it answered."""

    def reply(self, request: Request) -> Reply:
        """The answer, noted."""
        answer = super().reply(request)
        self.__dict__.setdefault("answers", []).append((request.path, answer.status))
        return answer


def test_sample_outlet_arrives_whole(tmp_path: Path, kafka_address: str, key: str) -> None:
    """Every article of the sample outlet is in articles.raw once, those that appear later too, and an
    unchanged feed is not sent again."""
    ensure(Settings(kafka=Kafka(bootstrap=kafka_address)))
    with _Watched(initial=8, interval=0.2) as outlet:
        outlets = {key: {"feeds": [f"{outlet.base_url}/rss.xml"], "loopback": True}}
        with crawling(tmp_path, kafka_address, outlets, poll=0.2) as crawler:
            total = len(outlet.schedule.articles)
            wait_until(lambda: list(states(tmp_path).values()).count("published") == total)
            feed_answers = outlet.__dict__["answers"]
            wait_until(lambda: feed_answers.count(("/rss.xml", 304)) >= 2)
            counted = f'dongtin_articles_total{{outcome="ok",outlet="{key}",stage="crawl"}}'
            # it counts after its store has them as published
            wait_until(lambda: crawler.metrics().get(counted, 0) >= total)
            metrics = crawler.metrics()
            assert crawler.stop() == 0
        published = outlet.published()
    articles = read_topics(kafka_address, key).articles
    assert sorted(article.canonical_url for article in articles) == sorted(
        canonical_url(url) for url in published
    )
    assert all(
        article.feed and article.feed.title and article.feed.published for article in articles
    )
    assert all(article.charset == "utf-8" and "</html>" in article.html for article in articles)
    assert metrics[counted] == total
    assert metrics["dongtin_outbox_pages"] == 0
    assert metrics['dongtin_latency_seconds_count{stage="crawl"}'] == total


def test_one_request_at_a_time_with_pauses(tmp_path: Path, kafka_address: str, key: str) -> None:
    """A host is asked robots.txt first, then one thing at a time, the outlet's pause apart."""
    ensure(Settings(kafka=Kafka(bootstrap=kafka_address)))
    moments: list[tuple[str, float]] = []

    class Timed(CountingSite):
        def answer(self, path: str) -> tuple[int, dict[str, str], bytes]:
            moments.append((path, time.monotonic()))
            time.sleep(0.05)  # long enough for a second request to overtake
            moments.append(("", time.monotonic()))
            return super().answer(path)

    with Timed(8) as site:
        outlets = {key: {"feeds": [site.feed], "loopback": True, "pause": 0.3}}
        with crawling(tmp_path, kafka_address, outlets) as crawler:
            wait_until(lambda: list(states(tmp_path).values()).count("published") == 8)
            assert crawler.stop() == 0
    assert moments[0][0] == "/robots.txt"
    assert all((path == "") is bool(n % 2) for n, (path, _) in enumerate(moments))
    # The crawler counts from sending to sending, and a handler here may be late by any time; but what is
    # sent is sent after the answer before it, so two requests further the pause has passed since then.
    asked = [moment for path, moment in moments if path]
    answered = [moment for path, moment in moments if not path]
    assert all(later - sooner > 0.28 for sooner, later in zip(answered, asked[2:], strict=False))


def test_loopback_only_where_allowed(tmp_path: Path, kafka_address: str, key: str) -> None:
    """Without the outlet's word nothing on this machine is asked, not by name either; and no redirect
    leads to an address that nobody may ask."""
    ensure(Settings(kafka=Kafka(bootstrap=kafka_address)))
    port = free_port()
    with CountingSite(3) as closed, CountingSite(3) as site:
        named = f"http://localhost:{closed.url.rpartition(':')[2]}/rss"
        to = {"Location": f"http://169.254.169.254:{port}/latest"}
        site.answers["/bai-1.html"] = (302, to, b"")
        outlets: dict[str, dict[str, Any]] = {
            f"{key}-closed": {"feeds": [closed.feed, named]},
            key: {"feeds": [site.feed], "loopback": True},
        }
        with crawling(tmp_path, kafka_address, outlets, poll=0.2) as crawler:
            refused = f'dongtin_feed_polls_total{{outcome="unreachable",outlet="{key}-closed"}}'
            wait_until(lambda: crawler.metrics().get(refused, 0) >= 3)
            wait_until(lambda: sorted(states(tmp_path).values()) == ["dead", *["published"] * 2])
            wait_until(lambda: outbox_size(tmp_path) == 0)
            assert crawler.stop() == 0
        assert not closed.asked
    (letter,) = read_topics(kafka_address, key).letters
    assert letter.reason == "unreachable"
    assert "169.254.169.254 is not a public address" in letter.detail


def test_redirect_makes_one_article_of_two(tmp_path: Path, kafka_address: str, key: str) -> None:
    """An old address that has moved for good to a known article's is that article; one that leads to it
    for a while, or to the front page, is itself."""
    ensure(Settings(kafka=Kafka(bootstrap=kafka_address)))
    with CountingSite(5) as site:
        for n, status, to in ((1, 301, "/bai-0.html"), (2, 301, "/"), (3, 302, "/bai-0.html")):
            site.answers[f"/bai-{n}.html"] = (status, {"Location": to}, b"")
        site.answers["/"] = (200, {"Content-Type": "text/html"}, b"<html>Trang nhat")
        outlets = {key: {"feeds": [site.feed], "loopback": True}}
        with crawling(tmp_path, kafka_address, outlets) as crawler:
            wait_until(
                lambda: sorted(states(tmp_path).values()) == [*["published"] * 4, "unchanged"]
            )
            unchanged = (
                f'dongtin_articles_total{{outcome="unchanged",outlet="{key}",stage="crawl"}}'
            )
            assert crawler.metrics()[unchanged] == 1
            assert crawler.stop() == 0
        ids = {article.id: article.url for article in read_topics(kafka_address, key).articles}
        two = article_id(canonical_url(f"{site.url}/bai-2.html"))
        assert ids[two] == f"{site.url}/"
        three = article_id(canonical_url(f"{site.url}/bai-3.html"))
        assert ids[three] == f"{site.url}/bai-0.html"
        assert len(ids) == 4


def test_robots_that_cant_be_had(tmp_path: Path, kafka_address: str, key: str) -> None:
    """While robots.txt answers 503 nothing else is asked; once it is there the crawl begins."""
    ensure(Settings(kafka=Kafka(bootstrap=kafka_address)))
    with CountingSite(2) as site:
        site.answers["/robots.txt"] = (503, {}, b"")
        outlets = {key: {"feeds": [site.feed], "loopback": True}}
        with crawling(tmp_path, kafka_address, outlets, poll=0.2) as crawler:
            wait_until(lambda: site.asked["/robots.txt"] >= 2)
            assert set(site.asked) == {"/robots.txt"}
            del site.answers["/robots.txt"]
            wait_until(lambda: list(states(tmp_path).values()).count("published") == 2)
            assert crawler.stop() == 0


def test_stop_does_not_wait_for_a_slow_page(tmp_path: Path, kafka_address: str, key: str) -> None:
    """SIGTERM ends the crawler within 10 s though a page hangs; that page is not forgotten."""
    ensure(Settings(kafka=Kafka(bootstrap=kafka_address)))

    class Slow(CountingSite):
        def answer(self, path: str) -> tuple[int, dict[str, str], bytes]:
            if path == "/bai-0.html":
                time.sleep(20)
            return super().answer(path)

    with Slow(1) as site:
        outlets = {key: {"feeds": [site.feed], "loopback": True}}
        with crawling(tmp_path, kafka_address, outlets) as crawler:
            wait_until(lambda: site.pages)
            crawler.process.terminate()
            assert crawler.process.wait(timeout=60) == 0
    assert set(states(tmp_path).values()) == {"discovered"}


def test_second_crawler_on_the_same_folder(tmp_path: Path, kafka_address: str, key: str) -> None:
    """Two crawlers on one store would fetch everything twice: the second one says so and ends."""
    with CountingSite(1) as site:
        outlets = {key: {"feeds": [site.feed], "loopback": True}}
        with crawling(tmp_path, kafka_address, outlets) as first:
            wait_until(lambda: site.asked["/rss"])
            with crawling(tmp_path, kafka_address, outlets) as second:
                assert second.process.wait(timeout=60) == 1
            assert "another crawler works on it" in second.log.read_text()
            assert first.stop() == 0
