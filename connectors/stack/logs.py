"""The logs of the stages: one file each, and the one before it."""

import os
import shutil
from contextlib import suppress
from pathlib import Path

_BYTES = 5 * 1024 * 1024  # of one log; as much again lies in the one before it
_LINES = 8
_TAIL = 8 * 1024  # bytes


def bound(log: Path) -> None:
    """Puts a log aside that has grown too large, also while a process writes to it.

    It is copied and emptied, not renamed: its writer keeps the file open, for appending. Lines
    written between the two are lost. A full disk must stop nobody: then it is only emptied.
    """
    with suppress(OSError):
        if log.stat().st_size <= _BYTES:
            return
        try:
            shutil.copyfile(log, log.with_suffix(".log.1"))
        finally:
            os.truncate(log, 0)


def last_lines(log: Path) -> str:
    """The end of a log, each line indented; nothing where there is none."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - _TAIL))
            lines = file.read().decode(errors="replace").splitlines()
    except OSError:
        return ""
    return "\n".join(f"  {line}" for line in lines[-_LINES:])
