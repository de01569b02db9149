"""The client: credentials go to the server and nowhere else."""

from typing import Any

import pytest

from connectors.elasticsearch.client import asking, connect
from streams import settings
from streams.errors import Retry
from streams.secret import Secret


def test_an_error_names_the_server_and_no_secret() -> None:
    """Neither from the address nor from the settings."""
    server = settings.Elasticsearch(url="http://127.0.0.1:9", user="me", password=Secret("secret"))
    with connect(server) as client, pytest.raises(Retry) as caught, asking(client):
        client.cluster.health()
    assert "127.0.0.1:9" in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("fields", "header"),
    [
        ({"api_key": Secret("a-key")}, "ApiKey a-key"),
        ({"user": "me", "password": Secret("secret")}, "Basic bWU6c2VjcmV0"),
    ],
)
def test_credentials_travel_in_the_header(fields: dict[str, Any], header: str) -> None:
    """An API key comes before a user, as a cluster's owner would want."""
    with connect(settings.Elasticsearch(**fields)) as client:
        assert client._headers["authorization"] == header
