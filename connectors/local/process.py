"""A server's process: started under a guard, stopped politely, killed when that fails."""

import os
import subprocess
import sys
from pathlib import Path

import psutil

_GUARD = Path(__file__).with_name("guard.py")
_TAIL = 15  # lines


class GuardedProcess:
    """One server run by `guard.py`: when this Python is gone, so is the server a moment later."""

    def __init__(self, command: list[str], *, cwd: Path, env: dict[str, str], output: Path) -> None:
        """Start `command`; what it prints goes to `output`, which is emptied first."""
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


_GRACE = 15.0  # seconds from SIGTERM to SIGKILL; Kafka and Elasticsearch need about two


def last_lines(*files: Path) -> str:
    """The last lines of each log file that has any, for an error message."""
    parts = []
    for file in files:
        try:
            lines = file.read_text(encoding="utf-8", errors="replace").splitlines()[-_TAIL:]
        except OSError:
            continue
        if lines:
            parts.append("\n".join([f"Last lines of {file}:", *(f"  {line}" for line in lines)]))
    return "\n".join(parts)
