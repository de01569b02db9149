"""Each panel of Kibana's dashboards, asked of the real Elasticsearch in Kibana's place: the
aggregations are translated from the very objects that are imported, and the data is what the index
stage wrote of the sample outlet's articles."""

import asyncio
import json
import re
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from connectors.elasticsearch.client import connect
from connectors.elasticsearch.register import DocumentRegister
from connectors.sample.articles import load_articles
from connectors.sample.render import article_page
from connectors.sample.schedule import Published
from deploy.kibana.objects import FILE
from deploy.kibana.saved import Object
from streams import codec, topics
from streams.alerts import alert_of, first_mentions
from streams.enrichment import enrich
from streams.records import Alert, EnrichedArticle
from tests import make, make_index
from tests.pipeline.indexing import Room, room, until

pytestmark = pytest.mark.servers

MADE = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]
CHARTS = [made for made in MADE if made["type"] == "visualization"]
SEARCHES = [made for made in MADE if made["type"] == "search"]
TIMES = {
    made["id"]: made["attributes"]["timeFieldName"]
    for made in MADE
    if made["type"] == "index-pattern"
}
PAPER = "https://bao.example"
NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
RECENT = NOW - timedelta(days=7)
RISING = "99-CT/TW"  # named by recent articles only


def sample() -> list[EnrichedArticle]:
    """The sample outlet's articles by the real extraction: most from past weeks, some of the last
    days; and a few of the last days that name one document and have a word in common."""
    articles = []
    for number, article in enumerate(load_articles()):
        at = NOW - timedelta(days=number % 40)
        page = article_page(Published(article=article, at=at), PAPER)
        raw = make.raw(page, PAPER + article.path, first_seen=at, discovered_at=at, fetched_at=at)
        articles.append(enrich(raw, now=at))
    for number in range(6):
        recent = make_index.article(f"moi-{number}", (RISING,), words="chiến_dịch mới")
        articles.append(replace(recent, published=NOW - timedelta(hours=number), first_seen=NOW))
    return articles


@dataclass(kw_only=True)
class Filled:
    """Indices with what the index stage wrote."""

    client: Elasticsearch
    prefix: str
    articles: list[EnrichedArticle]
    alerts: list[Alert]

    def ask(self, made: Object, since: datetime, **body: Any) -> dict[str, Any]:
        """What Elasticsearch answers to a saved object, in the time from `since` to now."""
        view = made["references"][0]["id"]
        alias = f"{self.prefix}-{view.removeprefix('dongtin-views-')}"
        between = {"gte": since.isoformat(), "lte": (NOW + timedelta(days=1)).isoformat()}
        source = json.loads(made["attributes"]["kibanaSavedObjectMeta"]["searchSourceJSON"])
        wanted = re.findall(r'(\w+) : "([^"]*)"', source["query"]["query"])
        filters = [{"range": {TIMES[view]: between}}, *({"term": {f: v}} for f, v in wanted)]
        answer = self.client.search(index=alias, query={"bool": {"filter": filters}}, **body)
        assert answer["_shards"]["failed"] == 0
        return dict(answer.body)


@pytest.fixture(scope="module")
def filled(
    kafka_address: str, elasticsearch_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Filled]:
    """The indices, filled once."""
    prefix, folder = f"t{uuid.uuid4().hex[:10]}", tmp_path_factory.mktemp("kibana")
    articles = sample()
    firsts = {first.key: first for article in articles for first in first_mentions(article)}
    alerts = [alert_of(first, now=NOW, outlet_name="Báo Mẫu") for first in firsts.values()]
    with room(kafka_address, elasticsearch_url, prefix, folder / "data") as place:
        place.send(*articles)
        place.tell(*alerts)
        _bury(place)
        index = place.start("index")
        until(lambda: place.holds(articles), "the articles to be searchable")
        until(lambda: place.counts().get("alerts") == len(alerts), "the alerts")
        until(lambda: place.counts().get("dead") == 3, "the dead letters")
        index.end()

        async def register() -> None:
            memory = DocumentRegister.connect(place.settings.elasticsearch)
            for first in firsts.values():
                await memory.claim(first)
            await memory.close()

        asyncio.run(register())
        with connect(place.settings.elasticsearch) as client:
            client.indices.refresh(index=f"{prefix}-documents")
            yield Filled(client=client, prefix=prefix, articles=articles, alerts=alerts)


def _bury(place: Room) -> None:
    for number, reason in enumerate(("deadline", "deadline", "crash")):
        letter = make_index.dead_letter(id=f"{number}" * 32, reason=reason, at=NOW)
        place.producer.send(
            topics.DEAD.name,
            key=letter.id.encode(),
            value=letter.content,
            headers=list(codec.dead_headers(letter).items()),
        ).get(30)


