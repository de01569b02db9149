"""Passwords, keys and certificates for one installation, made at its first start.

    python deploy/credentials.py FOLDER                 # makes what is missing
    python deploy/credentials.py FOLDER put NAME        # takes a secret of yours from standard input

In FOLDER is made a folder for each process, with what that one needs and nothing else; whoever
mounts it (docker-compose.yml) mounts only that. What exists stays: the second run changes nothing,
unless a certificate ends within 30 days: then it is renewed by the same authority. To change a
password delete its file and those made of it (see docs/security-setup.md).

Each process runs as another user in its container and sees its own folder only: files can be read by
everybody who sees them, but for the authority's key.

Kafka reads its users once, when its storage is formatted: from `kafka/format.args`, a file, because
arguments can be read by everybody with `ps`. Elasticsearch gets hashes only.
"""

import base64
import hashlib
import ipaddress
import secrets
import sys
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

#: Users of Kafka: `setup` makes topics and rights, the others are held to acls.tsv.
KAFKA_USERS = ("setup", "crawl", "enrich", "watch", "index", "notify", "ledger")
#: Users of Elasticsearch and their roles in roles.yml; `kibana` is what the Kibana server is.
SEARCH_USERS = {
    "setup": "dongtin_setup",
    "watch": "dongtin_watch",
    "index": "dongtin_index",
    "ledger": "dongtin_read",
    "people": "dongtin_read,kibana_admin",
    "kibana": "kibana_system",
}
#: Servers that show a certificate: all names by which they are reached.
SERVERS = {
    "kafka": ("kafka", "localhost", "127.0.0.1"),
    "elasticsearch": ("elasticsearch", "localhost", "127.0.0.1"),
}
#: Passwords of the pages that people open, a key that Kibana wants to keep, and what Alertmanager shows
#: to a webhook.
OTHERS = {"grafana": "grafana-password", "kibana": "kibana-key", "alertmanager": "webhook-token"}
#: What `put` takes: secrets that others have given you, or that you rather choose yourself.
GIVEN = (
    "notify/urls",
    "notify/webhook-secret",
    "alertmanager/smtp-password",
    "alertmanager/webhook-token",
)

_AUTHORITY_DAYS, _SERVER_DAYS, _RENEW_DAYS = 3650, 365, 30
_ROUNDS = 10_000  # of PBKDF2, Elasticsearch's default


def main(folder: Path) -> None:
    """Makes what is missing."""
    authority = _authority(folder / "authority")
    for server, names in SERVERS.items():
        _server(folder / server, authority, server, names)
    readers = {*KAFKA_USERS, *SEARCH_USERS} - {"people"}
    for reader in sorted(readers):
        _put(folder / reader / "ca.pem", _pem(authority[0]))
    kafka = {user: _password(folder / user / "kafka-password") for user in KAFKA_USERS}
    search = {user: _password(folder / user / "elasticsearch-password") for user in SEARCH_USERS}
    _put(folder / "kafka" / "format.args", _format_arguments(kafka), anew=False)
    if not (folder / "elasticsearch" / "users").exists():
        users = "".join(f"{user}:{_hash(word)}\n" for user, word in search.items())
        _put(folder / "elasticsearch" / "users", users.encode())
    _put(folder / "elasticsearch" / "users_roles", _users_roles().encode())
    for reader, name in OTHERS.items():
        _password(folder / reader / name)
    key = b"whsec_" + base64.b64encode(secrets.token_bytes(32)) + b"\n"
    _put(folder / "notify" / "webhook-secret", key, anew=False)
    # the files are named by settings and must be there; what is in them comes with `put`
    _put(folder / "notify" / "urls", b"# whom alerts reach: one address a line\n", anew=False)
    _put(folder / "alertmanager" / "smtp-password", b"not given yet\n", anew=False)


def put(folder: Path, name: str, content: bytes) -> None:
    """Takes a secret of the operator's; its reader sees it at its next start.

    Raises:
        SystemExit: no such secret is known, or it is empty.
    """
    if name not in GIVEN:
        sys.exit(f"credentials.py: {name}: not one of {', '.join(GIVEN)}")
    if not content.strip():
        sys.exit(f"credentials.py: {name}: nothing came by standard input")
    _put(folder / name, content)


