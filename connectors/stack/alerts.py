"""The alerts that were delivered to the file, as `demo` and `up` show them."""

import json
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

#: Of the newest alerts, how many are kept to be shown.
_KEPT = 50


class AlertFile:
    """Reads each line of the file once, as it grows: `up` looks at it for as long as it runs."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._position = 0  # bytes
        self.newest: deque[dict[str, Any]] = deque(maxlen=_KEPT)
        self.count = 0

    def new(self) -> Iterator[dict[str, Any]]:
        """The alerts since the last look, in order; a line still being written is left."""
        try:
            file = self._path.open("rb")
        except OSError:
            return
        with file:
            file.seek(self._position)
            for line in file:
                if not line.endswith(b"\n"):
                    return
                self._position += len(line)
                try:
                    alert = json.loads(line)
                except ValueError:
                    continue
                self.count += 1
                self.newest.append(alert)
                yield alert


def all_alerts(path: Path) -> list[dict[str, Any]]:
    """Every alert in the file, in order."""
    return list(AlertFile(path).new())
