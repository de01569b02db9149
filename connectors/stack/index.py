"""The search server as the stack asks it: one connection, one kind of trouble."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from elasticsearch import ApiError, TransportError, UnsupportedProductError

from connectors.elasticsearch import search
from connectors.elasticsearch.client import connect
from streams.errors import Retry
from streams.settings import Elasticsearch

T = TypeVar("T")


class Index:
    """What is in the indices. Every method raises `Retry` when the server can't be asked."""

    def __init__(self, settings: Elasticsearch) -> None:
        self._client = connect(settings)
        self._prefix = settings.prefix

    def counts(self) -> dict[str, int]:
        """Searchable documents of each kind."""
        return self._ask(lambda: search.counts(self._client, self._prefix))

    def top_documents(self, most: int) -> tuple[tuple[str, int], ...]:
        """Keys of documents with the number of their mentions, the most frequent first."""
        found = self._ask(lambda: search.documents(self._client, self._prefix, most=most))
        return tuple(found.items())

    def discovered(self, ids: Sequence[str]) -> dict[str, datetime]:
        """Of these article ids those that a search finds, with when each was seen in its feed."""
        return self._ask(lambda: search.discovered(self._client, self._prefix, ids))

    def close(self) -> None:
        """Lets go of the connection."""
        self._client.close()

    def _ask(self, question: Callable[[], T]) -> T:
        try:
            return question()
        except (ApiError, TransportError, UnsupportedProductError) as error:
            raise Retry(f"Elasticsearch: {type(error).__name__}: {error}"[:300]) from error
