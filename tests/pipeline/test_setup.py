"""`dongtin setup`: what is declared is on the servers; what has changed is changed, nothing lost."""

import json
import subprocess
import threading
from dataclasses import replace
from typing import Any

import pytest

from connectors.elasticsearch import names, search
from connectors.elasticsearch.admin import older, present
from connectors.elasticsearch.client import connect
from connectors.elasticsearch.declared import index
from connectors.upkeep.setup import Step, setup
from streams import codec, topics
from streams.records import EnrichedArticle
from tests import earlier, make_index
from tests.pipeline.indexing import Room, environment, indexing, until
from tests.pipeline.running import DONGTIN
from tests.retention import retention, set_retention

pytestmark = [pytest.mark.servers, pytest.mark.timeout(600)]


def told(place: Room, *words: str, status: int = 0) -> list[dict[str, Any]]:
    """What a command says with `--json`."""
    command = [*DONGTIN, *words, "--json"]
    done = subprocess.run(
        command, env=environment(place.settings), capture_output=True, text=True, check=False
    )
    assert done.returncode == status, done.stdout + done.stderr
    rows: list[dict[str, Any]] = json.loads(done.stdout)
    return rows


def steps(place: Room) -> list[Step]:
    """What is done."""
    return list(setup(place.settings, acls=None, dry_run=False))


def test_done_twice_it_changes_nothing(place: Room) -> None:
    """At the command line: told, made, and nothing to be done."""
    planned = told(place, "setup", "--dry-run")
    assert {row["state"] for row in planned} == {"to be made"}
    assert told(place, "setup", "--dry-run") == planned
    made = told(place, "setup")
    assert {row["state"] for row in made} == {"made"}
    assert {row["what"] for row in made} >= {row["what"] for row in planned}
    assert told(place, "setup") == []
    with connect(place.settings.elasticsearch) as client:
        for kind in names.KINDS:
            prefix = place.settings.elasticsearch.prefix
            assert client.indices.exists_alias(name=names.alias(prefix, kind))


def test_what_has_changed_in_the_definition_is_changed(place: Room) -> None:
    """A field that is new, a setting, an alias that somebody took away."""
    prefix = place.settings.elasticsearch.prefix
    steps(place)
    with connect(place.settings.elasticsearch) as client:
        alias = names.alias(prefix, "articles")
        client.indices.delete_index_template(name=alias)
        (name,) = present(client, prefix, "articles")
        client.indices.delete(index=name.name)
        client.indices.create(
            index=name.name,
            mappings={"dynamic": "strict", "properties": {"id": {"type": "integer"}}},
        )
    (refused,) = [step for step in steps(place) if step.state == "refused"]
    assert refused.what == f"index {name.name}: field id is integer, not keyword"
    with connect(place.settings.elasticsearch) as client:
        client.indices.delete(index=name.name)
        client.indices.create(
            index=name.name,
            mappings={"dynamic": "strict", "properties": {"id": {"type": "keyword"}}},
            settings={"number_of_replicas": 0, "refresh_interval": "9s"},
        )
    assert {step.state for step in steps(place)} == {"made"}
    assert steps(place) == []
    with indexing(place.settings):
        article = make_index.article("a", ("1-CT/TW",))
        place.send(article)
        until(lambda: place.holds([article]), "an article")


def test_an_index_of_a_newer_program_is_refused(place: Room) -> None:
    """Its documents would not be understood."""
    steps(place)
    newer = names.index(place.settings.elasticsearch.prefix, "articles", 999, "2026.11")
    with connect(place.settings.elasticsearch) as client:
        client.indices.create(index=newer)
    (row, *_) = [row for row in told(place, "setup", status=1) if newer in row["what"]]
    assert (row["state"], row["mend"]) == (
        "refused",
        "a newer dongtin has made it: install that one",
    )
    assert row in told(
        place, "setup", "--go-on"
    )  # with containers: whom it concerns says so itself


