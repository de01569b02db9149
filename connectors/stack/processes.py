"""Keeps the processes of the pipeline running: starts, watches, restarts with back-off, stops."""

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from connectors.stack.logs import bound, last_lines
from connectors.stack.vitals import Vitals
from streams.health import LOOP_SECONDS, PROCESS
from streams.metrics import PROCESS_UP, RESTARTS

#: Seconds between the restarts of a process that keeps dying: doubles up to the last.
FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0
#: Seconds that a process must live before its next death counts as the first one again.
HEALTHY_AFTER = 30.0
#: Deaths in a row after which it is a crash loop, and told with the end of the log.
LOOP_DEATHS = 3
#: Seconds between SIGTERM and SIGKILL: longer than a stage's own limit for finishing.
GRACE_SECONDS = 20.0
#: Seconds for which a process may say that it is not live (its own limits have passed by then), or
#: say nothing (the machine may be busy), before it is ended; and so often in a row.
NOT_LIVE_SECONDS, SILENT_SECONDS = 10.0, 60.0
NOT_LIVE_TIMES = 3
#: Seconds in which a new process must tell where it can be asked: it imports its libraries first.
TELL_SECONDS = 180.0
_LOOK_SECONDS = 0.1
_ASK_SECONDS = 2.0  # between two questions for everybody's health
_LOG_SECONDS = 10.0  # between two looks at the logs' sizes

DIED, NOT_LIVE = "died", "not-live"


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What to run, under which name."""

    name: str
    command: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What became of a program so far."""

    pid: int
    restarts: int = 0
    cause: str = ""  # of the last restart: `died`, `not-live`
    reason: str = ""  # of the last restart, in words


@dataclass(slots=True, kw_only=True)
class Child:
    """One program and what runs of it now. Moments are on the monotonic clock."""

    program: Program
    process: subprocess.Popen[bytes]
    started: float
    record: Record
    wait: float = FIRST_WAIT
    due: float | None = None  # when to start it again
    deaths: int = 0  # in a row, each soon after its start
    live_at: float = 0.0  # when it last said that it is live
    not_live: int = 0  # answers since then
    condemned: str = ""  # why it is being ended
    kill_at: float = 0.0


