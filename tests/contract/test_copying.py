"""An index with one mapping in the place of another one, while it is written and read."""

import threading
import uuid
from collections.abc import Iterator

import pytest
from elasticsearch import AuthorizationException, Elasticsearch

from connectors.elasticsearch.client import connect
from connectors.elasticsearch.copying import copy
from streams import settings
from streams.errors import ConfigError

pytestmark = pytest.mark.servers

_STRICT = {"dynamic": "strict", "properties": {"n": {"type": "integer"}}}


@pytest.fixture
def client(elasticsearch_url: str) -> Iterator[Elasticsearch]:
    """A client of the shared server."""
    with connect(settings.Elasticsearch(url=elasticsearch_url)) as client:
        yield client


@pytest.fixture
def alias(client: Elasticsearch) -> Iterator[str]:
    """An alias in front of an index `<alias>-v1` with a hundred documents."""
    alias = f"t{uuid.uuid4().hex[:10]}"
    client.indices.create(index=f"{alias}-v1", aliases={alias: {}})
    for n in range(100):
        client.index(
            index=alias, id=str(n), document={"n": n}, version=n + 1, version_type="external"
        )
    yield alias
    client.indices.delete(index=list(client.indices.get(index=f"{alias}*")))


def test_everything_is_there_with_its_version(client: Elasticsearch, alias: str) -> None:
    """What was written just before, too; the alias leads to the new one, which takes writes."""
    new = f"{alias}-v2"
    client.indices.create(index=new, mappings=_STRICT)
    copy(client, f"{alias}-v1", new, alias)
    assert set(client.indices.get_alias(name=alias)) == {new}
    assert client.count(index=alias)["count"] == 100
    assert client.get(index=alias, id="41")["_version"] == 42
    client.index(index=alias, id="x", document={"n": 1}, require_alias=True, refresh=True)
    assert client.count(index=alias)["count"] == 101


def test_begun_again_it_changes_nothing_that_has_changed_since(
    client: Elasticsearch, alias: str
) -> None:
    """By another process, say, that had seen the old index before the first one was through."""
    old, new = f"{alias}-v1", f"{alias}-v2"
    copy(client, old, new, alias)
    client.update(index=alias, id="41", doc={"n": -1})
    client.indices.put_alias(index=old, name=alias)
    copy(client, old, new, alias)
    assert client.get(index=new, id="41")["_source"] == {"n": -1}
    assert client.count(index=new)["count"] == 100


def test_writers_find_the_new_index_or_wait(client: Elasticsearch, alias: str) -> None:
    """What a writer was told is written is there afterwards, whenever it was written."""
    written, stop = [], threading.Event()

    def write() -> None:
        number = 1000
        while not stop.is_set():
            try:
                client.create(index=alias, id=str(number), document={"n": 1}, require_alias=True)
            except AuthorizationException:  # closed: the index stage tries again, too
                continue
            written.append(str(number))
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        copy(client, f"{alias}-v1", f"{alias}-v2", alias)
        behind = len(written)
        while len(written) < behind + 20:
            assert writer.is_alive()
    finally:
        stop.set()
        writer.join()
    client.indices.refresh(index=alias)
    found = {hit["_id"] for hit in client.search(index=alias, size=10_000)["hits"]["hits"]}
    assert set(written) <= found
    assert len(found) == 100 + len(written)


def test_what_does_not_fit_leaves_everything_as_it_was(client: Elasticsearch, alias: str) -> None:
    """The document is named; the old index goes on behind the alias and takes writes."""
    client.index(index=alias, id="bad", document={"n": 1, "more": "x"})
    client.indices.create(index=f"{alias}-v2", mappings=_STRICT)
    with pytest.raises(ConfigError, match="more"):
        copy(client, f"{alias}-v1", f"{alias}-v2", alias)
    assert set(client.indices.get_alias(name=alias)) == {f"{alias}-v1"}
    client.index(index=alias, id="y", document={"n": 1})
