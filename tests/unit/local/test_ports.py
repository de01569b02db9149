"""Ports: free ones are found, taken ones are named."""

import os
import random
import socket

import pytest

from connectors.local.errors import PortTaken
from connectors.local.ports import demand, free_port, is_free, is_open


def test_a_taken_port_is_refused_with_its_owner() -> None:
    """Whoever asked for a taken port learns who has it and what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert is_open(port)
        assert not is_free(port)
        with pytest.raises(PortTaken, match=rf"Port {port} .*Kafka.*process {os.getpid()} "):
            demand(port, "Kafka")


def test_ports_do_not_follow_the_shared_random_generator() -> None:
    """Whoever seeds the shared generator does not get the same port twice in a row for ever."""
    given = set()
    for _ in range(5):
        random.seed(1)
        given.add(free_port())
    assert len(given) > 1


def test_a_free_port_can_be_asked_for() -> None:
    """A found port is free, outside the systems' own range, and passes."""
    port = free_port()
    assert 20_000 <= port < 32_000
    assert not is_open(port)
    demand(port, "Kafka")
