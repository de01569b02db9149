"""Certificates that are not to be trusted: told with what to do, and no word is said in plain."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from connectors.elasticsearch.admin import health
from connectors.elasticsearch.client import connect
from connectors.kafka.admin import version
from deploy import credentials
from streams.errors import Denied
from streams.secret import Secret
from streams.settings import Elasticsearch, Kafka

WORD = "xin-chao-ban"
_TLS_HANDSHAKE = 0x16  # RFC 8446, 5.1: the first byte of a ClientHello's record


class Shown:
    """A server that shows one certificate, and keeps the first bytes of whoever comes."""

    def __init__(self, certificate: Path, key: Path) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate, key)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.first: list[bytes] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        """No more connections."""
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                plain, _ = self._socket.accept()
            except OSError:
                return
            with plain:
                plain.settimeout(5)
                try:
                    self.first.append(plain.recv(64, socket.MSG_PEEK))
                    self._context.wrap_socket(plain, server_side=True).close()
                except OSError:  # the client went away, as it should
                    continue


@contextmanager
def showing(folder: Path, *, days: int, host: str, stranger: bool = False) -> Iterator[Shown]:
    """A server whose certificate ends in so many days and is made for `host`.

    Args:
        stranger: whether another authority than `folder/authority/ca.pem` has signed it.
    """
    signer, signer_key = credentials._authority(folder / "authority")
    if stranger:
        signer, signer_key = credentials._authority(folder / "stranger")
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(signer.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=30))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([credentials._general(host)]), critical=False)
        .sign(signer_key, hashes.SHA256())
    )
    (folder / "shown.crt").write_bytes(credentials._pem(certificate))
    (folder / "shown.key").write_bytes(credentials._key(key))
    server = Shown(folder / "shown.crt", folder / "shown.key")
    try:
        yield server
    finally:
        server.close()


CASES = {
    "expired": (-1, "127.0.0.1", False, "renew the server's certificate"),
    "other host": (9, "other.example", False, "use the host name that it was made for"),
    "stranger": (9, "127.0.0.1", True, "ca_file must name the CA that signed it"),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("server", ["kafka", "elasticsearch"])
def test_a_certificate_is_not_accepted(tmp_path: Path, case: str, server: str) -> None:
    """The error says what to do; what reached the server was the beginning of TLS and no secret."""
    days, host, stranger, told = CASES[case]
    with showing(tmp_path, days=days, host=host, stranger=stranger) as shown:
        with pytest.raises(Denied) as caught:
            _ask(server, shown.port, tmp_path / "authority" / "ca.pem")
        assert told in str(caught.value)
        assert WORD not in str(caught.value)
        assert shown.first
        assert all(first[:1] == bytes([_TLS_HANDSHAKE]) for first in shown.first if first)
        assert WORD.encode() not in b"".join(shown.first)


def _ask(server: str, port: int, ca: Path) -> None:
    if server == "kafka":
        version(
            Kafka(
                bootstrap=f"127.0.0.1:{port}",
                security_protocol="SASL_SSL",
                ca_file=str(ca),
                user="me",
                password=Secret(WORD),
            )
        )
    else:
        url = f"https://127.0.0.1:{port}"
        asked = Elasticsearch(url=url, ca_file=str(ca), user="me", password=Secret(WORD))
        with connect(asked) as client:
            health(client)
