"""`dongtin up` and what its processes say of themselves: a process that hangs is replaced, a process
that can't work says why, and all end in time."""

import json
import os
import signal
from collections.abc import Iterator
from functools import partial
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import psutil
import pytest

from connectors.stack.figures import STAGES, total
from connectors.stack.processes import GRACE_SECONDS
from connectors.stack.vitals import of_process
from tests.pipeline.running import Running, figures, outlet, until

pytestmark = [pytest.mark.servers, pytest.mark.faults, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A whole pipeline with servers of its own, on an outlet that is gone."""
    folder = tmp_path_factory.mktemp("supervision")
    config = folder / "outlets.toml"
    impatient = "[elasticsearch]\ntimeout = 3.0\n"  # it will hang
    config.write_text(impatient + outlet("gone", "http://127.0.0.1:9/rss.xml"), encoding="utf-8")
    running = Running(config, folder / "data")
    try:
        running.wait_for_stages()
        yield running
    finally:
        family = running.family() if running.process.poll() is None else []
        running.process.terminate()
        running.process.wait(120)
    _gone, left = psutil.wait_procs(family, timeout=30)
    assert not [process for process in left if process.status() != psutil.STATUS_ZOMBIE]


def _stages(running: Running) -> dict[str, dict[str, Any]]:
    stages: dict[str, dict[str, Any]] = json.loads(running.command("status", "--json").stdout)[
        "stages"
    ]
    return stages


def _health(running: Running) -> tuple[int, dict[str, Any]]:
    """What `up` says of itself."""
    url = str(running.told()["metrics"]).removesuffix("/metrics") + "/health"
    try:
        with urlopen(url, timeout=30) as answer:
            return answer.status, json.loads(answer.read())
    except HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


def _misses_elasticsearch(running: Running, stage: str) -> bool:
    """Whether that is a reason for it not to be ready, and none to end it."""
    told = _stages(running)[stage]
    return bool(told["live"]) and any("elasticsearch: " in reason for reason in told["reasons"])


def _all_ready(running: Running) -> bool:
    return all(stage["ready"] for stage in _stages(running).values())


def test_who_hangs_is_replaced_and_who_waits_says_so(running: Running) -> None:
    """Every process is ready at first, `up` too. Without Elasticsearch those that need it say so and
    live on. A process that does not turn is ended, told, counted, and another takes its place."""
    until(lambda: _all_ready(running), "everybody to be ready")
    until(lambda: _health(running)[0] == 200, "up to be ready")
    before = {stage: running.pid(stage) for stage in STAGES}

    with running.suspended("Elasticsearch"):
        until(lambda: not _stages(running)["watch"]["ready"], "watch to miss Elasticsearch")
        until(lambda: not _stages(running)["index"]["ready"], "index to miss Elasticsearch")
        for stage in ("watch", "index"):
            until(partial(_misses_elasticsearch, running, stage), f"{stage} to say so")
        stages = _stages(running)
        assert all(stages[stage]["ready"] for stage in ("crawl", "enrich", "notify"))
        until(lambda: "elasticsearch" in str(_health(running)), "up to say so")
        assert _health(running)[1]["live"]
    until(lambda: _all_ready(running), "everybody to be ready again")
    assert {stage: running.pid(stage) for stage in STAGES} == before

    restarts = _stages(running)["watch"]["restarts"] + 1  # with those of the other test
    os.kill(before["watch"], signal.SIGSTOP)
    until(lambda: running.pid("watch") not in (0, before["watch"]), "another watch")
    assert "watch is not live (does not answer when asked for its health)" in running.said()
    told = _stages(running)["watch"]
    assert (told["restarts"], told["cause"]) == (restarts, "not-live")
    times = "once" if restarts == 1 else f"{restarts} times"
    assert f"watch was started again {times}" in running.command("status").stdout
    shown = figures(str(running.told()["metrics"]))
    assert total(shown, "dongtin_restarts_total", process="watch", cause="not-live") == 1
    until(lambda: _all_ready(running), "everybody to be ready at last")
    assert total(figures(str(running.told()["metrics"])), "dongtin_process_up") == len(STAGES)


def test_all_end_in_time_while_nothing_answers(running: Running) -> None:
    """SIGTERM with the broker and Elasticsearch hanging: every stage ends by itself within the
    supervisor's grace, none has to be killed."""
    until(lambda: _all_ready(running), "everybody to be ready")
    stages = [psutil.Process(running.pid(stage)) for stage in STAGES]
    with running.suspended("Kafka"), running.suspended("Elasticsearch"):
        watch = running.pid("watch")

        def noticed() -> bool:
            vitals = of_process(running.data_dir, "watch", watch)
            return vitals is not None and not vitals.ready

        until(noticed, "somebody to notice")
        for process in stages:
            process.terminate()
        _gone, left = psutil.wait_procs(stages, timeout=GRACE_SECONDS)
        assert left == []
