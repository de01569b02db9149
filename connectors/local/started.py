"""When a process was started, so that it can be told from a later one that has the same id."""

import os
from pathlib import Path

import psutil

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_SECONDS = 1e8  # more than a machine runs between two starts


def started_at(process: psutil.Process) -> float:
    """A number, in seconds, that a later process of the same id does not have.

    On Linux from the start of the machine, and which start it was: what psutil tells
    (`create_time`) moves when somebody sets the clock, and then nobody would know us any more.
    Elsewhere the Unix time, as psutil tells it.

    Raises:
        psutil.NoSuchProcess: there is no such process.
    """
    try:
        boot = int(_BOOT_ID.read_text(encoding="ascii")[:6], 16)
        stat = Path(f"/proc/{process.pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (OSError, ValueError):
        return process.create_time()
    # field 22 of proc(5); the second one, the command's name, may hold blanks and brackets
    ticks = int(stat.rpartition(")")[2].split()[19])
    return boot * _SECONDS + ticks / os.sysconf("SC_CLK_TCK")
