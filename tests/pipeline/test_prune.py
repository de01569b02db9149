"""`dongtin prune`: what has grown too old goes, and nothing else."""

import json
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.elasticsearch import names
from connectors.elasticsearch.admin import differences, present
from connectors.elasticsearch.client import connect
from connectors.ledger.snapshot import kept_from
from connectors.upkeep.prune import removals
from streams import codec, topics
from streams.settings import Retention
from tests import make_index
from tests.pipeline.indexing import Room, environment, indexing, until
from tests.pipeline.running import DONGTIN
from tests.retention import retention, set_retention

pytestmark = [pytest.mark.servers, pytest.mark.timeout(600)]

OLD = datetime(2020, 1, 15, tzinfo=UTC)


def prune(place: Room, days: dict[str, int], *words: str) -> list[dict[str, Any]]:
    """What `dongtin prune --json` says."""
    variables = {f"DONGTIN_RETENTION_{name.upper()}": str(n) for name, n in days.items()}
    done = subprocess.run(
        [*DONGTIN, "prune", "--json", *words],
        env=environment(place.settings) | variables,
        capture_output=True,
        text=True,
        check=True,
    )
    rows: list[dict[str, Any]] = json.loads(done.stdout)
    return rows


def indices(place: Room) -> set[str]:
    """Every index of the place."""
    prefix = place.settings.elasticsearch.prefix
    with connect(place.settings.elasticsearch) as client:
        return {name.name for kind in names.KINDS for name in present(client, prefix, kind)}


def test_months_letters_and_alerts_go_when_they_are_old(place: Room) -> None:
    """The dry run says which and removes nothing; the ledger is told from which day on everything is
    there; the register stays."""
    settings, now = place.settings, datetime.now(UTC)
    old = make_index.article("cũ", ("1-CT/TW",), first_seen=OLD)
    new = make_index.article("mới", ("2-CT/TW",), first_seen=now)
    with indexing(settings):
        place.send(old, new)
        place.tell(
            make_index.alert("1-CT/TW", created_at=OLD), make_index.alert("2-CT/TW", created_at=now)
        )
        for letter in (make_index.dead_letter(id="o" * 32, at=OLD), make_index.dead_letter(at=now)):
            place.producer.send(
                topics.DEAD.name,
                key=letter.id.encode(),
                value=letter.content,
                headers=list(codec.dead_headers(letter).items()),
            ).get(30)
        until(lambda: place.holds([old, new]), "the articles")
        until(lambda: place.counts().get("alerts") == 2, "the alerts")
        until(lambda: place.counts().get("dead") == 2, "the letters")
    before = indices(place)
    assert prune(place, {}) == []
    assert kept_from(settings) == ""

    days = {"articles": 40, "alerts": 40, "dead": 40}
    planned = prune(place, days, "--dry-run")
    gone = {name for name in before if name.endswith("2020.01")}
    assert len(gone) == 3
    assert {row["state"] for row in planned} == {"to be removed"}
    assert {row["what"].split(":")[0] for row in planned} == {
        *(f"index {name}" for name in gone),
        *(f"index {settings.elasticsearch.prefix}-{kind}" for kind in ("alerts", "dead")),
        "topic alerts",
        "topic articles.dead",
    }
    assert indices(place) == before

    days_of_prune = [datetime.now(UTC)]
    try:
        removed = prune(place, days)
    finally:
        for topic in (topics.ALERTS, topics.DEAD):
            set_retention(settings.kafka, topic, topics.FOREVER_MS)
    assert [row["what"] for row in removed] == [row["what"] for row in planned]
    assert indices(place) == before - gone
    assert place.holds([new])
    assert (place.counts()["alerts"], place.counts()["dead"]) == (1, 1)
    days_of_prune.append(datetime.now(UTC))  # another day, if it was midnight
    assert kept_from(settings) in {f"{day - timedelta(days=40):%Y-%m-%d}" for day in days_of_prune}
    assert prune(place, {"articles": 40}) == []
    with connect(settings.elasticsearch) as client:
        assert differences(client, settings) == ()  # the note is no difference


def test_a_topic_is_shortened_once_everybody_has_read_it(place: Room) -> None:
    """What a stage has still to read is never given to Kafka to delete."""
    kafka, name = place.settings.kafka, topics.ENRICHED.name
    before = retention(kafka, topics.ENRICHED)
    settings = replace(place.settings, retention=Retention(enriched=7))
    with indexing(settings):
        pass  # its indices are made
    place.send(make_index.article("a", ("1-CT/TW",)))
    after_ten_days = datetime.now(UTC) + timedelta(days=10)

    def of_the_topic() -> Any:
        (found,) = [r for r in removals(settings, after_ten_days) if name in r.what]
        return found

    try:
        refused = of_the_topic()
        assert refused.apply is None
        assert "index has still to read 1 of them" in refused.mend
        assert "watch has still to read 1 of them" in refused.mend
        place.commit("index")
        place.commit("watch")
        allowed = of_the_topic()
        assert allowed.apply is not None
        assert retention(kafka, topics.ENRICHED) == before
        allowed.apply()
        week = str(7 * 24 * 3600 * 1000)
        until(lambda: retention(kafka, topics.ENRICHED) == week, "the shorter time")
        assert [r for r in removals(settings, after_ten_days) if name in r.what] == []
    finally:
        set_retention(kafka, topics.ENRICHED, before)
