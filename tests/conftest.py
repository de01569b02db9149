"""Fixtures that every room's tests share."""

from __future__ import annotations

import os
import sys
import uuid
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.local.servers import Addresses, LocalServers

# Hundreds of processes are started: where they may not keep what they compile, each does it anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# For repeated runs at a desk: servers that already run (`dongtin up`) are used instead of new ones.
_KAFKA = "DONGTIN_TEST_KAFKA"
_ELASTICSEARCH = "DONGTIN_TEST_ELASTICSEARCH"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever asks for the servers needs them: the marker comes by itself.

    The tests that look at one whole pipeline come last: it runs from the first of them to the end, and
    would take the machine from all that came in between.
    """
    for item in items:
        if "servers" in _fixtures(item):
            item.add_marker(pytest.mark.servers)
    items.sort(key=lambda item: "flow" in _fixtures(item))


def _fixtures(item: pytest.Item) -> list[str]:
    return item.fixturenames if isinstance(item, pytest.Function) else []


@pytest.fixture(scope="session")
def new_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalServers]:
    """Real Kafka and Elasticsearch, started once for the whole run, with empty data."""
    # not above: a Kafka client takes half a second, which tests without servers don't need
    from connectors.local.servers import LocalServers

    with LocalServers(tmp_path_factory.mktemp("servers")) as local:
        yield local


@pytest.fixture(scope="session")
def servers(request: pytest.FixtureRequest) -> Addresses:
    """Where Kafka and Elasticsearch are.

    Shared by all tests: name topics, groups and indices with `fresh_prefix`.
    """
    from connectors.local.servers import Addresses

    if (kafka := os.environ.get(_KAFKA)) and (search := os.environ.get(_ELASTICSEARCH)):
        return Addresses(kafka=kafka, elasticsearch=search)
    addresses: Addresses = request.getfixturevalue("new_servers").addresses
    return addresses


@pytest.fixture(scope="session")
def kafka_address(servers: Addresses) -> str:
    """`host:port` of the broker."""
    return servers.kafka


@pytest.fixture(scope="session")
def elasticsearch_url(servers: Addresses) -> str:
    """The search server's URL."""
    return servers.elasticsearch


@pytest.fixture
def fresh_prefix() -> str:
    """A start for names of topics, groups and indices that no other test has."""
    return f"t{uuid.uuid4().hex[:10]}-"
