"""The set-up: says plainly what is missing, and does nothing the second time."""

import os
import sys
from pathlib import Path

import pytest

from deploy import bootstrap


def _fails(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().err


def test_a_python_that_is_too_old_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Without a newer one on the PATH: which one is needed, which one this is, how to name another."""
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SystemExit) as ended:
        bootstrap.suitable_python()
    assert ended.value.code == 1
    told = _fails(capsys)
    assert "Python 3.11 or newer is needed" in told
    assert "make PYTHON=" in told


def test_a_newer_python_on_the_path_is_found(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The newest that really runs is taken; a stand-in for one that is not installed is not."""
    for name, body in [("python3.13", "exit 127"), ("python3.12", "exit 0")]:
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
        program.chmod(0o755)
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/bin")
    assert bootstrap.suitable_python() == str(tmp_path / "python3.12")


def test_no_space_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """How much is free, how much is needed."""
    monkeypatch.setattr(bootstrap, "STAMP", tmp_path / "none")
    monkeypatch.setattr(bootstrap, "NEEDED_BYTES", 10**18)
    with pytest.raises(SystemExit):
        bootstrap.main()
    assert "GB are free here" in _fails(capsys)


def test_an_index_that_can_not_be_reached_is_told(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """No network: what could not be fetched, and what to do; no environment is taken for whole."""
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(bootstrap, "STAMP", tmp_path / ".venv" / "ready")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    with pytest.raises(SystemExit):
        bootstrap.make_environment(sys.executable)
    assert "Check the network" in capfd.readouterr().err
    assert not bootstrap.STAMP.exists()


def test_the_second_time_costs_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """With the stamp of this lock and this Python nothing is installed; with another one it is."""
    made: list[str] = []
    monkeypatch.setattr(bootstrap, "STAMP", tmp_path / "ready")
    monkeypatch.setattr(bootstrap, "make_environment", made.append)
    bootstrap.main()
    bootstrap.main()
    assert len(made) == 1
    assert capfd.readouterr().out == ""
    bootstrap.STAMP.write_text("another lock", encoding="utf-8")
    bootstrap.main()
    assert len(made) == 2


def test_the_lock_pins_the_installer_itself() -> None:
    """uv comes by its hash as everything else does."""
    lines = bootstrap.locked("uv").splitlines()
    assert lines[0].startswith("uv==")
    assert all(line.strip().startswith("--hash=sha256:") for line in lines[1:])
