"""`dongtin prune`: what is older than `[retention]` keeps, and indices that nothing leads to any more.

The register of documents is never pruned: a document that is forgotten would be told as new again.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import partial
from typing import Any

from elasticsearch import Elasticsearch
from elasticsearch.helpers import scan, streaming_bulk

from connectors.elasticsearch import admin as search
from connectors.elasticsearch import names
from connectors.elasticsearch.client import asking, connect
from connectors.elasticsearch.declared import declared
from connectors.kafka import admin as broker
from connectors.kafka import reading
from connectors.upkeep.age import kept_from, month_kept_from, month_of
from streams import topics
from streams.settings import Settings

_CHANGE_SECONDS = 60.0  # a change of the cluster's state on a slow disk
#: The time field by which documents of a kind with one index grow old.
_AGE = {"alerts": "created_at", "dead": "at"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """One thing that has grown too old, or has no use any more."""

    what: str
    why: str
    apply: Callable[[], object] | None  # None: not now, `mend` says why and what to do
    mend: str = ""


def removals(settings: Settings, now: datetime) -> Iterator[Removal]:
    """What is to be removed. Nothing is, before `apply` is called.

    Raises:
        Denied: the user may not.
        Retry: a server can't be asked now.
    """
    for topic in topics.ALL:
        yield from _of_topic(settings, topic, now)
    with connect(settings.elasticsearch) as client:
        patient = client.options(request_timeout=_CHANGE_SECONDS)
        today = now.astimezone(UTC).date()
        with asking(client):
            yield from _superseded(patient, settings.elasticsearch.prefix)
            yield from _months(patient, settings, today)
            for kind, days in (
                ("alerts", settings.retention.alerts),
                ("dead", settings.retention.dead),
            ):
                if days:
                    yield from _single(patient, settings, kind, kept_from(days, today))


def _of_topic(settings: Settings, topic: topics.Topic, now: datetime) -> Iterator[Removal]:
    """Kafka itself deletes what is too old, once the topic has the shorter time."""
    kafka, days = settings.kafka, broker.days_of(topic, settings.retention)
    wanted = topic.config(days)[topics.RETENTION]
    with broker.administered(kafka) as client:
        if topic.name not in client.list_topics():
            return
        there = broker.settings_of(client, topic)[topics.RETENTION]
    if not broker.shortens(there, wanted):
        return
    oldest = datetime.combine(kept_from(days, now.date()), now.timetz())
    bound = reading.at(kafka, topic.name, oldest)
    first = reading.beginnings(kafka, topic.name)
    count = sum(offset - first[place] for place, offset in bound.items())
    what = f"topic {topic.name}: {count or 'no'} messages{'' if count else ' yet'}"
    why = f"[retention] {topic.kept}: {days} days"
    unread = {
        group: sum(
            max(0, bound[place] - offset)
            for place, offset in reading.committed(kafka, group, topic.name).items()
        )
        for group, read in broker.GROUPS.items()
        if topic in read
    }
    late = [f"{group} has still to read {left} of them" for group, left in unread.items() if left]
    if late:
        mend = f"{', '.join(late)}: let it, or keep them longer"
        yield Removal(what=what, why=why, apply=None, mend=mend)
        return
    shorten = partial(broker.put, kafka, topic.name, topics.RETENTION, wanted)
    yield Removal(what=what, why=why, apply=shorten)


def _superseded(client: Elasticsearch, prefix: str) -> Iterator[Removal]:
    """Indices of earlier mapping versions whose documents have all gone into present ones."""
    for kind in names.KINDS:
        alias = names.alias(prefix, kind)
        for found, told in search.present(client, prefix, kind).items():
            if found.version >= declared(kind).version:
                continue
            if kind in names.MONTHLY:
                client.indices.refresh(index=found.name)
                left = int(client.count(index=found.name)["count"]) > 0
            else:
                left = found.name == alias or alias in told["aliases"]
            if not left:
                delete = partial(client.indices.delete, index=found.name)
                why = f"version {declared(kind).version} has taken its place"
                yield Removal(what=f"index {found.name}", why=why, apply=delete)


def _months(client: Elasticsearch, settings: Settings, today: date) -> Iterator[Removal]:
    days, prefix = settings.retention.articles, settings.elasticsearch.prefix
    if not days:
        return
    first = month_kept_from(days, today)
    for kind in names.MONTHLY:
        for found in search.present(client, prefix, kind):
            if found.month < month_of(first):
                count = int(client.count(index=found.name)["count"])
                yield Removal(
                    what=f"index {found.name}: {count} documents",
                    why=f"[retention] articles: {days} days",
                    apply=partial(_delete_month, client, settings, found.name, first),
                )


def _delete_month(client: Elasticsearch, settings: Settings, name: str, first: date) -> None:
    with asking(client):
        _note(client, settings, "articles", first)
        client.indices.delete(index=name, ignore_unavailable=True)


def _single(client: Elasticsearch, settings: Settings, kind: str, first: date) -> Iterator[Removal]:
    alias = names.alias(settings.elasticsearch.prefix, kind)
    before = datetime.combine(first, time(), UTC).isoformat()
    query: dict[str, Any] = {"range": {_AGE[kind]: {"lt": before}}}
    count = int(client.count(index=alias, query=query, ignore_unavailable=True)["count"])
    if count:
        days = getattr(settings.retention, kind)
        yield Removal(
            what=f"index {alias}: {count} documents",
            why=f"[retention] {kind}: {days} days",
            apply=partial(_delete_old, client, settings, kind, first, query),
        )


def _deletions(
    client: Elasticsearch, alias: str, query: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    wanted = {"query": query, "seq_no_primary_term": True, "_source": False}
    for hit in scan(client, index=alias, query=wanted):
        yield {
            "_op_type": "delete",
            "_index": hit["_index"],
            "_id": hit["_id"],
            "if_seq_no": hit["_seq_no"],
            "if_primary_term": hit["_primary_term"],
        }


def _delete_old(
    client: Elasticsearch, settings: Settings, kind: str, first: date, query: dict[str, Any]
) -> None:
    alias = names.alias(settings.elasticsearch.prefix, kind)
    with asking(client):
        _note(client, settings, kind, first)
        for _ in streaming_bulk(client, _deletions(client, alias, query), raise_on_error=False):
            pass  # one that was changed just now, by a retry, is left for the next time
        client.indices.refresh(index=alias)


def _note(client: Elasticsearch, settings: Settings, kind: str, first: date) -> None:
    """Before anything goes: the ledger must never take what was pruned for lost."""
    prefix = settings.elasticsearch.prefix
    noted = str(search.meta(client, prefix, kind).get(search.KEPT_FROM, ""))
    if noted < first.isoformat():
        search.note(client, settings, kind, {search.KEPT_FROM: first.isoformat()})
