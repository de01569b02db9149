"""The index stage on the real servers: everything that comes is there, once, or said to be dead."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.elasticsearch import admin, search
from connectors.elasticsearch.client import connect
from connectors.elasticsearch.declared import index
from connectors.elasticsearch.names import KINDS
from streams import codec, topics
from streams.errors import ConfigError
from streams.records import DocumentMention, EnrichedArticle
from tests import make, make_index
from tests.pipeline.indexing import Room, indexing, until

pytestmark = pytest.mark.servers


def mention(**changes: Any) -> DocumentMention:
    """A mention in the first characters of a text."""
    return replace(make.document("Chỉ thị 05", "Chỉ thị 05", "05"), **changes)


def test_everything_is_indexed_once_and_poison_is_buried(place: Room) -> None:
    """Articles, mentions, alerts and dead letters by id, whatever stands between them."""
    articles = [make_index.article(f"{n}", ("05-CT/TW", "11-NQ/TW")) for n in range(50)]
    poison: list[tuple[bytes, bytes | None]] = [
        (b"\xff", b"\xff\x00 no record"),
        (b"a", b'{"id": "a"}'),
        (b"b", b""),
        (b"c", None),
    ]
    place.put(topics.ENRICHED.name, poison)
    place.send(*articles)
    place.send(*articles[:10])
    place.tell(make_index.alert("05-CT/TW"), make_index.alert("05-CT/TW"))
    place.put(topics.DEAD.name, [(b"\xff", b"\xff no headers")])
    with indexing(place.settings):
        until(lambda: place.holds(articles), "all articles")
        until(lambda: place.finished("index"), "everything to be committed")
        until(lambda: place.counts().get("dead") == 5, "dead letters")
    place.refresh()
    assert place.counts()["alerts"] == 1
    letters = [letter for letter in place.letters() if letter.stage == "index"]
    assert {letter.reason for letter in letters} == {"bad-record"}
    assert sorted(letter.content for letter in letters) == sorted(v or b"" for _, v in poison)
    assert all(letter.source.startswith("articles.enriched/") for letter in letters)


def test_a_rejected_document_holds_back_nobody(place: Room) -> None:
    """It becomes a dead letter with Elasticsearch's reason; a restart sends no second one."""
    good = [make_index.article(f"{n}", ("05-CT/TW",)) for n in range(20)]
    bad = make_index.article("bad", first_seen=datetime(2001, 1, 1, tzinfo=UTC))
    with indexing(place.settings):
        with connect(place.settings.elasticsearch) as client:
            # a stage that still prepares its indices would refuse to start on the next one
            until(lambda: place.members("index") == 1, "the stage to be ready")
            # an index of that month which can't hold what is written
            client.indices.create(
                index=index(place.settings.elasticsearch.prefix, "articles", "2001.01"),
                mappings={"properties": {"title": {"type": "integer"}}},
            )
        place.send(*good[:10], bad, *good[10:])
        until(lambda: place.holds(good), "the good ones")
        until(lambda: place.counts().get("dead") == 1, "the dead letter")
        until(lambda: place.finished("index"), "everything to be committed")
    (letter,) = place.letters()
    assert (letter.id, letter.reason, letter.stage) == (bad.id, "rejected-by-index", "index")
    assert "title" in letter.detail
    assert letter.url == bad.url


