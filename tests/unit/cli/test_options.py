"""Options that several commands share."""

import pytest

from connectors.cli.options import settings_of
from streams.errors import ConfigError


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://[::1", "--elasticsearch: not an http address"),
        ("http://search:99999", "--elasticsearch: not an http address"),
        ("search:9200", "--elasticsearch: not an http address"),
        ("http://me:geheim@search:9200", "it may hold no user and no password"),
    ],
)
def test_a_wrong_address_is_told_and_not_quoted(url: str, told: str) -> None:
    """As in a file: the command line is checked by the same rule."""
    with pytest.raises(ConfigError, match=told) as caught:
        settings_of(None, None, elasticsearch=url)
    assert url not in str(caught.value)
