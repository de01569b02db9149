"""Alerts as lines of JSON in a file, each on disk before it counts as delivered."""

import os
import threading
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from connectors.notify.message import message_of
from streams.records import Alert

_TAIL = 1024 * 1024  # bytes at the file's end that are searched for what a crash left undecided


class LinesFile:
    """A JSON Lines file that only grows. A line torn by a crash is mended when it is opened."""

    def __init__(self, path: Path) -> None:
        """Opens the file, making it if there is none. Raises OSError."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._lock = threading.Lock()
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        self._mend()
        self._there = self._tail_ids()
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)  # the file's name must outlive a crash as well
        os.close(folder)

    def write(self, alert: Alert, now: datetime) -> None:
        """Adds the alert's line, unless one of the last lines of an earlier run is of it.

        Raises:
            OSError: disk full or gone; what was written of the line is taken back.
        """
        with self._lock:
            if alert.id in self._there:
                return
            line = memoryview(msgspec.json.encode(_line(alert, now)) + b"\n")
            size = os.fstat(self._file).st_size
            try:
                while line:
                    line = line[os.write(self._file, line) :]
                os.fsync(self._file)
            except OSError:
                os.ftruncate(self._file, size)
                raise

    def _mend(self) -> None:
        """A last line without its end is completed if it is whole, else taken away."""
        tail = self._tail()
        rest = tail[tail.rfind(b"\n") + 1 :]
        if not rest:
            return
        try:
            msgspec.json.decode(rest)
        except msgspec.DecodeError:
            os.ftruncate(self._file, os.fstat(self._file).st_size - len(rest))
        else:
            os.write(self._file, b"\n")
        os.fsync(self._file)

    def _tail(self) -> bytes:
        size = os.fstat(self._file).st_size
        return os.pread(self._file, _TAIL, max(0, size - _TAIL))

    def _tail_ids(self) -> frozenset[str]:
        found: set[str] = set()
        for line in self._tail().splitlines():
            try:
                found.add(str(msgspec.json.decode(line)["id"]))
            except (msgspec.DecodeError, KeyError, TypeError):
                continue  # the first line of the tail may be cut, others may be a person's notes
        return frozenset(found)


def _line(alert: Alert, now: datetime) -> dict[str, Any]:
    """Everything about the alert, when it was delivered, and the seconds since its discovery."""
    message = message_of(alert)
    fields: dict[str, Any] = msgspec.to_builtins(alert)
    return fields | {
        "message_title": message.title,
        "message_text": message.text,
        "delivered_at": now,
        "latency": round((now - alert.discovered_at).total_seconds(), 3),
    }
