"""A stage as a process of its own."""

import subprocess
import sys
from pathlib import Path

_HANGS = """
import sys
import typer
from dataclasses import replace
from connectors.cli import stages
from streams.health import PROCESS
from streams.settings import Settings
from pathlib import Path

def runner(settings, stop):
    PROCESS.expect("loop", 0.1)  # and it never turns
    stop.wait()
    return 0

stages._LOOK_SECONDS = 0.2
settings = Settings(data_dir=Path("data"))
settings = replace(settings, metrics=replace(settings.metrics, end_when_not_live=True))
try:
    stages.run_stage("crawl", settings, runner, 0, None, broker=False)
except typer.Exit as ended:
    sys.exit(ended.exit_code)
"""


def test_a_stage_that_is_started_again_by_others_ends_when_it_is_not_live(tmp_path: Path) -> None:
    """With a status that a restart rule takes for a failure, and says why."""
    command = [sys.executable, "-c", _HANGS]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 1
    assert "not live (loop: has not turned for " in ended.stderr
