"""CPU work in processes of its own: a deadline for each job, and a crash hurts nobody else.

A lane is a pool of exactly one process, so a hang or a crash is charged to exactly one article.
A plain pool of many was tried: one killed child fails every job in it (FAUST.md, §2).
"""

import asyncio
import contextlib
import multiprocessing
import os
import resource
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.process import BaseProcess
from typing import ParamSpec, TypeVar

from streams.errors import Fatal, Invalid, Reason
from streams.health import PROCESS
from streams.metrics import LANE_RESTARTS, LANES

P = ParamSpec("P")
T = TypeVar("T")

#: Seconds for a lane's first job, which loads models: longer than any deadline of an article.
START_SECONDS = 60.0
#: Bytes of data that a lane may have; with its models it has 0.13 GB, idle. Beyond it Python
#: raises MemoryError, and native code ends: that article's fate, and not the machine's.
LANE_BYTES = 2 * 1024**3
#: Tries to start a lane before the stage gives up; its supervisor then starts the whole stage anew.
START_TRIES = 3
#: Times that an article's lane may be killed from outside (SIGKILL: the machine is out of memory, or
#: somebody's `kill -9`) without costing the article a try. Bounded: the memory may be its own.
KILLED_TIMES = 4
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 8.0  # seconds before the next start of a lane
#: What multiprocessing says where nobody knows how a process ended (CPython, popen_forkserver.py): its
#: fork server was killed, or two threads asked at once, and one of them found the answer taken.
_UNKNOWN = 255


def _follow_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
    os._exit(1)


def _prepare() -> None:
    """Runs first in every lane: Ctrl-C is the parent's business, and no lane outlives it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    most = LANE_BYTES if hard == resource.RLIM_INFINITY else min(LANE_BYTES, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (most, hard))
    # without this thread children live on after a kill -9 of the worker
    threading.Thread(target=_follow_parent, daemon=True).start()


class Lanes:
    """A fixed number of worker processes that take one job each.

    Args:
        count: processes.
        deadline: seconds for one job; a job that takes longer loses its process.
        attempts: tries for a job whose process hung or died.
        preload: modules that the fork server imports once, for all lanes together.
        turned: called after each try of a job, and of a lane's start: each is bounded in time.
    """

    def __init__(
        self,
        count: int,
        *,
        deadline: float,
        attempts: int,
        preload: tuple[str, ...] = (),
        turned: Callable[[], None] = lambda: None,
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
        self._turned = turned
        self._stopped = False
        self._failing = 0  # lanes that could not be started at the last try
        for cause in ("crash", "deadline", "start", "cancelled"):
            LANE_RESTARTS.labels(cause)  # at 0: see `streams.metrics.show_zeros`

    async def start(self, warm: Callable[[], object]) -> None:
        """Starts every lane and runs `warm` in it, so that no article pays for the loading."""
        self._warm = warm
        new = [self._new() for _ in range(self.count)]
        lanes = await asyncio.gather(*(self._heated(lane) for lane in new))
        for lane in lanes:
            self._free.put_nowait(lane)
        self._measure()

    async def run(self, job: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs `job(*args)` in a free lane.

        Raises:
            Invalid: `deadline` or `crash`, after all attempts.
            Fatal: no lane can be started, or all were stopped: never the job's fault.
            Exception: whatever the job itself raises.
        """
        if kwargs:
            raise TypeError("a lane's job takes positional arguments only")
        lane = await self._free.get()
        self._measure()
        failed, killed = 0, 0
        try:
            while True:
                lane = await self._heated(lane)
                process = _process(lane)
                try:
                    return await self._once(lane, job, args)
                except BrokenProcessPool:
                    cause, reason, told = "crash", Reason.CRASH, "its worker process died"
                except TimeoutError:
                    cause, reason = "deadline", Reason.DEADLINE
                    told = f"not done after {self.deadline:g} s"
                except asyncio.CancelledError:
                    lane = self._replace(lane, "cancelled")
                    raise
                lane = self._replace(lane, cause)
                if self._stopped:
                    raise Fatal("the worker processes were stopped")
                if cause == "crash" and killed < KILLED_TIMES and await _was_killed(process):
                    killed += 1
                    await asyncio.sleep(_pause(killed))
                    continue
                failed += 1
                if failed >= self.attempts:
                    raise Invalid(reason, f"{told}, attempt {failed}")
        finally:
            self._free.put_nowait(lane)
            self._measure()

    async def _once(
        self, lane: ProcessPoolExecutor, job: Callable[..., T], args: tuple[object, ...]
    ) -> T:
        """One try. Raises TimeoutError, BrokenProcessPool, and what the job raises."""
        try:  # a lane known to be broken refuses already the handing over
            future = asyncio.get_running_loop().run_in_executor(lane, job, *args)
            return await asyncio.wait_for(future, self.deadline)
        finally:
            self._turned()

    def stop(self) -> None:
        """Ends every lane at once; what was running is lost to the caller, never to Kafka."""
        self._stopped = True
        for lane in tuple(self._all):
            self._end(lane)

    async def _heated(self, lane: ProcessPoolExecutor) -> ProcessPoolExecutor:
        """A lane whose process runs and has loaded its models; another one if `lane` would not start.
        A job's deadline begins after that, and a start that fails is no fault of a job.

        Raises:
            Fatal: none could be started.
        """
        for tried in range(1, START_TRIES + 1):
            if lane not in self._cold:
                return lane
            try:
                future = asyncio.get_running_loop().run_in_executor(lane, self._warm)
                await asyncio.wait_for(future, START_SECONDS)
            # a fork server that has just been killed refuses the connection
            except (BrokenProcessPool, TimeoutError, ConnectionError) as error:
                why = "hangs" if isinstance(error, TimeoutError) else "dies"
                lane = self._replace(lane, "start")
                self._note_failing(+1)
                await asyncio.sleep(_pause(tried))
                self._note_failing(-1)
            else:
                self._cold.discard(lane)
            finally:
                self._turned()
        if lane in self._cold:
            raise Fatal(
                f"a worker process {why} at its start, {START_TRIES} times in a row: is there enough "
                "memory for each of [enrich] lanes?"
            )
        return lane

    def _note_failing(self, change: int) -> None:
        self._failing += change
        none = "no worker process can be started"
        PROCESS.note("lanes", none if self._failing >= self.count else "")

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


def _process(lane: ProcessPoolExecutor) -> BaseProcess | None:
    """The one process of a lane that has been started."""
    return next(iter((lane._processes or {}).values()), None)


async def _was_killed(process: BaseProcess | None) -> bool:
    """Whether a lane's process that is gone was ended by SIGKILL, which no fault in its code sends, as
    far as can be told: in doubt it was."""
    if process is None:
        return False
    await asyncio.to_thread(process.join, 5.0)
    return process.exitcode in (-signal.SIGKILL, _UNKNOWN)


def _pause(times: int) -> float:
    """Seconds before the next start: what filled the memory may be gone then."""
    return float(min(_FIRST_WAIT * 2.0 ** (times - 1), _LONGEST_WAIT))
