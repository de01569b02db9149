"""Runs one server and ends it when its owner is gone: `guard.py OWNER GRACE COMMAND...`.

Started by `process.py` in a session of its own, so that Ctrl-C in the terminal reaches the servers
only through us. A process killed with -9 can't clean up after itself; this one outlives it by a
moment and does. Asking for the parent's id works whichever thread started us (Linux's parent-death
signal does not). Standard library only, without site-packages: 10 MB.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time

_POLL = 0.2  # seconds


def main(owner: int, grace: float, command: list[str]) -> int:
    """Run `command` until it ends, we are told to stop (SIGTERM), or process `owner` is gone.

    Then its process group gets SIGTERM, and SIGKILL after `grace` seconds. Returns its exit status.
    """
    told: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: told.append(number))
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, process_group=0)  # noqa: S603 -- our own command
    while child.poll() is None and not told and os.getppid() == owner:
        time.sleep(_POLL)
    _end_group(child, grace)
    return child.wait()


def _end_group(child: "subprocess.Popen[bytes]", grace: float) -> None:
    """Elasticsearch is two processes, so the group decides, not the child alone."""
    deadline = time.monotonic() + grace
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGTERM)
        while time.monotonic() < deadline:
            child.poll()
            os.killpg(child.pid, 0)
            time.sleep(0.05)
        os.killpg(child.pid, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), float(sys.argv[2]), sys.argv[3:]))
