"""A plan follows from its seed, and does what the promise is tried with."""

from collections import Counter
from itertools import pairwise

import pytest

from tests.faults.outlets import stories
from tests.faults.plan import LONG, PROGRAMS, SHORT, STORMY, Plan, Size, plan
from tests.trouble_proxy import TROUBLES

SEEDS = range(50)


def _at(made: Plan, kind: str) -> list[int]:
    return [number for number, step in enumerate(made.steps) if step.fault.kind == kind]


@pytest.mark.parametrize("size", [SHORT, LONG], ids=["short", "long"])
def test_a_seed_makes_the_same_plan_again(size: Size) -> None:
    """A failed run can be repeated; another seed does something else."""
    assert plan(7, size) == plan(7, size)
    assert stories(7, 50) == stories(7, 50)
    assert len({plan(seed, size) for seed in SEEDS}) == len(SEEDS)


@pytest.mark.parametrize("size", [SHORT, LONG], ids=["short", "long"])
@pytest.mark.parametrize("seed", SEEDS)
def test_every_kind_of_fault_is_in_every_plan(size: Size, seed: int) -> None:
    """Each process is killed, each trouble made, each server taken away in both ways."""
    made = plan(seed, size)
    faults = [step.fault for step in made.steps]
    assert {fault.target for fault in faults if fault.kind == "kill"} == set(PROGRAMS)
    assert {fault.target for fault in faults if fault.kind == "trouble"} == set(TROUBLES)
    assert {fault.target for fault in faults if fault.kind == "join"} == set(STORMY)
    assert sorted(fault.how for fault in faults if fault.kind == "broker") == ["end", "kill"]
    assert sorted(fault.how for fault in faults if fault.kind == "search") == ["end", "kill"]
    assert sorted(fault.seconds > 0 for fault in faults if fault.kind == "clock") == [False, True]
    for kind in ("kill-lane", "end", "freeze", "blackout", "poison", "read-only"):
        assert _at(made, kind)
    assert sum(step.print for step in made.steps) == size.articles


@pytest.mark.parametrize("seed", SEEDS)
def test_the_long_form_kills_often(seed: int) -> None:
    """At least fifty times, and Elasticsearch stays away for a minute."""
    made = plan(seed, LONG)
    assert made.kills >= 50
    assert max(step.fault.seconds for step in made.steps if step.fault.kind == "search") == 60


@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_leaves_who_has_not_come(seed: int) -> None:
    """And all further workers have left at the end."""
    there = Counter[str]()
    for step in plan(seed, LONG).steps:
        there[step.fault.target] += {"join": 1, "leave": -1}.get(step.fault.kind, 0)
        assert min(there.values()) >= 0
    assert set(there.values()) == {0}


@pytest.mark.parametrize("seed", SEEDS)
def test_lanes_are_not_killed_one_right_after_the_other(seed: int) -> None:
    """An article whose lane dies in each of its attempts is rightly dead: that is another test's."""
    for before, after in pairwise(_at(plan(seed, LONG), "kill-lane")):
        assert after - before > 5


def test_where_clocks_can_not_be_set_the_plan_has_none() -> None:
    """Nothing else is missing from it."""
    with_clocks, without = plan(3, SHORT), plan(3, SHORT, clocks=False)
    assert len(with_clocks.steps) - len(without.steps) == 2
    assert not _at(without, "clock")
