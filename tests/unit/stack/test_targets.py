"""Whom Prometheus scrapes: every stage that has told where it is, by its name, at the port that it has now."""

from pathlib import Path

from connectors.stack import runfiles
from connectors.stack.targets import targets


def test_the_stages_that_have_told_where_they_are(tmp_path: Path) -> None:
    """As Prometheus's HTTP service discovery wants it, at the host by which it asked."""
    assert targets(tmp_path, "127.0.0.1") == []
    runfiles.note_stage(tmp_path, "index", "http://127.0.0.1:4001/metrics")
    runfiles.note_stage(tmp_path, "crawl", "http://0.0.0.0:4002/metrics")
    assert targets(tmp_path, "news.example") == [
        {"targets": ["news.example:4002"], "labels": {"instance": "crawl"}},
        {"targets": ["news.example:4001"], "labels": {"instance": "index"}},
    ]


def test_a_restart_is_another_port_of_the_same_instance(tmp_path: Path) -> None:
    """So that its series go on; an IPv6 address keeps its brackets."""
    for port in (4001, 4002):
        runfiles.note_stage(tmp_path, "watch", f"http://[::1]:{port}/metrics")
        (one,) = targets(tmp_path, "[::1]")
        assert one == {"targets": [f"[::1]:{port}"], "labels": {"instance": "watch"}}
