"""`dongtin notify test` and `dongtin alerts`: what a person sees, and what a script can ask."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from connectors.cli.main import app
from connectors.notify.channels import addresses
from connectors.notify.delivered import RECORD, Book
from streams.secret import Secret
from streams.settings import Notify, Settings
from tests.unit.notify.places import WebServer


@pytest.fixture
def hooks() -> Iterator[tuple[WebServer, WebServer]]:
    """Two web hooks."""
    pair = WebServer(), WebServer()
    yield pair
    for hook in pair:
        hook.close()


def url(hook: WebServer) -> str:
    """Its apprise address, with a password in it."""
    return f"json://me:very-secret@127.0.0.1:{hook.port}/"


def run(folder: Path, *words: str, hooks: tuple[WebServer, ...] = ()) -> Result:
    """A dongtin command on a data folder."""
    config = folder / "dongtin.toml"
    config.write_text(f"[notify]\nurls = {json.dumps([url(hook) for hook in hooks])}\n", "utf-8")
    given = ["--config", str(config), "--data-dir", str(folder / "data")]
    return CliRunner().invoke(app, [*words, *given])


def test_every_address_gets_a_message_that_says_it_is_a_test(
    tmp_path: Path, hooks: tuple[WebServer, WebServer]
) -> None:
    """And the command ends with 0; of passwords it shows nothing."""
    answer = run(tmp_path, "notify", "test", hooks=hooks)
    assert answer.exit_code == 0, answer.output
    assert answer.output.count("ok") == 2
    assert "very-secret" not in answer.output
    for hook in hooks:
        (taken,) = hook.taken
        assert json.loads(taken.body)["title"].startswith("[THỬ]")


def test_an_address_that_fails_is_told_and_the_others_are_tried(
    tmp_path: Path, hooks: tuple[WebServer, WebServer]
) -> None:
    """Exit status 1; a script learns which one it is."""
    hooks[0].status = 403
    answer = run(tmp_path, "notify", "test", "--json", hooks=hooks)
    assert answer.exit_code == 1
    first, second = json.loads(answer.stdout)["addresses"]
    assert (first["sent"], second["sent"]) == (False, True)
    assert "403" in first["what"]
    assert len(hooks[1].taken) == 1


def test_one_address_can_be_tried_alone(tmp_path: Path, hooks: tuple[WebServer, WebServer]) -> None:
    """By its place in the list; a place that there is not is a wrong argument."""
    assert run(tmp_path, "notify", "test", "--address", "2", hooks=hooks).exit_code == 0
    assert (len(hooks[0].taken), len(hooks[1].taken)) == (0, 1)
    assert run(tmp_path, "notify", "test", "--address", "3", hooks=hooks).exit_code == 2


def test_a_test_writes_no_alert_into_the_file(tmp_path: Path) -> None:
    """Its lines are counted."""
    answer = run(tmp_path, "notify", "test")
    assert answer.exit_code == 0
    assert (tmp_path / "data" / "alerts.jsonl").read_bytes() == b""


@pytest.fixture
def told(tmp_path: Path, hooks: tuple[WebServer, WebServer]) -> Path:
    """A folder whose record has an alert that the first address got and the second did not, and one
    that both wait for."""
    urls = tuple(Secret(url(hook)) for hook in hooks)
    first, second = addresses(Settings(notify=Notify(urls=urls)))
    book = Book(tmp_path / "data" / RECORD)
    for id in ("first:1-CT/TW", "first:2-CT/TW"):
        book.add(id, b"{}", f"alerts/0/{id}", (first, second))
    (pending,) = book.waiting(first, 1)
    book.delivered([pending.number], first)
    book.failed(pending.number, second, "answered 500", last=True)
    book.close()
    return tmp_path


def listed(answer: Result) -> list[tuple[str, str]]:
    """Alerts and states of `list --json`."""
    assert answer.exit_code == 0, answer.output
    return [(row["alert"], row["state"]) for row in json.loads(answer.stdout)["deliveries"]]


def test_alerts_are_listed_by_what_became_of_them(
    told: Path, hooks: tuple[WebServer, WebServer]
) -> None:
    """All of them, or those asked for; since a day that has not come, none."""
    assert len(listed(run(told, "alerts", "list", "--json", hooks=hooks))) == 4
    assert listed(run(told, "alerts", "list", "--failed", "--json", hooks=hooks)) == [
        ("first:1-CT/TW", "failed")
    ]
    pending = listed(run(told, "alerts", "list", "--pending", "--json", hooks=hooks))
    assert pending == [("first:2-CT/TW", "pending")] * 2
    assert listed(run(told, "alerts", "list", "--since", "2199-01-01", "--json", hooks=hooks)) == []
    shown = run(told, "alerts", "list", "--most", "1", hooks=hooks).output
    assert "and more" in shown


def test_what_failed_is_tried_again_once(told: Path, hooks: tuple[WebServer, WebServer]) -> None:
    """Asked twice, the second time there is nothing to take up."""
    for count in (1, 0):
        answer = run(told, "alerts", "retry", "--json", hooks=hooks)
        assert json.loads(answer.stdout) == {"taken_up": count}
    listing = listed(run(told, "alerts", "list", "--json", hooks=hooks))
    assert ("first:1-CT/TW", "delivered") in listing
    assert [state for _, state in listing].count("pending") == 3


def test_a_folder_without_a_record_is_told(tmp_path: Path) -> None:
    """Its path is named: it is the wrong folder, or nothing ever ran."""
    answer = run(tmp_path, "alerts", "list")
    assert answer.exit_code == 1
    assert "notify.sqlite3" in str(answer.exception)
