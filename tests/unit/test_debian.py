"""Programs from Debian's archive, for the tests that need them."""

import subprocess

import pytest

from tests import debian


def test_a_program_is_unpacked_and_runs() -> None:
    """promtool comes out of the cache, or of the archive, and runs without being installed."""
    promtool = debian.program("prometheus", "usr/bin/promtool")
    done = subprocess.run([promtool, "--version"], capture_output=True, text=True, check=True)
    assert "promtool, version" in done.stdout + done.stderr


def test_a_file_that_is_not_there_is_told() -> None:
    """The error names the package and the path."""
    with pytest.raises(RuntimeError, match=r"prometheus has no usr/bin/nothing"):
        debian.program("prometheus", "usr/bin/nothing")


def test_without_apt_a_test_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason names the package and the tool."""
    monkeypatch.setenv("PATH", "")
    with pytest.raises(pytest.skip.Exception, match=r"prometheus is fetched with Debian's apt-get"):
        debian.unpacked("prometheus")
