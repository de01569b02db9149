"""The guard: no server outlives its owner."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from connectors.local.java import environment
from connectors.local.process import GuardedProcess

# A server of two processes, as Elasticsearch is; both write their ids where the test finds them.
SERVER = """
import os, pathlib, subprocess, sys, time
inner = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
path = pathlib.Path("pids")
path.with_suffix(".new").write_text(f"{os.getpid()} {inner.pid}")
path.with_suffix(".new").rename(path)
time.sleep(600)
"""

# ignores SIGTERM
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + SERVER

OWNER = f"""
import sys, time
from pathlib import Path
from connectors.local.process import GuardedProcess
here = Path(sys.argv[1])
process = GuardedProcess([sys.executable, "-c", {SERVER!r}], cwd=here, env={{}},
                         logs=(here / "out", here / "log"))
time.sleep(600)
"""


def guarded(folder: Path, program: str) -> GuardedProcess:
    return GuardedProcess(
        [sys.executable, "-c", program],
        cwd=folder,
        env=environment(),
        logs=(folder / "out", folder / "log"),
    )


def server_processes(folder: Path) -> list[psutil.Process]:
    """The two processes of a server that has come up in `folder`."""
    deadline = time.monotonic() + 30
    while not (folder / "pids").exists():
        assert time.monotonic() < deadline, "the server did not come up"
        time.sleep(0.02)
    return [psutil.Process(int(pid)) for pid in (folder / "pids").read_text().split()]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """An empty folder; whatever came up there is gone afterwards, also when the test failed."""
    yield tmp_path
    if (tmp_path / "pids").exists():
        for pid in (tmp_path / "pids").read_text().split():
            if psutil.pid_exists(int(pid)):
                os.kill(int(pid), signal.SIGKILL)


def test_a_server_ends_when_its_owner_is_killed(folder: Path) -> None:
    """After kill -9 of the owner every process of the server is gone by itself."""
    owner = subprocess.Popen([sys.executable, "-c", OWNER, str(folder)])
    processes = server_processes(folder)
    owner.kill()
    owner.wait()
    assert psutil.wait_procs(processes, timeout=60)[1] == []


def test_stopping_ends_every_process_of_the_server(folder: Path) -> None:
    """A polite stop reaches the inner process too, and the guard ends after both."""
    server = guarded(folder, SERVER)
    processes = server_processes(folder)
    assert {process.pid for process in server.processes()} == {one.pid for one in processes}
    server.ask_to_stop()
    server.wait()
    assert not any(process.is_running() for process in processes)
    assert not server.running


def test_kill_ends_every_process_at_once(folder: Path) -> None:
    """Kill -9 needs nobody's consent."""
    server = guarded(folder, STUBBORN)
    processes = server_processes(folder)
    server.kill()
    assert psutil.wait_procs(processes, timeout=60)[1] == []
    assert not server.running


def test_a_terminals_ctrl_c_does_not_reach_the_server(folder: Path) -> None:
    """The server is in another session than we, so that we decide when it stops."""
    server = guarded(folder, SERVER)
    processes = server_processes(folder)
    assert all(os.getsid(process.pid) != os.getsid(0) for process in processes)
    server.kill()


def test_an_early_end_is_noticed_with_its_last_words(folder: Path) -> None:
    """A server that ends by itself is not running, and what it said can be told."""
    (folder / "log").write_text("of an earlier run\n")
    server = guarded(
        folder, "print('Address already in use'); open('log', 'a').write('bye\\n'); exit(3)"
    )
    server.wait()
    assert server.returncode == 3
    assert server.last_lines().splitlines() == [
        f"Last lines of {folder / 'out'}:",
        "  Address already in use",
        f"Last lines of {folder / 'log'}:",
        "  bye",
    ]


def test_java_options_of_ours_do_not_reach_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing in our environment opens a debug port or changes the memory of a server."""
    monkeypatch.setenv("JAVA_TOOL_OPTIONS", "-Xmx8g")
    monkeypatch.setenv("ES_JAVA_OPTS", "-Xmx8g")
    assert set(environment(ES_TMPDIR="/x")) == {"PATH", "LC_ALL", "ES_TMPDIR"}
