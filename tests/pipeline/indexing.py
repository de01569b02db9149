"""The index and notify stages between the real servers."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient, MemberToRemove, OffsetSpec
from kafka.errors import CoordinatorNotAvailableError, NoError
from kafka.structs import OffsetAndMetadata

from connectors.elasticsearch import search, sink
from connectors.elasticsearch.client import connect
from connectors.kafka.admin import GROUPS, ensure
from streams import codec, topics
from streams.errors import Retry
from streams.records import Alert, DeadLetter, EnrichedArticle
from streams.secret import Secret
from streams.settings import Elasticsearch, Kafka, Notify, Settings
from tests.trouble_proxy import TroubleProxy

_DEADLINE = 120.0  # seconds until a test gives up; nothing is asserted on time


def until(condition: Callable[[], bool], what: str) -> None:
    """Waits for something that must happen."""
    end = time.monotonic() + _DEADLINE
    while not condition():
        assert time.monotonic() < end, f"waited in vain for: {what}"
        time.sleep(0.1)


def environment(settings: Settings) -> dict[str, str]:
    """The settings as a command of its own reads them."""
    return os.environ | {
        "DONGTIN_KAFKA_BOOTSTRAP": settings.kafka.bootstrap,
        "DONGTIN_ELASTICSEARCH_URL": settings.elasticsearch.url,
        "DONGTIN_ELASTICSEARCH_PREFIX": settings.elasticsearch.prefix,
        "DONGTIN_ELASTICSEARCH_BULK_ARTICLES": "20",  # small batches: more places to die in
        "DONGTIN_DATA_DIR": str(settings.data_dir),
    }


class Process:
    """A stage as a process of its own, which can be killed."""

    def __init__(self, stage: str, settings: Settings) -> None:
        command = [sys.executable, "-m", "connectors.cli.main", stage]
        self._process = subprocess.Popen(
            command, env=environment(settings), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def kill(self) -> None:
        """kill -9."""
        self._process.kill()
        self._process.wait()

    def clear(self) -> None:
        """Kills it if a test left it."""
        if self._process.poll() is None:
            self.kill()

    def end(self) -> int:
        """SIGTERM; the exit status."""
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(60)


@dataclass(kw_only=True)
class Room:
    """A test's own place on the shared servers: an index prefix, and groups that begin here."""

    settings: Settings
    producer: KafkaProducer
    admin: KafkaAdminClient
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    starts: dict[TopicPartition, int] = field(default_factory=dict)
    started: list[Process] = field(default_factory=list)

    def start(self, stage: str) -> Process:
        """A stage as a process; it does not outlive the test."""
        self.started.append(Process(stage, self.settings))
        return self.started[-1]

    def send(self, *articles: EnrichedArticle) -> None:
        """Publishes articles, as the enrich stage does."""
        self.put(topics.ENRICHED.name, [(a.id.encode(), codec.encode(a)) for a in articles])

    def tell(self, *alerts: Alert) -> None:
        """Publishes alerts, as the watch stage does."""
        self.put(topics.ALERTS.name, [(a.id.encode(), codec.encode(a)) for a in alerts])

    def put(self, topic: str, messages: Sequence[tuple[bytes, bytes | None]]) -> None:
        """Publishes bytes; returns when the broker has them."""
        sent = [self.producer.send(topic, key=key, value=value) for key, value in messages]
        self.producer.flush()
        for future in sent:
            future.get(timeout=30)

    def counts(self) -> dict[str, int]:
        """Searchable documents; nothing where they can't be counted at the moment."""
        with connect(self.settings.elasticsearch) as client:
            try:
                return search.counts(client, self.settings.elasticsearch.prefix)
            except Retry:
                return {}

    def refresh(self) -> None:
        """What is written can be found, for a look that does not wait for it."""
        with connect(self.settings.elasticsearch) as client:
            client.indices.refresh(index=f"{self.settings.elasticsearch.prefix}-*")

    def holds(self, articles: Sequence[EnrichedArticle]) -> bool:
        """Whether the index has these articles and no others, and exactly their mentions."""
        counted = self.counts()
        mentions = sum(len(article.facts.documents) for article in articles)
        if (counted.get("articles"), counted.get("mentions")) != (len(articles), mentions):
            return False
        prefix, ids = self.settings.elasticsearch.prefix, [article.id for article in articles]
        with connect(self.settings.elasticsearch) as client:
            return search.present(client, prefix, ids) == set(ids)

    def letters(self) -> list[DeadLetter]:
        """Dead letters that came since the test began."""
        consumer = KafkaConsumer(bootstrap_servers=self.settings.kafka.bootstrap)
        ours = [tp for tp in self.starts if tp.topic == topics.DEAD.name]
        consumer.assign(ours)
        for tp in ours:
            consumer.seek(tp, self.starts[tp])
        ends = consumer.end_offsets(ours)
        found: list[DeadLetter] = []
        while any(consumer.position(tp) < ends[tp] for tp in ours):
            for records in consumer.poll(500).values():
                found += [codec.decode_dead(r.key, r.value, dict(r.headers)) for r in records]
        consumer.close()
        return found

    def members(self, group: str) -> int:
        """Workers that have a share of the group's partitions."""
        return len(self.admin.describe_groups([group])[group]["members"])

    def commit(self, group: str) -> dict[TopicPartition, int]:
        """Lets a group whose members have all ended have finished everything; returns the ends.

        Members that were killed are put out: the broker would wait for them until their time is over.
        """
        until(lambda: self._put_out(group), "the broker to know of groups")
        ends = self._ends(group)
        offsets = {tp: OffsetAndMetadata(at, "", -1) for tp, at in ends.items()}

        def committed() -> bool:
            errors = self.admin.alter_group_offsets(group, offsets).values()
            return all(error is NoError for error in errors)

        until(committed, f"the group {group} to be empty")
        return ends

    def _put_out(self, group: str) -> bool:
        try:
            there = self.admin.describe_groups([group])[group]["members"]
        except CoordinatorNotAvailableError:  # its topic for groups is made at the first question
            return False
        self.admin.remove_group_members(group, [MemberToRemove(m["member_id"]) for m in there])
        return True

    def finished(self, group: str) -> bool:
        """Whether a group has committed everything in its topics."""
        done = self.admin.list_group_offsets(group).get(group, {})
        return all(  # nobody commits a partition that never had a message
            (done[tp].offset if tp in done else 0) >= end for tp, end in self._ends(group).items()
        )

    def _ends(self, group: str) -> dict[TopicPartition, int]:
        partitions = {
            TopicPartition(topic.name, number): OffsetSpec.LATEST
            for topic in GROUPS[group]
            for number in range(topic.partitions(self.settings.kafka.partitions))
        }
        found = self.admin.list_partition_offsets(partitions)
        return {tp: end.offset for tp, end in found.items()}


