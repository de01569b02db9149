"""The supervisor: what dies is started again, what is stopped is gone."""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from connectors.stack import logs, processes
from connectors.stack.processes import Program, Supervisor
from connectors.stack.vitals import Vitals
from tests.processes import lives


def until(condition: Callable[[], bool]) -> None:
    """Waits for something that must happen; the test's own time limit ends it if it does not."""
    while not condition():
        time.sleep(0.02)


def program(name: str, code: str) -> Program:
    return Program(name=name, command=(sys.executable, "-c", code))


SLEEP = "import time; time.sleep(600)"


def test_a_killed_process_comes_back_and_the_others_stay(tmp_path: Path) -> None:
    """kill -9 of one child: told, started again under the same name; its neighbour is untouched."""
    said: list[str] = []
    supervisor = Supervisor(tmp_path, os.environ, said.append)
    supervisor.start([program("one", SLEEP), program("two", SLEEP)])
    try:
        before = supervisor.children()
        os.kill(before["one"].pid, signal.SIGKILL)
        until(lambda: supervisor.children()["one"].restarts == 1)
        after = supervisor.children()
        assert after["one"].pid != before["one"].pid
        assert after["two"] == before["two"]
        assert any("one ended (signal 9)" in line for line in said)
    finally:
        supervisor.stop()


def test_a_process_that_keeps_dying_is_not_started_in_a_rush(tmp_path: Path) -> None:
    """Each restart waits twice as long as the one before."""
    said: list[str] = []
    supervisor = Supervisor(tmp_path, os.environ, said.append)
    supervisor.start([program("bad", "raise SystemExit(7)")])
    try:
        until(lambda: len(said) >= 3)
    finally:
        supervisor.stop()
    waits = [float(line.split(" again in ")[1].split(" s")[0]) for line in said[:3]]
    assert waits == [0.5, 1.0, 2.0]
    assert "exit status 7" in said[0]


def test_stopping_leaves_nothing(tmp_path: Path) -> None:
    """After stop no child runs, and none is started again."""
    supervisor = Supervisor(tmp_path, os.environ, lambda _: None)
    supervisor.start([program("one", SLEEP), program("two", SLEEP)])
    pids = [record.pid for record in supervisor.children().values()]
    supervisor.stop()
    assert not any(psutil.pid_exists(pid) for pid in pids)


def test_output_goes_to_a_log_of_its_own(tmp_path: Path) -> None:
    """What a child prints is found under its name."""
    supervisor = Supervisor(tmp_path, os.environ, lambda _: None)
    supervisor.start([program("one", f"print('xin chào', flush=True); {SLEEP}")])
    try:
        until(lambda: "xin chào" in (tmp_path / "one.log").read_text(encoding="utf-8"))
    finally:
        supervisor.stop()


def test_a_process_that_lives_but_does_not_turn_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ignores SIGTERM, so its whole session is killed; told with its own reason; another comes."""
    monkeypatch.setattr(processes, "NOT_LIVE_SECONDS", 0.2)
    monkeypatch.setattr(processes, "GRACE_SECONDS", 0.5)
    monkeypatch.setattr(processes, "_ASK_SECONDS", 0.05)
    hangs = (
        "import signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']).pid,"
        " flush=True); time.sleep(600)"
    )
    said: list[str] = []
    first: list[int] = []
    log = tmp_path / "one.log"

    def ask(_name: str, pid: int) -> Vitals:
        first[:] = first or [pid]
        live = pid != first[0] or log.read_text() == ""  # before that it may not yet ignore SIGTERM
        return Vitals(live=live, ready=live, reasons=() if live else ("main loop: hangs",))

    supervisor = Supervisor(tmp_path, os.environ, said.append, ask)
    supervisor.start([program("one", hangs)])
    try:
        until(lambda: log.read_text() != "")
        lane = int(log.read_text().split()[0])
        until(lambda: supervisor.children()["one"].restarts == 1)
        record = supervisor.children()["one"]
        assert (record.cause, record.reason) == ("not-live", "main loop: hangs")
        assert record.pid != first[0]
        until(lambda: not lives(lane))
        assert said[0] == "one is not live (main loop: hangs): ending it"
        assert "one ended (signal 9)" in said[1]
    finally:
        supervisor.stop()


def test_a_silent_process_has_more_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine answers late: silence counts for less than a process that says it hangs."""
    monkeypatch.setattr(processes, "NOT_LIVE_SECONDS", 0.0)
    monkeypatch.setattr(processes, "_ASK_SECONDS", 0.01)
    asked: list[str] = []

    def ask(name: str, _pid: int) -> Vitals:
        asked.append(name)
        return Vitals(live=False, ready=False, reasons=("?",), silent=name == "silent")

    supervisor = Supervisor(tmp_path, os.environ, lambda _: None, ask)
    supervisor.start([program("silent", SLEEP), program("says", SLEEP)])
    try:
        until(lambda: supervisor.children()["says"].restarts == 1)
        assert asked.count("silent") >= processes.NOT_LIVE_TIMES
        assert supervisor.children()["silent"].restarts == 0
    finally:
        supervisor.stop()


def test_a_crash_loop_is_told_with_the_end_of_the_log(tmp_path: Path) -> None:
    """From the third death in a row: what it wrote last, and that it is still tried again."""
    said: list[str] = []
    supervisor = Supervisor(tmp_path, os.environ, said.append)
    supervisor.start([program("bad", "print('no such setting', flush=True); raise SystemExit(2)")])
    try:
        until(lambda: len(said) >= 4)
    finally:
        supervisor.stop()
    assert "keeps dying" not in said[1]
    assert "bad keeps dying, 3 times in a row (exit status 2), again in 2 s" in said[2]
    assert "no such setting" in said[2]
    assert supervisor.children()["bad"].restarts >= 3


def test_what_a_program_started_does_not_outlive_the_end(tmp_path: Path) -> None:
    """Asked to end, a stage may die before it has ended its lanes."""
    code = (
        "import subprocess, sys, time\n"
        "below = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print(below.pid, flush=True)\ntime.sleep(600)"
    )
    supervisor = Supervisor(tmp_path, os.environ, lambda _: None)
    supervisor.start([program("one", code)])
    log = tmp_path / "one.log"
    try:
        until(lambda: log.exists() and log.read_text().endswith("\n"))
        below = int(log.read_text())
    finally:
        supervisor.stop()
    until(lambda: not lives(below))


def test_a_log_stays_bounded_while_its_process_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A talkative process does not fill the disk, and the newest lines are there. It waits while its log is
    large, so that it comes to its end only when the log was emptied again and again; and says its last
    line more than once, since one written while a log is emptied may be lost."""
    monkeypatch.setattr(logs, "_BYTES", 10_000)
    monkeypatch.setattr(processes, "_LOG_SECONDS", 0.0)
    code = (
        "import os, time\nfor n in range(4000):\n print(n, 'x' * 100, flush=True)\n"
        " while os.fstat(1).st_size > 50_000:\n  time.sleep(0.01)\n"
        "while True:\n print('the end', flush=True)\n time.sleep(0.2)"
    )
    supervisor = Supervisor(tmp_path, os.environ, lambda _: None)
    supervisor.start([program("one", code)])
    log, before = tmp_path / "one.log", tmp_path / "one.log.1"
    try:
        until(before.exists)
        until(lambda: b"the end" in log.read_bytes() + before.read_bytes())
        assert log.stat().st_size + before.stat().st_size < 120_000  # of 420,000 written
        assert b"\0" not in log.read_bytes()  # emptied for a writer that appends: no hole
    finally:
        supervisor.stop()
