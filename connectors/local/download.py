"""Fetches Kafka and Elasticsearch into a cache that all projects of a user share.

`repository.py` talks to the package repository; this module sees to it that only whole, verified
files ever bear their final names.
"""

import errno
import os
import pwd
import shutil
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from filelock import FileLock, Timeout

from connectors.local.artifacts import Artifact, pinned
from connectors.local.errors import Damaged, DownloadError, FetchFailed, Unavailable, Unreachable
from connectors.local.progress import Advance, download_bar
from streams.terminal import Console

_ATTEMPTS = 3
_AT_ONCE = 4
_SPARE_BYTES = 50 * 1024**2

#: Fetches one artifact into an empty folder and gives its path, or raises a `FetchFailed`.
Fetch = Callable[[Artifact, Path, Advance], Path]


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """Where the servers' programs lie."""

    kafka_jars: tuple[Path, ...]
    elasticsearch_home: Path


def cache_folder() -> Path:
    """$DONGTIN_CACHE, else `dongtin` in the platform's folder for caches."""
    if chosen := os.environ.get("DONGTIN_CACHE"):
        return Path(chosen).expanduser().resolve()
    if sys.platform == "darwin":
        return _home() / "Library" / "Caches" / "dongtin"
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else _home() / ".cache") / "dongtin"


def _home() -> Path:
    if home := os.environ.get("HOME"):
        return Path(home)
    return Path(pwd.getpwuid(os.geteuid()).pw_dir)


class Cache:
    """The servers' files: fetched once, verified, shared between projects and processes."""

    def __init__(
        self,
        folder: Path | None = None,
        *,
        artifacts: tuple[Artifact, ...] | None = None,
        fetch: Fetch | None = None,
        pause: float = 1.0,
    ) -> None:
        """The platform's cache folder, the pinned artifacts and jgo unless told otherwise.

        `pause` is in seconds, before a second attempt at a file; twice that before a third.
        """
        self._folder = folder or cache_folder()
        self._artifacts = pinned() if artifacts is None else artifacts
        self._fetch = fetch or _fetch_from_repository
        self._pause = pause

    def install(self, console: Console | None = None) -> Installed:
        """Fetch what is missing or damaged and say where everything lies.

        Safe to call in several processes at once; without network if nothing is missing.

        Raises:
            DownloadError: no network, no space, no permission, or bytes that are not the pinned ones.
        """
        console = console or Console(stderr=True)
        with _plain_errors(self._folder):
            if self._missing() or not self._unpacked():
                self._folder.mkdir(parents=True, exist_ok=True)
                with self._alone(console):
                    self._complete(console)
        return self._installed()

    @contextmanager
    def _alone(self, console: Console) -> Iterator[None]:
        lock = FileLock(self._folder / "lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            console.print(
                f"Another process is filling {self._folder}; waiting for it", highlight=False
            )
            lock.acquire()
        try:
            yield
        finally:
            lock.release()

    def _path(self, artifact: Artifact) -> Path:
        return self._folder / artifact.server / artifact.filename

    def _missing(self) -> list[Artifact]:
        return [item for item in self._artifacts if not item.matches(self._path(item))]

    def _archives(self) -> list[Artifact]:
        return [item for item in self._artifacts if item.packaging == "zip"]

    def _home_of(self, archive: Artifact) -> Path:
        return self._path(archive).with_suffix("")

    def _unpacked(self) -> bool:
        return all(_is_unpacked(self._path(item), self._home_of(item)) for item in self._archives())

    def _installed(self) -> Installed:
        jars = [item for item in self._artifacts if item.packaging == "jar"]
        return Installed(
            kafka_jars=tuple(self._path(item) for item in jars),
            elasticsearch_home=self._home_of(self._archives()[0]),
        )

    def _complete(self, console: Console) -> None:
        # we hold the lock, so whatever is here was left by a process that was killed
        shutil.rmtree(self._folder / "partial", ignore_errors=True)
        missing = self._missing()  # another process may have fetched it while we waited
        self._check_space(missing)
        if missing:
            total = sum(item.bytes for item in missing)
            with download_bar(console, total, "Fetching Kafka and Elasticsearch") as advance:
                self._download(missing, advance)
        for archive in self._archives():
            if not _is_unpacked(self._path(archive), self._home_of(archive)):
                _unpack(self._path(archive), self._home_of(archive), self._workshop())

    def _workshop(self) -> Path:
        """A new folder on the same disk as the final names, so that renaming is all or nothing."""
        partial = self._folder / "partial"
        partial.mkdir(exist_ok=True)
        return Path(tempfile.mkdtemp(dir=partial))

    def _check_space(self, missing: list[Artifact]) -> None:
        needed = sum(item.bytes for item in missing) + _SPARE_BYTES
        if not self._unpacked():
            needed += sum(2 * item.bytes for item in self._archives())
        free = shutil.disk_usage(self._folder).free
        if free < needed:
            raise OSError(errno.ENOSPC, f"{free / 1e6:.0f} MB are free, {needed / 1e6:.0f} needed")

    def _download(self, missing: list[Artifact], advance: Advance) -> None:
        stop = Event()

        def tell(count: int) -> None:
            if stop.is_set():
                raise DownloadError("The download was stopped. Run the same command again.")
            advance(count)

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            # the largest first: it takes longest
            largest_first = sorted(missing, key=lambda item: -item.bytes)
            jobs = [pool.submit(self._fetch_verified, item, tell) for item in largest_first]
            try:
                for job in jobs:
                    job.result()
            except BaseException:  # Ctrl-C as well: else the pool would wait for the last byte
                stop.set()
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _fetch_verified(self, artifact: Artifact, advance: Advance) -> None:
        for attempt in range(1, _ATTEMPTS + 1):
            counted = 0

            def count(size: int) -> None:
                nonlocal counted
                counted += size
                advance(size)

            try:
                self._fetch_once(artifact, count)
            except FetchFailed:
                advance(-counted)
                if attempt == _ATTEMPTS:
                    raise
                time.sleep(self._pause * attempt)
            else:
                advance(artifact.bytes - counted)
                return

    def _fetch_once(self, artifact: Artifact, advance: Advance) -> None:
        workshop = self._workshop()
        fetched = self._fetch(artifact, workshop, advance)
        if not artifact.matches(fetched):
            raise Damaged(
                f"{artifact.filename} arrived damaged or altered: {fetched.stat().st_size} bytes of"
                f" {artifact.bytes}, or another SHA-256 than the pinned one"
            )
        _make_durable(fetched)
        final = self._path(artifact)
        final.parent.mkdir(exist_ok=True)
        fetched.replace(final)
        shutil.rmtree(workshop, ignore_errors=True)


