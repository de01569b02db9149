"""What can go wrong with the servers of this machine; every message says what to do.

Fatal
└── LocalServersError
    ├── DownloadError   Kafka or Elasticsearch could not be fetched or verified
    ├── FolderInUse     another process holds the data folder
    ├── PortTaken       a port that was asked for is not free
    └── ServerFailed    a server did not start, or ended by itself
"""

from streams.errors import Fatal


class LocalServersError(Fatal):
    """The servers of this machine can't run."""


class DownloadError(LocalServersError):
    """Kafka or Elasticsearch could not be fetched, verified or unpacked."""


class FolderInUse(LocalServersError):
    """Another process holds the data folder."""

    exit_status = 3


class PortTaken(LocalServersError):
    """A port that was asked for is not free."""


class ServerFailed(LocalServersError):
    """A server did not start or ended by itself; the message ends with its last log lines."""


class FetchFailed(Exception):
    """One attempt at one file failed; never leaves this folder."""


class Unreachable(FetchFailed):
    """No network, or a connection that broke off."""


class Unavailable(FetchFailed):
    """The repository does not have or give the file, or its settings can't be read."""


class Damaged(FetchFailed):
    """What arrived is not the pinned file."""
