"""What people read is true: commands, settings, metrics and reasons that they name exist, and none is missing."""

import re
from pathlib import Path

import pytest
import yaml
from prometheus_client import REGISTRY
from typer.main import get_command

from connectors.cli.main import app
from deploy.credentials import GIVEN
from streams import metrics
from streams.settings import TABLES

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = (ROOT / "README.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").glob("*.md")))
SERVICES = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
#: Every command in a container that a page or a file for compose shows.
DOCKER = sorted(
    {
        " ".join(line.split())
        for page in (
            *PAGES,
            ROOT / "docker-compose.yml",
            ROOT / "deploy/prometheus/alertmanager.yml",
        )
        for line in re.findall(
            r"docker compose (?:run|exec|restart)[^`<\n#]*",
            page.read_text(encoding="utf-8").replace("\n# ", " "),
        )
    }
)


def test_every_command_is_in_the_readme_and_has_help() -> None:
    """A command that nobody can find, or that does not say what it does, is not done."""
    command = get_command(app)
    for name, sub in command.commands.items():  # type: ignore[attr-defined]  # typer's own Group
        assert re.search(rf"`(dongtin )?{name}`", README), name
        assert sub.help, name


def test_every_metric_is_documented() -> None:
    """The page of metrics names all that are registered in a process, and nothing else."""
    declared = {family.name for family in REGISTRY.collect() if family.name.startswith("dongtin_")}
    assert metrics.ARTICLES._name in declared
    page = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    named = {name.removesuffix("_total") for name in re.findall(r"`(dongtin_\w+)", page)}
    assert named == declared


def test_every_setting_that_is_named_exists() -> None:
    """`[table] key`, wherever a page speaks of one; all of them stand in docs/configuration.md, to which
    the README leads."""
    assert "(docs/configuration.md)" in README
    named = {
        (page.name, table, key)
        for page in PAGES
        for table, key in re.findall(r"\[(\w+)\] (\w+)", page.read_text(encoding="utf-8"))
        if table in TABLES
    }
    assert len(named) > 10
    fields = {table: set(kind.__dataclass_fields__) for table, kind in TABLES.items()}
    assert {one for one in named if one[2] not in fields[one[1]]} == set()


@pytest.mark.parametrize("line", DOCKER)
def test_every_service_in_a_command_exists(line: str) -> None:
    """There was no engine to try them: at least the service, and the command of ours in it, are real."""
    words = line.split()[3:]
    values = 1 if "--entrypoint" in words else 0  # the one option that has a value
    service, *more = [word for word in words if not word.startswith("-")][values:]
    assert service in SERVICES
    if service == "dongtin" or more[:1] == ["dongtin"]:
        command = more[0] if service == "dongtin" else more[1]
        assert command in get_command(app).commands  # type: ignore[attr-defined]
    if more[:1] == ["put"]:
        assert more[1] in GIVEN


def test_every_folder_in_the_readme_exists() -> None:
    """A map that leads nowhere is worse than none."""
    for name in re.findall(r"`((?:streams|connectors|tests|deploy)/[\w/.]*)", README):
        assert (ROOT / name).exists() or (ROOT / f"{name}.py").exists(), name
