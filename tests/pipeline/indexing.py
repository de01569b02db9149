"""The index and notify stages between the real servers, and a proxy that makes trouble."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError
from kafka.structs import OffsetAndMetadata

from connectors.elasticsearch import search, sink
from connectors.elasticsearch.client import connect
from connectors.kafka.admin import ensure
from streams import codec, topics
from streams.errors import Retry
from streams.records import Alert, DeadLetter, EnrichedArticle
from streams.settings import Elasticsearch, Kafka, Notify, Settings

_DEADLINE = 120.0  # seconds until a test gives up; nothing is asserted on time
_READ = {
    "index": (topics.ENRICHED.name, topics.DEAD.name, topics.ALERTS.name),
    "notify": (topics.ALERTS.name,),
}


def until(condition: Callable[[], bool], what: str) -> None:
    """Waits for something that must happen."""
    end = time.monotonic() + _DEADLINE
    while not condition():
        assert time.monotonic() < end, f"waited in vain for: {what}"
        time.sleep(0.1)


class Process:
    """A stage as a process of its own, which can be killed."""

    def __init__(self, stage: str, settings: Settings) -> None:
        environment = os.environ | {
            "DONGTIN_KAFKA_BOOTSTRAP": settings.kafka.bootstrap,
            "DONGTIN_ELASTICSEARCH_URL": settings.elasticsearch.url,
            "DONGTIN_ELASTICSEARCH_PREFIX": settings.elasticsearch.prefix,
            "DONGTIN_ELASTICSEARCH_BULK_ARTICLES": "20",  # small batches: more places to die in
            "DONGTIN_DATA_DIR": str(settings.data_dir),
        }
        command = [sys.executable, "-m", "connectors.cli.main", stage]
        self._process = subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

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
        return self._process.wait(20)


@dataclass(kw_only=True)
class Room:
    """A test's own place on the shared servers: an index prefix, and groups that begin here."""

    settings: Settings
    producer: KafkaProducer
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
        consumer = _standalone(self.settings.kafka)
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
        admin = KafkaAdminClient(bootstrap_servers=self.settings.kafka.bootstrap)
        try:
            return len(admin.describe_groups([group])[group]["members"])
        finally:
            admin.close()

    def finished(self, group: str) -> bool:
        """Whether a group has committed everything in its topics."""
        consumer = _standalone(self.settings.kafka, group)
        ours = [tp for tp in self.starts if tp.topic in _READ[group]]
        ends = consumer.end_offsets(ours)
        done = all((consumer.committed(tp) or 0) >= ends[tp] for tp in ours)
        consumer.close()
        return done


def _standalone(kafka: Kafka, group: str | None = None) -> KafkaConsumer:
    return KafkaConsumer(
        bootstrap_servers=kafka.bootstrap,
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )


@contextmanager
def room(
    kafka: str, elasticsearch: str, prefix: str, data_dir: Path, urls: tuple[str, ...] = ()
) -> Iterator[Room]:
    """A place whose groups have read everything that other tests left."""
    ensure(kafka)
    settings = Settings(
        data_dir=data_dir,
        kafka=Kafka(bootstrap=kafka),
        elasticsearch=Elasticsearch(url=elasticsearch, prefix=prefix),
        notify=Notify(urls=urls, attempts=2),
    )
    producer = KafkaProducer(
        bootstrap_servers=kafka, acks="all", max_request_size=topics.MAX_MESSAGE_BYTES
    )
    place = Room(settings=settings, producer=producer)
    for group, read in _READ.items():
        place.starts |= _to_the_end(settings.kafka, group, read)
    try:
        yield place
    finally:
        for process in place.started:
            process.clear()
        producer.close()


def _to_the_end(kafka: Kafka, group: str, read: Sequence[str]) -> dict[TopicPartition, int]:
    """Commits the ends of a group's topics, once members that a test killed have timed out."""
    consumer = _standalone(kafka, group)
    ours = [TopicPartition(name, p) for name in read for p in consumer.partitions_for_topic(name)]
    consumer.assign(ours)
    ends: dict[TopicPartition, int] = consumer.end_offsets(ours)
    offsets = {tp: OffsetAndMetadata(at, "", -1) for tp, at in ends.items()}

    def committed() -> bool:
        try:
            consumer.commit(offsets)
        except KafkaError:
            return False
        return True

    until(committed, f"the group {group} to be empty")
    consumer.close()
    return ends


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
        thread.join(15)
    assert status == [0], "the stage did not end, or not cleanly"


class TroubleProxy:
    """Stands before Elasticsearch. `trouble` names what happens to writes:

    `none`, `429`, `503`: that answer; `hang`: none; `lost`: they are applied, and the answer does
    not come; `garbage`: an answer of something else; `refused`: nobody listens.
    """

    def __init__(self, target: str) -> None:
        self.target = target
        self.trouble = "none"
        self.troubled = 0  # writes that met it
        self.released = threading.Event()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = int(free.getsockname()[1])
        self._server: ThreadingHTTPServer | None = None
        self.listen()

    @property
    def url(self) -> str:
        """Its address, which stays the same."""
        return f"http://127.0.0.1:{self._port}"

    def make(self, trouble: str) -> None:
        """Changes what happens from now on."""
        self.trouble = trouble
        if trouble == "refused":
            self.close()
        elif self._server is None:
            self.listen()

    def listen(self) -> None:
        """Takes connections."""
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                proxy.answer(self, body)

            do_POST = do_PUT = do_HEAD = do_DELETE = do_GET

            def log_message(self, *_: object) -> None:
                pass

        ThreadingHTTPServer.allow_reuse_address = True
        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Takes no connections any more."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def answer(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        """Passes a request on, or makes trouble."""
        if self.trouble == "refused":  # a connection from before
            handler.close_connection = True
            return None
        trouble = self.trouble if "_bulk" in handler.path else "none"
        if trouble != "none":
            self.troubled += 1
        if trouble in ("429", "503"):
            return self._reply(handler, int(trouble), b'{"error":{"type":"busy","reason":"x"}}')
        if trouble == "garbage":
            return self._reply(handler, 200, b'{"items":[],"errors":false}')
        if trouble == "hang":
            self.released.wait(30)
            handler.close_connection = True
            return None
        status, answer = self._pass_on(handler, body)
        if trouble == "lost":
            self.released.wait(5)
            handler.close_connection = True
            return None
        return self._reply(handler, status, answer)

    def _pass_on(self, handler: BaseHTTPRequestHandler, body: bytes) -> tuple[int, bytes]:
        names = ("content-type", "accept")
        headers = {name: handler.headers[name] for name in names if handler.headers[name]}
        request = urllib.request.Request(
            self.target + handler.path, body or None, headers, method=handler.command
        )
        try:
            with urllib.request.urlopen(request) as answer:
                return int(answer.status), answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    @staticmethod
    def _reply(handler: BaseHTTPRequestHandler, status: int, body: bytes) -> None:
        with contextlib.suppress(OSError):  # the client may have given up
            handler.send_response(status)
            handler.send_header("content-type", "application/vnd.elasticsearch+json")
            handler.send_header("x-elastic-product", "Elasticsearch")
            handler.send_header("content-length", str(len(body)))
            handler.end_headers()
            if handler.command != "HEAD":
                handler.wfile.write(body)


def behind(settings: Settings, proxy: TroubleProxy) -> Settings:
    """The same settings, with the proxy in the way, and less patience with it."""
    changed = replace(settings.elasticsearch, url=proxy.url, timeout=3.0)
    return replace(settings, elasticsearch=changed)
