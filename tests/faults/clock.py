"""The wall clock of single processes, set forward and back while they run."""

import shutil
import struct
import subprocess
from pathlib import Path

_SOURCE = Path(__file__).with_name("clock.c")
DAY = 24 * 3600


def compiler() -> str | None:
    """A C compiler, which makes the clock; None: clocks can't be set on this machine."""
    return shutil.which("cc") or shutil.which("gcc")


class Clocks:
    """A clock for each name, in one folder.

    Raises:
        CalledProcessError: the compiler does not make the library.
    """

    def __init__(self, folder: Path, compiler: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._library = folder / "clock.so"
        command = [compiler, "-shared", "-fPIC", "-O2", "-o", str(self._library), str(_SOURCE)]
        subprocess.run(command, check=True, capture_output=True)

    def variables(self, name: str) -> tuple[str, ...]:
        """What a process needs in its environment to have the clock of this name."""
        if not self._file(name).exists():
            self.set(name, 0)
        return (f"LD_PRELOAD={self._library}", f"FAULTS_CLOCK={self._file(name)}")

    def set(self, name: str, seconds: int) -> None:
        """Sets a clock so many seconds before or behind the true time, for all who look at it."""
        file = self._file(name)
        with file.open("r+b" if file.exists() else "w+b") as page:
            page.write(struct.pack("q", seconds))

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.clock"
