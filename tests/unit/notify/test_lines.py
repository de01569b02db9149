"""The file of alerts: whole lines, each alert once."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.notify.lines import LinesFile
from tests import make, make_index

NOW = make.MOMENT + timedelta(seconds=2.5)


def ids(path: Path) -> list[str]:
    """The ids of a file's lines, each of which must be JSON."""
    assert path.read_bytes().endswith(b"\n")
    return [json.loads(line)["id"] for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_line_tells_when_and_how_late(tmp_path: Path) -> None:
    """Alert id, delivery, discovery, and the seconds between."""
    path = tmp_path / "new" / "alerts.jsonl"
    LinesFile(path).write(make_index.alert(), NOW)
    line = json.loads(path.read_text(encoding="utf-8"))
    assert line["id"] == "first:05-CT/TW"
    assert line["latency"] == 2.5
    assert line["delivered_at"].startswith("2026-11-24T03:00:02.5")
    assert line["discovered_at"].startswith("2026-11-24T03:00:00")
    assert line["message_title"].startswith("Lần đầu được nhắc")


def test_an_alert_that_the_last_run_wrote_is_not_written_again(tmp_path: Path) -> None:
    """A crash may come between the line and the note that it is delivered."""
    path = tmp_path / "alerts.jsonl"
    LinesFile(path).write(make_index.alert("1-CT/TW"), NOW)
    file = LinesFile(path)
    file.write(make_index.alert("1-CT/TW"), NOW)
    file.write(make_index.alert("2-CT/TW"), NOW)
    assert ids(path) == ["first:1-CT/TW", "first:2-CT/TW"]


@pytest.mark.parametrize("cut", [1, 2, 30, 10_000])
def test_a_torn_last_line_is_mended(tmp_path: Path, cut: int) -> None:
    """However much of it is missing, all lines are whole and each alert is there once."""
    path = tmp_path / "alerts.jsonl"
    file = LinesFile(path)
    file.write(make_index.alert("1-CT/TW"), NOW)
    kept = path.read_bytes()
    file.write(make_index.alert("2-CT/TW"), NOW)
    whole = path.read_bytes()
    path.write_bytes(whole[: max(len(kept) + 1, len(whole) - cut)])
    LinesFile(path).write(make_index.alert("2-CT/TW"), NOW)
    assert ids(path) == ["first:1-CT/TW", "first:2-CT/TW"]


def test_lines_of_others_are_left_alone(tmp_path: Path) -> None:
    """A person's note in the file, or a line of another form, stays."""
    path = tmp_path / "alerts.jsonl"
    path.write_text('[1]\nxem lại\n{"id": 3}\n', encoding="utf-8")
    LinesFile(path).write(make_index.alert(), NOW)
    assert path.read_text(encoding="utf-8").startswith('[1]\nxem lại\n{"id": 3}\n{')
