"""Health: what has not turned is not live, what lacks something is not ready, and both say why."""

import json
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from connectors.stack.vitals import ask
from streams.health import AWAY_SECONDS, Flow, Health
from streams.serving import serve
from streams.settings import Metrics


class Clock:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """A clock of the test's own."""
    return Clock()


@pytest.fixture
def health(clock: Clock) -> Health:
    """A process that has nothing to say yet."""
    return Health("enrich", clock)


def test_a_loop_that_hangs_is_told(health: Health, clock: Clock) -> None:
    """Live within the limit, not live beyond it, live again once it turns; others are not blamed."""
    loop, other = health.expect("main loop", 30.0), health.expect("publisher", 300.0)
    clock.now += 30.0
    assert health.live().fine
    clock.now += 1.0
    other.beat()
    assert health.live().reasons == ("main loop: has not turned for 31 s, 30 s are its limit",)
    assert not health.ready().fine
    loop.beat()
    assert health.live().fine
    assert health.ready().fine


def test_what_ended_as_it_should_is_not_waited_for(health: Health, clock: Clock) -> None:
    """A loop at rest is not missed."""
    health.expect("ledger", 10.0)
    health.rest("ledger")
    clock.now += 1000.0
    assert health.live().fine


def test_a_missing_server_makes_it_not_ready_but_live(health: Health) -> None:
    """A restart would not bring the server back."""
    health.note("kafka", "the broker does not answer")
    assert health.live().fine
    assert health.ready().reasons == ("kafka: the broker does not answer",)
    health.note("kafka")
    assert health.ready().fine


def test_a_stream_that_stands_still_stops_beating(health: Health, clock: Clock) -> None:
    """With lag and nothing finished it is not live; without lag, or while it finishes, it is."""
    flow = Flow(health.expect("stream", 60.0))
    for finished, lag in ((0, 0), (0, 0), (5, 10), (6, 10), (7, 10)):
        clock.now += 50.0
        flow.see(finished=finished, lag=lag)
        assert health.live().fine
    for _ in range(2):
        clock.now += 31.0
        flow.see(finished=7, lag=20)
    assert not health.live().fine


def test_a_broker_that_is_away_excuses_for_a_while(health: Health, clock: Clock) -> None:
    """Not for ever: a client that hangs looks the same."""
    flow = Flow(health.expect("stream", 60.0))
    for _ in range(int(AWAY_SECONDS / 50)):
        clock.now += 50.0
        flow.excuse()
        assert health.live().fine
    for _ in range(3):
        clock.now += 50.0
        flow.excuse()
    assert not health.live().fine
    flow.see(finished=0, lag=0)
    assert health.live().fine


def _get(metrics: str, path: str) -> tuple[int, Any]:
    try:
        with urlopen(metrics.removesuffix("/metrics") + path, timeout=60) as answer:
            return answer.status, json.loads(answer.read())
    except HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


def test_health_is_served_beside_the_metrics(health: Health, clock: Clock) -> None:
    """On one port: 200 or 503 with the reasons in JSON, and the figures for Prometheus."""
    health.expect("main loop", 30.0)
    health.note("elasticsearch", "it does not answer")
    at = serve(Metrics(), health)
    reasons: list[str] = ["elasticsearch: it does not answer"]
    assert _get(at, "/health/live") == (200, {"process": "enrich", "live": True, "reasons": []})
    ready = {"process": "enrich", "ready": False, "reasons": reasons}
    assert _get(at, "/health/ready") == (503, ready)
    assert _get(at, "/health") == (503, ready | {"live": True})
    clock.now += 60.0
    assert _get(at, "/health/live")[0] == 503
    assert _get(at, "/nothing")[0] == 404
    with urlopen(at, timeout=60) as answer:
        assert b"process_start_time_seconds" in answer.read()


def test_health_is_asked_from_outside(health: Health, clock: Clock) -> None:
    """What `up` and `status` read of a process: its own words, or that it says nothing."""
    health.expect("main loop", 30.0)
    at = serve(Metrics(), health)
    told = ask(at)
    assert (told.live, told.ready, told.reasons) == (True, True, ())
    clock.now += 60.0
    told = ask(at)
    assert not told.live
    assert "has not turned for 60 s" in told.reasons[0]
    assert ask("http://127.0.0.1:9/metrics").silent


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_it_tells_where_it_is_served(host: str) -> None:
    """As an address that can be asked."""
    at = serve(Metrics(host=host))
    assert at.startswith(f"http://[{host}]:" if ":" in host else f"http://{host}:")
    with urlopen(at, timeout=60) as answer:
        assert answer.status == 200


def test_more_pages_know_by_which_name_they_were_asked() -> None:
    """A process that listens on all addresses has no other way to say where it is."""
    at = serve(Metrics(), pages={"/targets": lambda host: [host]})
    assert _get(at, "/targets") == (200, ["127.0.0.1"])
    port = at.split(":")[2].removesuffix("/metrics")
    assert _get(f"http://localhost:{port}/metrics", "/targets") == (200, ["localhost"])
    assert "/targets" in _get(at, "/nothing")[1]["error"]
