"""Articles leave the indices of earlier mapping versions as they are written anew.

Until all have left, older and present indices stand behind the same alias: readers miss none. An
article is taken from the older index once it can be found in the present one.
"""

import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from elasticsearch import Elasticsearch

from connectors.elasticsearch.admin import present
from connectors.elasticsearch.bulk import Bulk
from connectors.elasticsearch.declared import declared
from connectors.elasticsearch.documents import ArticleActions, delete_action
from connectors.elasticsearch.names import MONTHLY
from connectors.elasticsearch.patience import Patience, patiently
from connectors.elasticsearch.revisions import Gone, Revisions

_LOOK_SECONDS = 10.0  # an older program that still runs may begin a month of its own

#: Index, id, and the version that is written.
Place = tuple[str, str, int]


class Older:
    """The indices of earlier versions, as far as there are any."""

    def __init__(
        self,
        client: Elasticsearch,
        bulk: Bulk,
        revisions: Revisions,
        patience: Patience,
        prefix: str,
    ) -> None:
        self._client = client
        self._bulk = bulk
        self._revisions = revisions
        self._patience = patience
        self._prefix = prefix
        self._indices: dict[tuple[str, str], list[str]] = {}  # by kind and month
        self._looked_at = -_LOOK_SECONDS

    def look(self) -> None:
        """Learns which there are; asks every ten seconds.

        Raises:
            Lost, Stopped: from the caller's patience, as all methods here.
        """
        if time.monotonic() - self._looked_at < _LOOK_SECONDS:
            return
        self._indices = patiently(self._patience, self._find, "looking for older indices")
        self._looked_at = time.monotonic()

    def at(self, kind: str, article: ArticleActions) -> list[str]:
        """The older indices in which documents of a kind of this article may be."""
        return self._indices.get((kind, article.month), [])

    def newer(self, articles: Sequence[ArticleActions]) -> set[tuple[str, int]]:
        """Id and version of those of which an older index has a newer capture, or one by a newer
        extractor: to write them now would bring an old text back."""
        places = [
            (index, article.article.id, article.version)
            for article in articles
            for index in self.at("articles", article)
        ]
        return {
            (id, version)
            for (_, id, version), found in zip(places, self._look_up(places), strict=True)
            if found.get("found") and found["_source"]["version"] > version
        }

    def leave(self, written: Sequence[ArticleActions], kept: Sequence[ArticleActions]) -> None:
        """Takes articles from the older indices.

        Args:
            written: those that are in the present indices now.
            kept: those whose capture is.
        """
        gone = [
            Gone(index=index, article=article.article.id, version=article.version)
            for article in written
            for index in self.at("mentions", article)
        ]
        leaving = [
            delete_action(index, id, version)
            for (index, id, version), found in self._held(written, kept)
            if found.get("found")  # a delete of what is not there would make an index
        ]
        if not gone and not leaving:
            return
        actions = [a for article in written for a in (article.article, *article.mentions)]
        actions += [article.captured for article in kept]
        indices = sorted({action.index for action in actions})
        patiently(
            self._patience,
            lambda: self._client.indices.refresh(index=indices, ignore_unavailable=True),
            "showing what was written",
        )
        self._bulk.write(leaving)
        self._revisions.clean(gone)

    def _held(
        self, written: Sequence[ArticleActions], kept: Sequence[ArticleActions]
    ) -> Iterator[tuple[Place, dict[str, Any]]]:
        actions = [("articles", article, article.article) for article in written]
        actions += [("captures", article, article.captured) for article in kept]
        places = [
            (index, action.id, action.version or 0)
            for kind, article, action in actions
            for index in self.at(kind, article)
        ]
        yield from zip(places, self._look_up(places), strict=True)

    def _look_up(self, places: Sequence[Place]) -> Sequence[dict[str, Any]]:
        """What an older index has at each place."""
        if not places:
            return []
        docs = [{"_index": index, "_id": id, "_source": ["version"]} for index, id, _ in places]
        answer = patiently(
            self._patience, lambda: self._client.mget(docs=docs), "looking into older indices"
        )
        return list(answer["docs"])

    def _find(self) -> dict[tuple[str, str], list[str]]:
        found: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        for kind in MONTHLY:
            for name in present(self._client, self._prefix, kind):
                if name.version < declared(kind).version:
                    found[(kind, name.month)].append(name.name)
        return dict(found)
