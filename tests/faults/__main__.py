"""`make chaos`: the long form of the fault suite. Exit status 0: the promise was kept."""

import random
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from connectors.local.servers import LocalServers
from streams.terminal import Console
from tests.faults.clock import compiler
from tests.faults.plan import LONG, SHORT, plan
from tests.faults.run import run


def main(
    seed: Annotated[
        int | None, typer.Option(help="Repeats a run.", show_default="a random one, which is told")
    ] = None,
    short: Annotated[bool, typer.Option("--short", help="The form that `make test` runs.")] = False,
    keep: Annotated[
        Path | None, typer.Option(help="A folder for data and logs, which stays.")
    ] = None,
) -> None:
    """Kill, starve and poison the whole pipeline, on real servers, and see that nothing is lost."""
    console = Console(soft_wrap=True)
    number = seed if seed is not None else random.SystemRandom().randrange(1_000_000)
    made = plan(number, SHORT if short else LONG, clocks=compiler() is not None)
    console.print(f"seed {number}, {len(made.steps)} faults, {made.kills} kills")
    if compiler() is None:
        console.print("no C compiler: clocks are not set", style="yellow")
    with tempfile.TemporaryDirectory(prefix="faults-") as temporary:
        folder = keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        with LocalServers(folder / "servers") as servers:
            report = run(folder, made, servers, say=console.print)
    console.print(str(report))
    sys.exit(1 if report.complaints or not report.rested else 0)


if __name__ == "__main__":
    typer.run(main)