@contextmanager
def room(
    kafka: str, elasticsearch: str, prefix: str, data_dir: Path, urls: tuple[str, ...] = ()
) -> Iterator[Room]:
    """A place whose groups have read everything that other tests left."""
    ensure(Settings(kafka=Kafka(bootstrap=kafka)))
    settings = Settings(
        data_dir=data_dir,
        kafka=Kafka(bootstrap=kafka),
        elasticsearch=Elasticsearch(url=elasticsearch, prefix=prefix),
        notify=Notify(urls=tuple(map(Secret, urls)), attempts=2),
    )
    producer = KafkaProducer(
        bootstrap_servers=kafka, acks="all", max_request_size=topics.MAX_MESSAGE_BYTES
    )
    admin = KafkaAdminClient(bootstrap_servers=kafka)
    place = Room(settings=settings, producer=producer, admin=admin)
    for group in GROUPS:
        place.starts |= place.commit(group)
    try:
        yield place
    finally:
        for process in place.started:
            process.clear()
        producer.close()
        admin.close()


def indexing(settings: Settings) -> AbstractContextManager[None]:
    """The index stage in a thread, from its start to its clean end."""
    return in_thread(sink.run, settings)


@contextmanager
def in_thread(
    run: Callable[[Settings, threading.Event], int], settings: Settings
) -> Iterator[None]:
    """A stage in a thread, from its start to its clean end."""
    stop, status = threading.Event(), list[int]()
    thread = threading.Thread(target=lambda: status.append(run(settings, stop)))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(60)
    assert status == [0], "the stage did not end, or not cleanly"


def behind(settings: Settings, proxy: TroubleProxy) -> Settings:
    """The same settings, with the proxy in the way, and less patience with it."""
    changed = replace(settings.elasticsearch, url=proxy.url, timeout=3.0)
    return replace(settings, elasticsearch=changed)
