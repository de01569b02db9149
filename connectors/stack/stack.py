"""Everything together on this machine: servers, topics, indices, and a process for each stage."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

import psutil

from connectors.elasticsearch import admin as indices
from connectors.elasticsearch.client import connect
from connectors.kafka import admin as topics_admin
from connectors.local.elasticsearch import ElasticsearchServer
from connectors.local.errors import LocalServersError
from connectors.local.kafka import KafkaServer
from connectors.local.servers import LocalServers
from connectors.stack import runfiles, vitals
from connectors.stack.figures import STAGES, usage_of
from connectors.stack.processes import DIED, Program, Supervisor
from streams.errors import ConfigError, Denied, Fatal, Retry
from streams.metrics import RESTARTS
from streams.settings import Settings
from streams.terminal import Console

#: Seconds that servers given with --kafka or --elasticsearch have to answer.
_ANSWER_SECONDS = 30.0
_LOOK_SECONDS = 1.0

T = TypeVar("T")
Say = Callable[[str], None]


class Stack:
    """Starts, watches and stops a whole pipeline on one data folder.

    Args:
        kafka, elasticsearch: addresses of servers that already run; None: our own.
        say: told what happens, one line each.
        console: shows the progress of downloads.
        ports: of our own Kafka and Elasticsearch; None: any free one.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        kafka: str | None,
        elasticsearch: str | None,
        say: Say,
        console: Console,
        ports: tuple[int | None, int | None] = (None, None),
    ) -> None:
        self._say = say
        self._given = (kafka, elasticsearch)
        self._data = settings.data_dir
        ours = (ElasticsearchServer,) if kafka else (ElasticsearchServer, KafkaServer)
        self._servers = LocalServers(
            settings.data_dir,
            kafka_port=ports[0],
            elasticsearch_port=ports[1],
            only=(KafkaServer,) if elasticsearch else ours,
            console=console,
        )
        self._stopping = threading.Event()
        self._guard = threading.Thread(target=self._keep_servers, name="servers", daemon=True)
        self._supervisor: Supervisor | None = None
        self.outlet = ""
        self.metrics = ""  # where this process shows its own figures
        self._config: Path | None = None
        self.settings = settings

    def hold(self) -> None:
        """Takes the data folder, ending what a killed run left running in it.

        Raises:
            FolderInUse: another run holds it.
            LocalServersError: the folder can't be used.
        """
        self._servers.folder.claim()
        self._end_leftovers()
        if stopped := self._servers.folder.stop_left_over():
            self._say(f"stopped {stopped} server processes left by a killed run")

    def _end_leftovers(self) -> None:
        left = []
        for path in (self._data / "run").glob("*.json"):
            told = runfiles.read(path)
            if told and runfiles.alive(told):
                self._say(f"ending {path.stem} (process {told['pid']}), left by a killed run")
                left.append(psutil.Process(int(told["pid"])))
            path.unlink()
        for process in left:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGTERM)
        _gone, stubborn = psutil.wait_procs(left, timeout=20)
        for process in stubborn:
            process.kill()

    def start_servers(self) -> None:
        """Starts our own servers, or waits for the given ones; makes topics and indices.

        Raises:
            DongtinError: a server can't be had, with the reason and what to do.
        """
        kafka, elasticsearch = self._given
        self._check_own()
        if kafka is None or elasticsearch is None:
            started = self._servers.start(self._say)
            self._guard.start()
            kafka = kafka or started.kafka
            elasticsearch = elasticsearch or started.elasticsearch
        self.settings = replace(
            self.settings,
            kafka=replace(self.settings.kafka, bootstrap=kafka or ""),
            elasticsearch=replace(self.settings.elasticsearch, url=elasticsearch or ""),
        )
        settings = self.settings
        made = _patiently(lambda: topics_admin.ensure(settings))
        if made:
            self._say(f"made the topics {', '.join(made)}")
        with connect(settings.elasticsearch) as client:
            _patiently(lambda: indices.ensure(client, settings))
            old = _patiently(lambda: indices.older(client, settings.elasticsearch.prefix))
        if old:
            self._say(
                f"{sum(old.values())} documents are in indices of an earlier version, still "
                "searchable; dongtin setup says how they move"
            )

    def _check_own(self) -> None:
        """Our own servers are for one machine: they speak plainly, on loopback."""
        kafka, elasticsearch = self._given
        if kafka is None and self.settings.kafka.security_protocol != "PLAINTEXT":
            told = "our own Kafka on loopback has no TLS and no users: name yours with --kafka"
            raise ConfigError("settings", f"[kafka] security_protocol: {told}")
        if elasticsearch is None and self.settings.elasticsearch.ca_file:
            told = "our own Elasticsearch on loopback has no TLS: name yours with --elasticsearch"
            raise ConfigError("settings", f"[elasticsearch] ca_file: {told}")

    def start_stages(self, config: Path | None, *, outlet: str = "") -> None:
        """Starts one process for each stage.

        Args:
            config: the settings file that the stages read.
            outlet: where the sample outlet is, for `dongtin status`.
        """
        self.outlet, self._config = outlet, config
        quiet = {"DONGTIN_WATCH_QUIET_UNTIL": self.settings.watch.quiet_until}
        ask = partial(vitals.of_process, self._data)
        self._supervisor = Supervisor(self._data / "logs", os.environ | quiet, self._say, ask)
        self._supervisor.changed = self._note
        self._supervisor.start([self._program(stage, config) for stage in STAGES])

    def _program(self, stage: str, config: Path | None) -> Program:
        command = [sys.executable, "-m", "connectors.cli.main", stage]
        command += ["--data-dir", str(self._data), "--kafka", self.settings.kafka.bootstrap]
        if stage in ("watch", "index"):
            command += ["--elasticsearch", self.settings.elasticsearch.url]
        if config:
            command += ["--config", str(config)]
        command += ["--metrics-port", "0", "--parent", str(os.getpid())]
        return Program(name=stage, command=tuple(command))

    def _note(self) -> None:
        children = self._supervisor.children() if self._supervisor else {}
        runfiles.write(
            self._data / "stack.json",
            runfiles.me()
            | {
                "kafka": self.settings.kafka.bootstrap,
                "elasticsearch": self.settings.elasticsearch.url,
                "prefix": self.settings.elasticsearch.prefix,
                "outlet": self.outlet,
                "metrics": self.metrics,
                "config": str(self._config) if self._config else None,
                "processes": {name: asdict(record) for name, record in children.items()},
                "servers": self.server_pids(),
            },
        )

    def _keep_servers(self) -> None:
        """Starts a server again that ended by itself: the stages wait for it and go on."""
        while not self._stopping.wait(_LOOK_SECONDS):
            for server in self._servers.ended():
                self._say(f"{server.name} ended, starting it again")
                RESTARTS.labels(server.name.lower(), DIED).inc()
                try:
                    self._servers.restart(server, stop=self._stopping)
                except (LocalServersError, OSError) as error:  # tried again at the next look
                    self._say(f"{server.name} can't be started: {error}")
                else:
                    self._say(f"{server.name} is back")
                    try:
                        self._note()
                    except OSError as error:  # a full disk must not be the end of the watching
                        self._say(f"stack.json is not up to date: {error}")

    def server_pids(self) -> dict[str, int]:
        """Process ids of our own servers."""
        return {
            name: processes[0].pid
            for name, processes in self._servers.processes().items()
            if processes
        }

    def server_memory(self) -> dict[str, int]:
        """Resident bytes of our own servers."""
        return {name: usage_of(pid).memory for name, pid in self.server_pids().items()}

    def stop(self) -> None:
        """Stops the stages, then the servers; nothing is left running."""
        self._stopping.set()
        if self._supervisor:
            self._supervisor.stop()
        if self._guard.is_alive():
            self._guard.join()
        if self._servers.folder.is_ours:
            (self._data / "stack.json").unlink(missing_ok=True)
        self._servers.stop()


def _patiently(call: Callable[[], T]) -> T:
    """The call's result, tried again for a while."""
    deadline = time.monotonic() + _ANSWER_SECONDS
    while True:
        try:
            return call()
        except Denied as error:
            raise Fatal(str(error)) from error
        except Retry as error:
            if time.monotonic() > deadline:
                raise Fatal(f"{error}; given up after {_ANSWER_SECONDS:.0f} s") from error
            time.sleep(min(error.after, 1.0))
