"""One process at a time on a file that can't be shared."""

from pathlib import Path

from filelock import FileLock, Timeout

from streams.errors import Fatal


class Alone:
    """Holds a file's lock, which goes with the process however it ends.

    Args:
        path: the file; the lock lies beside it.
        other: who would hold it, such as `another crawler`.
    """

    def __init__(self, path: Path, other: str) -> None:
        self._lock = FileLock(f"{path}.lock")
        self._path = path
        self._other = other

    def __enter__(self) -> None:
        """Raises Fatal: somebody else holds it, or the folder can't be written."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(timeout=0)
        except Timeout:
            raise Fatal(f"{self._path}: {self._other} works on it; stop that one first") from None
        except OSError as error:
            raise Fatal(f"{self._path}: can't be written: {error}") from error

    def __exit__(self, *_: object) -> None:
        self._lock.release()