def test_a_topic_keeps_longer_at_once_and_shorter_only_by_prune(place: Room) -> None:
    """Shortened, it would lose messages."""
    kafka, topic = place.settings.kafka, topics.ENRICHED
    steps(place)
    declared = retention(kafka, topic)
    assert steps(place) == []
    try:
        set_retention(kafka, topic, 3_600_000)
        assert [step.state for step in steps(place)] == ["made"]
        until(lambda: retention(kafka, topic) == declared, "the declared time")
        longer = str(int(declared) * 2)
        set_retention(kafka, topic, longer)
        (refused,) = steps(place)
        assert (refused.state, refused.mend.split(":")[0]) == ("refused", "dongtin prune")
        assert retention(kafka, topic) == longer
    finally:
        set_retention(kafka, topic, declared)


def later(article: EnrichedArticle, text: str) -> EnrichedArticle:
    """A later capture of an article, which names another document."""
    other = make_index.article(article.url.rsplit("/", 1)[1].removesuffix(".html"), (text,))
    seconds = article.fetched_at.replace(year=article.fetched_at.year + 1)
    return replace(other, fetched_at=seconds)


def test_articles_leave_an_earlier_version_as_they_are_written_anew(place: Room) -> None:
    """What is replayed moves with its mentions and captures; what is newer there stays; each is
    found at every moment; what is left of the earlier version is removed at the end."""
    prefix, settings = place.settings.elasticsearch.prefix, place.settings
    articles = [make_index.article(f"a{n}", (f"{n}-CT/TW", "9-QĐ/TW")) for n in range(40)]
    edited = later(articles[0], "77-CT/TW")
    with indexing(settings):
        place.send(*articles, edited)
        until(lambda: place.holds([edited, *articles[1:]]), "the articles")
    with connect(settings.elasticsearch) as client:
        before = earlier.months_as_before(client, prefix)
        steps(place)
        assert set(older(client, prefix)) == set(before)
        assert place.holds([edited, *articles[1:]])

        missing: set[str] = set()
        stop = threading.Event()

        def read() -> None:
            ids = [article.id for article in articles]
            while not stop.is_set():
                missing.update(set(ids) - search.present(client, prefix, ids))

        reader = threading.Thread(target=read)
        reader.start()
        new = make_index.article("mới", ("5-CT/TW",))
        try:
            with indexing(settings):
                place.send(*articles[:20], new)
                until(lambda: place.finished("index"), "half of them")
                until(lambda: place.holds([edited, *articles[1:], new]), "each once")
                # the older capture, replayed, has not taken the newer one's place
                assert search.article(client, prefix, edited.id)["documents"] == ["77-CT/TW"]  # type: ignore[index]
                place.send(edited, *articles[20:])
                until(lambda: place.finished("index"), "all of them")
        finally:
            stop.set()
            reader.join()
        assert missing == set()
        until(lambda: place.holds([edited, *articles[1:], new]), "each once")
        place.refresh()
        assert older(client, prefix) == {}
        month = f"{new.first_seen:%Y.%m}"
        captures = client.count(index=index(prefix, "captures", month))["count"]
        assert captures == len(articles) + 2
    removed = told(place, "prune")
    assert {row["what"].removeprefix("index ") for row in removed} == set(before)
    assert place.holds([edited, *articles[1:], new])
    assert told(place, "prune") == []


def test_a_dead_letter_finds_its_index_behind_the_alias(place: Room) -> None:
    """And the ledger, dead letters and alerts of an earlier program are there after the upgrade."""
    prefix, settings = place.settings.elasticsearch.prefix, place.settings
    letters = [make_index.dead_letter(id=f"{n}" * 32) for n in range(3)]

    def bury(letter: Any) -> None:
        place.producer.send(
            topics.DEAD.name,
            key=letter.id.encode(),
            value=letter.content,
            headers=list(codec.dead_headers(letter).items()),
        ).get(30)

    with indexing(settings):
        for letter in letters[:2]:
            bury(letter)
        place.tell(make_index.alert("5-CT/TW"))
        until(lambda: place.counts().get("dead") == 2, "two letters")
        until(lambda: place.counts().get("alerts") == 1, "an alert")
    with connect(settings.elasticsearch) as client:
        for kind in ("dead", "alerts"):
            earlier.single_as_before(client, prefix, kind)
    with indexing(settings):  # the stage itself moves them, as a user who may
        bury(letters[2])
        until(lambda: place.counts().get("dead") == 3, "the third")
    assert place.counts()["alerts"] == 1
    with connect(settings.elasticsearch) as client:
        (behind,) = client.indices.get_alias(name=names.alias(prefix, "dead"))
        assert behind == index(prefix, "dead")
