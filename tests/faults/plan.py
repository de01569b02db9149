"""What is done to the pipeline, in which order: pure data that follows from a seed."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from tests.faults.clock import DAY
from tests.trouble_proxy import TROUBLES

#: Every process that is run: the first worker of a stage shares the data folder with crawl and notify.
PROGRAMS = (
    "crawl", "enrich-1", "enrich-2", "watch-1", "watch-2", "index-1", "index-2", "notify",
)  # fmt: skip
_WORKERS = PROGRAMS[1:]
#: Seconds for which a worker is frozen: longer than its group waits for it (10 s).
FROZEN = 14.0
#: Stages whose workers come and go.
STORMY = ("enrich", "watch", "index")

How = Literal["", "end", "kill"]
_HOWS: tuple[How, How] = ("end", "kill")  # by SIGTERM, by -9
Kind = Literal[
    "kill",  # -9 of a process
    "kill-lane",  # -9 of a worker process of an enrich worker
    "end",  # SIGTERM of a process
    "freeze",  # a process stands still for some seconds, and then goes on as if nothing had been
    "blackout",  # -9 of every process and of both servers, which then come back
    "broker",  # SIGTERM or -9 of Kafka, which then comes back
    "search",  # the same of Elasticsearch, which stays away for some seconds
    "trouble",  # what the proxy before Elasticsearch makes, for some seconds
    "read-only",  # all indices, for some seconds
    "join",  # a further worker of a stage
    "leave",  # one such worker goes, by SIGTERM or -9
    "poison",  # bad messages on every topic
    "clock",  # a process's wall clock is set
    "finished",  # waits until everything printed has gone through, a group's part too
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is done."""

    kind: Kind
    target: str = ""  # a program, a stage, or the proxy's trouble
    how: How = ""
    seconds: float = 0.0  # how long it lasts; how far a clock is set off

    def __str__(self) -> str:
        parts = (self.kind, self.target, self.how, f"{self.seconds:g} s" if self.seconds else "")
        return " ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Some articles are printed, something is done, a while passes."""

    print: int
    fault: Fault
    pause: float  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A whole run."""

    seed: int
    articles: int
    steps: tuple[Step, ...]

    @property
    def kills(self) -> int:
        """How many processes of ours are killed with -9, the blackout's not counted."""
        return sum(_is_kill(step.fault) for step in self.steps)


def _is_kill(fault: Fault) -> bool:
    return fault.kind in ("kill", "kill-lane") or (fault.kind, fault.how) == ("leave", "kill")


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is done."""

    articles: int
    kills: int  # of the programs, each at least once
    lanes: int  # kills of lanes
    ends: int
    freezes: int  # each long enough for the group to have gone on without the worker
    storms: int  # how often each stormy stage's workers come and go
    away: float  # seconds for which Elasticsearch stays away
    trouble: float  # seconds for each of the proxy's troubles
    pause: float  # the longest pause after a fault, in seconds


SHORT = Size(
    articles=160, kills=8, lanes=1, ends=1, freezes=1, storms=1, away=8.0, trouble=2.5, pause=1.5
)
LONG = Size(
    articles=600, kills=48, lanes=6, ends=6, freezes=5, storms=4, away=60.0, trouble=8.0, pause=3.0
)


def plan(seed: int, size: Size, *, clocks: bool = True) -> Plan:
    """The plan that follows from a seed.

    Args:
        clocks: whether wall clocks can be set on this machine.
    """
    chance = random.Random(seed)
    faults = [*_kills(chance, size), *_servers(size), *_clocks(chance, clocks)]
    faults += [Fault(kind="trouble", target=name, seconds=size.trouble) for name in TROUBLES]
    faults.append(Fault(kind="read-only", seconds=size.trouble))
    faults.append(Fault(kind="poison"))
    chance.shuffle(faults)
    faults = _storms(chance, faults, size)
    faults = _spread(faults, [_lane(chance) for _ in range(size.lanes)])
    share, rest = divmod(size.articles, len(faults))
    steps = tuple(
        Step(
            print=share + (number < rest),
            fault=fault,
            pause=round(chance.uniform(0.0, size.pause), 2),
        )
        for number, fault in enumerate(faults)
    )
    return Plan(seed=seed, articles=size.articles, steps=steps)


def _kills(chance: random.Random, size: Size) -> Iterator[Fault]:
    targets = [*PROGRAMS, *chance.choices(PROGRAMS, k=max(0, size.kills - len(PROGRAMS)))]
    yield from (Fault(kind="kill", target=name) for name in targets)
    yield from (Fault(kind="end", target=name) for name in chance.choices(PROGRAMS, k=size.ends))
    frozen = chance.sample(_WORKERS, size.freezes)
    yield from (Fault(kind="freeze", target=name, seconds=FROZEN) for name in frozen)


def _lane(chance: random.Random) -> Fault:
    return Fault(kind="kill-lane", target=chance.choice(("enrich-1", "enrich-2")))


def _servers(size: Size) -> Iterator[Fault]:
    yield Fault(kind="broker", how="end")
    yield Fault(kind="broker", how="kill")
    yield Fault(kind="search", how="end", seconds=size.away)
    yield Fault(kind="search", how="kill", seconds=1.0)
    yield Fault(kind="blackout")


def _clocks(chance: random.Random, possible: bool) -> Iterator[Fault]:
    """One stage goes forward a day and one back a day, whatever is restarted meanwhile."""
    if possible:
        ahead, behind = chance.sample(PROGRAMS, 2)
        yield Fault(kind="clock", target=ahead, seconds=DAY)
        yield Fault(kind="clock", target=behind, seconds=-DAY)


def _storms(chance: random.Random, faults: Sequence[Fault], size: Size) -> list[Fault]:
    """Workers that come and go, quickly one after the other, at one place of the plan."""
    storm = list[Fault]()
    for _ in range(size.storms):
        for stage in chance.sample(STORMY, len(STORMY)):
            storm.append(Fault(kind="join", target=stage))
            storm.append(Fault(kind="leave", target=stage, how=chance.choice(_HOWS)))
    # a worker leaves while the next ones come
    for at in range(1, len(storm) - 1, 2):
        storm[at], storm[at + 1] = storm[at + 1], storm[at]
    place = chance.randrange(len(faults))
    return [*faults[:place], *storm, *faults[place:]]


def _spread(faults: Sequence[Fault], others: Sequence[Fault]) -> list[Fault]:
    """Puts `others` between `faults` at equal distances: an article that loses its lane in each of
    its attempts is rightly dead."""
    rest, found = iter(faults), list[Fault]()
    every = len(faults) // (len(others) + 1)
    for other in others:
        found += [*islice(rest, every), other]
    return [*found, *rest]
