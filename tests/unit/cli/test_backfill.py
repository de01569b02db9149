"""`dongtin backfill` without a server: what would be taken in, and clear words for what is wrong."""

import json
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from connectors.crawler.store import Store

_CONFIG = '[outlets.bao]\nname = "Báo"\nfeeds = ["https://bao.example/rss"]\nenabled = {enabled}\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder with a store, a list of two addresses, a configuration with one outlet."""
    with closing(Store(tmp_path / "crawler.sqlite3")):
        pass
    (tmp_path / "list.txt").write_text("https://bao.example/1.html\nhttps://khac.example/2.html\n")
    (tmp_path / "outlets.toml").write_text(_CONFIG.format(enabled="true"), encoding="utf-8")
    return tmp_path


def _backfill(
    folder: Path, *words: str, data: Path | None = None
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "connectors.cli.main", "backfill", *words]
    places = ["--config", str(folder / "outlets.toml"), "--data-dir", str(data or folder)]
    return subprocess.run([*command, *places], capture_output=True, text=True)


def test_addresses_need_no_server(folder: Path) -> None:
    """They go into the store; a dry run leaves it as it is; the second time they are known."""
    words = ("urls", str(folder / "list.txt"), "--json")
    for more, new, known in ((("--dry-run",), 1, 0), ((), 1, 0), ((), 0, 1)):
        done = _backfill(folder, *words, *more)
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        assert (told["new"], told["known"], told["elsewhere"]["count"]) == (new, known, 1)
    with closing(Store(folder / "crawler.sqlite3")) as store:
        assert store.counts() == {("bao", "discovered", ""): 1}


def test_what_is_wrong_is_said(folder: Path) -> None:
    """An outlet that is none, a data folder without a store, an outlet that is never fetched."""
    path = str(folder / "list.txt")
    wrong = _backfill(folder, "urls", path, "--outlet", "baoo")
    assert (wrong.returncode, "known: bao" in " ".join(wrong.stderr.split())) == (2, True)
    absent = _backfill(folder, "urls", path, data=folder / "elsewhere")
    assert (absent.returncode, "no crawler's store" in absent.stderr) == (1, True)
    assert not (folder / "elsewhere/crawler.sqlite3").exists()
    (folder / "outlets.toml").write_text(_CONFIG.format(enabled="false"), encoding="utf-8")
    never = _backfill(folder, "urls", path, "--json")
    assert never.returncode == 0, never.stderr
    (bad,) = json.loads(never.stdout)["bad"]["named"]
    assert bad["where"] == f"{path}:1"
    assert "not enabled" in bad["detail"]
