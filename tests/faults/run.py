"""One run from its plan to its verdict."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from connectors.local.servers import LocalServers
from connectors.sample.trouble import trouble_server
from tests.faults.clock import Clocks, compiler
from tests.faults.collect import collect
from tests.faults.executor import Executor, Figures
from tests.faults.judge import Complaint, judge
from tests.faults.newspaper import Newspaper
from tests.faults.outlets import Published, config, stories
from tests.faults.pipeline import Pipeline
from tests.faults.plan import PROGRAMS, Plan
from tests.faults.poison import everything
from tests.faults.world import Expected, World

#: Stage -> what is changed in its code although nothing is broken: pages must be able to hurt it.
FRAGILE = {"enrich": "fragile"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What came of a run.

    Attributes:
        rested: whether the pipeline came to rest by itself.
        restarts: how often each program was started again.
        said: what the supervisors said.
    """

    plan: Plan
    expected: Expected
    world: World
    complaints: tuple[Complaint, ...]
    rested: bool
    figures: Figures
    restarts: Mapping[str, int]
    said: tuple[str, ...]

    def __str__(self) -> str:
        """All of it in lines, for who has to find out why."""
        done, figures = self.figures.done, self.figures
        lines = [f"seed {self.plan.seed}: make chaos ARGS='--seed {self.plan.seed}' does it again"]
        lines += [
            f"{figures.kills} kills, {figures.lanes} of lanes, {figures.ends} SIGTERM, {figures.freezes} "
            f"frozen, {figures.blackouts} blackouts, {figures.guests} "
            f"further workers, {figures.brokers} broker restarts, {figures.searches} Elasticsearch "
            f"restarts, {figures.troubles} troubles, {figures.clocks} clocks",
            f"{len(self.world.articles)} of {len(self.expected.articles)} articles, "
            f"{len(self.world.alerts)} of {len(self.expected.documents)} alerts, "
            f"{len(self.world.letters)} of {len(self.expected.letters)} letters; "
            f"ledger: {self.world.ledger.get('discovered')} discovered",
            f"restarts: {', '.join(f'{name} {count}' for name, count in self.restarts.items())}",
        ]
        if self.complaints or not self.rested:
            lines += [*done, *self.said]
        if not self.rested:
            lines.append("IT DID NOT COME TO REST: something is still under way and nothing moves")
        return "\n".join([*lines, *(f"WRONG: {complaint}" for complaint in self.complaints)])


def run(
    folder: Path,
    plan: Plan,
    servers: LocalServers,
    *,
    sabotage: Mapping[str, str] = FRAGILE,
    prefix: str = "dongtin",
    programs: Sequence[str] = PROGRAMS,
    bad_pages: bool = True,
    say: Callable[[str], None] = lambda _: None,
) -> Report:
    """Runs a plan on a fresh pipeline, and judges.

    Args:
        sabotage, prefix, programs: of the pipeline.
        bad_pages: whether pages that are no articles, and some that hurt, are published too.
    """
    cc = compiler()
    clocks = Clocks(folder / "clocks", cc) if cc else None
    paper = Newspaper(stories(plan.seed, plan.articles, hostile=bad_pages))
    with paper, trouble_server() as trouble:
        trouble = trouble if bad_pages else ""
        poison = everything() if any(s.fault.kind == "poison" for s in plan.steps) else ()
        published = Published(paper=paper, trouble=trouble, poison=poison)
        pipeline = Pipeline(
            folder,
            config(paper, trouble),
            servers,
            sabotage=sabotage,
            clocks=clocks,
            prefix=prefix,
            programs=programs,
        )
        with pipeline:
            executor = Executor(pipeline, published, say)
            executor.run(plan)
            say("everything is printed; waiting until nothing is under way")
            rested = executor.rest()
            expected, world = published.expected(), collect(pipeline)
            return Report(
                plan=plan,
                expected=expected,
                world=world,
                complaints=judge(expected, world),
                rested=rested,
                figures=executor.figures,
                restarts=pipeline.restarts(),
                said=tuple(pipeline.log),
            )
