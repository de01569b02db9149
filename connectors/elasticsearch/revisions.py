"""When a later capture replaces an article, the mentions that are gone must disappear."""

import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

from elasticsearch import Elasticsearch

from connectors.elasticsearch.bulk import Bulk, Patience
from connectors.elasticsearch.client import FAILURES
from connectors.elasticsearch.documents import ArticleActions, delete_action
from streams.errors import Retry

log = logging.getLogger("dongtin")
T = TypeVar("T")

_PAGE = 500  # gone mentions of one article that are taken away at a time
_ARTICLES = 100  # articles asked about in one request
_FIRST_WAIT = 0.1  # seconds, doubled with each try
_LONGEST_WAIT = 5.0


def gone(article: ArticleActions) -> dict[str, Any]:
    """The query for mentions that an article had in earlier captures, or by an earlier extractor,
    and has no longer: everything of it that the present write did not touch."""
    mine = [{"term": {"capture": article.capture}}, {"term": {"version": article.version}}]
    return {
        "size": _PAGE,
        "_source": False,
        "query": {
            "bool": {
                "filter": [
                    {"term": {"article": article.article.id}},
                    {"range": {"version": {"lte": article.version}}},
                ],
                "must_not": [{"bool": {"filter": mine}}],
            }
        },
    }


class Revisions:
    """Finds and deletes mentions that are gone."""

    def __init__(self, client: Elasticsearch, bulk: Bulk, patience: Patience) -> None:
        self._client = client
        self._bulk = bulk
        self._patience = patience

    def clean(self, articles: Sequence[ArticleActions]) -> None:
        """Deletes what is gone of articles that were there before.

        Raises:
            Lost, Stopped: from the caller's patience; the articles have to be written again.
        """
        left = list(articles)
        while left:
            found = self._patiently(partial(self._find, left))
            self._bulk.write(
                [
                    delete_action(hit["_index"], hit["_id"], article.version)
                    for article, hits in zip(left, found, strict=True)
                    for hit in hits
                ]
            )
            left = [a for a, hits in zip(left, found, strict=True) if len(hits) == _PAGE]

    def _patiently(self, ask: Callable[[], T]) -> T:
        wait = _FIRST_WAIT
        while True:
            try:
                return self._patience.join(ask)
            except (*FAILURES, Retry) as error:
                if wait == _FIRST_WAIT:
                    log.warning("index: looking for mentions that are gone: %s", error)
            self._patience.wait(wait)
            wait = min(wait * 2, _LONGEST_WAIT)

    def _find(self, articles: Sequence[ArticleActions]) -> list[list[dict[str, Any]]]:
        """Hits for each article. What was written a moment ago is found: the index is refreshed."""
        indices = sorted({article.mentions_index for article in articles})
        self._client.indices.refresh(index=indices, ignore_unavailable=True)
        found: list[list[dict[str, Any]]] = []
        for start in range(0, len(articles), _ARTICLES):
            some = articles[start : start + _ARTICLES]
            searches: list[dict[str, Any]] = []
            for article in some:
                searches += [
                    {"index": article.mentions_index, "ignore_unavailable": True},
                    gone(article),
                ]
            for answer in self._client.msearch(searches=searches)["responses"]:
                if "error" in answer or answer.get("timed_out"):
                    raise Retry(str(answer.get("error", "timed out"))[:1000])
                if answer["_shards"]["failed"]:
                    raise Retry(f"{answer['_shards']['failed']} shards did not answer")
                found.append(answer["hits"]["hits"])
        return found
