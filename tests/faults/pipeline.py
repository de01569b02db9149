"""The whole pipeline with several workers, its servers, and the proxy between it and Elasticsearch."""

import os
import sys
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from connectors.elasticsearch import admin as indices
from connectors.elasticsearch.client import connect
from connectors.kafka import admin as topics_admin
from connectors.local.servers import LocalServers
from connectors.stack.processes import Program, Supervisor
from connectors.stack.vitals import Vitals, of_process
from streams.configuration import load
from streams.settings import Settings
from tests.faults.clock import Clocks
from tests.faults.plan import PROGRAMS
from tests.trouble_proxy import TroubleProxy

ROOT = Path(__file__).resolve().parents[2]
#: Set in the environment of every process of a run, so that it can be told from others.
MARK = "FAULTS_RUN"


@dataclass(slots=True, kw_only=True)
class Guest:
    """A further worker of a stage, with a supervisor of its own."""

    name: str
    supervisor: Supervisor


class Pipeline:
    """Runs it on a folder; a context manager.

    Args:
        config: the outlets, and what differs from the defaults.
        sabotage: stage -> what is broken in its code (`sabotage.SABOTAGES`).
        clocks: sets wall clocks; None: all have the true one.
        servers: started, with no data of another run.
        prefix: of the indices.
        programs: what is run.
    """

    def __init__(
        self,
        folder: Path,
        config: str,
        servers: LocalServers,
        *,
        sabotage: Mapping[str, str],
        clocks: Clocks | None = None,
        prefix: str = "dongtin",
        programs: Sequence[str] = PROGRAMS,
    ) -> None:
        self.data_dir = folder / "data"
        self.config = folder / "faults.toml"
        self.config.write_text(config, encoding="utf-8")
        self.run = uuid.uuid4().hex
        self.servers = servers
        self.clocks = clocks
        self.guests: list[Guest] = []
        self.log: list[str] = []  # what the supervisors said
        self._sabotage = sabotage
        self._folder = folder
        self.programs = tuple(programs)
        self.proxy = TroubleProxy(servers.addresses.elasticsearch)
        self.settings = self._settings(prefix)
        self.supervisor = self._supervisor()

    def _settings(self, prefix: str) -> Settings:
        """What the harness itself asks with: past the proxy."""
        told = load(self.config, data_dir=self.data_dir)
        search = replace(
            told.elasticsearch,
            url=self.proxy.target,
            prefix=prefix,
            timeout=60.0,
        )
        kafka = replace(told.kafka, bootstrap=self.servers.addresses.kafka)
        return replace(told, kafka=kafka, elasticsearch=search)

    def _supervisor(self) -> Supervisor:
        environment = os.environ | {
            MARK: self.run,
            "PYTHONPATH": str(ROOT),
            "DONGTIN_ELASTICSEARCH_PREFIX": self.settings.elasticsearch.prefix,
        }
        return Supervisor(self.data_dir / "logs", environment, self.log.append, self.vitals)

    def vitals(self, name: str, pid: int) -> Vitals | None:
        """What a program's process says of its health; None while it can't be asked yet."""
        return of_process(self.folder_of(name), name.partition("-")[0], pid)

    def __enter__(self) -> "Pipeline":
        topics_admin.ensure(self.settings)
        with connect(self.settings.elasticsearch) as client:
            indices.ensure(client, self.settings)
        self.supervisor.start([self._program(name) for name in self.programs])
        return self

    def __exit__(self, *_: object) -> None:
        self.proxy.make("none")
        self.proxy.released.set()
        for guest in self.guests:
            guest.supervisor.stop()
        self.supervisor.stop()
        for process in self.family():  # what a test's own failure left
            process.kill()
        self.proxy.close()

    def folder_of(self, name: str) -> Path:
        """The data folder of a process: the first worker's is that of the whole pipeline."""
        return self.data_dir if name in _SHARING else self.data_dir / "workers" / name

    def _program(self, name: str) -> Program:
        stage = name.partition("-")[0]
        broken = self._sabotage.get(stage)
        module = ["tests.faults.sabotage", broken, "--"] if broken else ["connectors.cli.main"]
        command = [sys.executable, "-m", *module, stage, "--config", str(self.config)]
        command += ["--data-dir", str(self.folder_of(name))]
        command += ["--kafka", self.settings.kafka.bootstrap]
        if stage in ("watch", "index"):
            command += ["--elasticsearch", self.proxy.url]
        command += ["--metrics-port", "0", "--parent", str(os.getpid())]
        if self.clocks:
            command = ["env", *self.clocks.variables(name), *command]
        return Program(name=name, command=tuple(command))

    def join(self, stage: str) -> None:
        """One more worker of a stage."""
        name = f"{stage}-guest-{len(self.guests)}"
        supervisor = self._supervisor()
        self.guests.append(Guest(name=name, supervisor=supervisor))
        supervisor.start([self._program(name)])

    def leave(self, stage: str) -> Guest | None:
        """The guest of a stage that has been there longest, no longer counted as one of us."""
        for guest in self.guests:
            if guest.name.startswith(f"{stage}-"):
                self.guests.remove(guest)
                return guest
        return None

    def process(self, name: str) -> psutil.Process | None:
        """The process of a program, if one runs at this moment."""
        return alive(self.supervisor.children()[name].pid)

    def restarts(self) -> dict[str, int]:
        """How often each program has been started again."""
        return {name: found.restarts for name, found in self.supervisor.children().items()}

    def family(self) -> list[psutil.Process]:
        """Every process of this run, whoever is its parent now."""
        found = []
        for process in psutil.process_iter():
            try:
                if (
                    process.environ().get(MARK) == self.run
                    and process.status() != psutil.STATUS_ZOMBIE
                ):
                    found.append(process)
            except psutil.Error:
                continue
        return found


_SHARING = ("crawl", "enrich-1", "watch-1", "index-1", "notify")


def alive(pid: int) -> psutil.Process | None:
    """A child of ours that runs; None where it has ended."""
    try:
        process = psutil.Process(pid)
        ours = process.ppid() == os.getpid() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return None
    return process if ours else None
