"""`dongtin up` as its user runs it: a process of its own, looked at from outside."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import psutil
from elasticsearch import Elasticsearch
from kafka import KafkaConsumer, TopicPartition

from connectors.local.servers import Addresses
from connectors.sample.serving import Reply, Request, Server
from connectors.stack import runfiles
from connectors.stack.alerts import all_alerts
from connectors.stack.figures import STAGES, Samples, scrape

DONGTIN = (sys.executable, "-m", "connectors.cli.main")


def until(condition: Callable[[], bool], what: str, *, pause: float = 0.2) -> None:
    """Waits for something that must happen; the test's own time limit ends it if it does not."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > 180:
            raise AssertionError(f"waited three minutes for: {what}")
        time.sleep(pause)


def figures(url: str) -> Samples:
    """A process's samples, as soon as it answers: a busy one may take longer than `status` waits."""
    found: Samples = {}

    def answered() -> bool:
        nonlocal found
        found = scrape(url)
        return bool(found)

    until(answered, f"an answer of {url}")
    return found


@contextmanager
def suspended(processes: Sequence[psutil.Process]) -> Iterator[None]:
    """They stand still: servers take connections and answer nothing."""
    for process in processes:
        process.suspend()
    try:
        yield
    finally:
        for process in processes:
            process.resume()


