"""A crawler as a process of its own, a web server that counts, and a look into the topics."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from kafka import KafkaConsumer, TopicPartition

from connectors.kafka.admin import ensure
from connectors.local.download import Cache
from connectors.local.folder import DataFolder
from connectors.local.kafka import KafkaServer
from streams import codec, topics
from streams.errors import Invalid
from streams.records import DeadLetter, RawArticle
from streams.settings import Kafka, Settings

_PROCESS = """
import logging, sys
from pathlib import Path
logging.basicConfig(level=logging.WARNING, format="%(name)s %(levelname)s %(message)s")
logging.getLogger("kafka").setLevel(logging.CRITICAL)
from connectors.crawler.run import run
from streams.serving import serve
from streams.configuration import load
settings = load(Path(sys.argv[1]), data_dir=Path(sys.argv[2]))
print(serve(settings.metrics), flush=True)
sys.exit(run(settings))
"""


@dataclass
class CrawlerProcess:
    """A running crawler."""

    process: subprocess.Popen[str]
    figures: str  # where its metrics are
    log: Path

    def metrics(self) -> dict[str, float]:
        """Every sample that it shows, by name and labels as they are written."""
        with urllib.request.urlopen(self.figures) as answer:
            lines = answer.read().decode().splitlines()
        pairs = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
        return {name: float(value) for name, value in pairs}

    def kill(self) -> None:
        """kill -9."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """SIGTERM; the exit status."""
        self.process.terminate()
        return self.process.wait(timeout=60)


@contextmanager
def crawling(
    folder: Path, kafka: str, outlets: dict[str, dict[str, Any]], **crawler: Any
) -> Iterator[CrawlerProcess]:
    """Runs the crawler on the outlets with its store in `folder`, as often as it is called."""
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "config.toml"
    tables = {
        "kafka": {"bootstrap": kafka},
        "crawler": {"poll": 0.5, "pause": 0.01, **crawler},
        **{f"outlets.{key}": {"name": key, **table} for key, table in outlets.items()},
    }
    config.write_text(
        "\n".join(
            f"[{name}]\n" + "".join(f"{k} = {json.dumps(v)}\n" for k, v in table.items())
            for name, table in tables.items()
        ),
        encoding="utf-8",
    )
    log = folder / "crawler.log"
    with log.open("a") as errors:
        process = subprocess.Popen(
            [sys.executable, "-c", _PROCESS, str(config), str(folder)],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env={k: v for k, v in os.environ.items() if not k.startswith("DONGTIN_")},
        )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, log.read_text()
        yield CrawlerProcess(process, line.strip(), log)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


@dataclass
class Topics:
    """What the broker holds of one outlet."""

    articles: list[RawArticle] = field(default_factory=list)
    letters: list[DeadLetter] = field(default_factory=list)


def read_topics(kafka: str, outlet: str) -> Topics:
    """All articles and dead letters of an outlet, from the beginning."""
    found = Topics()
    for topic, _, key, value, headers in _messages(kafka):
        if topic == topics.RAW.name:
            try:
                article = codec.decode(RawArticle, value)
            except Invalid:  # another test's poison
                continue
            if article.outlet == outlet:
                assert key == article.id.encode()
                found.articles.append(article)
        else:
            letter = codec.decode_dead(key, value, headers)
            if letter.outlet == outlet:
                found.letters.append(letter)
    return found


def _messages(kafka: str) -> Iterator[tuple[str, int, bytes, bytes, dict[str, bytes]]]:
    consumer = KafkaConsumer(
        bootstrap_servers=kafka,
        enable_auto_commit=False,
        fetch_max_bytes=topics.MAX_MESSAGE_BYTES,
        max_partition_fetch_bytes=topics.MAX_MESSAGE_BYTES,
    )
    try:
        partitions = [
            TopicPartition(topic.name, number)
            for topic in (topics.RAW, topics.DEAD)
            for number in range(topic.partitions(Kafka().partitions))
        ]
        consumer.assign(partitions)
        consumer.seek_to_beginning()
        ends = consumer.end_offsets(partitions)
        while any(consumer.position(p) < end for p, end in ends.items()):
            for batch in consumer.poll(500).values():
                for m in batch:
                    yield m.topic, m.offset, m.key, m.value, dict(m.headers)
    finally:
        consumer.close()


def states(folder: Path) -> dict[str, str]:
    """Article id to state, of the store in `folder`."""
    try:
        with closing(_store(folder)) as db:
            return dict(db.execute("SELECT id, state FROM articles"))
    except sqlite3.OperationalError:  # not made yet
        return {}


def _store(folder: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{folder}/crawler.sqlite3?mode=ro", uri=True)


def outbox_size(folder: Path) -> int:
    """Messages that wait for the broker, of the store in `folder`."""
    with closing(_store(folder)) as db:
        return int(db.execute("SELECT COUNT(*) FROM outbox").fetchone()[0])


def wait_until(true: Callable[[], Any], seconds: float = 180.0) -> Any:
    """What `true` returns once that is true."""
    deadline = time.monotonic() + seconds
    while not (value := true()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)
    return value


class CountingSite:
    """A site with a feed of `size` articles that counts what is asked.

    `answers` gives other bodies, statuses and headers by path.
    """

    def __init__(self, size: int) -> None:
        self.asked: Counter[str] = Counter()
        self.size = size
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {}
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # head and body in one packet: else Nagle's algorithm waits 40 ms

            def do_GET(self) -> None:
                site.asked[self.path] += 1
                status, headers, body = site.answers.get(self.path) or site.answer(self.path)
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.feed = f"{self.url}/rss"

    def answer(self, path: str) -> tuple[int, dict[str, str], bytes]:
        """The feed, an article, or 404."""
        if path == "/rss":
            items = "".join(
                f"<item><title>Bài {n}</title><link>/bai-{n}.html</link></item>"
                for n in range(self.size)
            )
            body = f"<rss version='2.0'><channel><title>Mẫu</title>{items}</channel></rss>"
            return 200, {"Content-Type": "application/rss+xml"}, body.encode()
        if path.startswith("/bai-"):
            page = f"<!doctype html><title>{path}</title><p>{'Nội dung. ' * 200}</p>"
            return 200, {"Content-Type": "text/html; charset=utf-8"}, page.encode()
        return 404, {}, b""

    @property
    def pages(self) -> Counter[str]:
        """How often each article page was asked for."""
        return Counter({path: n for path, n in self.asked.items() if path.startswith("/bai-")})

    def __enter__(self) -> "CountingSite":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def free_port() -> int:
    """A port that nobody has just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class OwnBroker:
    """A Kafka of the test's own, which may be stopped: the shared one belongs to all tests."""

    def __init__(self, folder: Path) -> None:
        self._folder = DataFolder(folder)

    def __enter__(self) -> "OwnBroker":
        self._folder.claim()
        self._kafka = KafkaServer(self._folder, Cache().install(None).kafka_jars, None)
        self.start()
        ensure(Settings(kafka=Kafka(bootstrap=self.address)))
        return self

    @property
    def address(self) -> str:
        """`host:port`, the same after a restart."""
        return self._kafka.address

    def start(self) -> None:
        """Returns when it answers."""
        self._kafka.start(same_port=True)
        wait_until(self._kafka.is_ready)

    def stop(self) -> None:
        """Stops it; its data stays."""
        assert self._kafka.process is not None
        self._kafka.process.ask_to_stop()
        self._kafka.process.wait()

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._folder.stop_left_over()
        self._folder.release()