class Supervisor:
    """Runs programs as children, each in a session of its own so that Ctrl-C reaches only us.

    Args:
        logs: a folder; each program's output goes to `<name>.log` there, of a bounded size.
        environment: of the children.
        say: told of each death and restart, one line.
        ask: tells the health of a program's process, given name and process id; None while the
            process can't be asked yet. Without it only a death is noticed.
    """

    def __init__(
        self,
        logs: Path,
        environment: Mapping[str, str],
        say: Callable[[str], None],
        ask: Callable[[str, int], Vitals | None] | None = None,
    ) -> None:
        self._logs = logs
        self._environment = dict(environment)
        self._say = say
        self._ask = ask
        self._children: dict[str, Child] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="supervisor", daemon=True)
        self._asking = threading.Thread(target=self._ask_all, name="vitals", daemon=True)
        self._logs_at = 0.0
        self.changed: Callable[[], None] = lambda: None

    def start(self, programs: list[Program]) -> None:
        """Starts the programs, and the watching."""
        self._logs.mkdir(parents=True, exist_ok=True)
        with self._lock:
            for program in programs:
                process, now = self._spawn(program), time.monotonic()
                self._children[program.name] = Child(
                    program=program,
                    process=process,
                    started=now,
                    live_at=now,
                    record=Record(pid=process.pid),
                )
        self.changed()
        self._thread.start()
        if self._ask:
            self._asking.start()

    def children(self) -> dict[str, Record]:
        """Of each program what runs, and what became of it before."""
        with self._lock:
            return {name: child.record for name, child in self._children.items()}

    def stop(self) -> None:
        """Asks all to end, together; kills what has not after the grace period."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()
        with self._lock:
            running = [c for c in self._children.values() if c.process.poll() is None]
            for child in running:
                child.process.send_signal(signal.SIGTERM)
            deadline = time.monotonic() + GRACE_SECONDS
            for child in running:
                try:
                    child.process.wait(max(0.1, deadline - time.monotonic()))
                except subprocess.TimeoutExpired:
                    self._say(f"{child.program.name} did not stop within {GRACE_SECONDS:.0f} s")
                    _kill(child)
                    child.process.wait()
            for child in self._children.values():
                if child.due is None:  # nobody has cleared up behind it
                    _kill(child)

    def _spawn(self, program: Program) -> subprocess.Popen[bytes]:
        path = self._logs / f"{program.name}.log"
        bound(path)
        with path.open("ab") as log:
            return subprocess.Popen(  # noqa: S603 - the commands are our own
                program.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._environment | {"DONGTIN_PARENT": str(os.getpid())},
                start_new_session=True,
            )

    def _watch(self) -> None:
        heart = PROCESS.expect("supervisor", LOOP_SECONDS)
        while not self._stopping.wait(_LOOK_SECONDS):
            heart.beat()
            with self._lock:
                moved = [self._look(child) for child in self._children.values()]
            if any(moved):
                self._tell()
            if time.monotonic() > self._logs_at + _LOG_SECONDS:
                self._logs_at = time.monotonic()
                for name in self._children:
                    bound(self._logs / f"{name}.log")
        PROCESS.rest("supervisor")

    def _tell(self) -> None:
        """Calls `changed`. That it fails, with a full disk, must not be the end of the watching."""
        try:
            self.changed()
        except OSError as error:
            self._say(f"what runs could not be noted: {error}")

    def _look(self, child: Child) -> bool:
        """Notices a death, ends what is not live, or starts again what is due; whether anything
        changed."""
        now = time.monotonic()
        if child.due is None:
            status = child.process.poll()
            PROCESS_UP.labels(child.program.name).set(status is None)
            if status is None:
                if child.condemned and now > child.kill_at:
                    _kill(child)
                return False
            self._mourn(child, status, now)
            return True
        if now >= child.due:
            try:
                child.process = self._spawn(child.program)
            except OSError as error:  # no memory for another process, say: there will be again
                self._say(
                    f"{child.program.name} can't be started: {error}, again in {child.wait:g} s"
                )
                child.due = now + child.wait
                child.wait = min(child.wait * 2, LONGEST_WAIT)
                return False
            child.started, child.live_at, child.not_live = now, now, 0
            child.due, child.condemned = None, ""
            child.record = replace(
                child.record, pid=child.process.pid, restarts=child.record.restarts + 1
            )
            RESTARTS.labels(child.program.name, child.record.cause).inc()
            return True
        return False

    def _mourn(self, child: Child, status: int, now: float) -> None:
        """Tells of a death, and decides when the program is started again."""
        name = child.program.name
        _kill(child)  # what it started, such as lanes
        lasted = now - child.started > HEALTHY_AFTER
        if lasted:
            child.wait, child.deaths = FIRST_WAIT, 0
        child.deaths += 1
        child.due = now + child.wait
        how = f"signal {-status}" if status < 0 else f"exit status {status}"
        cause = NOT_LIVE if child.condemned else DIED
        reason = child.condemned or how
        child.record = replace(child.record, cause=cause, reason=reason)
        told = f"{name} ended ({how}), again in {child.wait:g} s"
        if child.deaths >= LOOP_DEATHS:
            told = (
                f"{name} keeps dying, {child.deaths} times in a row ({how}), again in "
                f"{child.wait:g} s; the end of its log:\n{last_lines(self._logs / f'{name}.log')}"
            )
        self._say(told)
        PROCESS.note(name, f"does not run ({reason})")
        child.wait = min(child.wait * 2, LONGEST_WAIT)

    def _ask_all(self) -> None:
        """Asks every process for its health again and again, without holding anything up."""
        heart = PROCESS.expect("vitals", LOOP_SECONDS)
        while not self._stopping.wait(_ASK_SECONDS):
            for name, record in self.children().items():
                heart.beat()
                told = self._ask(name, record.pid) if self._ask else None
                with self._lock:
                    self._hear(self._children[name], record.pid, told)
        PROCESS.rest("vitals")

    def _hear(self, child: Child, pid: int, told: Vitals | None) -> None:
        """Takes in an answer; condemns a process that has not been live for too long."""
        now = time.monotonic()
        if child.process.pid != pid or child.due is not None or child.condemned:
            return
        reason = "; ".join(told.reasons) if told else "has not told yet where it can be asked"
        PROCESS.note(child.program.name, reason)
        if told and told.live:
            child.live_at, child.not_live = now, 0
            return
        child.not_live += 1
        limit = (
            TELL_SECONDS if told is None else SILENT_SECONDS if told.silent else NOT_LIVE_SECONDS
        )
        if now - child.live_at <= limit or child.not_live < NOT_LIVE_TIMES:
            return
        child.condemned = reason
        child.kill_at = now + GRACE_SECONDS
        self._say(f"{child.program.name} is not live ({reason}): ending it")
        child.process.send_signal(signal.SIGTERM)


def _kill(child: Child) -> None:
    """SIGKILL for a child's whole session: the lanes too."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.process.pid, signal.SIGKILL)
