"""What the watcher asks and tells, with a register in memory and a broker that always answers."""

import asyncio
import time
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from streams import codec
from streams.agents import watch
from streams.alerts import Claim
from streams.errors import Reason
from streams.health import Heart
from streams.records import Alert
from tests import make, make_index
from tests.fakes import FakeRegister

KEY = "05-CT/TW"


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Alert]:
    """The alerts that the broker has."""
    alerts: list[Alert] = []

    async def produce(_topic: object, _key: bytes, value: bytes) -> Any:
        alerts.append(codec.decode(Alert, value))
        return asyncio.sleep(0)

    monkeypatch.setattr(watch, "produce", produce)
    monkeypatch.setattr(watch, "raw_topic", lambda _app, name: name)
    return alerts


def watcher_of(register: FakeRegister) -> watch.Watcher:
    """A worker that has asked nothing yet."""
    app = SimpleNamespace(conf=SimpleNamespace(stream_wait_empty=True))
    return watch.Watcher(
        app, register, {}, Heart(name="watch", limit=1.0, clock=time.monotonic, at=0.0)
    )


@pytest.mark.parametrize("batches", [["b", "a"], ["ba"]])
async def test_what_another_worker_claimed_and_could_not_tell_is_told(
    told: list[Alert], batches: list[str]
) -> None:
    """A worker claims for the article `a` and is killed; another one has read `b`, which names the same
    document, when `a` comes to it. Whether it sees `b` first, or both in one batch: it tells."""
    register = FakeRegister()
    assert await register.claim(make_index.first_mention(KEY, article="a")) is Claim.NEW
    watcher = watcher_of(register)
    for batch in batches:
        await watcher.tell_all([make_index.first_mention(KEY, article=name) for name in batch])
    assert [(alert.document, alert.article) for alert in told] == [(KEY, "a")]
    assert register.told_alerts.keys() == {KEY}


async def test_another_articles_claim_is_left_to_it(told: list[Alert]) -> None:
    """Its worker may be telling it at this moment."""
    register = FakeRegister()
    await register.claim(make_index.first_mention(KEY, article="a"))
    await watcher_of(register).tell_all([make_index.first_mention(KEY, article="b")])
    assert not told
    assert not register.told_alerts


async def test_what_is_told_is_not_asked_again(
    told: list[Alert], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor told again, by however many articles it is named."""
    register = FakeRegister()
    watcher = watcher_of(register)
    await watcher.tell_all([make_index.first_mention(KEY, article=name) for name in "ab"])
    monkeypatch.delattr(FakeRegister, "claim")
    await watcher.tell_all([make_index.first_mention(KEY, article=name) for name in "cd"])
    assert [alert.article for alert in told] == ["a"]


def test_a_record_that_nobody_thought_of_is_one_messages_fate(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It decodes, and something of it ends our rules: a dead letter, and no end of the stage, which would be
    given the same record again for ever."""

    def stumble(*_: object, **more: object) -> None:
        raise IndexError("string index out of range")

    monkeypatch.setattr(watch, "first_mentions", stumble)
    outcome, firsts = watch.read_article(codec.encode(make_index.article("xa", (KEY,))), None)
    assert (outcome.reason, firsts) == (Reason.CRASH, ())
    assert "IndexError" in outcome.detail


def test_a_mention_beyond_its_text_is_a_bad_record() -> None:
    """As it is for the index stage."""
    odd = make_index.article_with_a_mention_beyond_its_text(KEY)
    outcome, firsts = watch.read_article(codec.encode(odd), None)
    assert (outcome.reason, firsts) == (Reason.BAD_RECORD, ())
    assert f"is outside its {len(odd.text)} chars" in outcome.detail


@pytest.mark.parametrize(("hour", "quiet"), [(-1, True), (1, False)])
def test_a_time_without_a_zone_is_compared_as_utc(hour: int, quiet: bool) -> None:
    """With a baseline too."""
    found = (make.MOMENT + timedelta(hours=hour)).replace(tzinfo=None)
    article = replace(make_index.article("gio", (KEY,)), discovered_at=found)
    outcome, (first,) = watch.read_article(codec.encode(article), make.MOMENT)
    assert outcome.reason is None
    assert first.quiet is quiet
