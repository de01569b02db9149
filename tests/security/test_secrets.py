"""No password, key or notify address in a log, an error, a metric, a run file, `doctor` or `ps`; and
nobody else may read the data folder."""

import json
import logging
import os
import stat
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path
from typing import Any

import psutil
import pytest

from connectors.elasticsearch.client import asking, connect
from connectors.notify.channels import channels
from connectors.notify.courier import Courier
from connectors.notify.delivered import Book
from connectors.stack.stack import Stack
from streams import codec, settings
from streams.configuration import load
from streams.errors import ConfigError, Retry
from streams.secret import Secret
from streams.settings import Notify, Settings
from streams.terminal import Console
from tests import make_index
from tests.pipeline.crawling import wait_until
from tests.security.rawserver import RawServer, answer

WORDS = ("hunter2pass", "hunter2key", "hunter2notify")
_NOWHERE = "127.0.0.1:9"


def _environment(folder: Path, url: str) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("DONGTIN_")}
    return clean | {
        "DONGTIN_DATA_DIR": str(folder),
        "DONGTIN_KAFKA_BOOTSTRAP": _NOWHERE,
        "DONGTIN_ELASTICSEARCH_URL": url,
        "DONGTIN_ELASTICSEARCH_USER": "me",
        "DONGTIN_ELASTICSEARCH_PASSWORD": WORDS[0],
        "DONGTIN_ELASTICSEARCH_API_KEY": WORDS[1],
        "DONGTIN_NOTIFY_URLS": f"json://me:{WORDS[2]}@127.0.0.1:9",
    }


def _dongtin(*words: str) -> list[str]:
    return [sys.executable, "-m", "connectors.cli.main", *words]


def _refusing() -> RawServer:
    body = b'{"error":{"type":"security_exception","reason":"unable to authenticate"},"status":401}'
    return RawServer({"/_cluster/health": answer(body, "application/json", "401 Unauthorized")})


def assert_no_secret(text: str) -> None:
    """None of the words, nor their base64 as headers have it."""
    for word in (*WORDS, "hunter2", "bWU6aHVudGVyMn"):
        assert word not in text


@pytest.mark.hostile
@pytest.mark.parametrize("words", [["doctor"], ["ledger"], ["dead", "list"]])
def test_commands_that_fail_tell_none(tmp_path: Path, words: list[str]) -> None:
    """Servers that are away or refuse: output and errors of a command tell what happened, and no
    secret; no traceback."""
    with _refusing() as server:
        done = subprocess.run(
            _dongtin(*words), env=_environment(tmp_path, server.url), capture_output=True, text=True
        )
    assert done.returncode == 1
    assert_no_secret(done.stdout + done.stderr)
    assert "Traceback" not in done.stderr


@pytest.mark.hostile
@pytest.mark.parametrize("stage", ["crawl", "enrich", "watch", "index", "notify"])
def test_a_running_stage_shows_none(tmp_path: Path, stage: str) -> None:
    """Not in its command line, its log, its metrics, nor in any file; and its files are the user's alone."""
    with _refusing() as server, (tmp_path / "log").open("wb") as log:
        folder = tmp_path / "data"
        process = subprocess.Popen(
            _dongtin(stage), env=_environment(folder, server.url), stdout=log, stderr=log
        )
        try:
            told = folder / "run" / f"{stage}.json"
            wait_until(lambda: told.exists() or process.poll() is not None)
            metrics = json.loads(told.read_text())["metrics"]
            wait_until(lambda: (tmp_path / "log").read_text().count("\n") >= 1)
            with urllib.request.urlopen(metrics) as got:
                assert_no_secret(got.read().decode())
            assert_no_secret(" ".join(psutil.Process(process.pid).cmdline()))
        finally:
            process.terminate()
            process.wait(timeout=30)
    for path in (folder, *folder.rglob("*")):
        assert not stat.S_IMODE(path.stat().st_mode) & 0o077, path
        if path.is_file():
            assert_no_secret(path.read_bytes().decode(errors="replace"))
    assert_no_secret((tmp_path / "log").read_text())


