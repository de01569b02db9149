"""Free ports on loopback."""

import random
import socket

import psutil

from connectors.local.errors import LocalServersError, PortTaken

LOOPBACK = "127.0.0.1"

#: Below the range from which systems give out ports for outgoing connections (32768 on Linux,
#: 49152 on macOS): a port found free there may be somebody's a moment later.
_RANGE = range(20_000, 32_000)


# not the shared generator: tests reset that one, and would be given the same ports again and again
_random = random.SystemRandom()


def free_port(*, besides: int | None = None) -> int:
    """A port that nobody has now; it may be taken the next moment, so be ready to try again.

    Never `besides`: a port that we have given out and that is not used yet.
    """
    for port in _random.sample(_RANGE, 200):
        if port != besides and is_free(port):
            return port
    raise LocalServersError(
        f"No free port was found on {LOOPBACK} between {_RANGE.start} and {_RANGE.stop}:"
        " is something opening very many ports?"
    )


def is_free(port: int) -> bool:
    """Whether a server could listen on `port` of loopback."""
    with socket.socket() as probe:
        # as servers do: a closed connection's remains don't count
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def is_open(port: int) -> bool:
    """Whether anybody answers on `port` of loopback."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOOPBACK, port)) == 0


def demand(port: int, server: str) -> None:
    """Raise `PortTaken` unless `port` is free, naming who has it where the system tells."""
    if not is_free(port):
        raise PortTaken(
            f"Port {port} was asked for {server}, but {_owner(port)}. Stop that, or choose"
            " another port (or none: a free one is found)."
        )


def _owner(port: int) -> str:
    try:
        for connection in psutil.net_connections("tcp"):
            listens = connection.status == psutil.CONN_LISTEN
            if listens and connection.laddr and connection.laddr.port == port and connection.pid:
                process = psutil.Process(connection.pid)
                return f"process {process.pid} ({process.name()}) listens there"
    except psutil.Error:
        pass
    return "it is taken or not allowed"
