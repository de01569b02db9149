"""The short form of the fault suite; `make chaos` is the long one."""

import os
import random
from pathlib import Path

import pytest

from connectors.local.servers import LocalServers
from tests.faults.clock import compiler
from tests.faults.plan import SHORT, plan
from tests.faults.run import run

pytestmark = [pytest.mark.servers, pytest.mark.faults, pytest.mark.timeout(3600)]

#: Repeats a run: the seed that a failure told.
_SEED = "DONGTIN_FAULTS_SEED"


def test_nothing_is_lost_and_nothing_is_there_twice(tmp_path: Path) -> None:
    """Whatever is killed, stopped, poisoned or set to another day: every article once, every alert
    once, every dead letter with its bytes, nothing stuck; and all of it without anybody's help."""
    seed = int(os.environ.get(_SEED) or random.SystemRandom().randrange(1_000_000))
    made = plan(seed, SHORT, clocks=compiler() is not None)
    with LocalServers(tmp_path / "servers") as servers:
        report = run(tmp_path, made, servers)
    assert report.rested, str(report)
    assert not report.complaints, str(report)
    assert report.figures.kills == made.kills - report.figures.lanes
