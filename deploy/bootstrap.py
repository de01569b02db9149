"""Makes the project's environment in .venv: what `make` runs before everything else.

Standard library only, and readable by any Python 3: a Python that is too old must get as far as
being told so. Cheap when nothing changed: a stamp holds the hash of the lock and of pyproject.toml.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NoReturn, Sequence, Union

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "dongtin-ready"
LOCK = ROOT / "requirements.lock"
NEWEST_FIRST = ("python3.13", "python3.12", "python3.11")
NEEDED_BYTES = 2 * 1024**3  # the environment takes 0.9 GB, the servers and their data the rest


def fail(problem: str, mend: str) -> NoReturn:
    sys.stderr.write("\ndongtin: %s\n         %s\n" % (problem, mend))
    raise SystemExit(1)


def suitable_python() -> str:
    """This Python if it is new enough, else the newest on the PATH that is."""
    if sys.version_info >= (3, 11):
        return sys.executable
    for name in NEWEST_FIRST:
        found = shutil.which(name)
        # a version manager's stand-in may exist for a Python that is not installed
        if found and subprocess.call([found, "-c", ""], stderr=subprocess.DEVNULL) == 0:
            return found
    fail(
        "Python 3.11 or newer is needed, this is %s." % sys.version.split()[0],
        "Install one (for example the package python3.11), or name it: make PYTHON=/path/to/python3.12",
    )


def fingerprint(python: str) -> str:
    digest = hashlib.sha256(str(ROOT).encode())
    digest.update(os.path.realpath(python).encode())
    for path in (LOCK, ROOT / "pyproject.toml", Path(__file__)):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def run(command: Sequence[Union[str, Path]], problem: str, mend: str) -> None:
    environment = dict(
        os.environ, UV_LINK_MODE="copy", UV_NO_CONFIG="1", PIP_DISABLE_PIP_VERSION_CHECK="1"
    )
    if subprocess.call([str(part) for part in command], cwd=str(ROOT), env=environment) != 0:
        fail(problem, mend)


def locked(name: str) -> str:
    """The lock's lines for one package: version and hashes."""
    text = LOCK.read_text(encoding="utf-8")
    found = re.search(r"(?m)^%s==.*(?:\n    --hash=.*)+" % re.escape(name), text)
    if not found:
        fail("requirements.lock does not name %s." % name, "Renew it: make lock")
    return found.group(0) + "\n"


def make_environment(python: str) -> None:
    print(
        "Making the environment in .venv (about 150 packages; a minute the first time)", flush=True
    )
    if VENV.exists() and not (VENV / "pyvenv.cfg").exists():
        fail("%s exists and is not an environment." % VENV, "Move it away.")
    inside = VENV / "bin" / "python"
    # an environment in use, of this same Python, is brought up to date and not pulled away
    if not inside.exists() or os.path.realpath(str(inside)) != os.path.realpath(python):
        run(
            [python, "-m", "venv", "--clear", VENV],
            "Python's own venv module could not make an environment.",
            "On Debian and Ubuntu it is a package of its own: python3-venv.",
        )
    offline = "Check the network and that a package index can be reached, then run the same command again."
    with tempfile.TemporaryDirectory() as folder:
        only_uv = Path(folder) / "uv.txt"
        only_uv.write_text(locked("uv"), encoding="utf-8")
        run(
            [
                inside,
                "-m",
                "pip",
                "install",
                "--quiet",
                "--no-deps",
                "--require-hashes",
                "-r",
                only_uv,
            ],
            "The installer (uv) could not be fetched.",
            offline,
        )
    uv = [str(inside), "-m", "uv", "pip"]
    run(
        [*uv, "sync", "--python", inside, "--require-hashes", LOCK],
        "The packages named in requirements.lock could not be installed.",
        offline,
    )
    run(
        [
            *uv,
            "install",
            "--python",
            inside,
            "--quiet",
            "--no-deps",
            "--no-build-isolation",
            "-e",
            ROOT,
        ],
        "The project itself could not be installed.",
        "The message above says why.",
    )


def main() -> None:
    python = suitable_python()
    if not LOCK.exists():
        fail(
            "requirements.lock is missing.",
            "It belongs to the project: git checkout requirements.lock",
        )
    wanted = fingerprint(python)
    if STAMP.exists() and STAMP.read_text(encoding="utf-8") == wanted:
        return
    free = shutil.disk_usage(str(ROOT)).free
    if free < NEEDED_BYTES:
        fail(
            "Only %.1f GB are free here, %.1f are needed." % (free / 1e9, NEEDED_BYTES / 1e9),
            "Free some space, or clone the project to a larger disk.",
        )
    make_environment(python)
    STAMP.write_text(wanted, encoding="utf-8")


if __name__ == "__main__":
    main()
