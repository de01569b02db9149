"""What is generated at the first start: once, for each process its own, and never renewed in vain."""

import re
import ssl
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.notify.webhook import key_of
from deploy import credentials
from streams.secret import Secret
from streams.tables import read_tsv

DEPLOY = Path(credentials.__file__).parent


def contents(folder: Path) -> dict[str, bytes]:
    """Every file."""
    files = (file for file in folder.rglob("*") if file.is_file())
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    """Containers that start again keep their passwords."""
    credentials.main(tmp_path)
    before = contents(tmp_path)
    credentials.main(tmp_path)
    assert contents(tmp_path) == before


def test_two_installations_share_no_secret(tmp_path: Path) -> None:
    """Nothing is shipped: all of it is made here."""
    for name in ("one", "two"):
        credentials.main(tmp_path / name)
    one, two = contents(tmp_path / "one"), contents(tmp_path / "two")
    assert set(one) == set(two)
    same = {name for name in one if one[name] == two[name]}
    not_given_yet = {"notify/urls", "alertmanager/smtp-password"}
    assert same == {"elasticsearch/users_roles", *not_given_yet}


def test_each_process_has_its_own_and_no_other(tmp_path: Path) -> None:
    """A stage that is broken into gives away one user."""
    credentials.main(tmp_path)
    for user in credentials.KAFKA_USERS:
        named = {file.name for file in (tmp_path / user).iterdir()}
        wanted = {"ca.pem", "kafka-password"}
        if user in credentials.SEARCH_USERS:
            wanted.add("elasticsearch-password")
        if user == "notify":
            wanted |= {"urls", "webhook-secret"}
        assert named == wanted
    assert not re.search(rb":[^{]", (tmp_path / "elasticsearch" / "users").read_bytes())


def test_secrets_of_yours_are_taken_and_kept(tmp_path: Path) -> None:
    """Each where its reader finds it, by standard input; nothing else is taken, and a start keeps it."""
    credentials.main(tmp_path)
    command = [sys.executable, credentials.__file__, str(tmp_path), "put"]
    for name in credentials.GIVEN:
        before = (tmp_path / name).read_bytes()
        subprocess.run([*command, name], input=b"mine\n", check=True)
        assert (tmp_path / name).read_bytes() == b"mine\n" != before
    credentials.main(tmp_path)
    assert {(tmp_path / name).read_bytes() for name in credentials.GIVEN} == {b"mine\n"}
    for name, content in [
        ("kafka/kafka.pem", b"mine\n"),
        ("../notify/urls", b"x"),
        ("notify/urls", b"\n"),
    ]:
        done = subprocess.run([*command, name], input=content, capture_output=True)
        assert done.returncode == 1
        assert name in done.stderr.decode()


def test_the_generated_webhook_secret_is_one(tmp_path: Path) -> None:
    """As the specification wants it."""
    credentials.main(tmp_path)
    secret = (tmp_path / "notify" / "webhook-secret").read_text(encoding="ascii").strip()
    assert len(key_of(Secret(secret))) == 32


def test_a_certificate_is_renewed_before_it_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the same authority, so that nobody else has to change anything."""
    monkeypatch.setattr(credentials, "_SERVER_DAYS", 20)
    credentials.main(tmp_path)
    before = contents(tmp_path)
    monkeypatch.setattr(credentials, "_SERVER_DAYS", 365)
    credentials.main(tmp_path)
    after = contents(tmp_path)
    changed = {name for name in after if after[name] != before[name]}
    servers = {f"{s}/{s}.{kind}" for s in credentials.SERVERS for kind in ("crt", "key", "pem")}
    assert changed == servers
    context = ssl.create_default_context(cafile=str(tmp_path / "kafka" / "ca.pem"))
    context.load_cert_chain(tmp_path / "kafka" / "kafka.pem")
    ends = context.get_ca_certs()[0]["notAfter"]
    assert datetime.strptime(str(ends), "%b %d %H:%M:%S %Y %Z").replace(tzinfo=UTC) > datetime.now(
        UTC
    ) + timedelta(days=3000)


def test_every_user_has_its_rights() -> None:
    """Each user of Kafka stands in the table of rights, each role of Elasticsearch in its file."""
    rows = read_tsv(DEPLOY / "kafka" / "acls.tsv", ("user", "resource", "name", "operations"))
    assert {row["user"] for _, row in rows} == set(credentials.KAFKA_USERS) - {"setup"}
    roles = (DEPLOY / "elasticsearch" / "roles.yml").read_text(encoding="utf-8")
    ours = set(re.findall(r"^(\w+):", roles, re.MULTILINE))
    named = {role for roles in credentials.SEARCH_USERS.values() for role in roles.split(",")}
    assert named - ours == {"kibana_admin", "kibana_system"}  # Elasticsearch's own
    assert ours <= named