class Running:
    """A `dongtin up`, with what it tells and holds.

    Args:
        servers: that it uses; without, it starts its own.
    """

    def __init__(self, config: Path, data_dir: Path, servers: Addresses | None = None) -> None:
        self.data_dir = data_dir
        self.config = config
        self._log = data_dir.with_suffix(".log")
        command = [*DONGTIN, "up", "--config", str(config), "--data-dir", str(data_dir)]
        if servers:
            command += ["--kafka", servers.kafka, "--elasticsearch", servers.elasticsearch]
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                command,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_for_stages(self) -> None:
        """Returns when every stage shows its metrics."""
        until(lambda: all(self.pid(stage) for stage in STAGES) or self._ended(), "all stages")
        assert not self._ended(), self._log.read_text(encoding="utf-8")

    def said(self) -> str:
        """What the command has printed so far."""
        return self._log.read_text(encoding="utf-8")

    def _ended(self) -> bool:
        return self.process.poll() is not None

    def pid(self, stage: str) -> int:
        """The process of a stage that runs, else 0."""
        told = runfiles.read(self.data_dir / "run" / f"{stage}.json")
        return int(told["pid"]) if told and runfiles.alive(told) else 0

    def kill(self, stage: str) -> None:
        """kill -9 of a stage; returns when another process has taken its place."""
        before = self.pid(stage)
        os.kill(before, signal.SIGKILL)
        until(lambda: self.pid(stage) not in (0, before), f"{stage} to come back")

    def kill_a_lane(self) -> None:
        """kill -9 of one of the worker processes of the enrich stage."""
        family = psutil.Process(self.pid("enrich")).children(recursive=True)
        max(family, key=lambda process: process.create_time()).kill()

    def kill_server(self, name: str) -> None:
        """kill -9 of Kafka or Elasticsearch; returns when another one answers in its place."""
        before, back = self.told()["servers"][name], f"{name} is back"
        said = self.said().count(back)
        os.kill(before, signal.SIGKILL)
        until(lambda: self.said().count(back) > said, f"{name}'s return")
        until(lambda: self.told()["servers"].get(name) not in (None, before), "that to be noted")

    def suspended(self, server: str) -> AbstractContextManager[None]:
        """Its own Kafka or Elasticsearch takes connections and answers nothing."""
        above = psutil.Process(self.told()["servers"][server])
        return suspended([above, *above.children(recursive=True)])

    def told(self) -> dict[str, Any]:
        """`stack.json`."""
        return runfiles.read(self.data_dir / "stack.json") or {}

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Another dongtin command on the same folder."""
        return subprocess.run(
            [*DONGTIN, *words, "--data-dir", str(self.data_dir)], capture_output=True, text=True
        )

    def alerts(self) -> list[dict[str, Any]]:
        """What was delivered to the file."""
        return all_alerts(self.data_dir / "alerts.jsonl")

    def search(self, kind: str, **query: Any) -> list[dict[str, Any]]:
        """All documents of a kind that a query finds, with their ids as `_id`."""
        told = self.told()
        with Elasticsearch(told["elasticsearch"]) as client:
            answer = client.search(
                index=f"{told['prefix']}-{kind}", query=query or {"match_all": {}}, size=10_000
            )
        return [hit["_source"] | {"_id": hit["_id"]} for hit in answer["hits"]["hits"]]

    def messages(self, topic: str) -> list[Any]:
        """Every message of a topic so far."""
        consumer = KafkaConsumer(
            bootstrap_servers=self.told()["kafka"],
            enable_auto_commit=False,
            fetch_max_bytes=64 * 1024 * 1024,
            max_partition_fetch_bytes=32 * 1024 * 1024,
        )
        try:
            parts = [TopicPartition(topic, n) for n in consumer.partitions_for_topic(topic) or ()]
            consumer.assign(parts)
            consumer.seek_to_beginning(*parts)
            ends = consumer.end_offsets(parts)
            found: list[Any] = []
            while any(consumer.position(part) < end for part, end in ends.items()):
                for records in consumer.poll(timeout_ms=500).values():
                    found += records
            return found
        finally:
            consumer.close()

    def family(self) -> list[psutil.Process]:
        """The command, its stages, their workers, its servers."""
        me = psutil.Process(self.process.pid)
        return [me, *me.children(recursive=True)]

    def interrupt(self) -> int:
        """Ctrl-C; the exit status."""
        os.kill(self.process.pid, signal.SIGINT)
        return self.process.wait(60)


class Pages:
    """A web server with pages of its own and a feed, `/rss.xml`, that lists them."""

    def __init__(self, pages: dict[str, str]) -> None:
        self._pages = {path: page.encode() for path, page in pages.items()}
        self.server = Server("127.0.0.1", 0)
        self.url = self.server.base_url
        self.server.mount(self._reply)

    def _reply(self, request: Request) -> Reply:
        if request.path == "/rss.xml":
            items = "".join(
                f"<item><title>{path}</title><link>{self.url}{path}</link></item>"
                for path in self._pages
            )
            rss = f'<rss version="2.0"><channel><title>x</title>{items}</channel></rss>'
            return Reply(content_type="application/rss+xml", body=rss.encode())
        if request.path in self._pages:
            return Reply(body=self._pages[request.path])
        return Reply(status=404, body=b"")


class Edited(Pages):
    """Pages that are edited once: what they say, and what the feed says of them."""

    def __init__(self, before: dict[str, str], after: dict[str, str]) -> None:
        super().__init__(before)
        self._after = {path: page.encode() for path, page in after.items()}
        self.edited = False

    def edit(self) -> None:
        """The newspaper changes its mind."""
        self._pages = self._after
        self.edited = True

    def _reply(self, request: Request) -> Reply:
        reply = super()._reply(request)
        if request.path == "/rss.xml" and self.edited and isinstance(reply.body, bytes):
            changed = reply.body.replace(b"<item><title>", "<item><title>Sửa: ".encode())
            return Reply(content_type=reply.content_type, body=changed)
        return reply


class Closed(Pages):
    """Pages that can't be had before `open` is set; their feed can."""

    open = False

    def _reply(self, request: Request) -> Reply:
        if request.path in self._pages and not self.open:
            return Reply(status=503, body=b"<p>closed</p>")
        return super()._reply(request)


def outlet(key: str, feed: str) -> str:
    """A table of the outlets file."""
    return f'[outlets.{key}]\nname = "{key}"\nfeeds = {json.dumps([feed])}\nloopback = true\n'
