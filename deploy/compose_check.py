"""`docker compose config` by Docker Compose itself, which needs no engine for it: `make compose-check`.

Docker Compose is built from its Go module, once (some ten minutes of processor time, a gigabyte of disk),
and kept in the user's cache. `go install` does not do it: its go.mod leaves out versions of other modules.
Besides being well formed, the file must hand each of our settings in `dongtin.env` to every process.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from connectors.local.download import cache_folder
from streams.settings import TABLES

VERSION = "v2.40.3"
ROOT = Path(__file__).resolve().parents[1]
_MODULE = f"github.com/docker/compose/v2@{VERSION}"


def compose() -> Path:
    """The program, built if it is not there yet.

    Raises:
        SystemExit: there is no Go, or it could not fetch or build it; Go has said why.
    """
    program = cache_folder() / f"docker-compose-{VERSION}"
    if program.exists():
        return program
    if shutil.which("go") is None:
        sys.exit("compose-check: go was not found; it builds Docker Compose from its module")
    program.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=program.parent) as work:
        told = _run("go", "mod", "download", "-json", _MODULE, folder=Path(work))
        folder, new = Path(json.loads(told)["Dir"]), Path(work) / "docker-compose"
        _run("go", "build", "-mod=readonly", "-trimpath", "-o", str(new), "./cmd", folder=folder)
        new.rename(program)
    return program


def config(program: Path, folder: Path) -> dict[str, Any]:
    """The compose file of a folder as Docker Compose understands it, with every variable put in.

    Raises:
        SystemExit: it is not well formed; Docker Compose has said where.
    """
    every = ("--profile", "*", "--project-directory", ".")
    told = _run(str(program), *every, "config", "--format", "json", folder=folder)
    found: dict[str, Any] = json.loads(told)
    return found


def unreached(services: dict[str, Any], wanted: dict[str, str]) -> list[str]:
    """Settings of dongtin.env that a process of ours is not given; those that the compose file itself
    fixes are not dongtin.env's."""
    fixed = ("DONGTIN_KAFKA_", "DONGTIN_ELASTICSEARCH_", "DONGTIN_METRICS_", "DONGTIN_NOTIFY_")
    return [
        f"{name}: {variable} is {service['environment'].get(variable)!r}"
        for name, service in services.items()
        if service["image"] == "dongtin:local" and name != "credentials"
        for variable, value in wanted.items()
        if service["environment"].get(variable) != value
        and not (variable in service["environment"] and variable.startswith(fixed))
    ]


def _run(*command: str, folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own
    if done.returncode:
        sys.exit(f"compose-check: {' '.join(command)} ended with {done.returncode}")
    return done.stdout


def main() -> None:
    """Reads docker-compose.yml beside a dongtin.env that sets everything."""
    wanted = {
        f"DONGTIN_{table}_{key}".upper(): f"{table} {key}"
        for table, kind in TABLES.items()
        for key in kind.__dataclass_fields__
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copy(ROOT / "docker-compose.yml", folder)
        lines = (f"{variable}={value}\n" for variable, value in wanted.items())
        (folder / "dongtin.env").write_text("".join(lines), encoding="utf-8")
        services = config(compose(), folder)["services"]
    if wrong := unreached(services, wanted):
        sys.exit("compose-check: " + "\ncompose-check: ".join(wrong))
    sys.stdout.write(f"docker-compose.yml is well formed: {len(services)} services\n")


if __name__ == "__main__":
    main()
