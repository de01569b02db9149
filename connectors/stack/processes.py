"""Keeps the processes of the pipeline running: starts, watches, restarts with back-off, stops."""

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

#: Seconds between the restarts of a process that keeps dying: doubles up to the last.
FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0
#: Seconds that a process must live before its next death counts as the first one again.
HEALTHY_AFTER = 30.0
#: Seconds between SIGTERM and SIGKILL: longer than a stage's own limit for finishing.
GRACE_SECONDS = 20.0
_LOOK_SECONDS = 0.1
_LOG_BYTES = 5 * 1024 * 1024  # an older log is put aside once at the start beyond this


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What to run, under which name."""

    name: str
    command: tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class Child:
    """One program and what runs of it now."""

    program: Program
    process: subprocess.Popen[bytes]
    started: float
    restarts: int = 0
    wait: float = FIRST_WAIT
    due: float | None = None  # when to start it again, on the monotonic clock


class Supervisor:
    """Runs programs as children, each in a session of its own so that Ctrl-C reaches only us.

    Args:
        logs: a folder; each program's output goes to `<name>.log` there.
        environment: of the children.
        say: told of each death and restart, one line.
    """

    def __init__(
        self, logs: Path, environment: Mapping[str, str], say: Callable[[str], None]
    ) -> None:
        self._logs = logs
        self._environment = dict(environment)
        self._say = say
        self._children: dict[str, Child] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="supervisor", daemon=True)
        self.changed: Callable[[], None] = lambda: None

    def start(self, programs: list[Program]) -> None:
        """Starts the programs, and the watching."""
        self._logs.mkdir(parents=True, exist_ok=True)
        with self._lock:
            for program in programs:
                log = self._logs / f"{program.name}.log"
                if log.exists() and log.stat().st_size > _LOG_BYTES:
                    log.replace(log.with_suffix(".log.1"))
                self._children[program.name] = Child(
                    program=program, process=self._spawn(program), started=time.monotonic()
                )
        self.changed()
        self._thread.start()

    def children(self) -> dict[str, tuple[int, int]]:
        """Of each program: process id, number of restarts."""
        with self._lock:
            return {name: (c.process.pid, c.restarts) for name, c in self._children.items()}

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
                    # its whole session: the lanes too
                    with contextlib.suppress(ProcessLookupError):
                        os.killpg(child.process.pid, signal.SIGKILL)
                    child.process.wait()

    def _spawn(self, program: Program) -> subprocess.Popen[bytes]:
        with (self._logs / f"{program.name}.log").open("ab") as log:
            return subprocess.Popen(  # noqa: S603 - the commands are our own
                program.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._environment | {"DONGTIN_PARENT": str(os.getpid())},
                start_new_session=True,
            )

    def _watch(self) -> None:
        while not self._stopping.wait(_LOOK_SECONDS):
            with self._lock:
                moved = [self._look(child) for child in self._children.values()]
            if any(moved):
                self.changed()

    def _look(self, child: Child) -> bool:
        """Notices a death, or starts again what is due; whether anything changed."""
        now = time.monotonic()
        if child.due is None:
            status = child.process.poll()
            if status is None:
                return False
            if now - child.started > HEALTHY_AFTER:
                child.wait = FIRST_WAIT
            child.due = now + child.wait
            how = f"signal {-status}" if status < 0 else f"exit status {status}"
            self._say(f"{child.program.name} ended ({how}), again in {child.wait:g} s")
            child.wait = min(child.wait * 2, LONGEST_WAIT)
            return True
        if now >= child.due:
            child.process = self._spawn(child.program)
            child.started, child.due = now, None
            child.restarts += 1
            return True
        return False
