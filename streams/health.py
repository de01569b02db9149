"""Whether this process lives and can do its work: heart-beats and named checks. Pure.

Live: every loop that must turn has beaten within its limit. A process that is not live is ended and
started again. Ready: nothing that it needs is missing. A process that is not ready waits, says why,
and is left alone: a restart would not bring a server back.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

#: The heart-beat of whatever runs the process: every process has it.
MAIN = "main loop"
#: The check that is noted until a stage can take its first message.
START = "start"
#: Seconds from a process's start until its main loop has to turn: models are loaded, servers asked.
START_SECONDS = 180.0
#: Seconds that a broker may be away before its client is thought to be what hangs. A process that is
#: started again then waits for the broker for ever.
AWAY_SECONDS = 600.0
#: Seconds for one turn of a main loop that never waits longer than its servers' time limits.
LOOP_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """An answer, with what is wrong in words; no reasons when all is well."""

    reasons: tuple[str, ...] = ()

    @property
    def fine(self) -> bool:
        """Whether nothing is wrong."""
        return not self.reasons


@dataclass(slots=True, kw_only=True)
class Heart:
    """One loop that has to turn."""

    name: str
    limit: float  # seconds
    clock: Callable[[], float]
    at: float  # the last beat, by the clock

    def beat(self) -> None:
        """The loop has turned."""
        self.at = self.clock()


class Health:
    """What a process says of itself. Any thread may call any method.

    Args:
        name: of the process, as in `dongtin status`.
        clock: seconds that only go forward: a wall clock may jump.
    """

    def __init__(self, name: str = "", clock: Callable[[], float] = time.monotonic) -> None:
        self.name = name
        self._clock = clock
        self._hearts: dict[str, Heart] = {}
        self._problems: dict[str, str] = {}

    def expect(self, name: str, limit: float) -> Heart:
        """From now on the loop `name` has to beat at least every `limit` seconds; the same name again
        takes the place of the earlier one."""
        heart = Heart(name=name, limit=limit, clock=self._clock, at=self._clock())
        self._hearts[name] = heart
        return heart

    def rest(self, name: str) -> None:
        """The loop `name` has ended as it should: nothing is expected of it any more."""
        self._hearts.pop(name, None)

    def note(self, check: str, problem: str = "") -> None:
        """What is wrong with something that the work needs, such as `kafka`; nothing: it is fine.

        Args:
            problem: in words, without secrets: anybody who reaches the port may read it.
        """
        self._problems[check] = problem

    def live(self) -> Verdict:
        """Whether every loop still turns."""
        now = self._clock()
        late = ((heart, now - heart.at) for heart in tuple(self._hearts.values()))
        return Verdict(
            reasons=tuple(
                f"{heart.name}: has not turned for {since:.0f} s, {heart.limit:.0f} s are its limit"
                for heart, since in late
                if since > heart.limit
            )
        )

    def ready(self) -> Verdict:
        """Whether the work can be done now; a process that is not live is not ready either."""
        problems = (f"{check}: {text}" for check, text in tuple(self._problems.items()) if text)
        return Verdict(reasons=(*self.live().reasons, *problems))


#: This process's own.
PROCESS = Health()


class Flow:
    """Tells a stream that stands still from one that has nothing to do.

    Faust's streams can stop without an error (FAUST.md, §2): the process lives, is assigned
    partitions, and takes nothing while the lag grows.

    Args:
        heart: beats whenever the flow is as it should be.
    """

    def __init__(self, heart: Heart) -> None:
        self._heart = heart
        self._finished = -1
        self._away_since: float | None = None

    def see(self, *, finished: int, lag: int) -> None:
        """Looks at what is committed and what is left, both in messages of all our partitions."""
        self._away_since = None
        if lag == 0 or finished != self._finished:
            self._heart.beat()
        self._finished = finished

    def excuse(self) -> None:
        """The broker is away, so nothing can flow; believed for `AWAY_SECONDS`."""
        now = self._heart.clock()
        if self._away_since is None:
            self._away_since = now
        if now - self._away_since <= AWAY_SECONDS:
            self._heart.beat()
