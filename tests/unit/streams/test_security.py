"""What the settings must say before anything connects."""

from typing import Any

import pytest

from streams.errors import ConfigError
from streams.secret import Secret
from streams.security import check
from streams.settings import Elasticsearch, Kafka

WORD = "xin-chào-9"
USER: dict[str, Any] = {"user": "me", "password": Secret(WORD)}


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"security_protocol": "TLS"}, "'TLS' is none of PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL"),
        ({"sasl_mechanism": "MD5"}, "'MD5' is none of SCRAM-SHA-512, SCRAM-SHA-256, PLAIN"),
        ({"security_protocol": "SASL_SSL", "user": "me"}, "needs user and password"),
        (USER, "PLAINTEXT knows no users: write security_protocol SASL_SSL"),
        (
            {"security_protocol": "SASL_PLAINTEXT", "sasl_mechanism": "PLAIN", **USER},
            "sends the password readable",
        ),
        ({"ca_file": "ca.pem"}, "PLAINTEXT has no certificates"),
        ({"security_protocol": "SSL", "cert_file": "me.pem"}, "give cert_file and key_file"),
        ({"security_protocol": "SSL", "ca_file": "no.pem"}, "ca_file: no.pem: No such file"),
        ({"security_protocol": "SSL", "ca_file": __file__}, "[kafka] ca_file:"),
    ],
)
def test_kafka_is_refused(fields: dict[str, Any], told: str) -> None:
    """Half a setting would connect in plain, or as nobody."""
    with pytest.raises(ConfigError) as caught:
        check(Kafka(**fields), Elasticsearch())
    assert told in str(caught.value)
    assert WORD not in str(caught.value)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"url": "search:9200"}, "write it as https://host:port"),
        ({"url": "http://search:9200", **USER}, "http would send the password readable"),
        ({"url": "http://search:9200", "api_key": Secret(WORD)}, "http would send"),
        ({"ca_file": "ca.pem"}, "http has no certificates: write https"),
        ({"url": "https://search:9200", "user": "me"}, "give user and password"),
        ({"url": "https://s:9200", "key_file": "me.key"}, "give cert_file and key_file"),
        ({"url": "https://s:9200", "ca_file": "no.pem"}, "[elasticsearch] ca_file: no.pem"),
    ],
)
def test_elasticsearch_is_refused(fields: dict[str, Any], told: str) -> None:
    """No secret leaves this machine without TLS, and none stands in an address."""
    with pytest.raises(ConfigError) as caught:
        check(Kafka(), Elasticsearch(**fields))
    assert told in str(caught.value)
    assert WORD not in str(caught.value)


def test_what_is_safe_is_taken() -> None:
    """A password over TLS, or to this machine alone."""
    check(
        Kafka(security_protocol="SASL_SSL", **USER),
        Elasticsearch(url="https://search.example:9200", **USER),
    )
    check(Kafka(security_protocol="SASL_PLAINTEXT", **USER), Elasticsearch(**USER))
