"""The supervisor: what dies is started again, what is stopped is gone."""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from connectors.stack.processes import Program, Supervisor


def _until(condition: Callable[[], bool]) -> None:
    """Waits for something that must happen; the test's own time limit ends it if it does not."""
    while not condition():
        time.sleep(0.02)


def _program(name: str, code: str) -> Program:
    return Program(name=name, command=(sys.executable, "-c", code))


_SLEEP = "import time; time.sleep(600)"


def test_a_killed_process_comes_back_and_the_others_stay(tmp_path: Path) -> None:
    """kill -9 of one child: told, started again under the same name; its neighbour is untouched."""
    said: list[str] = []
    supervisor = Supervisor(tmp_path, os.environ, said.append)
    supervisor.start([_program("one", _SLEEP), _program("two", _SLEEP)])
    try:
        before = supervisor.children()
        os.kill(before["one"][0], signal.SIGKILL)
        _until(lambda: supervisor.children()["one"][1] == 1)
        after = supervisor.children()
        assert after["one"][0] != before["one"][0]
        assert after["two"] == before["two"]
        assert any("one ended (signal 9)" in line for line in said)
    finally:
        supervisor.stop()


def test_a_process_that_keeps_dying_is_not_started_in_a_rush(tmp_path: Path) -> None:
    """Each restart waits twice as long as the one before."""
    said: list[str] = []
    supervisor = Supervisor(tmp_path, os.environ, said.append)
    supervisor.start([_program("bad", "raise SystemExit(7)")])
    try:
        _until(lambda: len(said) >= 3)
    finally:
        supervisor.stop()
    waits = [float(line.split(" again in ")[1].removesuffix(" s")) for line in said[:3]]
    assert waits == [0.5, 1.0, 2.0]
    assert "exit status 7" in said[0]


def test_stopping_leaves_nothing(tmp_path: Path) -> None:
    """After stop no child runs, and none is started again."""
    supervisor = Supervisor(tmp_path, os.environ, lambda _: None)
    supervisor.start([_program("one", _SLEEP), _program("two", _SLEEP)])
    pids = [pid for pid, _ in supervisor.children().values()]
    supervisor.stop()
    assert not any(psutil.pid_exists(pid) for pid in pids)


def test_output_goes_to_a_log_of_its_own(tmp_path: Path) -> None:
    """What a child prints is found under its name."""
    supervisor = Supervisor(tmp_path, os.environ, lambda _: None)
    supervisor.start([_program("one", f"print('xin chào', flush=True); {_SLEEP}")])
    try:
        _until(lambda: "xin chào" in (tmp_path / "one.log").read_text(encoding="utf-8"))
    finally:
        supervisor.stop()
