"""The search server as the stack asks it: one connection, one prefix."""

from collections.abc import Sequence
from datetime import datetime

from connectors.elasticsearch import search
from connectors.elasticsearch.client import connect
from streams.settings import Elasticsearch


class Index:
    """What is in the indices. Every method raises `Retry` when the server can't be asked."""

    def __init__(self, settings: Elasticsearch) -> None:
        self._client = connect(settings)
        self._prefix = settings.prefix

    def counts(self) -> dict[str, int]:
        """Searchable documents of each kind."""
        return search.counts(self._client, self._prefix)

    def top_documents(self, most: int) -> tuple[tuple[str, int], ...]:
        """Keys of documents with the number of their mentions, the most frequent first."""
        found = search.documents(self._client, self._prefix, most=most)
        return tuple(found.items())

    def discovered(self, ids: Sequence[str]) -> dict[str, datetime]:
        """Of these article ids those that a search finds, with when each was seen in its feed."""
        return search.discovered(self._client, self._prefix, ids)

    def close(self) -> None:
        """Lets go of the connection."""
        self._client.close()
