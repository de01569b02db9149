"""What people read is true: commands, settings, metrics and reasons that the README names exist, and none is missing."""

import dataclasses
import re
from pathlib import Path

import pytest
from prometheus_client import REGISTRY
from typer.main import get_command

from connectors.cli.main import app
from streams import metrics
from streams.settings import TABLES, Outlet

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_command_is_in_the_readme_and_has_help() -> None:
    """A command that nobody can find, or that does not say what it does, is not done."""
    command = get_command(app)
    for name, sub in command.commands.items():  # type: ignore[attr-defined]  # typer's own Group
        assert re.search(rf"`(dongtin )?{name}`", README), name
        assert sub.help, name


def test_every_metric_is_in_the_readme() -> None:
    """The table of metrics is complete and names nothing else."""
    declared = {family.name for family in REGISTRY.collect() if family.name.startswith("dongtin_")}
    assert metrics.ARTICLES._name in declared
    named = {name.removesuffix("_total") for name in re.findall(r"`(dongtin_\w+)", README)}
    assert named == declared


@pytest.mark.parametrize(("table", "kind"), [*TABLES.items(), ("outlets.<key>", Outlet)])
def test_every_setting_is_in_the_readme(table: str, kind: type) -> None:
    """Each table's row names exactly its keys."""
    (row,) = re.findall(rf"^\| `\[{re.escape(table)}\]` \| (.*) \|$", README, re.MULTILINE)
    assert re.findall(r"`(\w+)`", row) == [field.name for field in dataclasses.fields(kind)]


def test_every_folder_in_the_readme_exists() -> None:
    """A map that leads nowhere is worse than none."""
    for name in re.findall(r"`((?:streams|connectors|tests|deploy)/[\w/.]*)", README):
        assert (ROOT / name).exists() or (ROOT / f"{name}.py").exists(), name
