"""Writing articles and their mentions: one suite for the fake index and for Elasticsearch."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, cast

import pytest
from elasticsearch import Elasticsearch

from connectors.elasticsearch import admin
from connectors.elasticsearch.bulk import Bulk
from connectors.elasticsearch.client import connect
from connectors.elasticsearch.documents import Action, article_actions
from connectors.elasticsearch.revisions import Gone, Revisions
from streams import settings
from streams.records import EnrichedArticle
from tests import make_index
from tests.fakes import FakeElasticsearch, Patience


@dataclass
class Index:
    """An index and the two that write to it."""

    client: Any
    bulk: Bulk
    revisions: Revisions
    prefix: str

    def write(self, article: EnrichedArticle) -> str:
        """Writes an article as the sink does; what became of its own document."""
        actions = article_actions(self.prefix, article)
        (verdict,) = self.bulk.write([actions.article])
        if verdict.outcome == "written":
            self.bulk.write(actions.mentions)
            if verdict.existed:
                self.revisions.clean([Gone.of(actions)])
        return verdict.outcome

    def keys(self, article: EnrichedArticle) -> set[str]:
        """The documents that the index says the article mentions."""
        index = article_actions(self.prefix, article).mentions_index
        if isinstance(self.client, FakeElasticsearch):
            found = list(self.client.documents(index).values())
        else:
            self.client.indices.refresh(index=index)
            hits = self.client.search(index=index, size=1000)["hits"]["hits"]
            found = [hit["_source"] for hit in hits]
        return {str(body["key"]) for body in found if body["article"] == article.id}


@pytest.fixture(scope="module")
def real(elasticsearch_url: str) -> Iterator[tuple[Elasticsearch, settings.Elasticsearch]]:
    """A search server with our templates."""
    server = settings.Elasticsearch(url=elasticsearch_url, prefix=f"t{uuid.uuid4().hex[:10]}")
    with connect(server) as client:
        admin.ensure(client, settings.Settings(elasticsearch=server))
        yield client, server


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.servers)])
def index(request: pytest.FixtureRequest) -> Iterator[Index]:
    """An empty index."""
    client, server = cast(Elasticsearch, FakeElasticsearch()), settings.Elasticsearch()
    if request.param == "real":
        client, server = request.getfixturevalue("real")
    bulk = Bulk(client, server, Patience())
    yield Index(client, bulk, Revisions(client, bulk, Patience()), server.prefix)
    if request.param == "real":
        written = client.indices.get(index=f"{server.prefix}-*")
        client.indices.delete(index=list(written))


def later(article: EnrichedArticle, seconds: int = 1, **changes: Any) -> EnrichedArticle:
    """The same article, fetched later."""
    return replace(article, fetched_at=article.fetched_at + timedelta(seconds=seconds), **changes)


OLD = make_index.article("a", ("1-CT/TW", "2-CT/TW"))
NEW = later(make_index.article("a", ("2-CT/TW", "3-CT/TW"), title="Sửa"))


def test_writing_twice_changes_nothing(index: Index) -> None:
    """A batch may be done again at any time."""
    assert [index.write(OLD), index.write(OLD)] == ["written", "written"]
    assert index.keys(OLD) == {"1-CT/TW", "2-CT/TW"}


def test_a_revision_takes_away_mentions_that_are_gone(index: Index) -> None:
    """And leaves other articles' mentions alone."""
    other = make_index.article("b", ("1-CT/TW",))
    index.write(other)
    index.write(OLD)
    index.write(NEW)
    assert index.keys(NEW) == {"2-CT/TW", "3-CT/TW"}
    assert index.keys(other) == {"1-CT/TW"}


def test_an_older_capture_never_overwrites_a_newer_one(index: Index) -> None:
    """Nor does it bring its mentions back."""
    index.write(NEW)
    assert index.write(OLD) == "stale"
    assert index.keys(NEW) == {"2-CT/TW", "3-CT/TW"}


def test_a_newer_extractor_replaces_what_an_older_one_found(index: Index) -> None:
    """In the same capture, and never the other way round."""
    better = replace(OLD, extractor=2, facts=replace(OLD.facts, documents=OLD.facts.documents[:1]))
    index.write(OLD)
    assert index.write(better) == "written"
    assert index.keys(OLD) == {"1-CT/TW"}
    assert index.write(OLD) == "stale"
    assert index.keys(OLD) == {"1-CT/TW"}


def test_a_mention_that_was_taken_away_does_not_come_back(index: Index) -> None:
    """Not even when a worker that stood still for a while writes what it had in hand."""
    index.write(OLD)
    held = article_actions(index.prefix, OLD).mentions
    index.write(NEW)
    assert {verdict.outcome for verdict in index.bulk.write(held)} == {"stale"}
    assert index.keys(NEW) == {"2-CT/TW", "3-CT/TW"}


def test_more_gone_mentions_than_one_search_gives(index: Index) -> None:
    """All of them disappear."""
    many = make_index.article("c", tuple(f"{n}-CT/TW" for n in range(1000, 2100)))
    index.write(many)
    index.write(later(make_index.article("c", ("9-CT/TW",))))
    assert index.keys(many) == {"9-CT/TW"}


def test_what_is_created_stays_as_it_was(index: Index) -> None:
    """The first alert with an id is the alert."""
    create = Action(op="create", index=f"{index.prefix}-alerts", id="first:1", body={"id": "a"})
    other = replace(create, body={"id": "b"})
    outcomes = [index.bulk.write([action])[0].outcome for action in (create, other)]
    assert outcomes == ["written", "stale"]
