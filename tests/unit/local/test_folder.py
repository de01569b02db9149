"""The data folder: one holder, who is named; left-overs, which are recognised."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from connectors.local.errors import FolderInUse, LocalServersError
from connectors.local.folder import DataFolder, new_id
from connectors.local.servers import LocalServers
from connectors.local.started import started_at
from connectors.stack import runfiles
from tests.local_servers import running_in


@pytest.fixture
def held(tmp_path: Path) -> Iterator[DataFolder]:
    """A folder that this process holds."""
    folder = DataFolder(tmp_path / "dữ liệu")
    folder.claim()
    yield folder
    folder.release()


def test_the_second_claim_is_refused_and_names_the_first(held: DataFolder) -> None:
    """The message tells the process, the folder and the way out."""
    with pytest.raises(FolderInUse) as caught:
        DataFolder(held.path).claim()
    message = str(caught.value)
    assert f"process {os.getpid()} " in message
    assert str(held.path) in message
    assert "--data-dir" in message


def test_a_holder_elsewhere_is_told(held: DataFolder) -> None:
    """Another user and another machine are named, since their process can't be seen from here."""
    record = json.loads((held.path / "servers.json").read_text())
    record.update(user="chị Lan", host="máy-khác")
    (held.path / "servers.json").write_text(json.dumps(record))
    with pytest.raises(FolderInUse, match="of the user chị Lan on the machine máy-khác"):
        DataFolder(held.path).claim()


def test_a_holder_without_a_record_is_still_refused(held: DataFolder) -> None:
    """The lock decides, not the record."""
    (held.path / "servers.json").write_text("{half a rec")
    with pytest.raises(FolderInUse, match="in use by another process"):
        DataFolder(held.path).claim()


def test_a_refused_start_stops_nothing(held: DataFolder) -> None:
    """Whoever is refused leaves the holder's record, lock and servers alone."""
    refused = LocalServers(held.path)
    with pytest.raises(FolderInUse):
        refused.start()
    refused.stop()
    assert held.is_ours
    holder = running_in(held.path)
    assert holder is not None
    assert holder.process.pid == os.getpid()


def test_a_folder_is_free_again_after_release(tmp_path: Path) -> None:
    """Release gives it to the next one, and nobody is said to run there."""
    first = DataFolder(tmp_path)
    first.claim()
    first.release()
    assert running_in(tmp_path) is None
    second = DataFolder(tmp_path)
    second.claim()
    second.release()


def test_a_killed_holders_folder_is_free(tmp_path: Path) -> None:
    """After kill -9 nothing has to be cleaned by hand, and its record deceives nobody."""
    program = (
        "import sys, time; from pathlib import Path; from connectors.local.folder import DataFolder\n"
        "folder = DataFolder(Path(sys.argv[1])); folder.claim(); print('held', flush=True)\n"
        "time.sleep(600)"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    assert running_in(tmp_path) is not None
    holder.kill()
    holder.communicate()
    assert running_in(tmp_path) is None
    DataFolder(tmp_path).claim()


def test_a_later_process_of_the_same_id_is_not_the_holder(held: DataFolder) -> None:
    """An id alone proves nothing: the start time has to fit."""
    record = json.loads((held.path / "servers.json").read_text())
    record["process"]["started"] -= 1000
    (held.path / "servers.json").write_text(json.dumps(record))
    assert running_in(held.path) is None


def test_left_over_servers_are_found_and_stopped(held: DataFolder) -> None:
    """A process is ours by the folder's marker on its command line; a bystander stays."""
    sleeper = [sys.executable, "-c", "import time; time.sleep(600)"]
    ours = subprocess.Popen([*sleeper, held.marker])
    bystander = subprocess.Popen([*sleeper, held.marker + "0"])
    try:
        # until the new program has replaced the copy of this one
        deadline = time.monotonic() + 30
        while [one.pid for one in held.left_over()] != [ours.pid]:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert held.stop_left_over() == 1
        ours.wait(timeout=60)
        assert bystander.poll() is None
    finally:
        for process in (ours, bystander):
            process.kill()
            process.wait()


def test_a_copied_folder_has_another_marker(held: DataFolder, tmp_path: Path) -> None:
    """Servers of a copy are not taken for the original's; a renamed folder stays itself."""
    before = held.marker
    (tmp_path / "copy").mkdir()
    assert DataFolder(tmp_path / "copy").marker != before
    renamed = held.path.rename(tmp_path / "renamed")
    assert DataFolder(renamed).marker == before
    renamed.rename(held.path)


def test_the_identity_stays(held: DataFolder) -> None:
    """Made once, then read: Kafka refuses data of another cluster."""
    assert held.identity() == DataFolder(held.path).identity()
    assert len(held.identity()) == 22


def test_an_impossible_folder_is_named(tmp_path: Path) -> None:
    """A folder that can't be made gives a plain error with its path."""
    (tmp_path / "file").write_text("")
    with pytest.raises(LocalServersError, match=r"file/data can't be used"):
        DataFolder(tmp_path / "file" / "data").claim()


def test_nobody_runs_in_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """Asking about a folder does not make it."""
    assert running_in(tmp_path / "none") is None
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("jump", [86_400.0, -86_400.0])
def test_a_clock_that_is_set_makes_nobody_a_stranger(
    held: DataFolder, monkeypatch: pytest.MonkeyPatch, jump: float
) -> None:
    """The system then tells another start of the machine, and with it of every process."""
    linux = pytest.importorskip("psutil._pslinux")
    me, before = runfiles.me(), psutil.Process().create_time()
    boot = linux.boot_time()
    monkeypatch.setattr(linux, "boot_time", lambda: boot + jump)
    assert abs(psutil.Process().create_time() - before) > 1000  # as psutil sees it
    holder = held.holder()
    assert holder is not None
    assert holder.is_alive()
    assert runfiles.alive(me)


def test_this_process_is_identified(held: DataFolder) -> None:
    """The record holds our id and when we were started."""
    holder = held.holder()
    assert holder is not None
    assert abs(holder.process.started - started_at(psutil.Process())) < 1
    assert holder.is_alive()


def test_an_id_is_never_taken_for_an_option() -> None:
    """Kafka's tools read what begins with a dash as an option, and refuse to format the folder."""
    ids = [new_id() for _ in range(2000)]
    assert not [text for text in ids if text.startswith("-")]
    assert {len(text) for text in ids} == {22}
    assert len(set(ids)) == len(ids)
