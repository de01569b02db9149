"""The ledger of a pipeline whose processes were all killed, and its dead letters."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from connectors.ledger.snapshot import check, notes, traces
from connectors.stack.figures import total as total_of
from streams.identity import article_id, canonical_url
from streams.ledger import MOST_NAMED, Source, State, Trace
from streams.settings import Elasticsearch as Server
from streams.settings import Kafka, Settings
from tests.pipeline.conftest import POISON, Flow
from tests.pipeline.running import figures, until
from tests.resting import at_rest

pytestmark = [pytest.mark.servers, pytest.mark.faults, pytest.mark.timeout(600)]

_STATES = ("skipped", "dead", "under_way")


def ledger(flow: Flow, *words: str, status: int = 0) -> dict[str, Any]:
    """`dongtin ledger --json`."""
    answer = flow.running.command("ledger", "--json", *words)
    assert answer.returncode == status, answer.stdout + answer.stderr
    told: dict[str, Any] = json.loads(answer.stdout)
    return told


def dead(flow: Flow, *words: str) -> list[dict[str, Any]]:
    """The letters that a `dongtin dead` command tells of."""
    answer = flow.running.command("dead", *words, "--json")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    letters: list[dict[str, Any]] = json.loads(answer.stdout)["letters"]
    return letters


def settings_of(flow: Flow) -> Settings:
    """Settings that point at the running stack."""
    told = flow.running.told()
    return Settings(
        data_dir=flow.running.data_dir,
        kafka=Kafka(bootstrap=told["kafka"]),
        elasticsearch=Server(url=told["elasticsearch"]),
    )


def rest(flow: Flow) -> None:
    """Waits until every stage has finished what there is."""
    until(lambda: at_rest(Kafka(bootstrap=flow.running.told()["kafka"])), "rest")


def total(row: dict[str, Any]) -> int:
    """The states of a row added up."""
    plain = [int(row[name]) for name in ("indexed", "unchanged", "missing")]
    return sum(plain) + sum(int(n) for name in _STATES for n in row[name].values())


def test_it_adds_up(flow: Flow) -> None:
    """Every article is in one state, the rows make the whole, and the states are those that the
    indices show."""
    rest(flow)
    told = ledger(flow)
    assert told["balanced"]
    assert told["notes"] == told["named"] == []
    assert total(told) == told["discovered"]
    assert all(total(row) == row["discovered"] for row in told["rows"])
    assert sum(row["discovered"] for row in told["rows"]) == told["discovered"]
    assert told["indexed"] == len(flow.running.search("articles"))
    mine = [row for row in told["rows"] if row["outlet"] == "mau"]
    assert sum(row["indexed"] for row in mine) == len(flow.published)
    (lists,) = [row for row in told["rows"] if row["outlet"] == "list_page"]
    assert (lists["indexed"], lists["skipped"]) == (1, {"list-page": 1})
    assert told["under_way"] == {}


def test_it_was_added_up_meanwhile_without_a_false_alarm(flow: Flow) -> None:
    """Every few seconds while everything was killed: no article was called missing, and the figures
    for Prometheus are there."""
    assert "LEDGER" not in flow.said
    until(lambda: _figure(flow, "articles", state="indexed") >= len(flow.published), "the figures")
    until(lambda: _figure(flow, "unbalanced") == 0, "the end of what another test broke")


def _figure(flow: Flow, name: str, **labels: str) -> float:
    return total_of(figures(flow.running.told()["metrics"]), f"dongtin_ledger_{name}", **labels)


def test_a_part_is_the_same_in_the_whole(flow: Flow) -> None:
    """One outlet, one day."""
    row = ledger(flow)["rows"][-1]
    part = ledger(flow, "--outlet", row["outlet"], "--day", row["day"])
    assert part["rows"] == [row]


def test_an_article_that_is_gone_from_the_index_is_named(flow: Flow) -> None:
    """Deleted by hand, it breaks the sum: exit status 1, its id and address; put back, all is well."""
    rest(flow)
    id, url = next(iter(flow.published.items()))
    with Elasticsearch(flow.running.told()["elasticsearch"]) as client:
        (hit,) = client.search(
            index="dongtin-articles", query={"ids": {"values": [id]}}, version=True
        )["hits"]["hits"]
        client.delete(index=hit["_index"], id=id, refresh=True)
        try:
            told = ledger(flow, status=1)
        finally:
            client.index(
                index=hit["_index"],
                id=id,
                document=hit["_source"],
                version=hit["_version"] + 1,
                version_type="external_gte",
                refresh=True,
            )
    assert not told["balanced"]
    assert total(told) == told["discovered"]
    (named,) = told["named"]
    assert (named["id"], named["url"], named["outlet"]) == (id, url, "mau")
    assert named["known"] == ["crawler's store: published"]
    assert ledger(flow)["balanced"]


@pytest.mark.parametrize("lost", [Source.INDEX, Source.LETTER, Source.STORE])
def test_every_trace_counts(flow: Flow, lost: Source) -> None:
    """Without what one kind of trace tells, the articles that need it are missing, and only they."""
    rest(flow)
    settings = settings_of(flow)

    @contextmanager
    def without(ids: Sequence[str] | None) -> Iterator[Iterator[Trace]]:
        with traces(settings, ids) as found:
            yield (trace for trace in found if trace.source is not lost)

    whole, part = check(lambda ids: traces(settings, ids)), check(without, pause=0.0)
    assert whole.balanced
    if lost is Source.INDEX:
        assert part.count(State.MISSING) == whole.count(State.INDEXED)
    elif lost is Source.LETTER:  # what only a letter tells of is not even known without it
        gone = whole.count(State.SKIPPED) + whole.count(State.DEAD)
        assert 0 < part.count(State.MISSING) <= gone
    else:  # what arrived proves itself
        assert part.balanced
    assert len(part.missing) == min(part.count(State.MISSING), MOST_NAMED)


def test_without_a_store_it_says_what_it_could_not_add_up(flow: Flow, tmp_path: Any) -> None:
    """Away from the crawler's machine the articles that reached Kafka are added up, and the rest is
    said to be unknown."""
    rest(flow)
    settings = replace(settings_of(flow), data_dir=tmp_path)
    found = check(lambda ids: traces(settings, ids))
    assert found.balanced
    assert found.count(State.INDEXED) == len(flow.running.search("articles"))
    (note,) = notes(settings)
    assert str(tmp_path) in note


def test_letters_are_listed_and_shown_with_their_bytes(flow: Flow) -> None:
    """Reasons as they are; the bytes as they came, also those that are no text."""
    listed = dead(flow, "list")
    assert "bad-record" in {letter["reason"] for letter in listed}
    assert "http-status" in {letter["reason"] for letter in dead(flow, "list", "--all")}
    assert not {"list-page", "empty-text"} & {letter["reason"] for letter in listed}
    assert {x["reason"] for x in dead(flow, "list", "--reason", "list-page")} == {"list-page"}
    assert {x["stage"] for x in dead(flow, "list", "--stage", "watch")} == {"watch"}
    assert dead(flow, "list", "--since", "2999-01-01") == []
    poison = next(x for x in listed if x["article"] == "poison-articles.raw")
    shown = flow.running.command("dead", "show", poison["id"])
    assert shown.returncode == 0
    assert POISON.hex(" ") in shown.stdout
    assert "articles.raw/" in shown.stdout
    (page,) = [x for x in dead(flow, "show", _id(f"{flow.trouble}/500")) if x["stage"] == "crawl"]
    assert "<h1>" in page["content"]
    unknown = flow.running.command("dead", "show", "nothing-has-this-id")
    assert unknown.returncode == 1
    assert "nothing-has-this-id" in unknown.stderr


def _id(url: str) -> str:
    return article_id(canonical_url(url))


def test_a_page_whose_server_answers_again_is_indexed(flow: Flow) -> None:
    """Dead at first; retried, it goes the whole way, and its letter is no longer listed."""
    article = _id(f"{flow.closed.url}/closed.html")
    (letter,) = [x for x in dead(flow, "list") if x["article"] == article]
    assert letter["reason"] == "http-status"
    flow.closed.open = True
    (result,) = dead(flow, "retry", letter["id"])
    assert result["done"]
    assert ledger(flow)["balanced"]
    until(lambda: bool(flow.running.search("articles", ids={"values": [article]})), "its document")
    assert article not in {x["article"] for x in dead(flow, "list")}
    (letter,) = dead(flow, "show", article)
    assert letter["state"] == "resolved"
    (again,) = dead(flow, "retry", letter["id"])
    assert not again["done"]
    rest(flow)
    told = ledger(flow)
    assert next(row for row in told["rows"] if row["outlet"] == "dong")["indexed"] == 1


def test_what_is_retried_and_dies_again_has_a_new_letter(flow: Flow) -> None:
    """Poison goes back to its topic once, however often it is asked for; the ledger holds."""
    rest(flow)
    before = len(flow.running.messages("articles.raw"))
    (letter,) = [x for x in dead(flow, "list") if x["article"] == "poison-articles.raw"]
    (first,) = dead(flow, "retry", letter["id"])
    (second,) = dead(flow, "retry", letter["id"])
    assert (first["done"], second["done"]) == (True, False)
    assert len(flow.running.messages("articles.raw")) == before + 1
    rest(flow)
    (fresh,) = [x for x in dead(flow, "list") if x["article"] == "poison-articles.raw"]
    assert fresh["id"] != letter["id"]
    assert fresh["reason"] == letter["reason"]
    assert ledger(flow)["balanced"]


def test_what_is_dropped_stays_dead_and_keeps_its_bytes(flow: Flow) -> None:
    """No longer listed, counted as dead(dropped), with who and when; the topic has it still."""
    rest(flow)
    (letter,) = [x for x in dead(flow, "list") if x["article"] == _id(f"{flow.trouble}/500")]
    (result,) = dead(flow, "drop", letter["id"])
    assert result["done"]
    assert letter["id"] not in {x["id"] for x in dead(flow, "list")}
    (shown,) = dead(flow, "show", letter["id"])
    assert shown["state"] == "dropped"
    assert shown["state_by"]
    assert shown["state_at"]
    assert "<h1>" in shown["content"]
    told = ledger(flow)
    assert told["balanced"]
    assert told["dead"]["dropped"] == 1
