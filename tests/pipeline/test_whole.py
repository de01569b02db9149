"""From a feed to an alert, with every process killed once on the way: nothing lost, nothing twice."""

import json
import subprocess
from collections import Counter
from urllib.request import urlopen

import psutil
import pytest

from connectors.sample.articles import expected_documents
from connectors.stack.figures import STAGES
from streams import codec, identity, topics
from streams.records import EnrichedArticle
from tests.pipeline.conftest import POISON, Flow

pytestmark = [pytest.mark.servers, pytest.mark.faults, pytest.mark.timeout(600)]


def test_every_stage_was_killed_and_came_back(flow: Flow) -> None:
    """The test means something: the supervisor says of each stage that it had to start it again.

    More than once is right, too: a stage whose broker is gone in mid-produce crashes by itself.
    """
    assert set(flow.restarts) == set(STAGES)
    assert min(flow.restarts.values()) >= 1


def test_nothing_that_was_published_is_lost(flow: Flow) -> None:
    """Every article of the outlet is in articles.raw, in articles.enriched and searchable, by id."""
    wanted = set(flow.published)
    for topic in (topics.RAW, topics.ENRICHED):
        found = {message.key.decode() for message in flow.running.messages(topic.name)}
        assert wanted <= found
    assert wanted <= {article["_id"] for article in flow.running.search("articles")}


def test_nothing_is_doubled(flow: Flow) -> None:
    """The indices hold each article and each mention once, exactly those that were enriched."""
    enriched = {
        message.key.decode(): codec.decode(EnrichedArticle, message.value)
        for message in flow.running.messages(topics.ENRICHED.name)
        if message.value != POISON
    }
    articles = Counter(article["_id"] for article in flow.running.search("articles"))
    assert articles == dict.fromkeys(enriched, 1)
    expected = {
        identity.mention_id(article.id, mention)
        for article in enriched.values()
        for mention in article.facts.documents
    }
    assert Counter(m["_id"] for m in flow.running.search("mentions")) == dict.fromkeys(expected, 1)


def test_each_first_mention_is_told_once(flow: Flow) -> None:
    """One alert for each document that is named by a full key, delivered once, and remembered."""
    told = Counter(alert["document"] for alert in flow.running.alerts())
    assert set(told.values()) == {1}
    assert set(told) == {found["key"] for found in flow.running.search("documents")}
    assert expected_documents() <= set(told)


def test_what_can_not_be_processed_has_its_reason(flow: Flow) -> None:
    """Bad pages and poison end as dead letters with a reason code; their neighbours are indexed."""
    letters = flow.running.search("dead")
    by_url = {letter["url"].removeprefix(flow.trouble): letter["reason"] for letter in letters}
    assert by_url["/empty-text"] == "empty-text"
    assert by_url["/list-page"] == "list-page"
    assert by_url["/500"] == "http-status"
    poison = {(letter["id"], letter["stage"]): letter["reason"] for letter in letters}
    assert poison[("poison-articles.raw", "enrich")] == "bad-record"
    assert poison[("poison-articles.enriched", "watch")] == "bad-record"
    assert poison[("poison-articles.enriched", "index")] == "bad-record"
    assert poison[("poison-alerts", "notify")] == "bad-record"
    urls = {
        article["url"].removeprefix(flow.trouble) for article in flow.running.search("articles")
    }
    assert {"/good/empty-text.html", "/good/list-page.html", "/good/500.html"} <= urls


def test_a_text_of_four_megabytes_disturbs_nobody(flow: Flow) -> None:
    """The largest page that is fetched is read, or dead with its reason."""
    url = f"{flow.trouble}/four-mb-text"
    articles = [a for a in flow.running.search("articles") if a["url"] == url]
    reasons = {d["reason"] for d in flow.running.search("dead") if d["url"] == url}
    assert (len(articles), reasons) in [(1, set()), (0, {"deadline"}), (0, {"too-large"})]


def test_status_tells_what_runs(flow: Flow) -> None:
    """Addresses, living processes and counts, as one JSON object."""
    answer = flow.running.command("status", "--json")
    assert answer.returncode == 0, answer.stderr
    told = json.loads(answer.stdout)
    assert told["kafka"] == flow.running.told()["kafka"]
    assert told["indices"]["articles"] == len(flow.running.search("articles"))
    assert told["topics"]["articles.raw"] >= len(flow.published)
    assert set(told["groups"].values()) == {0}
    for stage in STAGES:
        assert psutil.pid_exists(told["stages"][stage]["pid"])
        with urlopen(told["stages"][stage]["metrics"]) as metrics:
            assert b"dongtin_" in metrics.read()


def test_doctor_finds_nothing_wrong(flow: Flow) -> None:
    """A running stack is healthy: topics and indices as declared, all stages up."""
    answer = flow.running.command("doctor", "--json")
    findings = json.loads(answer.stdout)
    assert [finding for finding in findings if not finding["fine"]] == []
    assert answer.returncode == 0


def test_a_second_up_on_the_same_folder_is_refused(flow: Flow) -> None:
    """It is told who holds the folder, with an exit status of its own, and changes nothing."""
    answer = flow.running.command("up", "--config", str(flow.running.config))
    assert answer.returncode == 3
    assert str(flow.running.process.pid) in answer.stderr
    assert "--data-dir" in answer.stderr


def test_nothing_listens_beyond_loopback(flow: Flow) -> None:
    """Every listening socket of the whole family is bound to this machine."""
    addresses = {
        connection.laddr.ip
        for process in flow.running.family()
        for connection in process.net_connections()
        if connection.status == psutil.CONN_LISTEN
    }
    assert addresses <= {"127.0.0.1", "::1", "::ffff:127.0.0.1"}


def test_the_demo_is_complete(demo: subprocess.CompletedProcess[str]) -> None:
    """The demo ends by itself, finds all that was published, and tells every document once."""
    assert demo.returncode == 0, demo.stdout + demo.stderr
    summary = json.loads(demo.stdout)
    assert summary["problems"] == []
    assert summary["published"] == summary["searchable"] >= 40
    assert summary["alerts_delivered"] == summary["alerts_expected"] == len(expected_documents())
