"""The data folder: who holds it, what was left running in it."""

import base64
import getpass
import json
import os
import socket
import sys
import time
import uuid
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import psutil
from filelock import FileLock, Timeout

from connectors.local.errors import FolderInUse, LocalServersError
from connectors.local.started import started_at

_PATIENCE = 20.0  # seconds for a left-over server to stop before it is killed


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessIdentity:
    """A process that can't be mistaken for a later one of the same id."""

    pid: int
    started: float  # see `started_at`

    def is_alive(self) -> bool:
        """Whether exactly this process still runs on this machine."""
        try:
            return abs(started_at(psutil.Process(self.pid)) - self.started) < 1
        except psutil.Error:
            return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who holds a data folder, and which servers run in it: the content of `servers.json`."""

    process: ProcessIdentity
    user: str
    host: str
    command: str
    since: str
    kafka: str | None = None
    elasticsearch: str | None = None
    servers: dict[str, list[ProcessIdentity]] = field(default_factory=dict)

    def is_alive(self) -> bool:
        """Whether the holder runs, on this machine."""
        return self.host == socket.gethostname() and self.process.is_alive()


class DataFolder:
    """One folder with all data of the local servers; at most one process holds it."""

    def __init__(self, path: Path) -> None:
        self.path = path.expanduser().resolve()
        self._lock = FileLock(self.path / "servers.lock", timeout=0, thread_local=False)

    @property
    def marker(self) -> str:
        """A Java flag that tells this folder's servers from all others.

        By device and inode: a copy of the folder is another one, a renamed one the same.
        """
        status = self.path.stat()
        return f"-Ddongtin.folder={status.st_dev}:{status.st_ino}"

    @property
    def logs(self) -> Path:
        """Where the servers write their logs."""
        return self.path / "logs"

    @property
    def is_ours(self) -> bool:
        """Whether this process holds the folder through this object."""
        return self._lock.is_locked

    def identity(self) -> str:
        """An id (22 characters) made once for the folder: Kafka's cluster id, Elasticsearch's too."""
        file = self.path / "id"
        if not file.exists():
            write_whole(file, new_id() + "\n")
        return file.read_text(encoding="utf-8").strip()

    def claim(self) -> None:
        """Take the folder for this process, making it if need be.

        Raises:
            FolderInUse: another process holds it; the message says which.
            LocalServersError: it can't be made or written to.
        """
        if self.is_ours:
            raise FolderInUse(f"The servers in {self.path} were started already by this process.")
        try:
            self.logs.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
            self.record()
        except Timeout as error:
            raise FolderInUse(self._who_holds_it()) from error
        except OSError as error:
            # another user's lock can't even be opened, but who holds it can be read
            if self.running():
                raise FolderInUse(self._who_holds_it()) from error
            raise LocalServersError(
                f"The data folder {self.path} can't be used: {error.strerror or error}"
                f"{self._owner()}. Choose another one with --data-dir, or mend its permissions."
            ) from error

    def release(self) -> None:
        """Give the folder back."""
        (self.path / "servers.json").unlink(missing_ok=True)
        self._lock.release()

    def record(
        self,
        *,
        kafka: str | None = None,
        elasticsearch: str | None = None,
        servers: dict[str, list[psutil.Process]] | None = None,
    ) -> None:
        """Write down who we are and what runs, for whoever looks into the folder."""
        holder = Holder(
            process=_identity(psutil.Process()),
            user=_user(),
            host=socket.gethostname(),
            command=" ".join([Path(sys.argv[0]).name, *sys.argv[1:]]),
            since=datetime.now(UTC).isoformat(timespec="seconds"),
            kafka=kafka,
            elasticsearch=elasticsearch,
            servers={
                name: [_identity(process) for process in processes]
                for name, processes in (servers or {}).items()
            },
        )
        write_whole(self.path / "servers.json", json.dumps(asdict(holder), indent=2) + "\n")

    def holder(self) -> Holder | None:
        """What `servers.json` says; None if nothing that can be read is there."""
        try:
            text = (self.path / "servers.json").read_bytes()
            return msgspec.json.decode(text, type=Holder)
        except (OSError, msgspec.MsgspecError):
            return None

    def running(self) -> Holder | None:
        """Who holds the folder right now on this machine; None if nobody that we can see."""
        holder = self.holder()
        return holder if holder and holder.is_alive() else None

    def left_over(self) -> list[psutil.Process]:
        """Servers that run with this folder's data, ours or left by a killed run.

        Found by their command lines and not by noted ids: an id may be another program's by now.
        """
        marker = self.marker
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if marker in process.cmdline():
                    found.append(process)
        return found

    def stop_left_over(self) -> int:
        """Stop every server that still runs with this folder's data; returns how many processes.

        Raises:
            FolderInUse: one belongs to another user and can't be stopped by us.
        """
        found = self.left_over()
        try:
            for process in found:
                with suppress(psutil.NoSuchProcess):
                    process.terminate()
            for process in _still_there(found, _PATIENCE):
                with suppress(psutil.NoSuchProcess):
                    process.kill()
        except psutil.AccessDenied as error:
            raise FolderInUse(
                f"A server left over from a killed run still uses {self.path} and belongs to"
                f" another user (process {error.pid}). Have them stop it, or choose another folder"
                " with --data-dir."
            ) from error
        _still_there(found, _PATIENCE)
        return len(found)

    def _who_holds_it(self) -> str:
        advice = "Stop it first, or choose another folder with --data-dir."
        holder = self.holder()
        if holder is None:
            return f"The data folder {self.path} is in use by another process. {advice}"
        where = "" if holder.host == socket.gethostname() else f" on the machine {holder.host}"
        whose = "" if holder.user == _user() else f" of the user {holder.user}"
        return (
            f"The data folder {self.path} is in use by process {holder.process.pid}{whose}{where}"
            f" ({holder.command}) since {holder.since}. {advice}"
        )

    def _owner(self) -> str:
        with suppress(OSError, KeyError):
            owner = self.path.owner()
            return "" if owner == _user() else f" (it belongs to the user {owner})"
        return ""


def new_id() -> str:
    """A random id as Kafka makes them: base64 that does not begin with a dash, which its tools
    would take for an option (one id in 64 did)."""
    while True:
        text = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        if not text.startswith("-"):
            return text


def write_whole(path: Path, text: str) -> None:
    """Write a file so that a reader, or a kill -9, never sees half of it."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


def _still_there(processes: list[psutil.Process], patience: float) -> list[psutil.Process]:
    """Those that have not ended after `patience` seconds.

    A zombie has ended: in a container nobody may ever collect it.
    """
    deadline = time.monotonic() + patience
    while True:
        alive = [process for process in processes if _runs(process)]
        if not alive or time.monotonic() > deadline:
            return alive
        time.sleep(0.05)


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _identity(process: psutil.Process) -> ProcessIdentity:
    return ProcessIdentity(pid=process.pid, started=started_at(process))


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user id without a name
        return str(os.geteuid())
