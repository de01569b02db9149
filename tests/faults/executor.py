"""Does what a plan says, and waits until nothing moves any more."""

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import cast

import psutil

from connectors.elasticsearch.client import connect
from connectors.elasticsearch.names import KINDS, alias
from connectors.kafka import admin as topics_admin
from connectors.ledger.snapshot import account
from connectors.local.servers import Server
from streams.errors import Retry
from streams.ledger import State
from tests.faults import poison
from tests.faults.collect import ready
from tests.faults.outlets import Published
from tests.faults.pipeline import Guest, Pipeline, alive
from tests.faults.plan import Fault, Plan
from tests.faults.waiting import Standstill, lag_of, signs, until
from tests.trouble_proxy import Trouble

_LOOK = 1.0


@dataclass(slots=True, kw_only=True)
class Figures:
    """What was done, for the report."""

    kills: int = 0
    lanes: int = 0
    ends: int = 0
    freezes: int = 0
    blackouts: int = 0
    brokers: int = 0
    searches: int = 0
    troubles: int = 0
    guests: int = 0
    clocks: int = 0
    done: list[str] = field(default_factory=list)  # each fault, with the second at which it began


class Executor:
    """Carries out one plan on a running pipeline.

    Args:
        say: told each fault, one line.
    """

    def __init__(
        self, pipeline: Pipeline, published: Published, say: Callable[[str], None]
    ) -> None:
        self._pipeline = pipeline
        self._published = published
        self._say = say
        self._began = time.monotonic()
        self.figures = Figures()

    def run(self, plan: Plan) -> None:
        """All of the plan, in its order."""
        steps: dict[str, Callable[[Fault], None]] = {
            "kill": self._kill,
            "kill-lane": self._kill_lane,
            "end": self._end,
            "freeze": self._freeze,
            "blackout": self._blackout,
            "broker": self._broker,
            "search": self._search,
            "trouble": self._trouble,
            "read-only": self._read_only,
            "join": self._join,
            "leave": self._leave,
            "poison": self._poison,
            "clock": self._clock,
            "finished": self._finished,
        }
        for number, step in enumerate(plan.steps, 1):
            self._published.paper.print(step.print)
            line = (
                f"{time.monotonic() - self._began:6.1f} s  {number}/{len(plan.steps)}  {step.fault}"
            )
            self.figures.done.append(line)
            self._say(line)
            steps[step.fault.kind](step.fault)
            time.sleep(step.pause)

    def _running(self, name: str) -> psutil.Process:
        """The process of a program, once it runs: its supervisor may be waiting to start it."""
        found = list[psutil.Process]()

        def looked() -> bool:
            process = self._pipeline.process(name)
            found.extend([process] if process else [])
            return bool(found)

        until(looked, lambda: self._pipeline.restarts()[name], f"{name} to run")
        return found[0]

    def _kill(self, fault: Fault) -> None:
        process = self._running(fault.target)
        process.kill()
        # else the next step may find the one that dies
        until(lambda: self._pipeline.process(fault.target) != process, lambda: 0, "its end")
        self.figures.kills += 1

    def _end(self, fault: Fault) -> None:
        self._running(fault.target).terminate()
        self.figures.ends += 1

    def _kill_lane(self, fault: Fault) -> None:
        """The youngest child of an enrich worker that is ready: a lane, never the fork server."""
        name = fault.target
        until(lambda: ready(self._pipeline, name), lambda: 0, f"{name} to be ready")
        lanes = list[psutil.Process]()

        def looked() -> bool:
            lanes[:] = self._lanes(name)
            return bool(lanes)

        until(looked, lambda: 0, f"a lane of {name}")
        lanes[0].kill()
        self.figures.lanes += 1

    def _lanes(self, name: str) -> list[psutil.Process]:
        """Processes of an enrich worker's fork server."""
        try:
            below = self._running(name).children(recursive=True)
            return [process for process in below if process.ppid() != self._running(name).pid]
        except psutil.NoSuchProcess:
            return []

    def _freeze(self, fault: Fault) -> None:
        """Its group goes on without it; then it is there again, with old messages in its hands."""
        process = self._running(fault.target)
        process.suspend()
        time.sleep(fault.seconds)
        process.resume()
        self.figures.freezes += 1

    def _blackout(self, _fault: Fault) -> None:
        pipeline = self._pipeline
        for process in filter(None, map(pipeline.process, pipeline.programs)):
            process.kill()
        for server in (pipeline.servers.kafka, pipeline.servers.elasticsearch):
            self._stop(server, kill=True)
        for server in (pipeline.servers.kafka, pipeline.servers.elasticsearch):
            pipeline.servers.restart(server)
        self.figures.blackouts += 1

    def _broker(self, fault: Fault) -> None:
        servers = self._pipeline.servers
        servers.restart(servers.kafka, kill=fault.how == "kill")
        self.figures.brokers += 1

    def _search(self, fault: Fault) -> None:
        servers = self._pipeline.servers
        self._stop(servers.elasticsearch, kill=fault.how == "kill")
        time.sleep(fault.seconds)
        servers.restart(servers.elasticsearch)
        self.figures.searches += 1

    @staticmethod
    def _stop(server: Server, *, kill: bool) -> None:
        assert server.process is not None
        if kill:
            server.process.kill()
        else:
            server.process.ask_to_stop()
            server.process.wait()

    def _trouble(self, fault: Fault) -> None:
        proxy = self._pipeline.proxy
        proxy.make(cast(Trouble, fault.target))
        time.sleep(fault.seconds)
        proxy.make("none")
        self.figures.troubles += 1

    def _read_only(self, fault: Fault) -> None:
        """As when the disk is full: the server's own block on all indices, lifted after a while."""
        self._block(True)
        time.sleep(fault.seconds)
        self._block(None)
        self.figures.troubles += 1

    def _block(self, value: bool | None) -> None:
        settings = self._pipeline.settings.elasticsearch
        with connect(settings) as client:
            indices = [alias(settings.prefix, kind) for kind in KINDS]
            block = "index.blocks.read_only_allow_delete"
            client.indices.put_settings(index=indices, settings={block: value})

    def _join(self, fault: Fault) -> None:
        self._pipeline.join(fault.target)
        self.figures.guests += 1

    def _leave(self, fault: Fault) -> None:
        guest = self._pipeline.leave(fault.target)
        assert guest is not None, f"the plan lets a worker of {fault.target} leave that never came"
        if fault.how == "kill":
            self.figures.kills += _killed(guest)
        guest.supervisor.stop()

    def _poison(self, _fault: Fault) -> None:
        poison.send(self._pipeline.settings.kafka.bootstrap, self._published.poison)

    def _clock(self, fault: Fault) -> None:
        assert self._pipeline.clocks is not None, "the plan sets clocks that can't be set"
        self._pipeline.clocks.set(fault.target, int(fault.seconds))
        self.figures.clocks += 1

    def _finished(self, fault: Fault) -> None:
        """What was printed has gone through, as far as the pipeline knows, and the group of a stage has
        acknowledged it. A lag of nothing alone would be there before anything has come."""
        pipeline, wanted = self._pipeline, self._published.discovered()

        def looked() -> bool:
            told = account(pipeline.settings).balance
            through = told.discovered >= wanted and told.count(State.UNDER_WAY) == 0
            return through and lag_of(pipeline, fault.target) == 0

        until(looked, lambda: signs(pipeline), f"{fault.target} to finish what was printed")

    def rest(self) -> bool:
        """Waits until everything that was printed is somewhere and nothing moves; whether it came to
        that. False when nothing moves any more although something is still under way."""
        last: Hashable = None

        def at_rest() -> bool:
            nonlocal last
            now = signs(self._pipeline)
            same, last = now == last, now
            return same and self._arrived()

        try:
            until(at_rest, lambda: signs(self._pipeline), "rest", pause=2 * _LOOK)
        except Standstill:
            return False
        return True

    def _arrived(self) -> bool:
        """Nothing is under way, as far as the pipeline itself can tell."""
        pipeline = self._pipeline
        try:
            if any(topics_admin.lags(pipeline.settings.kafka).values()):
                return False
            told = account(pipeline.settings).balance
        except Retry:
            return False
        return (
            told.discovered >= self._published.discovered()
            and told.count(State.UNDER_WAY) == 0
            and all(ready(pipeline, name) for name in pipeline.programs)
        )


def _killed(guest: Guest) -> int:
    """kill -9 of a guest; how many processes were killed."""
    (record,) = guest.supervisor.children().values()
    process = alive(record.pid)
    if process:
        process.kill()
    return int(process is not None)
