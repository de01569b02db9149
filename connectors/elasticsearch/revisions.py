"""When a later capture replaces an article, the mentions that are gone must disappear."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from elasticsearch import Elasticsearch

from connectors.elasticsearch.bulk import Bulk
from connectors.elasticsearch.documents import ArticleActions, delete_action
from connectors.elasticsearch.patience import Patience, patiently
from streams.errors import Retry

_PAGE = 500  # gone mentions of one article that are taken away at a time
_ARTICLES = 100  # articles asked about in one request


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """Mentions in one index that an article has no longer."""

    index: str
    article: str
    version: int  # of the article; what a later one has written stays
    capture: str = ""  # what this capture and version have written stays; empty: nothing does

    @classmethod
    def of(cls, article: ArticleActions) -> "Gone":
        """Those of earlier captures, or by an earlier extractor."""
        return cls(
            index=article.mentions_index,
            article=article.article.id,
            version=article.version,
            capture=article.capture,
        )

    def query(self) -> dict[str, Any]:
        """How they are searched for."""
        found: dict[str, Any] = {
            "filter": [
                {"term": {"article": self.article}},
                {"range": {"version": {"lte": self.version}}},
            ]
        }
        if self.capture:
            mine = [{"term": {"capture": self.capture}}, {"term": {"version": self.version}}]
            found["must_not"] = [{"bool": {"filter": mine}}]
        return {"size": _PAGE, "_source": False, "query": {"bool": found}}


class Revisions:
    """Finds and deletes mentions that are gone."""

    def __init__(self, client: Elasticsearch, bulk: Bulk, patience: Patience) -> None:
        self._client = client
        self._bulk = bulk
        self._patience = patience

    def clean(self, gone: Sequence[Gone]) -> None:
        """Deletes what is gone of articles that were there before.

        Raises:
            Lost, Stopped: from the caller's patience; the articles have to be written again.
        """
        left = list(gone)
        while left:
            found = patiently(self._patience, partial(self._find, left), "mentions that are gone")
            self._bulk.write(
                [
                    delete_action(hit["_index"], hit["_id"], one.version)
                    for one, hits in zip(left, found, strict=True)
                    for hit in hits
                ]
            )
            left = [one for one, hits in zip(left, found, strict=True) if len(hits) == _PAGE]

    def _find(self, gone: Sequence[Gone]) -> list[list[dict[str, Any]]]:
        """Hits for each. What was written a moment ago is found: the index is refreshed."""
        indices = sorted({one.index for one in gone})
        self._client.indices.refresh(index=indices, ignore_unavailable=True)
        found: list[list[dict[str, Any]]] = []
        for start in range(0, len(gone), _ARTICLES):
            searches: list[dict[str, Any]] = []
            for one in gone[start : start + _ARTICLES]:
                searches += [{"index": one.index, "ignore_unavailable": True}, one.query()]
            for answer in self._client.msearch(searches=searches)["responses"]:
                if "error" in answer or answer.get("timed_out"):
                    raise Retry(str(answer.get("error", "timed out"))[:1000])
                if answer["_shards"]["failed"]:
                    raise Retry(f"{answer['_shards']['failed']} shards did not answer")
                found.append(answer["hits"]["hits"])
        return found
