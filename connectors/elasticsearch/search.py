"""Questions that status, the demo and the tests ask of the indices.

All raise `Retry` when the server can't be asked now.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from elasticsearch import Elasticsearch, NotFoundError

from connectors.elasticsearch.client import asking
from connectors.elasticsearch.documents import safe_id
from connectors.elasticsearch.names import KINDS, alias

_PAGE = 1000


def counts(client: Elasticsearch, prefix: str) -> dict[str, int]:
    """Searchable documents of each kind; 0 where there is no index yet."""
    with asking(client):
        return {
            kind: int(client.count(index=alias(prefix, kind), ignore_unavailable=True)["count"])
            for kind in KINDS
        }


def newest(client: Elasticsearch, prefix: str) -> dict[str, datetime | None]:
    """When the newest article was published, discovered, fetched and enriched."""
    fields = ("published", "discovered_at", "fetched_at", "enriched_at")
    answer = _search(
        client,
        alias(prefix, "articles"),
        size=0,
        aggs={field: {"max": {"field": field}} for field in fields},
    )
    found = answer.get("aggregations", {})
    return {field: _moment(found.get(field, {}).get("value_as_string")) for field in fields}


def documents(client: Elasticsearch, prefix: str, *, most: int = _PAGE) -> dict[str, int]:
    """Keys of the documents mentioned, with the number of their mentions, the most frequent first."""
    answer = _search(
        client,
        alias(prefix, "mentions"),
        size=0,
        aggs={"keys": {"terms": {"field": "key", "size": most}}},
    )
    buckets = answer.get("aggregations", {}).get("keys", {}).get("buckets", [])
    return {str(bucket["key"]): int(bucket["doc_count"]) for bucket in buckets}


def article(client: Elasticsearch, prefix: str, id: str) -> dict[str, Any] | None:
    """An article's document by its id; None where it is not searchable."""
    answer = _search(
        client,
        alias(prefix, "articles"),
        query={"ids": {"values": [id]}},
        size=1,
    )
    hits = answer["hits"]["hits"]
    return dict(hits[0]["_source"]) if hits else None


def present(
    client: Elasticsearch, prefix: str, ids: Sequence[str], *, kind: str = "articles"
) -> set[str]:
    """Which of these ids are searchable."""
    found: set[str] = set()
    for start in range(0, len(ids), _PAGE):
        some = list(ids[start : start + _PAGE])
        answer = _search(
            client,
            alias(prefix, kind),
            query={"ids": {"values": some}},
            size=len(some),
            source=False,
        )
        found |= {str(hit["_id"]) for hit in answer["hits"]["hits"]}
    return found


def document(client: Elasticsearch, prefix: str, key: str) -> dict[str, Any] | None:
    """What is remembered of a document's first mention; None where it was never mentioned."""
    with asking(client):
        try:
            answer = client.get(index=alias(prefix, "documents"), id=safe_id(key))
        except NotFoundError:
            return None
        return dict(answer["_source"])


def _search(client: Elasticsearch, index: str, **body: Any) -> dict[str, Any]:
    with asking(client):
        return dict(client.search(index=index, ignore_unavailable=True, **body).body)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def discovered(client: Elasticsearch, prefix: str, ids: Sequence[str]) -> dict[str, datetime]:
    """Of these article ids those that are searchable, with when each was seen in its feed."""
    answer = _search(
        client,
        alias(prefix, "articles"),
        query={"ids": {"values": list(ids)}},
        size=len(ids),
        source=["discovered_at"],
    )
    return {
        str(hit["_id"]): datetime.fromisoformat(hit["_source"]["discovered_at"])
        for hit in answer["hits"]["hits"]
    }