def test_records_that_are_strange_end_somewhere(place: Room) -> None:
    """Each is indexed or dead; none stops its partition, and those beside it are written."""
    plain = make_index.article("plain", ("05-CT/TW",))
    strange: list[dict[str, object]] = [
        {"id": "x" * 1000},
        {"id": ""},
        {"id": "../\u0000?#"},
        {"published": "0001-01-01T00:00:00+14:00", "id": "p0"},
        {"published": "9999-12-31T23:59:59-14:00", "id": "p1"},
        {"fetched_at": "9999-12-31T23:59:59Z", "id": "p2"},
        {"section": "ố" * 100_000, "id": "p3"},
        {"outlet": "", "url": "", "title": "", "text": "", "facts": {}, "id": "p4"},
        {"facts": {"documents": [json.loads(codec.encode(mention(year=2**63)))]}, "id": "p5"},
    ]
    fields = json.loads(codec.encode(plain))
    values = [json.dumps(fields | {"facts": {}} | changes).encode() for changes in strange]
    place.put(topics.ENRICHED.name, [(b"k", value) for value in values])
    place.send(plain)
    with indexing(place.settings):
        until(lambda: place.finished("index"), "everything to be committed")
        letters = place.letters()
        until(lambda: place.counts().get("dead") == len(letters), "dead letters to be found")
        expected = len(strange) + 1 - len(letters)
        until(lambda: place.counts().get("articles") == expected, "the rest to be indexed")
    assert {letter.reason for letter in letters} == {"rejected-by-index"}
    assert sorted(json.loads(letter.content)["id"] for letter in letters) == ["", "x" * 1000]


def test_captures_of_an_article_settle_on_the_newest(place: Room) -> None:
    """In whatever order they come, and mentions that are gone are gone."""
    old = make_index.article("a", ("1-CT/TW", "2-CT/TW"))
    new = replace(
        make_index.article("a", ("2-CT/TW", "3-CT/TW"), title="Sửa"),
        fetched_at=old.fetched_at + timedelta(minutes=5),
    )
    with indexing(place.settings):
        place.send(old)
        until(lambda: place.holds([old]), "the first capture")
        place.send(old, new, old)
        until(lambda: place.finished("index"), "everything to be committed")
        until(lambda: shown(place, new) == ("Sửa", {"2-CT/TW", "3-CT/TW"}), "the newest alone")
    assert place.letters() == []


def shown(place: Room, article: EnrichedArticle) -> tuple[str, set[str]]:
    """The article's title and the documents that are mentioned, as a search finds them."""
    prefix = place.settings.elasticsearch.prefix
    with connect(place.settings.elasticsearch) as client:
        written = search.article(client, prefix, article.id) or {"title": ""}
        return str(written["title"]), set(search.documents(client, prefix))


def test_folded_and_segmented_text_can_be_searched(place: Room) -> None:
    """A query without diacritics, and one by words, on the bare server."""
    hit = make_index.article("hoa-giai", text="Công tác hoà giải.", words="công_tác hoà_giải")
    miss = make_index.article("hoa", text="Giải thưởng hoa hồng.", words="giải_thưởng hoa_hồng")
    with indexing(place.settings):
        place.send(hit, miss)
        until(lambda: place.holds([hit, miss]), "both")
    with connect(place.settings.elasticsearch) as client:
        index = f"{place.settings.elasticsearch.prefix}-articles"
        for query in (
            {"match_phrase": {"text_folded": "hoa giai"}},
            {"match": {"words": "hòa_giải"}},
        ):
            hits = client.search(index=index, query=query)["hits"]["hits"]
            assert [found["_id"] for found in hits] == [hit.id]


def test_what_is_there_is_what_is_declared(place: Room) -> None:
    """Made twice, nothing differs; a field of another type is told, not overwritten."""
    settings = place.settings
    with connect(settings.elasticsearch) as client:
        assert admin.health(client).version.startswith(("8.", "9."))
        assert len(admin.differences(client, settings)) == 2 * len(KINDS)  # template and index
        admin.ensure(client, settings)
        admin.ensure(client, settings)
        assert admin.differences(client, settings) == ()
        name = index(settings.elasticsearch.prefix, "articles", "2001.01")
        client.indices.create(index=name, mappings={"properties": {"title": {"type": "integer"}}})
        found = admin.differences(client, settings)
        assert [difference.what for difference in found] == [
            f"index {name}: field title is integer, not text"
        ]
        with pytest.raises(ConfigError, match=r"2001\.01"):
            admin.ensure(client, settings)
