"""The notify stage on real Kafka: each alert to each address once, whatever happens."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.notify import notify
from connectors.notify.delivered import RECORD, Book
from streams import codec, topics
from streams.records import Alert
from streams.secret import Secret
from streams.settings import Notify, Settings
from tests import make_index
from tests.pipeline.hook import Hook
from tests.pipeline.indexing import Room, in_thread, room, until
from tests.unit.notify.places import mail_server

pytestmark = pytest.mark.servers


@pytest.fixture
def hooks() -> Iterator[tuple[Hook, Hook]]:
    """Two web hooks."""
    pair = Hook(), Hook()
    yield pair
    for hook in pair:
        hook.close()


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
    urls = tuple(Secret(hook.url) for hook in hooks)
    return replace(settings, notify=Notify(urls=urls, attempts=2, most=1, window=0.0))


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
        to(place.settings, late, good),
        notify=Notify(urls=(Secret(late.url), Secret(good.url)), attempts=99, most=1, window=0.0),
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


def test_a_burst_is_a_few_messages_with_every_document(
    place: Room, hooks: tuple[Hook, Hook], fresh_prefix: str
) -> None:
    """The first alert goes at once; what comes within the window after it goes in one message."""
    hook, _ = hooks
    told = alerts(50, fresh_prefix)
    urls = (Secret(hook.url),)
    settings = replace(place.settings, notify=Notify(urls=urls, most=50, window=5.0))

    def lines_with(alert: Alert) -> int:
        return sum(alert.sentence in body for body in hook.bodies)

    with notifying(settings):
        place.tell(*told)
        until(lambda: all(lines_with(alert) for alert in told), "every document")
    assert [lines_with(alert) for alert in told] == [1] * 50
    assert len(hook.bodies) <= 4


def test_a_mail_server_that_was_away_gets_everything_in_one_mail(
    place: Room, fresh_prefix: str
) -> None:
    """Nothing is given up meanwhile: what waits can be seen, and then arrives, each document once."""
    told = alerts(10, fresh_prefix)
    with mail_server() as box:
        box.closed = True
        addressed = Notify(urls=(Secret(box.url),), most=20, window=5.0)
        settings = replace(place.settings, notify=addressed)
        with notifying(settings):
            place.tell(*told)
            book = Book(settings.data_dir / RECORD)

            def tried() -> int:
                return sum(d.attempts > 0 for d in book.deliveries(("pending",), 0.0, 99))

            until(lambda: tried() == 10, "each to be tried in vain")
            box.closed = False
            until(lambda: not book.deliveries(("pending",), 0.0, 99), "all to be delivered")
        assert len(book.deliveries(("delivered",), 0.0, 99)) == 10
        book.close()
    text = "".join(mail.get_content() for mail in box.mails)
    assert [text.count(alert.sentence) for alert in told] == [1] * 10
    assert len(box.mails) <= 2
    assert place.letters() == []


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
