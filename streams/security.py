"""How connections are made safe: what the settings must say, and TLS for every client.

One context serves kafka-python, aiokafka and the Elasticsearch clients: host names are checked,
TLS 1.2 is the least, and nothing falls back to a plain connection.
"""

import ipaddress
import ssl
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from streams.errors import ConfigError

if TYPE_CHECKING:
    from streams.settings import Elasticsearch, Kafka

PROTOCOLS = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
MECHANISMS = ("SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN")

# OpenSSL's X509_V_ERR_*: x509_vfy.h
_NOT_YET_VALID, _EXPIRED, _OTHER_HOST, _OTHER_ADDRESS = 9, 10, 62, 64


class Files(Protocol):
    """The settings of a table that say whom to trust and who we are."""

    @property
    def ca_file(self) -> str: ...
    @property
    def cert_file(self) -> str: ...
    @property
    def key_file(self) -> str: ...


def check(kafka: "Kafka", elasticsearch: "Elasticsearch") -> None:
    """Refuses settings that contradict each other, would send a secret readable, or name
    files that can't be used.

    Raises:
        ConfigError: names the key and what to write.
    """
    _check_kafka(kafka)
    _check_elasticsearch(elasticsearch)
    tables: tuple[tuple[str, Files], ...] = (("kafka", kafka), ("elasticsearch", elasticsearch))
    for table, files in tables:
        if files.ca_file or files.cert_file:
            context(table, files)


def context(table: str, files: Files) -> ssl.SSLContext:
    """What a client of the server in `[table]` needs for TLS.

    Raises:
        ConfigError: a file can't be read or is not what it should be.
    """
    made = ssl.create_default_context()
    if files.ca_file:
        # that CA and no other: a certificate from somebody the system trusts is none of ours
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        made.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            made.load_verify_locations(files.ca_file)
        except (OSError, ssl.SSLError) as error:
            raise _unusable(table, "ca_file", files.ca_file, error) from None
    if files.cert_file:
        try:
            # a key with a passphrase must not stop the process at a prompt
            made.load_cert_chain(files.cert_file, files.key_file, password=lambda: "")
        except (OSError, ssl.SSLError) as error:
            both = f"{files.cert_file}, {files.key_file}"
            raise _unusable(table, "cert_file, key_file", both, error) from None
    return made


def distrust(error: ssl.SSLCertVerificationError) -> str:
    """Why a server's certificate was not accepted, and what to do."""
    told = error.verify_message or str(error)
    if error.verify_code in (_EXPIRED, _NOT_YET_VALID):
        mend = "renew the server's certificate (or set this machine's clock)"
    elif error.verify_code in (_OTHER_HOST, _OTHER_ADDRESS):
        mend = "use the host name that it was made for, or make it for this one"
    else:
        mend = "ca_file must name the CA that signed it"
    return f"its certificate is not accepted: {told}; {mend}"


def _check_kafka(kafka: "Kafka") -> None:
    protocol = kafka.security_protocol
    if protocol not in PROTOCOLS:
        _refuse("kafka", "security_protocol", f"{protocol!r} is none of {', '.join(PROTOCOLS)}")
    if kafka.sasl_mechanism not in MECHANISMS:
        told = f"{kafka.sasl_mechanism!r} is none of {', '.join(MECHANISMS)}"
        _refuse("kafka", "sasl_mechanism", told)
    sasl, tls = protocol.startswith("SASL_"), protocol.endswith("SSL")
    if sasl and not (kafka.user and kafka.password):
        _refuse("kafka", "user", f"{protocol} needs user and password (or password_file)")
    if not sasl and (kafka.user or kafka.password):
        _refuse("kafka", "user", f"{protocol} knows no users: write security_protocol SASL_SSL")
    if protocol == "SASL_PLAINTEXT" and kafka.sasl_mechanism == "PLAIN":
        told = (
            "PLAIN over SASL_PLAINTEXT sends the password readable: use SASL_SSL, or SCRAM-SHA-512"
        )
        _refuse("kafka", "sasl_mechanism", told)
    if not tls and (kafka.ca_file or kafka.cert_file or kafka.key_file):
        told = f"{protocol} has no certificates: write security_protocol SASL_SSL or SSL"
        _refuse("kafka", "ca_file", told)
    _check_pair("kafka", kafka)


def _check_elasticsearch(server: "Elasticsearch") -> None:
    parts = urlsplit(server.url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        _refuse("elasticsearch", "url", "write it as https://host:port")
    secret = server.user or server.password or server.api_key
    if parts.scheme == "http" and secret and not _is_loopback(parts.hostname):
        _refuse("elasticsearch", "url", "http would send the password readable: write https")
    if parts.scheme == "http" and (server.ca_file or server.cert_file or server.key_file):
        _refuse("elasticsearch", "url", "http has no certificates: write https")
    if bool(server.user) != bool(server.password):
        _refuse("elasticsearch", "user", "give user and password (or password_file), or none")
    _check_pair("elasticsearch", server)


def _check_pair(table: str, files: Files) -> None:
    if bool(files.cert_file) != bool(files.key_file):
        _refuse(table, "cert_file", "give cert_file and key_file, or none")


def _is_loopback(host: str | None) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def _refuse(table: str, key: str, detail: str) -> None:
    raise ConfigError("settings", f"[{table}] {key}: {detail}")


def _unusable(table: str, key: str, file: str, error: OSError) -> ConfigError:
    encrypted = "Bad decrypt" in str(error) or "PEM lib" in str(error)
    hint = "; a key may not be encrypted, and belongs to its certificate" if encrypted else ""
    told = error.strerror or str(error)
    return ConfigError("settings", f"[{table}] {key}: {file}: {told}{hint}")
