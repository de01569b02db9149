"""Everything that can be wrong with a page or a feed ends in its reason code, and alone."""

import uuid
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from connectors.kafka.admin import ensure
from connectors.sample.trouble import CASES, good_path, trouble_server
from streams.errors import Reason
from streams.identity import article_id, canonical_url
from streams.settings import Kafka, Settings
from tests.pipeline.crawling import (
    CrawlerProcess,
    crawling,
    outbox_size,
    read_topics,
    states,
    wait_until,
)

pytestmark = pytest.mark.servers

#: Told by what reads the text: the crawler passes these on.
_READ_LATER = (Reason.EMPTY_TEXT, Reason.LIST_PAGE, Reason.DEADLINE)


#: Too long for one feed's turn here; its handling is a unit test.
_FEEDS = [case for case in CASES if case.kind == "feed" and case.name != "huge-feed"]
_PAGES = [case for case in CASES if case.kind == "page"]


def _counted(crawler: CrawlerProcess, key: str, reasons: Mapping[str, str]) -> Counter[str]:
    """How many articles the crawler's metrics tell of, by each of these letters' reasons."""
    shown = crawler.metrics()
    name = 'dongtin_articles_total{{outcome="{}",outlet="{}",stage="crawl"}}'
    return Counter({r: int(shown.get(name.format(r, key), 0)) for r in set(reasons.values())})


def test_every_bad_page_ends_in_its_reason(tmp_path: Path, kafka_address: str) -> None:
    """Each bad page ends in its reason code, counted once, and the good ones are all published."""
    ensure(Settings(kafka=Kafka(bootstrap=kafka_address)))
    key = f"trouble-{uuid.uuid4().hex[:8]}"
    with trouble_server() as base:
        feeds = [f"{base}/feed/{case.name}.xml" for case in _PAGES]
        feeds += [base + case.path for case in _FEEDS]
        good = {article_id(canonical_url(base + good_path(case.name))) for case in _PAGES}
        bad = {case.name: article_id(canonical_url(base + case.path)) for case in _PAGES}
        outlet = {key: {"feeds": feeds, "loopback": True}}
        # long enough for 50 MB on a busy machine: else `too-large` races with `unreachable`
        with crawling(tmp_path, kafka_address, outlet, attempts=2, timeout=10.0) as crawler:
            wanted = good | set(bad.values())
            wait_until(
                lambda: (
                    wanted <= states(tmp_path).keys()
                    and not {"discovered", "fetched"} & set(states(tmp_path).values())
                    and outbox_size(tmp_path) == 0
                ),
                120,
            )
            found = read_topics(kafka_address, key)
            reasons = {letter.id: letter.reason for letter in found.letters}
            # it counts after its outbox is empty
            wait_until(lambda: _counted(crawler, key, reasons).total() >= len(reasons))
            assert _counted(crawler, key, reasons) == Counter(reasons.values())
            assert crawler.stop() == 0
    assert good <= {article.id for article in found.articles}
    for case in _PAGES:
        ends = reasons.get(bad[case.name], "read")
        allowed = {"read"} if case.reason in (None, *_READ_LATER) or case.or_read else set()
        assert ends in allowed | {str(case.reason)}, case.name
    for letter in found.letters:
        assert letter.stage == "crawl"
        assert letter.source == "crawler"
        assert letter.url.startswith(base)
