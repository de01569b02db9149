"""`dongtin replay`: what lies in articles.raw, by the extractor of today, beside live traffic."""

import json
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors.elasticsearch import search
from connectors.elasticsearch.client import connect
from connectors.kafka.pace import MOST_LEFT, Pace
from connectors.kafka.reading import committed, read
from connectors.replay.replay import IN_HAND
from streams import codec, topics
from streams.enrichment import enrich
from streams.extraction import VERSION
from streams.records import Alert, EnrichedArticle, RawArticle
from tests import make, make_index
from tests.earlier import months_as_before
from tests.pipeline.indexing import Room, environment, room, until
from tests.pipeline.running import DONGTIN

pytestmark = [pytest.mark.servers, pytest.mark.timeout(600)]

_PAGE = """<html lang="vi"><head><title>Bài {n}</title><meta property="og:type" content="article">
<meta property="og:title" content="Bài {n}"></head><body><article><h1>Bài {n}</h1>
<p>Hội nghị ở xã số {n} bàn việc thực hiện Chỉ thị {n}-CT/TW trong mùa khô năm nay.</p>
<p>Nhiều đại biểu nêu ý kiến về việc giữ nước cho đồng ruộng và sửa lại con đường liên thôn.</p>
<p>Chủ tọa kết luận rằng các thôn phải báo cáo kết quả trước ngày cuối cùng của tháng sau.</p>
</article></body></html>"""


def page(n: int) -> RawArticle:
    """An article that names one document."""
    return make.raw(_PAGE.format(n=n), f"https://bao.example/bai-{n}.html", outlet=f"bao{n % 2}")


def by_an_older_extractor(raw: RawArticle) -> EnrichedArticle:
    """It had not yet found the document, and took something else for one."""
    article = enrich(raw, now=make.MOMENT)
    wrong = make.document(article.text, "Hội nghị", "1-HN/XX")
    facts = replace(article.facts, documents=(wrong,))
    return replace(article, extractor=VERSION - 1, facts=facts)


@pytest.fixture
def place(
    kafka_address: str, elasticsearch_url: str, fresh_prefix: str, tmp_path: Path
) -> Iterator[Room]:
    """Index and watch at work as processes, and what they read from now on."""
    with room(kafka_address, elasticsearch_url, fresh_prefix, tmp_path) as place:
        place.start("index")
        place.start("watch")
        yield place


def replay(place: Room, *words: str, status: int = 0) -> dict[str, Any]:
    """`dongtin replay --json`."""
    done = subprocess.run(
        # only what the test itself sent: others leave thousands of pages on the shared broker
        [*DONGTIN, "replay", "--since", place.began.isoformat(), *words, "--json"],
        env=environment(place.settings),
        capture_output=True,
        text=True,
    )
    assert done.returncode == status, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def had(place: Room, pages: list[RawArticle]) -> None:
    """The pages were crawled, enriched by an older extractor, and indexed."""
    place.put(topics.RAW.name, [(raw.id.encode(), codec.encode(raw)) for raw in pages])
    place.commit("enrich")
    old = [by_an_older_extractor(raw) for raw in pages]
    place.send(*old)
    until(lambda: place.holds(old), "the articles to be indexed")
    until(lambda: place.finished("watch"), "the watch stage")


def alerts(place: Room) -> list[str]:
    """The documents told since the test began."""
    start = {(tp.topic, tp.partition): at for tp, at in place.starts.items()}
    mine = {spot: at for spot, at in start.items() if spot[0] == topics.ALERTS.name}
    found = [codec.decode(Alert, m.value) for m in read(place.settings.kafka, mine)]
    return [alert.document for alert in found]


