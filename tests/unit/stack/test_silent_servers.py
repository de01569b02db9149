"""Servers that take a connection and say nothing: who looks at the stack is told so, and soon."""

import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.stack.health import examine
from connectors.stack.report import report
from streams.configuration import load
from streams.settings import Settings

pytestmark = pytest.mark.timeout(120)  # an hour is the servers' own time limit here


@pytest.fixture
def silent() -> Iterator[str]:
    """`host:port` of what never answers."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield f"127.0.0.1:{listening.getsockname()[1]}"


@pytest.fixture
def settings(silent: str, tmp_path: Path) -> Settings:
    """Both servers are silent, and stages would wait an hour for the search server."""
    told = load(None, data_dir=tmp_path)
    search = replace(told.elasticsearch, url=f"http://{silent}", timeout=3600.0)
    return replace(told, kafka=replace(told.kafka, bootstrap=silent), elasticsearch=search)


def test_status_tells_what_it_could_not_ask(settings: Settings, silent: str) -> None:
    """Both are named with their address; nothing passes for a count of nothing."""
    there = {"pid": 1, "kafka": silent, "elasticsearch": f"http://{silent}", "prefix": "x"}
    told = report(settings.data_dir, {**there, "processes": {}}, settings)
    assert (told["topics"], told["groups"], told["indices"]) == ({}, {}, {})
    assert silent in told["silent"]["kafka"]
    assert f"http://{silent}" in told["silent"]["elasticsearch"]


def test_doctor_tells_who_is_silent(settings: Settings) -> None:
    """And what to do about it."""
    bad = {f.what: f for f in examine(settings, None) if not f.fine}
    assert bad.keys() >= {"Kafka", "Elasticsearch"}
    assert "--elasticsearch" in bad["Elasticsearch"].mend
