"""Kafka on this machine: one process, broker and controller, on loopback."""

import subprocess
from pathlib import Path

from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

from connectors.local.errors import ServerFailed
from connectors.local.folder import DataFolder, write_whole
from connectors.local.java import COMMON_FLAGS, JAVA, environment
from connectors.local.logs import log4j2_settings, logs_flag
from connectors.local.ports import LOOPBACK, demand, free_port, is_open
from connectors.local.process import GuardedProcess
from streams.topics import MAX_MESSAGE_BYTES

_NODE = 1

# The log cleaner's buffer is 128 MB unless told otherwise: with a 256 MB heap Kafka would not start.
_CLEANER_BUFFER = 16 * 1024**2

_MEMORY_FLAGS = (
    "-Xms64m",
    "-Xmx256m",
    "-XX:MaxDirectMemorySize=64m",
    # else each network thread keeps a buffer of the largest message that it ever sent
    "-Djdk.nio.maxCachedBufferSize=1048576",
)


class KafkaServer:
    """The broker; `start` returns at once, `is_ready` asks the broker itself."""

    name = "Kafka"

    def __init__(self, folder: DataFolder, jars: tuple[Path, ...], port: int | None) -> None:
        self._folder = folder
        self._class_path = ":".join(str(jar) for jar in jars)
        self._asked_port = port
        self._home = folder.path / "kafka"
        self._port = port or 0
        self.process: GuardedProcess | None = None

    @property
    def address(self) -> str:
        """Where clients connect: `127.0.0.1:port`; known once started."""
        return f"{LOOPBACK}:{self._port}"

    @property
    def log_files(self) -> tuple[Path, Path]:
        """What it prints before it can log, and what it logs."""
        return self._folder.logs / "kafka.out", self._folder.logs / "kafka.log"

    def check_port(self) -> None:
        """Raise `PortTaken` if a port was asked for and is not free."""
        if self._asked_port:
            demand(self._asked_port, self.name)

    def start(self, *, same_port: bool = False) -> None:
        """Format the data folder if it is new, and launch; on the port of before if `same_port`."""
        if not self._asked_port and not (same_port and self._port):
            self._port = free_port()
        self._home.mkdir(exist_ok=True)
        self._write_settings(controller_port=free_port(besides=self._port))
        if not (self._home / "data" / "meta.properties").exists():
            self._format()
        self.process = GuardedProcess(
            self._java("kafka.Kafka", str(self._settings)),
            cwd=self._home,
            env=environment(),
            logs=self.log_files,
        )

    def is_ready(self) -> bool:
        """Whether our broker (and not another one on that port) answers and can take topics."""
        if not is_open(self._port):
            return False
        try:
            admin = KafkaAdminClient(
                bootstrap_servers=self.address, bootstrap_timeout_ms=3000, request_timeout_ms=3000
            )
        except KafkaError:
            return False
        try:
            cluster = admin.describe_cluster()
        except KafkaError:
            return False
        finally:
            admin.close()
        return bool(cluster["brokers"]) and cluster["cluster_id"] == self._folder.identity()

    @property
    def _settings(self) -> Path:
        return self._home / "server.properties"

    def _java(self, main_class: str, *arguments: str) -> list[str]:
        logging = self._home / "log4j2.properties"
        return [
            str(JAVA),
            *COMMON_FLAGS,
            *_MEMORY_FLAGS,
            self._folder.marker,
            f"-Dlog4j2.configurationFile={logging.as_uri()}",
            logs_flag(self._folder.logs),
            "-cp",
            self._class_path,
            main_class,
            *arguments,
        ]

    def _format(self) -> None:
        arguments = ("format", "--cluster-id", self._folder.identity(), "--ignore-formatted")
        done = subprocess.run(  # noqa: S603 -- our own command
            self._java("kafka.tools.StorageTool", *arguments, "--config", str(self._settings)),
            cwd=self._home,
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise ServerFailed(
                f"Kafka could not prepare its data folder {self._home}: "
                f"{(done.stdout + done.stderr).strip()[-1000:]}"
            )

    def _write_settings(self, *, controller_port: int) -> None:
        settings = _settings(self._port, controller_port)
        lines = [f"{key}={value}" for key, value in settings.items()]
        write_whole(self._settings, "\n".join(lines) + "\n")
        write_whole(self._home / "log4j2.properties", log4j2_settings(self.log_files[1].name))


def _settings(port: int, controller_port: int) -> dict[str, str]:
    """Kafka's settings: one node for everything, every size limit the project's own."""
    size = str(MAX_MESSAGE_BYTES)
    return {
        "process.roles": "broker,controller",
        "node.id": str(_NODE),
        "controller.quorum.voters": f"{_NODE}@{LOOPBACK}:{controller_port}",
        "listeners": f"PLAINTEXT://{LOOPBACK}:{port},CONTROLLER://{LOOPBACK}:{controller_port}",
        "advertised.listeners": f"PLAINTEXT://{LOOPBACK}:{port}",
        "controller.listener.names": "CONTROLLER",
        "inter.broker.listener.name": "PLAINTEXT",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        # relative to its working directory: the real path may have commas and Vietnamese letters
        "log.dirs": "data",
        "num.partitions": "4",
        "auto.create.topics.enable": "false",
        # one node: one copy
        "offsets.topic.replication.factor": "1",
        "offsets.topic.num.partitions": "4",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "transaction.state.log.num.partitions": "4",
        "share.coordinator.state.topic.replication.factor": "1",
        "share.coordinator.state.topic.min.isr": "1",
        "share.coordinator.state.topic.num.partitions": "1",
        "group.initial.rebalance.delay.ms": "0",  # nobody to wait for
        # after a week without running, Kafka would forget how far each reader had come
        "offsets.retention.minutes": str(10 * 365 * 24 * 60),
        # sizes
        "message.max.bytes": size,
        "replica.fetch.max.bytes": size,
        "replica.fetch.response.max.bytes": size,
        # requests wait in memory: at most two of the largest, in a heap of 256 MB
        "socket.request.max.bytes": str(2 * MAX_MESSAGE_BYTES),
        "queued.max.request.bytes": str(2 * MAX_MESSAGE_BYTES),
        "log.cleaner.dedupe.buffer.size": str(_CLEANER_BUFFER),
        "log.cleaner.threads": "1",
        "num.network.threads": "2",
        "num.io.threads": "4",
    }
