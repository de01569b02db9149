"""CPU work in processes of its own: a deadline for each job, and a crash hurts nobody else.

A lane is a pool of exactly one process, so a hang or a crash is charged to exactly one article.
A plain pool of many was tried: one killed child fails every job in it (FAUST.md, §2).
"""

import asyncio
import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import ParamSpec, TypeVar

from streams.errors import Invalid, Reason
from streams.metrics import LANE_RESTARTS, LANES

P = ParamSpec("P")
T = TypeVar("T")

#: Seconds for a lane's first job, which loads models: longer than any deadline of an article.
START_SECONDS = 60.0


def _follow_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
    os._exit(1)


def _prepare() -> None:
    """Runs first in every lane: Ctrl-C is the parent's business, and no lane outlives it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # without this thread children live on after a kill -9 of the worker
    threading.Thread(target=_follow_parent, daemon=True).start()


class Lanes:
    """A fixed number of worker processes that take one job each.

    Args:
        count: processes.
        deadline: seconds for one job; a job that takes longer loses its process.
        attempts: tries for a job whose process hung or died.
        preload: modules that the fork server imports once, for all lanes together.
    """

    def __init__(
        self, count: int, *, deadline: float, attempts: int, preload: tuple[str, ...] = ()
    ) -> None:
        # forkserver and not fork: Faust has threads, and a fork copies their locks as they are
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(list(preload))
        self.count = count
        self.deadline = deadline
        self.attempts = attempts
        self._free: asyncio.Queue[ProcessPoolExecutor] = asyncio.Queue()
        self._all: set[ProcessPoolExecutor] = set()
        self._cold: set[ProcessPoolExecutor] = set()
        self._warm: Callable[[], object] = os.getpid

    async def start(self, warm: Callable[[], object]) -> None:
        """Starts every lane and runs `warm` in it, so that no article pays for the loading."""
        self._warm = warm
        lanes = [self._new() for _ in range(self.count)]
        await asyncio.gather(*(self._heat(lane) for lane in lanes))
        for lane in lanes:
            self._free.put_nowait(lane)
        self._measure()

    async def run(self, job: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs `job(*args)` in a free lane.

        Raises:
            Invalid: `deadline` or `crash`, after all attempts.
            Exception: whatever the job itself raises.
        """
        if kwargs:
            raise TypeError("a lane's job takes positional arguments only")
        lane = await self._free.get()
        self._measure()
        failure = Invalid(Reason.CRASH, "never tried")
        try:
            for attempt in range(1, self.attempts + 1):
                try:  # a lane known to be broken refuses already the handing over
                    await self._heat(lane)
                    future = asyncio.get_running_loop().run_in_executor(lane, job, *args)
                    return await asyncio.wait_for(future, self.deadline)
                except BrokenProcessPool:
                    lane = self._replace(lane, "crash")
                    failure = Invalid(Reason.CRASH, f"its worker process died, attempt {attempt}")
                except TimeoutError:
                    lane = self._replace(lane, "deadline")
                    failure = Invalid(
                        Reason.DEADLINE, f"not done after {self.deadline:g} s, attempt {attempt}"
                    )
                except asyncio.CancelledError:
                    lane = self._replace(lane, "cancelled")
                    raise
            raise failure
        finally:
            self._free.put_nowait(lane)
            self._measure()

    def stop(self) -> None:
        """Ends every lane at once; what was running is lost to the caller, never to Kafka."""
        for lane in tuple(self._all):
            self._end(lane)

    async def _heat(self, lane: ProcessPoolExecutor) -> None:
        """Starts a new lane's process: its first job's deadline begins when it is ready."""
        if lane in self._cold:
            future = asyncio.get_running_loop().run_in_executor(lane, self._warm)
            await asyncio.wait_for(future, START_SECONDS)
            self._cold.discard(lane)

    def _new(self) -> ProcessPoolExecutor:
        lane = ProcessPoolExecutor(1, mp_context=self._context, initializer=_prepare)
        self._all.add(lane)
        self._cold.add(lane)
        return lane

    def _replace(self, lane: ProcessPoolExecutor, cause: str) -> ProcessPoolExecutor:
        LANE_RESTARTS.labels(cause).inc()
        self._end(lane)
        return self._new()

    def _end(self, lane: ProcessPoolExecutor) -> None:
        self._all.discard(lane)
        self._cold.discard(lane)
        # the standard pool has no public way to end a process that hangs
        for process in list((lane._processes or {}).values()):
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        lane.shutdown(wait=False, cancel_futures=True)

    def _measure(self) -> None:
        idle = self._free.qsize()
        LANES.labels("idle").set(idle)
        LANES.labels("busy").set(self.count - idle)
