"""`dongtin setup`: topics, rights, templates, indices and aliases as they are declared.

It makes and changes, and never deletes: what would lose something is refused, with what to do.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from connectors.elasticsearch import admin as search
from connectors.elasticsearch.client import connect
from connectors.kafka import acls as rights
from connectors.kafka import admin as broker
from streams.settings import Settings

#: One change may be what makes another one necessary or possible.
_ROUNDS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that was not as declared, and what became of it."""

    what: str
    state: Literal["made", "to be made", "refused", "to do"]
    mend: str = ""  # for a person, where it was not made


def setup(settings: Settings, *, acls: Path | None, dry_run: bool) -> Iterator[Step]:
    """Does what is to be done, telling each step when it is done; nothing where all is as declared.

    Args:
        acls: a table of what each of Kafka's users may do.
        dry_run: only tell.

    Raises:
        ConfigError: the table is wrong, or the server refuses a change for good.
        Denied: the user may not.
        Retry: a server can't be asked now.
    """
    yield from _topics(settings, dry_run)
    if acls:
        yield from _rights(settings, acls, dry_run)
    yield from _indices(settings, dry_run)


def _topics(settings: Settings, dry_run: bool) -> Iterator[Step]:
    for difference in broker.differences(settings):
        if difference.fix and not dry_run:
            difference.fix()
        yield _step(difference, dry_run)


def _rights(settings: Settings, acls: Path, dry_run: bool) -> Iterator[Step]:
    changed = rights.ensure(settings.kafka, acls, dry_run=dry_run)
    if changed:
        yield Step(what=f"{changed} rights differ", state="to be made" if dry_run else "made")


def _indices(settings: Settings, dry_run: bool) -> Iterator[Step]:
    with connect(settings.elasticsearch) as client:
        for round_ in range(_ROUNDS):
            found = search.differences(client, settings)
            for difference in found:
                if round_ == 0 or difference.fix:  # a refusal is told once
                    if not dry_run:
                        search.mend(client, difference)
                    yield _step(difference, dry_run)
            if dry_run or not any(difference.fix for difference in found):
                break
        for index, count in search.older(client, settings.elasticsearch.prefix).items():
            yield Step(
                what=f"index {index}: {count} documents of an earlier version, still searchable",
                state="to do",
                mend="dongtin replay --since all moves them beside live traffic, then dongtin prune",
            )


def _step(difference: search.Difference | broker.Difference, dry_run: bool) -> Step:
    if difference.fix is None:
        return Step(what=difference.what, state="refused", mend=difference.mend)
    return Step(what=difference.what, state="to be made" if dry_run else "made")
