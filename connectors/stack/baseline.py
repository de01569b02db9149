"""The time in which a new installation fills its memory and tells nothing."""

import re
from datetime import datetime, timedelta
from pathlib import Path

from streams.errors import Fatal

_FILE = "baseline"
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def duration(text: str) -> timedelta:
    """`90m`, `24h`, `3d`. Raises ValueError."""
    found = re.fullmatch(r"(\d{1,4})([mhd])", text)
    if found is None:
        raise ValueError(f"{text!r} is no time like 90m, 24h or 3d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def quiet_until(folder: Path, length: timedelta, now: datetime) -> datetime:
    """The end of a data folder's baseline, counted from the first start that asked for one: the same
    command started again and again must not be silent for ever.

    Raises:
        Fatal: the note of that start can't be read or written.
    """
    path = folder / _FILE
    try:
        if not path.exists():
            path.write_text(f"{now.isoformat()}\n", encoding="utf-8")
        began = datetime.fromisoformat(path.read_text(encoding="utf-8").strip())
    except (OSError, ValueError) as error:
        raise Fatal(f"{path}: when the baseline began can't be noted or read: {error}") from error
    return began + length
