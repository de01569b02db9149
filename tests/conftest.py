"""Fixtures that every room's tests share."""

from __future__ import annotations

import os
import uuid
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.local.servers import Addresses

# For repeated runs at a desk: servers that already run (`dongtin up`) are used instead of new ones.
_KAFKA = "DONGTIN_TEST_KAFKA"
_ELASTICSEARCH = "DONGTIN_TEST_ELASTICSEARCH"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever asks for the servers needs them: the marker comes by itself."""
    for item in items:
        if isinstance(item, pytest.Function) and "servers" in item.fixturenames:
            item.add_marker(pytest.mark.servers)


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Addresses]:
    """Real Kafka and Elasticsearch, started once for the whole run, with empty data.

    Shared by all tests: name topics, groups and indices with `fresh_prefix`.
    """
    # not above: a Kafka client takes half a second, which tests without servers don't need
    from connectors.local.servers import Addresses, LocalServers

    if (kafka := os.environ.get(_KAFKA)) and (search := os.environ.get(_ELASTICSEARCH)):
        yield Addresses(kafka=kafka, elasticsearch=search)
        return
    local = LocalServers(tmp_path_factory.mktemp("servers"))
    try:
        yield local.start()
    finally:
        local.stop()


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
