"""Kafka and Elasticsearch on this machine, as one thing to start and stop."""

import logging
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from connectors.local.download import Cache
from connectors.local.elasticsearch import ElasticsearchServer
from connectors.local.errors import ServerFailed
from connectors.local.folder import DataFolder
from connectors.local.kafka import KafkaServer
from streams.terminal import Console

_START_LIMIT = 180.0  # seconds; 7 to 10 are usual, 40 have been seen on a machine under load
_POLL = 0.1
_ATTEMPTS = 3

# What either server writes when somebody was faster on a port that had been found free.
_PORT_RACE = re.compile(
    r"Address already in use|Failed to bind|BindException|BindHttpException|BindTransportException"
)

Server = KafkaServer | ElasticsearchServer


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where the servers are reached; empty for one that was not asked for."""

    kafka: str  # host:port
    elasticsearch: str  # URL


class LocalServers:
    """Real Kafka and Elasticsearch with their data in one folder.

    Plain blocking calls; from asyncio use `asyncio.to_thread`. The servers end when this process
    does, however it ends. Usable as a context manager.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        kafka_port: int | None = None,
        elasticsearch_port: int | None = None,
        only: tuple[type[Server], ...] = (ElasticsearchServer, KafkaServer),
        cache: Cache | None = None,
        console: Console | None = None,
    ) -> None:
        """Nothing is started or fetched yet. Without a port a free one is found at each start.

        `only` says which servers: the other one runs elsewhere.
        The console shows the download's progress, nothing else.
        """
        self.folder = DataFolder(data_dir)
        self._ports = (kafka_port, elasticsearch_port)
        self._only = only
        self._cache = cache or Cache()
        self._console = console
        self._servers: tuple[Server, ...] = ()

    def start(self, report: Callable[[str], None] = lambda _: None) -> Addresses:
        """Fetch what is missing, start both servers and wait until both answer.

        `report` is told each step in a short sentence. Whoever holds the folder already
        (`folder.claim`) keeps holding it.

        Raises:
            DownloadError, FolderInUse, PortTaken, ServerFailed: each says what to do.
        """
        if self._servers or not self.folder.is_ours:
            self.folder.claim()
        try:
            installed = self._cache.install(self._console)
            if stopped := self.folder.stop_left_over():
                report(f"Stopped {stopped} processes left over from a run that was killed")
            kafka_port, elasticsearch_port = self._ports
            every: tuple[Server, ...] = (
                # first the slower one
                ElasticsearchServer(self.folder, installed.elasticsearch_home, elasticsearch_port),
                KafkaServer(self.folder, installed.kafka_jars, kafka_port),
            )
            self._servers = tuple(server for server in every if isinstance(server, self._only))
            for server in self._servers:
                server.check_port()
            report("Starting " + " and ".join(server.name for server in self._servers))
            self._launch(report)
        except OSError as error:
            self.stop()
            raise ServerFailed(
                f"The servers could not be started in {self.folder.path}: {error}. Check its"
                " permissions and the free space, or choose another folder with --data-dir."
            ) from error
        except BaseException:
            self.stop()
            raise
        return self.addresses

    def stop(self) -> None:
        """Stop both, politely first; data stays. Does nothing if they don't run."""
        if not self.folder.is_ours:  # else we would stop somebody else's
            return
        started = [server.process for server in self._servers if server.process]
        for process in started:
            process.ask_to_stop()
        for process in started:
            process.wait()
        self._servers = ()
        self.folder.stop_left_over()
        self.folder.release()

    @property
    def addresses(self) -> Addresses:
        """Where the servers are reached, once started."""
        found = {type(server): server.address for server in self._servers}
        return Addresses(
            kafka=found.get(KafkaServer, ""), elasticsearch=found.get(ElasticsearchServer, "")
        )

    @property
    def kafka(self) -> KafkaServer:
        """The running broker."""
        return next(server for server in self._servers if isinstance(server, KafkaServer))

    @property
    def elasticsearch(self) -> ElasticsearchServer:
        """The running search server."""
        return next(server for server in self._servers if isinstance(server, ElasticsearchServer))

    def processes(self) -> dict[str, list[psutil.Process]]:
        """Each server's processes, by its name."""
        return {
            server.name: server.process.processes() if server.process else []
            for server in self._servers
        }

    def check(self) -> None:
        """Raise `ServerFailed` if a server has ended by itself since it was started."""
        for server in self.ended():
            raise _ended(server)

    def ended(self) -> list[Server]:
        """The servers that have ended by themselves since they were started."""
        return [item for item in self._servers if item.process and not item.process.running]

    def restart(
        self,
        server: Server,
        *,
        kill: bool = False,
        same_port: bool = True,
        stop: threading.Event | None = None,
    ) -> None:
        """Stop one server (with `kill`: kill -9; or ended by itself already) and start it again.

        Args:
            stop: once it is set, the server is not waited for any more.

        Raises:
            ServerFailed: it did not start, or `stop` was set before it was ready.
        """
        if server.process and kill:
            server.process.kill()
        elif server.process:
            server.process.ask_to_stop()
            server.process.wait()
        server.start(same_port=same_port)
        self._wait_for([server], lambda _: None, stop)

    def _launch(self, report: Callable[[str], None]) -> None:
        for server in self._servers:
            server.start()
        self._wait_for(list(self._servers), report)

    def _wait_for(
        self,
        waiting: list[Server],
        report: Callable[[str], None],
        stop: threading.Event | None = None,
    ) -> None:
        stop = stop or threading.Event()
        attempts = dict.fromkeys((server.name for server in waiting), 1)
        deadline = time.monotonic() + _START_LIMIT
        began = time.monotonic()
        with _quiet_kafka_client():
            while waiting:
                for server in list(waiting):
                    if server.process and not server.process.running:
                        attempts[server.name] += 1
                        _start_again(server, attempts[server.name])
                    elif server.is_ready():
                        waiting.remove(server)
                        taken = time.monotonic() - began
                        report(f"{server.name} is ready at {server.address} ({taken:.1f} s)")
                if waiting and time.monotonic() > deadline:
                    raise _too_slow(waiting[0])
                if waiting and stop.wait(_POLL):
                    raise ServerFailed("not waited for: the end was asked for")
        self._record()

    def _record(self) -> None:
        addresses = self.addresses
        self.folder.record(
            kafka=addresses.kafka or None,
            elasticsearch=addresses.elasticsearch or None,
            servers=self.processes(),
        )

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def _start_again(server: Server, attempt: int) -> None:
    """A port race is worth another try on another port; any other early end would only repeat."""
    recent = server.process.recent_log() if server.process else ""
    if attempt > _ATTEMPTS or not _PORT_RACE.search(recent):
        raise _ended(server)
    server.start()


def _ended(server: Server) -> ServerFailed:
    status = server.process.returncode if server.process else None
    return ServerFailed(f"{server.name} ended with status {status}.\n{_last_lines(server)}")


def _too_slow(server: Server) -> ServerFailed:
    return ServerFailed(
        f"{server.name} did not answer within {_START_LIMIT:.0f} seconds. Is the machine very busy"
        f" or short of memory?\n{_last_lines(server)}"
    )


def _last_lines(server: Server) -> str:
    return server.process.last_lines() if server.process else ""


@contextmanager
def _quiet_kafka_client() -> Iterator[None]:
    """A broker that is not there yet is what we wait for, and nothing to warn about."""
    logger = logging.getLogger("kafka")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)
