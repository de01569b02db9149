"""A disk without space, a machine without memory, a process killed in mid answer: `dongtin up` goes on keeping
what it has started."""

import errno
import json
import os
import signal
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from connectors.stack import runfiles
from connectors.stack import stack as stack_module
from connectors.stack.figures import scrape
from connectors.stack.processes import Supervisor
from connectors.stack.stack import Stack
from connectors.stack.vitals import ask
from streams.configuration import load
from streams.terminal import Console
from tests.unit.stack.test_processes import SLEEP, program, until


class Full:
    """A call that meets a full disk, or a machine without memory, some times before it can."""

    def __init__(self, call: Callable[..., Any], times: int = 1) -> None:
        self.call = call
        self.left = times

    def __call__(self, *args: Any, **words: Any) -> Any:
        if self.left:
            self.left -= 1
            raise OSError(errno.ENOSPC, "No space left on device")
        return self.call(*args, **words)


def test_who_cannot_be_noted_is_started_again_all_the_same(tmp_path: Path) -> None:
    """The second death after a note that failed is noticed like the first."""
    said: list[str] = []
    supervisor = Supervisor(tmp_path, os.environ, said.append)
    supervisor.start([program("one", SLEEP)])
    supervisor.changed = full = Full(lambda: None, times=3)
    try:
        for times in (1, 2):
            os.kill(supervisor.children()["one"].pid, signal.SIGKILL)
            until(lambda times=times: supervisor.children()["one"].restarts == times)  # type: ignore[misc]
        assert full.left == 0
    finally:
        supervisor.stop()
    assert any("No space left on device" in line for line in said)


def test_who_cannot_be_started_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its back-off, and told."""
    said: list[str] = []
    supervisor = Supervisor(tmp_path, os.environ, said.append)
    supervisor.start([program("one", SLEEP)])
    monkeypatch.setattr(supervisor, "_spawn", Full(supervisor._spawn))
    try:
        os.kill(supervisor.children()["one"].pid, signal.SIGKILL)
        until(lambda: supervisor.children()["one"].restarts == 1)
    finally:
        supervisor.stop()
    assert any("one can't be started: " in line and "again in 1 s" in line for line in said)


def test_a_server_that_cannot_be_started_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kafka ends by itself when its disk is full; when there is space it is back, and that is noted."""
    said: list[str] = []
    settings = load(None, data_dir=tmp_path)
    stack = Stack(settings, kafka=None, elasticsearch=None, say=said.append, console=Console())
    monkeypatch.setattr(stack_module, "_LOOK_SECONDS", 0.01)
    ended = [SimpleNamespace(name="Kafka")]
    restart = Full(lambda server, **_: ended.remove(server))
    servers = SimpleNamespace(ended=lambda: list(ended), restart=restart, processes=dict)
    monkeypatch.setattr(stack, "_servers", servers)
    monkeypatch.setattr(stack, "_note", noted := Full(stack._note))
    thread = threading.Thread(target=stack._keep_servers)
    thread.start()
    until(lambda: noted.left == 0)
    ended.append(SimpleNamespace(name="Kafka"))
    until((tmp_path / "stack.json").exists)
    stack._stopping.set()
    thread.join()
    assert [line.partition(":")[0] for line in said] == [
        "Kafka ended, starting it again",
        "Kafka can't be started",
        "Kafka ended, starting it again",
        "Kafka is back",
        "stack.json is not up to date",
        "Kafka ended, starting it again",
        "Kafka is back",
    ]


def test_what_cannot_be_written_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing else beside it."""
    path = tmp_path / "stack.json"
    runfiles.write(path, {"a": 1})
    monkeypatch.setattr(json, "dump", Full(json.dump))
    with pytest.raises(OSError, match="No space"):
        runfiles.write(path, {"a": 2})
    assert [file.name for file in tmp_path.iterdir()] == ["stack.json"]
    assert runfiles.read(path) == {"a": 1}


def test_a_process_killed_in_mid_answer_is_one_that_does_not_answer() -> None:
    """Half a body is no reason for a traceback."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/metrics"

        def answer() -> None:
            for _ in range(2):
                taken, _peer = listening.accept()
                taken.recv(4096)
                taken.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
                taken.close()

        thread = threading.Thread(target=answer)
        thread.start()
        assert scrape(url) == {}
        assert not ask(url).live
        thread.join()