def translated(aggs: Sequence[Object]) -> dict[str, Any]:
    """Kibana's aggregations as Elasticsearch is asked: each bucket in the one before it, the metrics
    in the innermost."""
    metrics = {
        agg["id"]: {"cardinality": {"field": agg["params"]["field"]}}
        for agg in aggs
        if agg["type"] == "cardinality"
    }
    inner: dict[str, Any] = metrics
    for agg in reversed([agg for agg in aggs if agg["schema"] != "metric"]):
        inner = {agg["id"]: _bucket(agg, metrics) | {"aggs": metrics | inner}}
    return inner


def _bucket(agg: Object, metrics: dict[str, Any]) -> dict[str, Any]:
    params = agg["params"]
    if agg["type"] == "date_histogram":
        return {"date_histogram": {"field": params["field"], "calendar_interval": "day"}}
    told = {"field": params["field"], "size": params["size"]}
    if agg["type"] == "terms":
        by = params["orderBy"] if params["orderBy"] in metrics else "_count"
        told["order"] = {by: params["order"]}
    return {agg["type"]: told}


def test_every_number_is_that_of_the_articles(filled: Filled) -> None:
    """Mentions, documents, articles: as the records have them."""
    made = next(made for made in CHARTS if made["id"] == "dongtin-charts-mentioned")
    aggs = json.loads(made["attributes"]["visState"])["aggs"]
    answer = filled.ask(made, datetime(2020, 1, 1, tzinfo=UTC), size=0, aggs=translated(aggs))
    mentions = [(a.id, m.key) for a in filled.articles for m in a.facts.documents]
    assert answer["hits"]["total"]["value"] == len(mentions)
    labels = {agg["params"]["customLabel"]: agg["id"] for agg in aggs}
    found = {label: answer["aggregations"].get(id, {}).get("value") for label, id in labels.items()}
    assert found["documents"] == len({key for _, key in mentions})
    assert found["articles"] == len({article for article, _ in mentions})


@pytest.mark.parametrize("made", CHARTS, ids=lambda made: made["id"])
def test_a_chart_has_numbers(filled: Filled, made: Object) -> None:
    """Every bucket that it would draw is there, and every metric counts something."""
    aggs = json.loads(made["attributes"]["visState"])["aggs"]
    answer = filled.ask(made, RECENT, size=0, aggs=translated(aggs))
    assert answer["hits"]["total"]["value"] > 0
    inner = answer.get("aggregations", {})
    for agg in aggs:
        if agg["schema"] == "metric":
            continue
        buckets = inner[agg["id"]]["buckets"]
        assert buckets, agg["params"]["field"]
        inner = max(buckets, key=lambda bucket: int(bucket["doc_count"]))
        assert inner["doc_count"] > 0
    for agg in aggs:
        if agg["type"] == "cardinality":
            assert inner[agg["id"]]["value"] > 0


@pytest.mark.parametrize(
    ("chart", "risen"),
    [("documents-rising", RISING), ("words-rising", "chiến_dịch")],
)
def test_what_is_frequent_only_now_rises(filled: Filled, chart: str, risen: str) -> None:
    """Before everything that was as frequent ever."""
    made = next(made for made in CHARTS if made["id"] == f"dongtin-charts-{chart}")
    aggs = json.loads(made["attributes"]["visState"])["aggs"]
    answer = filled.ask(made, RECENT, size=0, aggs=translated(aggs))
    (rising,) = answer["aggregations"].values()
    assert rising["buckets"][0]["key"] == risen


@pytest.mark.parametrize("made", SEARCHES, ids=lambda made: made["id"])
def test_a_search_shows_its_columns_the_newest_first(filled: Filled, made: Object) -> None:
    """Each column has something in it somewhere."""
    ((field, order),) = made["attributes"]["sort"]
    since = datetime(2020, 1, 1, tzinfo=UTC)
    answer = filled.ask(made, since, size=500, sort=[{field: order}])
    rows = [hit["_source"] for hit in answer["hits"]["hits"]]
    assert rows
    for column in made["attributes"]["columns"]:
        assert any(row.get(column) not in (None, "", []) for row in rows), column
    times = [hit["sort"][0] for hit in answer["hits"]["hits"]]
    assert times == sorted(times, reverse=True)


def test_each_view_reads_an_alias_with_something_behind_it(filled: Filled) -> None:
    """By its title, with this test's prefix in place of the default one."""
    titles = [m["attributes"]["title"] for m in MADE if m["type"] == "index-pattern"]
    for title in titles:
        alias = title.replace("dongtin", filled.prefix, 1)
        assert filled.client.count(index=alias)["count"] > 0
