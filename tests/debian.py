"""Programs of Debian packages, for tests: fetched without root, and nothing of the system is touched.

They are unpacked, not installed, into `dongtin/debian` in the user's cache, once for all projects. apt
checks what it fetches by the archive's signed lists. Where there is no apt a test is skipped.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from filelock import FileLock

from connectors.local.download import cache_folder

_APT = "apt-get"
_UNPACK = "dpkg-deb"


def unpacked(package: str) -> Path:
    """The folder in which a package's files lie as they would below `/`; fetched at first use.

    Args:
        package: its name in the archive, such as `prometheus`. What it depends on is not fetched.

    Raises:
        RuntimeError: apt could not fetch it; with what apt said.
    """
    for tool in (_APT, _UNPACK):
        if shutil.which(tool) is None:
            pytest.skip(f"{package} is fetched with Debian's {tool}, which is not here")
    cache = cache_folder() / "debian"
    cache.mkdir(parents=True, exist_ok=True)
    target = cache / package
    with FileLock(cache / f"{package}.lock"):
        if not target.exists():
            with tempfile.TemporaryDirectory(dir=cache, prefix=f".{package}-") as work:
                _fetch(package, Path(work)).rename(target)
    return target


def program(package: str, path: str) -> Path:
    """One file of a package, by its path below `/`.

    Raises:
        RuntimeError: apt could not fetch the package, or the file is not in it.
    """
    found = unpacked(package) / path
    if not found.is_file():
        raise RuntimeError(f"Debian's {package} has no {path}; remove {unpacked(package)}, retry")
    return found


def movable(package: str, path: str, fixed: str, folder: Path) -> Path:
    """A copy of a program, in `folder`, that finds its files there when it is started there.

    Some builds look for their files at a place below `/` that no option changes.

    Args:
        fixed: that place, as it stands in the program, such as `/usr/share/prometheus/alertmanager`.

    Raises:
        RuntimeError: the program does not look there.
    """
    place = fixed.encode()
    content = program(package, path).read_bytes()
    if not place.startswith(b"/usr/") or place not in content:
        raise RuntimeError(f"{package}'s {path} does not look for its files in {fixed}")
    copy = folder / Path(path).name
    copy.write_bytes(content.replace(place, b"." + place[1:]))  # as long as before, and relative
    copy.chmod(0o755)
    (folder / ".usr").symlink_to(unpacked(package) / "usr")
    return copy


def _fetch(package: str, work: Path) -> Path:
    """The unpacked package in a folder below `work`: by the system's lists, else by lists of our own."""
    (work / "cache" / "archives" / "partial").mkdir(parents=True)
    (work / "lists" / "partial").mkdir(parents=True)
    system = ["-q", "-o", f"Dir::Cache={work / 'cache'}"]
    if os.geteuid() == 0:  # apt would fetch as a user who may not write here
        system += ["-o", "APT::Sandbox::User=root"]
    own = [*system, "-o", f"Dir::State::Lists={work / 'lists'}"]
    try:
        _run([_APT, *system, "download", package], work)
    except RuntimeError:  # a slim image has no lists, and old ones name files that are gone
        _run([_APT, *own, "update"], work)
        _run([_APT, *own, "download", package], work)
    (archive,) = work.glob("*.deb")
    _run([_UNPACK, "-x", str(archive), str(work / "root")], work)
    return work / "root"


def _run(command: Sequence[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        told = (done.stderr or done.stdout).strip()
        raise RuntimeError(f"{' '.join(command)} failed: {told}")
