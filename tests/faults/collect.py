"""Looks at everything: topics, indices, the delivered file, processes, the ledger."""

import json
import os
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

import psutil
from elasticsearch import Elasticsearch

from connectors.elasticsearch.client import connect
from connectors.kafka import admin
from connectors.kafka.intake import Message
from connectors.kafka.reading import beginnings, read
from connectors.stack.alerts import all_alerts
from streams import codec, identity, topics
from streams.errors import Invalid
from streams.records import EnrichedArticle
from streams.settings import Kafka
from tests.faults.pipeline import ROOT, Pipeline
from tests.faults.world import Letter, World

_MOST = 10_000  # hits of one search: more than a run has of any kind


def collect(pipeline: Pipeline) -> World:
    """The world as it is now. Asks for nothing twice: call it when nothing moves any more.

    Raises:
        Retry: a server can't be asked.
    """
    kafka, prefix = pipeline.settings.kafka, pipeline.settings.elasticsearch.prefix
    # first: what follows reads some tens of megabytes from the broker, whose answers are late then
    able = {name: ready(pipeline, name) for name in pipeline.programs}
    ledger = _ledger(pipeline)
    with connect(pipeline.settings.elasticsearch) as client:
        found = {kind: _all(client, f"{prefix}-{kind}") for kind in _KINDS}
    return World(
        raw=_values(kafka, topics.RAW.name),
        enriched=_enriched(kafka),
        articles=Counter(hit["_id"] for hit in found["articles"]),
        mentions=Counter(hit["_id"] for hit in found["mentions"]),
        documents={hit["key"]: hit["told"] for hit in found["documents"]},
        alerts_sent=frozenset(_alert_ids(kafka)),
        alerts=Counter((hit["id"], hit["document"]) for hit in found["alerts"]),
        delivered=Counter(line["document"] for line in delivered(pipeline)),
        letters=_letters(kafka),
        letters_indexed=Counter(
            Letter(stage=hit["stage"], reason=hit["reason"], id=hit["id"]) for hit in found["dead"]
        ),
        lags=lags(kafka),
        ready=able,
        orphans=tuple(_orphans(pipeline)),
        ledger=json.loads(ledger.stdout or "{}"),
        ledger_status=ledger.returncode,
    )


_KINDS = ("articles", "mentions", "documents", "alerts", "dead")


def delivered(pipeline: Pipeline) -> list[dict[str, Any]]:
    """The lines of the file that alerts are delivered to."""
    return all_alerts(pipeline.data_dir / pipeline.settings.notify.file)


def ready(pipeline: Pipeline, name: str) -> bool:
    """Whether a program's process runs and says that it can do its work."""
    process = pipeline.process(name)
    told = pipeline.vitals(name, process.pid) if process else None
    return bool(told and told.ready)


def lags(kafka: Kafka) -> dict[tuple[str, str, int], int]:
    """Messages that each group has not finished, by topic and partition."""
    found = {}
    for group, wanted in admin.GROUPS.items():
        done = admin.finished(kafka, group)
        for topic in wanted:
            for (name, number), end in _ends(kafka, topic.name).items():
                found[group, name, number] = end - done.get((name, number), 0)
    return found


def _ends(kafka: Kafka, topic: str) -> dict[tuple[str, int], int]:
    ends = dict.fromkeys(beginnings(kafka, topic), 0)
    for message in read(kafka, beginnings(kafka, topic)):
        ends[message.topic, message.partition] = message.offset + 1
    return ends


def _messages(kafka: Kafka, topic: str) -> Iterator[Message]:
    return read(kafka, beginnings(kafka, topic))


def _id(message: Message) -> str:
    return (message.key or b"").decode(errors="replace")


def _values(kafka: Kafka, topic: str) -> dict[str, frozenset[bytes]]:
    found = defaultdict[str, set[bytes]](set)
    for message in _messages(kafka, topic):
        found[_id(message)].add(message.value or b"")
    return {id: frozenset(values) for id, values in found.items()}


def _enriched(kafka: Kafka) -> dict[str, frozenset[str]]:
    """The mentions of each article's last capture; bytes that are no record are left out, and what
    was sent as poison in an article's form (its key is not its id)."""
    found: dict[str, frozenset[str]] = {}
    for message in _messages(kafka, topics.ENRICHED.name):
        try:
            article = codec.decode(EnrichedArticle, message.value)
        except Invalid:
            continue
        if article.id == _id(message):
            mentions = article.facts.documents
            found[article.id] = frozenset(identity.mention_id(article.id, m) for m in mentions)
    return found


def _alert_ids(kafka: Kafka) -> Iterator[str]:
    for message in _messages(kafka, topics.ALERTS.name):
        if not _id(message).startswith("poison-"):
            yield _id(message)


def _letters(kafka: Kafka) -> dict[Letter, frozenset[bytes]]:
    found = defaultdict[Letter, set[bytes]](set)
    for message in _messages(kafka, topics.DEAD.name):
        told = codec.decode_dead(message.key, message.value, message.headers)
        found[Letter(stage=told.stage, reason=told.reason, id=told.id)].add(told.content)
    return {letter: frozenset(contents) for letter, contents in found.items()}


def _all(client: Elasticsearch, alias: str) -> list[dict[str, Any]]:
    client.indices.refresh(index=alias)
    answer = client.search(index=alias, query={"match_all": {}}, size=_MOST)
    return [hit["_source"] | {"_id": hit["_id"]} for hit in answer["hits"]["hits"]]


def _orphans(pipeline: Pipeline) -> Iterator[str]:
    """Processes of this run that no longer descend from us."""
    ours = {process.pid for process in psutil.Process().children(recursive=True)}
    for process in pipeline.family():
        if process.pid not in ours and process.pid != os.getpid():
            yield f"{process.pid} {' '.join(process.cmdline())[:120]}"


def _ledger(pipeline: Pipeline) -> "subprocess.CompletedProcess[str]":
    """`dongtin ledger --json`, as an operator asks it."""
    settings = pipeline.settings
    command = [sys.executable, "-m", "connectors.cli.main", "ledger", "--json"]
    command += ["--config", str(pipeline.config), "--data-dir", str(pipeline.data_dir)]
    command += ["--kafka", settings.kafka.bootstrap, "--elasticsearch", settings.elasticsearch.url]
    environment = os.environ | {"DONGTIN_ELASTICSEARCH_PREFIX": settings.elasticsearch.prefix}
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT)