def _put(path: Path, content: bytes, *, anew: bool = True, mode: int = 0o444) -> None:
    """Writes a file that its reader, another user in another container, can read."""
    if path.exists() and (not anew or path.read_bytes() == content):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.parent.chmod(0o755)  # whatever the caller's umask is
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)  # of a run that was killed: it may be read-only by now
    new.touch(mode=0o600)
    new.write_bytes(content)
    new.chmod(mode)
    new.replace(path)


def _password(path: Path) -> str:
    """The password in a file: 192 bits, letters that no file format needs to quote."""
    if not path.exists():
        _put(path, secrets.token_urlsafe(24).encode() + b"\n")
    return path.read_text(encoding="ascii").strip()


def _hash(password: str) -> str:
    """As Elasticsearch's file realm writes it: `{PBKDF2}rounds$salt$hash`, HMAC-SHA-512, 256 bits."""
    salt = secrets.token_bytes(32)
    made = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ROUNDS, 32)
    return (
        f"{{PBKDF2}}{_ROUNDS}${base64.b64encode(salt).decode()}${base64.b64encode(made).decode()}"
    )


def _users_roles() -> str:
    roles: dict[str, list[str]] = {}
    for user, named in SEARCH_USERS.items():
        for role in named.split(","):
            roles.setdefault(role, []).append(user)
    return "".join(f"{role}:{','.join(users)}\n" for role, users in roles.items())


def _format_arguments(users: dict[str, str]) -> bytes:
    """The end of `java ... kafka.tools.StorageTool`'s command line, for `java @format.args`."""
    cluster = base64.urlsafe_b64encode(b"d" + secrets.token_bytes(15)).decode().rstrip("=")
    lines = ["kafka.tools.StorageTool", "format", "--ignore-formatted", "--cluster-id", cluster]
    for user, password in users.items():
        lines += ["--add-scram", f'"SCRAM-SHA-512=[name={user},password={password}]"']
    return "\n".join(lines).encode() + b"\n"


Authority = tuple[x509.Certificate, ec.EllipticCurvePrivateKey]


def _authority(folder: Path) -> Authority:
    certificate, key = folder / "ca.pem", folder / "ca.key"
    if not certificate.exists():
        made = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "dongtin's own authority")])
        builder = _builder(name, name, made, _AUTHORITY_DAYS).add_extension(
            x509.BasicConstraints(ca=True, path_length=0), critical=True
        )
        _put(key, _key(made), mode=0o400)
        _put(certificate, _pem(builder.sign(made, hashes.SHA256())))
    loaded = serialization.load_pem_private_key(key.read_bytes(), password=None)
    assert isinstance(loaded, ec.EllipticCurvePrivateKey)  # noqa: S101 - made so above
    return x509.load_pem_x509_certificate(certificate.read_bytes()), loaded


def _server(folder: Path, authority: Authority, name: str, names: Iterable[str]) -> None:
    """A server's key and certificate: as two files, and as one (Kafka wants that)."""
    signer, signer_key = authority
    _put(folder / "ca.pem", _pem(signer))
    path = folder / f"{name}.crt"
    if path.exists():
        ends = x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
        if ends - datetime.now(UTC) > timedelta(days=_RENEW_DAYS):
            return
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = _builder(subject, signer.subject, key, _SERVER_DAYS)
    builder = builder.add_extension(x509.SubjectAlternativeName(map(_general, names)), False)
    uses = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    builder = builder.add_extension(x509.ExtendedKeyUsage(uses), critical=False)
    certificate = builder.sign(signer_key, hashes.SHA256())
    _put(folder / f"{name}.key", _key(key))
    _put(folder / f"{name}.pem", _key(key) + _pem(certificate))
    _put(path, _pem(certificate))


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, days: int
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))  # clocks differ
        .not_valid_after(now + timedelta(days=days))
    )


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


if __name__ == "__main__":
    match sys.argv[1:]:
        case [at]:
            main(Path(at))
        case [at, "put", name]:
            put(Path(at), name, sys.stdin.buffer.read())
        case _:
            sys.exit(__doc__)
