"""Kafka and Elasticsearch with security on, as docker-compose.yml has them: the same files."""

import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from connectors.elasticsearch.admin import health
from connectors.elasticsearch.client import connect
from connectors.kafka.admin import version
from connectors.local.download import Cache
from connectors.local.elasticsearch import ElasticsearchServer
from connectors.local.folder import DataFolder
from connectors.local.java import environment
from connectors.local.kafka import KafkaServer
from connectors.local.ports import free_port
from deploy import credentials
from streams.errors import Retry
from streams.secret import Secret
from streams.settings import Elasticsearch, Kafka

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"


class SecureKafka(KafkaServer):
    """The broker with deploy/kafka/server.properties, but for ports and folders."""

    def __init__(self, folder: DataFolder, jars: tuple[Path, ...], secrets: Path) -> None:
        super().__init__(folder, jars, None)
        self._secrets = secrets

    def kafka(self, user: str) -> Kafka:
        """How a user of it connects."""
        return Kafka(
            bootstrap=self.address,
            security_protocol="SASL_SSL",
            ca_file=str(self._secrets / user / "ca.pem"),
            user=user,
            password=Secret(password_of(self._secrets, "kafka", user)),
        )

    def is_ready(self) -> bool:
        """Whether it lets in who may."""
        try:
            return bool(version(self.kafka("setup")))
        except Retry:
            return False

    def _write_settings(self, *, controller_port: int) -> None:
        super()._write_settings(controller_port=controller_port)
        shipped = (DEPLOY / "kafka" / "server.properties").read_text(encoding="utf-8")
        broker_port = controller_port
        while broker_port == controller_port:
            broker_port = free_port(besides=self._port)
        ports = {"9091": broker_port, "9092": self._port, "9093": controller_port}
        assert all(port in shipped for port in ports)
        # all at once: a port of ours may have the digits of one of theirs
        shipped = re.sub(r"\b909[123]\b", lambda found: str(ports[found[0]]), shipped)
        for before, after in (
            ("CLIENT://:", "CLIENT://127.0.0.1:"),
            ("CLIENT://kafka:", "CLIENT://127.0.0.1:"),
            ("/var/lib/kafka/data", "data"),
            ("/run/dongtin", str(self._secrets / "kafka")),
        ):
            assert before in shipped
            shipped = shipped.replace(before, after)
        # small buffers, as the launcher's own settings have them: the heap is 256 MB
        small = ["log.cleaner.dedupe.buffer.size=16777216", "log.cleaner.threads=1"]
        small += ["offsets.topic.num.partitions=4", "num.network.threads=2", "num.io.threads=4"]
        self._settings.write_text("\n".join((shipped, *small)) + "\n", encoding="utf-8")

    def _format(self) -> None:
        # Java reads the rest of its command line, passwords too, from the file
        command = self._java(f"@{self._secrets / 'kafka' / 'format.args'}")
        command += ["--config", str(self._settings)]
        subprocess.run(command, cwd=self._home, env=environment(), check=True, capture_output=True)


class SecureElasticsearch(ElasticsearchServer):
    """The search server with users, roles and TLS from the compose file's folders."""

    def __init__(self, folder: DataFolder, program: Path, secrets: Path) -> None:
        super().__init__(folder, program, None)
        self._secrets = secrets

    @property
    def address(self) -> str:
        """Where clients connect."""
        return super().address.replace("http:", "https:")

    def server(self, user: str, prefix: str = "dongtin") -> Elasticsearch:
        """How a user of it connects."""
        return Elasticsearch(
            url=self.address,
            ca_file=str(self._secrets / "elasticsearch" / "ca.pem"),
            user=user,
            password=Secret(password_of(self._secrets, "elasticsearch", user)),
            prefix=prefix,
        )

    def is_ready(self) -> bool:
        """Whether it lets in who may."""
        with connect(self.server("setup")) as client:
            try:
                return health(client).status != "red"
            except Retry:
                return False

    def _write_settings(self) -> None:
        super()._write_settings()
        config = self._home / "config"
        for name in ("users", "users_roles"):
            shutil.copyfile(self._secrets / "elasticsearch" / name, config / name)
        shutil.copyfile(DEPLOY / "elasticsearch" / "roles.yml", config / "roles.yml")
        shutil.copytree(self._secrets / "elasticsearch", config / "certs", dirs_exist_ok=True)
        shipped = (DEPLOY / "elasticsearch" / "elasticsearch.yml").read_text(encoding="utf-8")
        ours = (config / "elasticsearch.yml").read_text(encoding="utf-8")
        keys = set(re.findall(r"^([\w.]+):", shipped, re.MULTILINE))
        mine = [line for line in ours.splitlines() if line.partition(":")[0] not in keys]
        # where it listens and keeps its data is the test's; the rest is as shipped
        kept = [k for k in ("network.host", "path.data", "cluster.name") if k in keys]
        theirs = [line for line in shipped.splitlines() if line.partition(":")[0] not in kept]
        mine += [line for line in ours.splitlines() if line.partition(":")[0] in kept]
        text = "\n".join([*theirs, *mine]) + "\n"
        (config / "elasticsearch.yml").write_text(text, encoding="utf-8")


def password_of(secrets: Path, server: str, user: str) -> str:
    """What the generator gave this user."""
    return (secrets / user / f"{server}-password").read_text(encoding="ascii").strip()


def settle(condition: Callable[[], bool], process: Callable[[], str | None]) -> None:
    """Waits for a server; its last lines if it ends instead."""
    while not condition():
        if (told := process()) is not None:
            raise AssertionError(told)
        time.sleep(0.2)


@contextmanager
def secure_servers(folder: Path) -> Iterator[tuple[Path, SecureKafka, SecureElasticsearch]]:
    """Both, with new credentials; ended afterwards."""
    secrets = folder / "secrets"
    credentials.main(secrets)
    data = DataFolder(folder / "servers")
    data.claim()
    installed = Cache().install(None)
    kafka = SecureKafka(data, installed.kafka_jars, secrets)
    search = SecureElasticsearch(data, installed.elasticsearch_home, secrets)
    try:
        for server in (search, kafka):
            server.start()
        for server in (search, kafka):

            def ended(server: SecureKafka | SecureElasticsearch = server) -> str | None:
                process = server.process
                return None if process and process.running else _last_lines(server)

            settle(server.is_ready, ended)
        yield secrets, kafka, search
    finally:
        for server in (search, kafka):
            if server.process:
                server.process.ask_to_stop()
        for server in (search, kafka):
            if server.process:
                server.process.wait()
        data.stop_left_over()
        data.release()


def _last_lines(server: SecureKafka | SecureElasticsearch) -> str:
    return f"{server.name} ended: {server.process.last_lines() if server.process else ''}"
