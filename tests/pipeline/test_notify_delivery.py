"""The notify stage on real Kafka: each alert to each address once, whatever happens."""

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from connectors.notify import notify
from streams import codec, topics
from streams.records import Alert
from streams.settings import Notify, Settings
from tests import make_index
from tests.pipeline.indexing import Room, in_thread, room, until

pytestmark = pytest.mark.servers


class Hook:
    """A web hook: answers with its status, after its delay, and keeps what it took."""

    def __init__(self) -> None:
        self.status = 200
        self.delay = 0.0
        self.taken: list[str] = []
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                time.sleep(hook.delay)
                if hook.status == 200:
                    hook.taken.append(body["title"])
                self.send_response(hook.status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """Its apprise address."""
        return f"json://127.0.0.1:{self.server.server_port}/"


@pytest.fixture
def hooks() -> Iterator[tuple[Hook, Hook]]:
    """Two web hooks."""
    pair = Hook(), Hook()
    yield pair
    for hook in pair:
        hook.server.shutdown()
        hook.server.server_close()


@pytest.fixture
def place(
    kafka_address: str, elasticsearch_url: str, fresh_prefix: str, tmp_path: Path
) -> Iterator[Room]:
    """An empty place."""
    with room(kafka_address, elasticsearch_url, fresh_prefix, tmp_path / "data") as place:
        yield place


def notifying(settings: Settings) -> AbstractContextManager[None]:
    """The notify stage in a thread, from its start to its clean end."""
    return in_thread(notify.run, settings)


def alerts(count: int, prefix: str) -> list[Alert]:
    """Alerts of different documents, unlike those of other tests."""
    return [make_index.alert(f"{n}-{prefix}/TW") for n in range(count)]


def lines(settings: Settings) -> list[str]:
    """The ids in the file."""
    path = settings.data_dir / settings.notify.file
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return [json.loads(line)["id"] for line in text.splitlines()]


def to(settings: Settings, *hooks: Hook) -> Settings:
    """Settings with these addresses."""
    urls = tuple(hook.url for hook in hooks)
    return replace(settings, notify=Notify(urls=urls, attempts=2))


def test_killed_in_mid_flow(place: Room, fresh_prefix: str) -> None:
    """kill -9 twice, each alert told twice by the watch stage: one whole line for each."""
    told = alerts(400, fresh_prefix)
    place.tell(*told[:200])
    for part in (told[200:], told):
        process = place.start("notify")
        done = len(lines(place.settings))
        until(lambda done=done: len(lines(place.settings)) > done, "it to be at work")  # type: ignore[misc]  # bound now
        process.kill()
        place.tell(*part)
    process = place.start("notify")
    until(lambda: place.finished("notify"), "everything to be committed")
    until(lambda: len(lines(place.settings)) >= len(told), "every line")
    assert process.end() == 0
    assert Counter(lines(place.settings)) == Counter(alert.id for alert in told)


def test_one_failing_address_holds_back_no_other(
    place: Room, hooks: tuple[Hook, Hook], fresh_prefix: str
) -> None:
    """It gets its tries, then a dead letter says what it missed."""
    bad, good = hooks
    bad.status = 500
    told = alerts(3, fresh_prefix)
    place.tell(*told)
    with notifying(to(place.settings, bad, good)):
        until(lambda: len(good.taken) == 3, "the good address to have all")
        until(lambda: len(place.letters()) == 3, "the dead letters")
        assert place.finished("notify")
    letters = place.letters()
    assert {letter.reason for letter in letters} == {"undeliverable"}
    assert {letter.stage for letter in letters} == {"notify"}
    assert {letter.attempts for letter in letters} == {2}
    assert [codec.decode(Alert, letter.content) for letter in letters] == told
    assert bad.taken == []


def test_what_was_delivered_is_not_delivered_again(
    place: Room, hooks: tuple[Hook, Hook], fresh_prefix: str
) -> None:
    """Neither after a restart nor for a second message with the same id; an address that was away
    gets what it missed."""
    late, good = hooks
    late.status = 503
    settings = replace(
        to(place.settings, late, good), notify=Notify(urls=(late.url, good.url), attempts=99)
    )
    told = alerts(2, fresh_prefix)
    with notifying(settings):
        place.tell(*told)
        until(lambda: len(good.taken) == 2, "the good address to have all")
    late.status = 200
    with notifying(settings):
        place.tell(*told)
        until(lambda: len(late.taken) == 2, "the late address to have all")
        until(lambda: place.finished("notify"), "the second messages to be seen")
    assert len(good.taken) == len(late.taken) == 2


def test_bytes_that_are_no_alert_are_buried(place: Room, fresh_prefix: str) -> None:
    """And what comes after them is delivered."""
    place.put(topics.ALERTS.name, [(b"\xff", b"\xff\x00"), (b"a", b"{}"), (b"n", None)])
    (alert,) = alerts(1, fresh_prefix)
    place.tell(alert)
    with notifying(place.settings):
        until(lambda: lines(place.settings) == [alert.id], "the alert")
        until(lambda: place.finished("notify"), "everything to be committed")
    letters = place.letters()
    assert [letter.reason for letter in letters] == ["bad-record"] * 3
    assert [letter.content for letter in letters] == [b"\xff\x00", b"{}", b""]


def test_it_stops_although_an_address_hangs(
    place: Room, hooks: tuple[Hook, Hook], fresh_prefix: str
) -> None:
    """What hung is delivered by the next run."""
    hanging, _ = hooks
    hanging.delay = 60.0
    settings = to(place.settings, hanging)
    place.tell(*alerts(1, fresh_prefix))
    with notifying(settings):
        until(lambda: place.finished("notify"), "the alert to be taken")
    hanging.delay = 0.0
    with notifying(settings):
        until(lambda: len(hanging.taken) == 1, "the alert")
