"""Figures: read from what the processes say, honest when they say nothing."""

import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, start_http_server

from connectors.stack import figures, runfiles
from connectors.stack.alerts import AlertFile, all_alerts


def test_a_stage_that_does_not_run_has_no_process(tmp_path: Path) -> None:
    """No run file, or one of a process that is gone: no process id, no counts."""
    assert figures.stage_figures(tmp_path, "enrich").pid is None
    runfiles.write(tmp_path / "run" / "enrich.json", {"pid": 1, "started": 1.0, "metrics": ""})
    assert figures.stage_figures(tmp_path, "enrich").pid is None


def test_a_running_stage_tells_its_counts(tmp_path: Path) -> None:
    """Outcomes are summed over outlets and sorted into gone on, skipped and dead."""
    registry = CollectorRegistry()
    articles = Counter("dongtin_articles", "x", ["stage", "outcome", "outlet"], registry=registry)
    for outcome, outlet, count in [
        ("ok", "a", 3), ("ok", "b", 2), ("list-page", "a", 1), ("deadline", "a", 4)
    ]:  # fmt: skip
        articles.labels("enrich", outcome, outlet).inc(count)
    server, thread = start_http_server(0, "127.0.0.1", registry)
    try:
        address = f"http://127.0.0.1:{server.server_port}/metrics"
        runfiles.note_stage(tmp_path, "enrich", address)
        found = figures.stage_figures(tmp_path, "enrich")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert (found.ok, found.skipped, found.dead) == (5, 1, 4)
    assert figures.usage_of(found.pid).memory > 0


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [([], 0.5, None), ([1.0], 0.99, 1.0), ([3, 1, 2], 0.5, 2), (range(1, 101), 0.99, 99)],
)
def test_quantiles(values: list[float], share: float, expected: float | None) -> None:
    """Nearest rank: a value that really occurred."""
    assert figures.quantile(values, share) == expected


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0.01, 1))
def test_a_quantile_covers_its_share(values: list[float], share: float) -> None:
    """At least the share of all values do not exceed it, and it is one of them."""
    found = figures.quantile(values, share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values) - 1e-6


def test_half_a_line_of_alerts_is_left(tmp_path: Path) -> None:
    """A line still being written is not an alert yet."""
    path = tmp_path / "alerts.jsonl"
    path.write_text('{"id": "a"}\n{"id": "b', encoding="utf-8")
    assert all_alerts(path) == [{"id": "a"}]
    assert all_alerts(tmp_path / "none") == []


def test_each_alert_is_read_once_as_the_file_grows(tmp_path: Path) -> None:
    """What was read is not read again, and half a line is read when it is whole."""
    path = tmp_path / "alerts.jsonl"
    file = AlertFile(path)
    assert list(file.new()) == []
    path.write_text('{"id": "a"}\n{"id": "b', encoding="utf-8")
    assert list(file.new()) == [{"id": "a"}]
    with path.open("a", encoding="utf-8") as more:
        more.write('"}\nnot json\n{"id": "c"}\n')
    assert list(file.new()) == [{"id": "b"}, {"id": "c"}]
    assert list(file.new()) == []
    assert (file.count, list(file.newest)) == (3, [{"id": "a"}, {"id": "b"}, {"id": "c"}])


def test_run_files_are_never_half_written(tmp_path: Path) -> None:
    """A reader beside a writer sees one whole file or the other."""
    path = tmp_path / "stack.json"
    runfiles.write(path, {"n": "0" * 50_000})
    done = threading.Event()

    def write() -> None:
        for number in range(200):
            runfiles.write(path, {"n": str(number % 10) * 50_000})
        done.set()

    threading.Thread(target=write).start()
    while not done.is_set():
        found = runfiles.read(path)
        assert found is not None
        assert len(set(found["n"])) == 1
