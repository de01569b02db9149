"""Lanes: a deadline for each job, a crash that hurts nobody else."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from streams.errors import ConfigError, Fatal, Invalid, Reason
from streams.lanes import LANE_BYTES, Lanes


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
    with pytest.raises(Fatal, match="stopped"):  # no fault of the article: no dead letter
        await asyncio.wait_for(job, 30)
    two.stop()
    for process in {one, other}:
        while True:  # a killed process is gone once the fork server has reaped it
            try:
                os.kill(process, 0)
            except ProcessLookupError:
                break
            await asyncio.sleep(0.01)


def killed_first(marks: str) -> int:
    """A job whose process is killed from outside at its first three tries, as when memory is short."""
    tries = len(list(Path(marks).iterdir()))
    Path(marks, str(tries)).touch()
    if tries < 3:
        os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(600)
    return tries


def orphaned_first(marks: str) -> int:
    """A job whose fork server is killed at its first three tries: nobody is left to tell how the job's
    own process ended."""
    tries = len(list(Path(marks).iterdir()))
    Path(marks, str(tries)).touch()
    if tries < 3:
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(600)
    return tries


def hang_then_killed(marks: str) -> int:
    """A job that hangs, is killed from outside while it hangs, and hangs again."""
    tries = len(list(Path(marks).iterdir()))
    Path(marks, str(tries)).touch()
    if tries == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(600)
    return 0


def killed_always(_number: int) -> int:
    """A job that fills the memory each time."""
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(600)
    return 0


def stopped(_number: int) -> int:
    """A job in native code that neither returns nor hears a signal."""
    os.kill(os.getpid(), signal.SIGSTOP)
    return 0


def starts_third(marks: str) -> None:
    """A start that hangs once, dies once, and works from then on."""
    tries = len(list(Path(marks).iterdir()))
    Path(marks, str(tries)).touch()
    if tries == 0:
        time.sleep(600)
    if tries == 1:
        os._exit(9)


def never_starts() -> None:
    """A start that dies each time."""
    os._exit(9)


def fill_the_memory(_number: int) -> int:
    """A job that takes more than a lane may have, in pieces that it touches."""
    return sum(map(len, [bytearray(64 * 1024**2) for _ in range(LANE_BYTES // (64 * 1024**2) + 1)]))


async def test_a_job_that_fills_the_memory_is_refused_it() -> None:
    """It has MemoryError, the machine has its memory, and the lane works on."""
    patient = Lanes(1, deadline=120.0, attempts=1)  # a busy machine takes long to give 2 GiB
    await patient.start(loaded)
    try:
        with pytest.raises(MemoryError):
            await patient.run(fill_the_memory, 0)
        assert await patient.run(double, 4) == 8
    finally:
        patient.stop()


async def test_who_is_killed_for_want_of_memory_is_not_buried(lanes: Lanes, tmp_path: Path) -> None:
    """SIGKILL comes from outside: it costs no try, but not for ever, for the memory may be its own."""
    assert await lanes.run(killed_first, str(tmp_path)) == 3
    with pytest.raises(Invalid) as caught:
        await lanes.run(killed_always, 0)
    assert caught.value.reason is Reason.CRASH
    assert await lanes.run(double, 4) == 8


async def test_who_nobody_knows_how_it_ended_is_not_buried(lanes: Lanes, tmp_path: Path) -> None:
    """Without its fork server a lane's end has no exit status: it may have been SIGKILL, so it counts as
    that. In a long run of the fault suite an article that hung was buried as one that crashes."""
    assert await lanes.run(orphaned_first, str(tmp_path)) == 3
    assert await lanes.run(double, 4) == 8


async def test_who_hangs_is_told_as_that_whoever_kills_its_lane_meanwhile(tmp_path: Path) -> None:
    """The kill in its second try costs it none: it has a third one, and hangs in that too."""
    patient = Lanes(1, deadline=8.0, attempts=2)  # a kill that is noticed late counts as a hang
    await patient.start(loaded)
    try:
        with pytest.raises(Invalid) as caught:
            await patient.run(hang_then_killed, str(tmp_path))
    finally:
        patient.stop()
    assert caught.value.reason is Reason.DEADLINE
    assert _names(tmp_path) == {"0", "1", "2"}


async def test_a_lane_that_hears_no_signal_is_replaced(lanes: Lanes) -> None:
    """A stopped process counts as one that hangs; its neighbours go on meanwhile, and both lanes work
    afterwards."""
    bad = asyncio.ensure_future(lanes.run(stopped, 0))
    good = await asyncio.gather(*(lanes.run(double, n) for n in range(10)))
    assert good == [2 * n for n in range(10)]
    with pytest.raises(Invalid) as caught:
        await bad
    assert caught.value.reason is Reason.DEADLINE
    assert len({await lanes.run(process_id, 0) for _ in range(10)}) == 2


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


async def test_a_lane_that_starts_badly_costs_no_article(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A start that hangs or dies is tried again, and the job that waits has all its tries still."""
    one = Lanes(1, deadline=60.0, attempts=1)
    began = time.monotonic()
    await one.start(loaded)
    took = time.monotonic() - began
    monkeypatch.setattr("streams.lanes.START_SECONDS", 2.0 + 5 * took)  # a busy machine is slow
    (victim,) = {await one.run(process_id, 0)}
    one._warm = partial(starts_third, str(tmp_path))
    os.kill(victim, signal.SIGKILL)
    try:
        assert await one.run(double, 4) == 8
        assert {"0", "1", "2"} <= _names(tmp_path)
    finally:
        one.stop()


async def test_lanes_that_never_start_end_the_stage_and_bury_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """At first and later: Fatal, with what to look at; never an article's fault."""
    monkeypatch.setattr("streams.lanes._FIRST_WAIT", 0.01)
    one = Lanes(1, deadline=60.0, attempts=1)
    with pytest.raises(Fatal, match="dies at its start, 3 times in a row"):
        await one.start(never_starts)
    one.stop()
    one = Lanes(1, deadline=60.0, attempts=1)
    await one.start(loaded)
    victim = await one.run(process_id, 0)
    one._warm = never_starts
    os.kill(victim, signal.SIGKILL)
    with pytest.raises(Fatal, match="enough memory"):
        await one.run(double, 4)
    one.stop()
