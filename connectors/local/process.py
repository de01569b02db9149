"""A server's process: started under a guard, stopped politely, killed when that fails."""

import os
import subprocess
import sys
from pathlib import Path

import psutil

_GUARD = Path(__file__).with_name("guard.py")
_TAIL = 15  # lines
_GRACE = 15.0  # seconds from SIGTERM to SIGKILL; Kafka and Elasticsearch need about two


class GuardedProcess:
    """One server run by `guard.py`: when this Python is gone, so is the server a moment later."""

    def __init__(
        self, command: list[str], *, cwd: Path, env: dict[str, str], logs: tuple[Path, Path]
    ) -> None:
        """Start `command`. What it prints goes to the first of `logs`, emptied before; the second
        is where it logs by itself."""
        output, own_log = logs
        self._sizes = {output: 0, own_log: _size(own_log)}
        guard = [sys.executable, "-I", "-S", str(_GUARD), str(os.getpid()), str(_GRACE)]
        with output.open("wb") as sink:
            self._guard = subprocess.Popen(  # noqa: S603 -- our own command
                [*guard, *command],
                cwd=cwd,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def running(self) -> bool:
        """Whether the server has not ended."""
        return self._guard.poll() is None

    @property
    def returncode(self) -> int | None:
        """The server's exit status, None while it runs."""
        return self._guard.poll()

    def processes(self) -> list[psutil.Process]:
        """The server's own processes, without the guard."""
        try:
            return psutil.Process(self._guard.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []

    def ask_to_stop(self) -> None:
        """Send SIGTERM, through the guard."""
        if self.running:
            self._guard.terminate()

    def wait(self) -> None:
        """Wait until the server is gone; kill it if even the guard does not manage."""
        try:
            self._guard.wait(_GRACE + 5)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """Kill -9, at once: the server loses what it had not written."""
        for process in self.processes():
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        self._guard.kill()
        self._guard.wait()

    def recent_log(self) -> str:
        """What the server has written since this start (at most the last 200 lines of each file)."""
        return "\n".join(line for lines in self._written().values() for line in lines)

    def last_lines(self) -> str:
        """The last lines of each log file, for an error message."""
        parts = []
        for file, lines in self._written().items():
            if lines:
                shown = [f"  {line}" for line in lines[-_TAIL:]]
                parts.append("\n".join([f"Last lines of {file}:", *shown]))
        return "\n".join(parts)

    def _written(self) -> dict[Path, list[str]]:
        return {file: _lines_since(file, size) for file, size in self._sizes.items()}


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def _lines_since(file: Path, size: int) -> list[str]:
    """The file's lines past byte `size`, or all if it has been started anew since."""
    if not file.exists():
        return []
    with file.open("rb") as source:
        source.seek(size if _size(file) >= size else 0)
        return source.read().decode(errors="replace").splitlines()[-200:]