def test_a_search_server_that_refuses(caplog: pytest.LogCaptureFixture) -> None:
    """The client's errors, written out in full."""
    for fields in ({"user": "me", "password": Secret(WORDS[0])}, {"api_key": Secret(WORDS[1])}):
        with _refusing() as server:
            given: Any = {"url": server.url, **fields}
            own = settings.Elasticsearch(**given)
            with connect(own) as client, pytest.raises(Retry) as caught, asking(client):
                client.cluster.health()
            cause = caught.value.__cause__
            assert_no_secret(f"{caught.value!r} {cause!r} {cause} {own!r} {client!r}")
        assert "401" in str(caught.value)
    assert_no_secret(caplog.text)


@pytest.mark.parametrize("kind", ["json", "form", "xml", "mailto"])
def test_a_service_that_fails(tmp_path: Path, caplog: pytest.LogCaptureFixture, kind: str) -> None:
    """Neither the log, whoever writes into it, nor the record of deliveries has the address."""
    with RawServer({"/": answer(b"no", status="500 No")}) as server:
        url = f"{kind}://me:{WORDS[2]}@127.0.0.1:{server.port}"
        if kind == "mailto":
            url = f"mailto://me:{WORDS[2]}@{_NOWHERE}?smtp=127.0.0.1&from=a@example.com&to=b@example.com"
        own = Settings(data_dir=tmp_path, notify=Notify(urls=(Secret(url),)))
        (channel,) = channels(own)
        book = Book(tmp_path / "notify.sqlite3")
        book.add("first:a", codec.encode(make_index.alert()), "alerts/0/0", [channel.address])
        pending = book.waiting(channel.address, 1)
        assert pending
        with caplog.at_level(logging.INFO):
            Courier(channel, book, 1, threading.Event()).deliver(pending)
        (lost,) = book.lost()
        book.close()
    assert caplog.records
    assert_no_secret(caplog.text)
    assert_no_secret(f"{lost!r} {channel!r}")
    for path in tmp_path.iterdir():
        assert_no_secret(path.read_bytes().decode(errors="replace"))


def test_stages_are_started_without_any(tmp_path: Path) -> None:
    """`dongtin up` hands its stages a configuration file and their environment, never a secret as an
    argument, which every user of the machine sees."""
    own = load(None, environment=_environment(tmp_path, "http://127.0.0.1:9"))
    stack = Stack(own, kafka=None, elasticsearch=None, say=print, console=Console())
    for stage in ("crawl", "enrich", "watch", "index", "notify"):
        assert_no_secret(" ".join(stack._program(stage, None).command))


def test_an_address_with_a_password_is_refused(tmp_path: Path) -> None:
    """It would stand in `ps`, logs and run files; it is not repeated in the error either."""
    words = _dongtin("doctor", "--elasticsearch", f"http://me:{WORDS[0]}@127.0.0.1:9")
    done = subprocess.run(words, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 2
    assert "user and password" in done.stderr
    assert_no_secret(done.stdout + done.stderr)


def _mistake(config: Path) -> str:
    try:
        return repr(load(config, environment={}))[:0]
    except ConfigError as error:
        return str(error)


def test_a_wrong_file_is_told_without_its_secrets(tmp_path: Path) -> None:
    """However a line with a secret is broken."""
    config = tmp_path / "dongtin.toml"
    good = f'[elasticsearch]\nuser = "me"\npassword = "{WORDS[0]}"\n[notify]\nurls = ["json://{WORDS[2]}@a"]\n'
    broken = [good[:n] + c + good[n:] for n in range(0, len(good), 3) for c in "\"[]=.\\\n#'{}1"]
    told = 0
    for text in broken:
        config.write_text(text)
        said = _mistake(config)
        told += bool(said)
        assert said.startswith((str(config), "settings: ") if said else "")
        if "unknown key" not in said:  # a secret that was made a key by the mistake
            assert_no_secret(said)
    assert told > len(broken) / 3