def test_what_today_s_extractor_gains_and_loses_is_told_and_indexed(place: Room) -> None:
    """By document, with a sentence; mentions are replaced; nobody is told of an old article's
    document, which is known from now on; done again it finds nothing more."""
    pages = [page(n) for n in range(1001, 1009)]
    had(place, pages)
    assert alerts(place) == ["1-HN/XX"]
    ids = {raw.id for raw in pages}

    seen = replay(place, "--outlet", "bao1", "--dry-run")
    assert seen["sent"] == 0
    assert set(seen["documents"]["gained"]) == {f"{n}-CT/TW" for n in (1001, 1003, 1005, 1007)}

    told = replay(place)
    mine = [example for example in told["examples"] if example["article"] in ids]
    gained = {example["key"] for example in mine if example["change"] == "gained"}
    assert gained == {f"{n}-CT/TW" for n in range(1001, 1009)}
    assert all(
        example["key"] in example["sentence"] for example in mine if example["key"] in gained
    )
    assert told["documents"]["lost"]["1-HN/XX"] == len(pages)

    new = [replace(enrich(raw, now=make.MOMENT), quiet=True) for raw in pages]
    until(lambda: place.finished("index"), "the index stage")
    until(lambda: place.holds(new), "the mentions to be replaced")
    until(lambda: place.finished("watch"), "the watch stage")
    assert alerts(place) == ["1-HN/XX"]
    with connect(place.settings.elasticsearch) as client:
        known = search.document(client, place.settings.elasticsearch.prefix, "1001-CT/TW")
    assert known is not None
    assert (known["quiet"], known["told"]) == (True, True)
    place.send(make_index.article("mới", ("1001-CT/TW", "2001-CT/TW")))
    until(lambda: place.finished("watch"), "the watch stage")
    assert alerts(place) == ["1-HN/XX", "2001-CT/TW"]

    again = replay(place)
    assert [e for e in again["examples"] if e["article"] in ids] == []


def test_after_a_change_of_mapping_it_fills_the_new_indices(place: Room) -> None:
    """Every article, its mentions and its capture leave the indices of the earlier mapping, and are found
    once, by the same aliases as before."""
    pages = [page(n) for n in range(4001, 4009)]
    had(place, pages)
    server = place.settings.elasticsearch
    assert place.started[0].end() == 0  # index, of the earlier version
    with connect(server) as client:
        older = months_as_before(client, server.prefix)
        place.start("index")
        told = replay(place)
        assert told["sent"] >= len(pages)
        new = [replace(enrich(raw, now=make.MOMENT), quiet=True) for raw in pages]
        until(lambda: place.holds(new), "the articles to be in the new indices")

        def left() -> int:
            client.indices.refresh(index=older)
            return int(client.count(index=older)["count"])

        until(lambda: left() == 0, "the older indices to be empty")
    assert place.holds(new)


def test_live_articles_do_not_wait_behind_it(place: Room) -> None:
    """While a replay runs, the stages never have more than its stated share before them."""
    pages = [page(n) for n in range(2001, 2101)]
    had(place, pages)
    most, stop = [0], threading.Event()

    def look() -> None:
        behind = {"index": topics.ENRICHED.name, "watch": topics.ENRICHED.name}
        with Pace(place.settings.kafka, behind, most=0) as pace:
            while not stop.is_set():
                most[0] = max(most[0], *pace.left().values())

    looking = threading.Thread(target=look)
    looking.start()
    try:
        told = replay(place)
    finally:
        stop.set()
        looking.join()
    assert told["sent"] >= len(pages)
    assert 0 < most[0] <= IN_HAND + MOST_LEFT


def test_what_can_t_be_enriched_is_named_and_buried_once(place: Room) -> None:
    """It was a dead letter when it was new; a replay makes no second one."""
    broken = b"\xff no record"
    place.put(topics.RAW.name, [(b"broken", broken)])
    place.commit("enrich")
    told = replay(place)
    named = {one["article"]: one["reason"] for one in told["not_enriched"]["articles"]}
    assert named["broken"] == "bad-record"
    assert told["not_enriched"]["reasons"]["bad-record"] >= 1
    assert place.letters() == []


def test_it_reads_no_farther_than_enrich_has(place: Room) -> None:
    """Live goes first: what the enrich stage has not finished is not replayed."""
    raw = page(3001)
    place.put(topics.RAW.name, [(raw.id.encode(), codec.encode(raw))])
    waiting = list(
        read(place.settings.kafka, committed(place.settings.kafka, "enrich", topics.RAW.name))
    )
    assert [message.key for message in waiting] == [raw.id.encode()]
    told = replay(place, "--dry-run")
    assert raw.id not in {example["article"] for example in told["examples"]}
    assert told["absent"] == replay(place, "--dry-run")["absent"]
    place.commit("enrich")
    after = replay(place, "--dry-run")
    assert after["absent"] == told["absent"] + 1
