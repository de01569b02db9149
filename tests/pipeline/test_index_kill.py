"""The index stage killed and rebalanced in mid-flow: counts exact by id."""

from dataclasses import replace
from datetime import timedelta

import pytest

from streams import topics
from streams.records import EnrichedArticle
from tests import make_index
from tests.pipeline.indexing import Room, until

pytestmark = pytest.mark.servers


def captures(count: int) -> tuple[list[EnrichedArticle], list[EnrichedArticle]]:
    """Articles, and what is left of them: every third one was edited and lost a mention."""
    first = [make_index.article(f"{n}", ("05-CT/TW", "11-NQ/TW")) for n in range(count)]
    edited = [
        replace(
            make_index.article(f"{n}", ("11-NQ/TW",)),
            fetched_at=first[n].fetched_at + timedelta(minutes=1),
        )
        for n in range(0, count, 3)
    ]
    last = {article.id: article for article in [*first, *edited]}
    return [*first, *edited], list(last.values())


def test_killed_in_mid_flow(place: Room) -> None:
    """Three times kill -9, and then nothing is missing, doubled or left over from before."""
    sent, expected = captures(600)
    place.send(*sent[:300])
    for part in (sent[300:500], sent[500:700], sent[700:]):
        process = place.start("index")
        done = place.counts().get("articles", 0)
        until(lambda done=done: place.counts().get("articles", 0) > done, "it to be at work")  # type: ignore[misc]
        process.kill()
        place.send(*part)
    process = place.start("index")
    until(lambda: place.finished("index"), "everything to be committed")
    until(lambda: place.holds(expected), "everything exactly")
    assert process.end() == 0
    assert place.letters() == []


def test_workers_come_and_go(place: Room) -> None:
    """Partitions move while messages are in hand; poison between them is buried all the same."""
    sent, expected = captures(900)
    first = place.start("index")
    place.send(*sent[:300])
    until(lambda: place.counts().get("articles", 0) > 0, "the first worker to be at work")
    second = place.start("index")
    place.put(topics.ENRICHED.name, [(b"poison", b"\xff")])
    place.send(*sent[300:600])
    until(lambda: place.members("index") == 2, "the second worker to have its share")
    third = place.start("index")
    place.send(*sent[600:])
    until(lambda: place.members("index") == 3, "the third worker to have its share")
    assert second.end() == 0
    first.kill()
    until(lambda: place.finished("index"), "everything to be committed")
    until(lambda: place.holds(expected), "everything exactly")
    until(lambda: place.counts().get("dead") == 1, "the poison")
    assert third.end() == 0
