"""The wheel: two top-level packages with their data files, nothing else."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel, built without the network."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (path,) = folder.glob("*.whl")
    return zipfile.ZipFile(path)


def test_two_packages_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    """Neither tests nor tools are installed."""
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"streams", "connectors"}


def test_data_files_are_in_the_wheel(wheel: zipfile.ZipFile) -> None:
    """Every file that the code reads at run time is installed with it."""
    names = set(wheel.namelist())
    kinds = (".toml", ".tsv", ".json", ".md", ".typed", ".html")
    for folder in ("streams", "connectors"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in kinds and "__pycache__" not in path.parts:
                assert path.relative_to(ROOT).as_posix() in names


def test_the_lock_names_no_address() -> None:
    """Versions and hashes only: any index may serve them."""
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in lock
    assert lock.count("--hash=sha256:") > 100
