"""Every document of a kind in a stable order, as the index was at one moment.

Pages follow a point in time, so that what is written meanwhile neither doubles nor hides one; in
memory is one page.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

from elasticsearch import Elasticsearch

from connectors.elasticsearch.client import asking
from connectors.elasticsearch.names import alias
from streams.errors import Retry

_PAGE = 5_000
_FEW = 2  # pages that are asked for without cutting
_KEEP = "5m"  # between two pages

#: A field's name to its values.
Fields = dict[str, list[Any]]
Query = Mapping[str, Any]


@contextmanager
def moment(client: Elasticsearch, prefix: str, kind: str) -> Iterator[str]:
    """A point in time on the indices of a kind that has everything written before; its id.

    Raises:
        Retry: the server can't be asked now.
    """
    index = alias(prefix, kind)
    with asking(client):
        done = client.indices.refresh(index=index, ignore_unavailable=True, allow_no_indices=True)
        if failed := done["_shards"]["failed"]:  # what it has not shown yet would seem lost
            raise Retry(f"{index}: {failed} shards can't be refreshed now")
        point = client.open_point_in_time(index=index, keep_alive=_KEEP, ignore_unavailable=True)
    try:
        yield str(point["id"])
    finally:
        with asking(client):
            client.close_point_in_time(id=point["id"])


def scan(
    client: Elasticsearch,
    point: str,
    fields: Sequence[str],
    query: Query | None = None,
    *,
    page: int = _PAGE,
) -> Iterator[Fields]:
    """The wanted fields and the `id` of each document that the query finds, by `id`.

    Args:
        page: documents asked for at a time, and in memory.

    Raises:
        Retry: the server can't be asked now, or not all of it.
    """
    what: dict[str, Any] = {
        "docvalue_fields": [{"field": name} for name in fields],
        "stored_fields": "_none_",
        "source": False,
    }
    what |= {"sort": [{"id": "asc"}], "size": page}
    for part in _parts(client, point, query or {"match_all": {}}, _FEW * page):
        for hit in _hits(client, point, part, what):
            yield hit.get("fields", {}) | {"id": [hit["sort"][0]]}


def _parts(client: Elasticsearch, point: str, query: Query, few: int) -> Iterator[Query]:
    """The query cut along the ids' first digits, when it finds more than a few pages: to sort a page
    costs the server as much as the query finds in all."""
    with asking(client):
        answer = client.search(
            pit={"id": point, "keep_alive": _KEEP}, query=query, size=0, track_total_hits=True
        )
    if answer["hits"]["total"]["value"] <= few:
        yield query
        return
    # ids are hexadecimal but for those of messages that are no record, which fall between or beside
    starts = [None, *(f"{number:02x}" for number in range(256)), None]
    for start, end in pairwise(starts):
        bounds = {"gte": start} if start else {}
        bounds |= {"lt": end} if end else {}
        yield {"bool": {"filter": [query, {"range": {"id": bounds}}]}}


def whole(
    client: Elasticsearch,
    point: str,
    query: Query,
    *,
    sort: Sequence[Mapping[str, Any]],
    without: Sequence[str] = (),
) -> Iterator[dict[str, Any]]:
    """Each document that the query finds as it was written, with its `_id`, and `_seq_no` and
    `_primary_term` for a change of exactly this writing.

    Args:
        without: fields that are left out.

    Raises:
        Retry: the server can't be asked now, or not all of it.
    """
    what = {"source_excludes": list(without), "seq_no_primary_term": True}
    for hit in _hits(client, point, query, what | {"sort": list(sort), "size": _PAGE}):
        yield hit["_source"] | {name: hit[name] for name in ("_id", "_seq_no", "_primary_term")}


def _hits(
    client: Elasticsearch,
    point: str,
    query: Query,
    what: Mapping[str, Any],
) -> Iterator[dict[str, Any]]:
    after: Any = None
    while True:
        with asking(client):
            answer = client.search(
                pit={"id": point, "keep_alive": _KEEP},
                query=query,
                search_after=after,
                track_total_hits=False,
                allow_partial_search_results=False,
                **what,
            )
        hits = answer["hits"]["hits"]
        yield from hits
        if len(hits) < what["size"]:
            return
        after = hits[-1]["sort"]
