"""The index stage while Elasticsearch is away, slow, full or read-only: it waits, and loses none."""

import threading
import time

import pytest

from connectors.elasticsearch import sink
from connectors.elasticsearch.client import connect
from tests import make_index
from tests.pipeline.indexing import Room, behind, indexing, until
from tests.trouble_proxy import Trouble, TroubleProxy

pytestmark = pytest.mark.servers


@pytest.mark.parametrize("trouble", ["429", "503", "hang", "lost", "garbage", "refused"])
def test_trouble_delays_and_loses_nothing(
    place: Room, proxy: TroubleProxy, trouble: Trouble
) -> None:
    """Nothing is committed meanwhile; afterwards all is there, once, and nothing is dead."""
    before = [make_index.article(f"v{n}", ("05-CT/TW",)) for n in range(10)]
    during = [make_index.article(f"w{n}", ("05-CT/TW", "11-NQ/TW")) for n in range(30)]
    with indexing(behind(place.settings, proxy)):
        place.send(*before)
        until(lambda: place.holds(before), "what came before")
        proxy.make(trouble)
        place.send(*during)
        if trouble == "refused":
            time.sleep(1.0)
        else:
            until(lambda: proxy.troubled >= 2, "writes to meet the trouble")
        assert not place.finished("index")
        proxy.make("none")
        until(lambda: place.holds([*before, *during]), "everything")
        until(lambda: place.finished("index"), "everything to be committed")
    assert place.letters() == []


def test_a_read_only_index_is_waited_for(place: Room) -> None:
    """As when the disk is full: no dead letters, and all is written once it is lifted."""
    before = [make_index.article("v", ("05-CT/TW",))]
    during = [make_index.article(f"w{n}", ("05-CT/TW",)) for n in range(30)]
    with indexing(place.settings), connect(place.settings.elasticsearch) as client:
        place.send(*before)
        until(lambda: place.holds(before), "what came before")
        index = f"{place.settings.elasticsearch.prefix}-*"
        names = list(client.indices.get(index=index))
        block = "index.blocks.read_only_allow_delete"
        client.indices.put_settings(index=names, settings={block: True})
        place.send(*during)
        time.sleep(1.5)
        until(lambda: place.counts().get("articles") == 1, "the index to answer")
        assert not place.finished("index")
        client.indices.put_settings(index=names, settings={block: None})
        until(lambda: place.holds([*before, *during]), "everything")
    assert place.letters() == []


@pytest.mark.parametrize("trouble", ["hang", "503", "refused"])
def test_it_stops_although_the_server_does_not_answer(
    place: Room, proxy: TroubleProxy, trouble: Trouble
) -> None:
    """What is in hand goes back: it is not committed, and the next run writes it."""
    articles = [make_index.article(f"{n}", ("05-CT/TW",)) for n in range(10)]
    stop, status = threading.Event(), list[int]()
    settings = behind(place.settings, proxy)
    thread = threading.Thread(target=lambda: status.append(sink.run(settings, stop)))
    thread.start()
    until(lambda: place.members("index") == 1, "the stage to be ready")
    proxy.make(trouble)
    place.send(*articles)
    if trouble != "refused":
        until(lambda: proxy.troubled >= 1, "a write under way")
    stop.set()
    thread.join(60)
    assert status == [0]
    assert not place.finished("index")
    with indexing(place.settings):
        until(lambda: place.holds(articles), "everything")


def test_it_waits_for_servers_that_are_not_there_yet(place: Room, proxy: TroubleProxy) -> None:
    """Started before Elasticsearch, it begins when that answers."""
    article = make_index.article("a", ("05-CT/TW",))
    proxy.make("refused")
    with indexing(behind(place.settings, proxy)):
        place.send(article)
        time.sleep(1.0)
        proxy.make("none")
        until(lambda: place.holds([article]), "the article")
