"""How the search server is reached: the one place that knows addresses and credentials."""

import logging
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from elastic_transport import TlsError
from elasticsearch import (
    ApiError,
    AsyncElasticsearch,
    AuthenticationException,
    AuthorizationException,
    Elasticsearch,
    TransportError,
    UnsupportedProductError,
)

from streams import security, settings
from streams.errors import Away, Denied

# a line for each try; we say once that the server went away, and once that it is back
logging.getLogger("elastic_transport").setLevel(logging.ERROR)

#: Every way in which a server can fail to answer, or something else answer in its place.
FAILURES = (ApiError, TransportError, UnsupportedProductError)

#: Seconds for the answer to a question that somebody waits for at a screen.
SCREEN_SECONDS = 5.0


def _arguments(server: settings.Elasticsearch) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "hosts": [server.url],
        "request_timeout": server.timeout,
        # trying again is the caller's, who knows what may be repeated and keeps Kafka waiting
        "max_retries": 0,
        "retry_on_timeout": False,
        "meta_header": False,
    }
    if urlsplit(server.url).scheme == "https":
        arguments["ssl_context"] = security.context("elasticsearch", server)
    if server.api_key:
        arguments["api_key"] = server.api_key.reveal()
    elif server.user:
        arguments["basic_auth"] = (server.user, server.password.reveal())
    return arguments


def briefly(server: settings.Elasticsearch) -> settings.Elasticsearch:
    """The same server for `connect`, where nobody waits longer than `SCREEN_SECONDS` for an answer."""
    return replace(server, timeout=min(server.timeout, SCREEN_SECONDS))


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
        Denied: the server refuses us, or its certificate is not to be trusted; with what to do.
        Away: the server can't be asked now, with its address and what it said.
    """
    try:
        yield
    except FAILURES as error:
        where = ", ".join(node.base_url for node in client.transport.node_pool.all())
        # of a connection that fails the library's own words leave out why
        why = error.message if isinstance(error, TransportError) else error
        told = f"Elasticsearch at {where}: {type(error).__name__}: {why}"[:500]
        if mend := _mend(error):
            raise Denied(f"{told}; {mend}") from error
        raise Away(told) from error


def _mend(error: Exception) -> str:
    """What to do where the server is there and refuses us, or we it; empty: it is away."""
    if isinstance(error, AuthenticationException):
        return "[elasticsearch] user and password, or api_key, must be as the server knows them"
    if isinstance(error, AuthorizationException):
        return "give the user or key the right: deploy/elasticsearch/roles.yml"
    if isinstance(error, TlsError):
        # urllib3 wraps it once, aiohttp more often
        waiting: list[object] = [error]
        while waiting:
            cause = waiting.pop()
            if isinstance(cause, ssl.SSLCertVerificationError):
                return security.distrust(cause)
            if isinstance(cause, Exception):
                waiting += [*getattr(cause, "errors", ()), *cause.args, cause.__cause__]
        return "is this its port for https, and [elasticsearch] ca_file the CA that signed it?"
    return ""
