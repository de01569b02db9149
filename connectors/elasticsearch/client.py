"""How the search server is reached: the one place that knows addresses and credentials."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from elasticsearch import (
    ApiError,
    AsyncElasticsearch,
    Elasticsearch,
    TransportError,
    UnsupportedProductError,
)

from streams import settings
from streams.errors import Retry

# a line for each try; we say once that the server went away, and once that it is back
logging.getLogger("elastic_transport").setLevel(logging.ERROR)

#: Every way in which a server can fail to answer, or something else answer in its place.
FAILURES = (ApiError, TransportError, UnsupportedProductError)


def shown(url: str) -> str:
    """An address as logs may show it: without user and password."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _arguments(server: settings.Elasticsearch) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "hosts": [server.url],
        "request_timeout": server.timeout,
        # trying again is the caller's, who knows what may be repeated and keeps Kafka waiting
        "max_retries": 0,
        "retry_on_timeout": False,
        "meta_header": False,
    }
    if server.api_key:
        arguments["api_key"] = server.api_key
    elif server.user:
        arguments["basic_auth"] = (server.user, server.password)
    return arguments


def connect(server: settings.Elasticsearch) -> Elasticsearch:
    """A client for threads. Nothing is asked of the server yet."""
    return Elasticsearch(**_arguments(server))


def connect_async(server: settings.Elasticsearch) -> AsyncElasticsearch:
    """A client for an event loop. Nothing is asked of the server yet."""
    return AsyncElasticsearch(**_arguments(server))


@contextmanager
def asking(client: Elasticsearch) -> Iterator[None]:
    """Around questions to the server.

    Raises:
        Retry: the server can't be asked now, with its address and what it said.
    """
    try:
        yield
    except FAILURES as error:
        where = ", ".join(node.base_url for node in client.transport.node_pool.all())
        raise Retry(f"Elasticsearch at {where}: {type(error).__name__}: {error}"[:500]) from error