def _fetch_from_repository(artifact: Artifact, folder: Path, advance: Advance) -> Path:
    # only here: jgo and what it needs take half a second to import, and a warm cache needs none
    from connectors.local.repository import fetch

    return fetch(artifact, folder, advance)


def _is_unpacked(archive: Path, home: Path) -> bool:
    """Whether each file of the archive lies in `home` in its full size."""
    if not home.is_dir():
        return False
    with zipfile.ZipFile(archive) as source:
        for entry in source.infolist():
            path = home.parent / entry.filename
            if not entry.is_dir() and not (
                path.is_file() and path.stat().st_size == entry.file_size
            ):
                return False
    return True


def _unpack(archive: Path, home: Path, workshop: Path) -> None:
    """Unpack beside, then rename: `home` is whole or not there. The archive's one folder is `home`."""
    with zipfile.ZipFile(archive) as source:
        source.extractall(workshop)
    os.sync()
    shutil.rmtree(home, ignore_errors=True)
    (workshop / home.name).rename(home)
    shutil.rmtree(workshop, ignore_errors=True)


def _make_durable(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


@contextmanager
def _plain_errors(folder: Path) -> Iterator[None]:
    """Turn what can happen on the way into one sentence of what, why and what to do."""
    what = "Kafka and Elasticsearch could not be fetched"
    try:
        yield
    except Damaged as error:
        raise DownloadError(
            f"{what}: {error}. Check what stands between this machine and the package repository"
            " (a proxy, a mirror), then run the same command again."
        ) from error
    except Unreachable as error:
        raise DownloadError(
            f"{what}: the package repository does not answer ({error}). The first start"
            " needs the network, later ones don't. Check it and run the same command again; a"
            " mirror is named under [repositories] in jgo's settings (~/.config/jgo.conf)."
        ) from error
    except Unavailable as error:
        raise DownloadError(f"{what}: {error}. Check jgo's settings and try again.") from error
    except OSError as error:
        raise DownloadError(
            f"{what} into {folder}: {error.strerror or error}. Make room or mend the permissions"
            " there, or choose another folder with DONGTIN_CACHE."
        ) from error
