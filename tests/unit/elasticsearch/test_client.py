"""The client: credentials go to the server and nowhere else."""

import pytest

from connectors.elasticsearch.client import asking, connect, shown
from streams import settings
from streams.errors import Retry

SECRET = "http://me:secret@127.0.0.1:9"


def test_addresses_are_shown_without_credentials() -> None:
    """A log may hold them."""
    assert shown(SECRET) == "http://127.0.0.1:9"
    assert shown("https://search.example:9200/path") == "https://search.example:9200/path"


def test_an_error_names_the_server_and_no_secret() -> None:
    """Neither from the address nor from the settings."""
    server = settings.Elasticsearch(url="http://127.0.0.1:9", user="me", password="secret")
    with connect(server) as client, pytest.raises(Retry) as caught, asking(client):
        client.cluster.health()
    assert "127.0.0.1:9" in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("fields", "header"),
    [
        ({"api_key": "a-key"}, "ApiKey a-key"),
        ({"user": "me", "password": "secret"}, "Basic bWU6c2VjcmV0"),
    ],
)
def test_credentials_travel_in_the_header(fields: dict[str, str], header: str) -> None:
    """An API key comes before a user, as a cluster's owner would want."""
    with connect(settings.Elasticsearch(**fields)) as client:  # type: ignore[arg-type]  # a table's
        assert client._headers["authorization"] == header
