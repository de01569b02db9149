"""Workers of one stage beside each other: each is ready, also one that others leave nothing to do."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.kafka import admin
from connectors.stack.vitals import of_process
from streams.settings import Kafka, Settings
from tests.pipeline.running import DONGTIN, until

pytestmark = [pytest.mark.servers, pytest.mark.timeout(900)]

#: One more than there are partitions.
_WORKERS = Kafka().partitions + 1
#: Looks a second apart that must find all ready: a worker looks at its topic every two seconds.
_LOOKS = 10


@pytest.fixture
def workers(kafka_address: str, tmp_path: Path) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """Workers of enrich, each with a data folder of its own."""
    admin.ensure(Settings(kafka=Kafka(bootstrap=kafka_address)))
    environment = os.environ | {"DONGTIN_ENRICH_LANES": "1", "DONGTIN_ENRICH_WORDS": "false"}
    options = ("--kafka", kafka_address, "--metrics-port", "0")
    started = {
        f"{number}": subprocess.Popen(
            [*DONGTIN, "enrich", "--data-dir", str(tmp_path / f"{number}"), *options],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for number in range(_WORKERS)
    }
    yield started
    for process in started.values():
        process.terminate()
    assert {process.wait(60) for process in started.values()} == {0}


def test_every_worker_is_ready(workers: dict[str, subprocess.Popen[bytes]], tmp_path: Path) -> None:
    """Not the group's leader alone, and not only until each has first looked at what it reads."""
    in_a_row = 0

    def ready() -> bool:
        nonlocal in_a_row
        vitals = [
            of_process(tmp_path / name, "enrich", process.pid) for name, process in workers.items()
        ]
        in_a_row = in_a_row + 1 if all(found and found.ready for found in vitals) else 0
        return in_a_row == _LOOKS

    until(ready, "all workers to be ready", pause=1.0)
