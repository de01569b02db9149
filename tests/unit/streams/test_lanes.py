"""Lanes: a deadline for each job, a crash that hurts nobody else."""

import asyncio
import os
import time
from collections.abc import AsyncIterator

import pytest

from streams.errors import ConfigError, Invalid, Reason
from streams.lanes import Lanes


def loaded() -> None:
    """Imports this module in a new process: what a deadline must not count."""


def double(number: int) -> int:
    """A job that works."""
    return 2 * number


def die(_number: int) -> int:
    """A job whose process is gone in the middle, as with a crash in native code."""
    os._exit(3)


def hang(_number: int) -> int:
    """A job that does not end by itself within any test."""
    time.sleep(600)
    return 0


def refuse(_number: int) -> int:
    """A job that says itself what is wrong."""
    raise Invalid(Reason.EMPTY_TEXT, "nothing")


def misconfigured(_number: int) -> int:
    """A job that finds a data file wrong."""
    raise ConfigError("own.tsv", "key: it is empty", line=3)


def process_id(_number: int) -> int:
    """Where a job runs."""
    return os.getpid()


@pytest.fixture
async def lanes() -> AsyncIterator[Lanes]:
    """Two lanes with a short deadline."""
    two = Lanes(2, deadline=2.0, attempts=2)
    await two.start(loaded)
    yield two
    two.stop()


async def test_bad_jobs_hurt_only_themselves(lanes: Lanes) -> None:
    """Of jobs that die, hang or raise, each has its own reason; all others have their results."""
    jobs = [lanes.run(double, n) for n in range(20)]
    bad = [lanes.run(die, 0), lanes.run(hang, 0), lanes.run(refuse, 0)]
    results = await asyncio.gather(*jobs[:10], *bad, *jobs[10:], return_exceptions=True)
    failures = [r.reason for r in results if isinstance(r, Invalid)]
    assert failures == [Reason.CRASH, Reason.DEADLINE, Reason.EMPTY_TEXT]
    assert [r for r in results if isinstance(r, int)] == [2 * n for n in range(20)]


async def test_a_wrong_data_file_is_told_by_the_lane(lanes: Lanes) -> None:
    """Errors keep their parts on the way out of a lane."""
    with pytest.raises(ConfigError, match=r"own.tsv:3: key: it is empty") as caught:
        await lanes.run(misconfigured, 0)
    assert caught.value.line == 3


async def test_a_killed_worker_is_tried_again(lanes: Lanes) -> None:
    """A process killed from outside costs a try and not the article."""
    victims = {await lanes.run(process_id, 0) for _ in range(10)}
    assert len(victims) == 2
    for victim in victims:
        os.kill(victim, 9)
    assert await lanes.run(double, 4) == 8
    assert victims.isdisjoint({await lanes.run(process_id, 0) for _ in range(10)})


async def test_stopping_leaves_no_process() -> None:
    """After stop no lane runs, not even one in the middle of a job."""
    two = Lanes(2, deadline=60.0, attempts=1)
    await two.start(loaded)
    one, other = await two.run(process_id, 0), await two.run(process_id, 0)
    job = asyncio.ensure_future(two.run(hang, 0))
    await asyncio.sleep(0.1)
    two.stop()
    with pytest.raises(Invalid):
        await asyncio.wait_for(job, 30)
    two.stop()
    for process in {one, other}:
        while True:  # a killed process is gone once the fork server has reaped it
            try:
                os.kill(process, 0)
            except ProcessLookupError:
                break
            await asyncio.sleep(0.01)
