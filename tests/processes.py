"""Processes as tests see them."""

import psutil


def lives(which: psutil.Process | int) -> bool:
    """Whether it, or the process with that id, has not ended; one that nobody has asked about since has."""
    try:
        process = psutil.Process(which) if isinstance(which, int) else which
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
