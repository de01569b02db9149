"""SIGTERM in the middle of the work, on real servers: each stage ends by itself before its supervisor would
kill it, and what it had in hand is done by the next one, once."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import psutil
import pytest

from connectors.elasticsearch import admin as indices
from connectors.elasticsearch import search
from connectors.elasticsearch.client import connect
from connectors.kafka import admin as topics_admin
from connectors.kafka.admin import lags
from connectors.kafka.reading import beginnings, read
from connectors.kafka.sending import Sender
from connectors.local.servers import LocalServers
from connectors.notify.delivered import RECORD, Book
from connectors.sample.serving import Reply, Request, Server
from connectors.stack import runfiles
from connectors.stack.figures import scrape, total
from connectors.stack.processes import GRACE_SECONDS
from connectors.stack.vitals import of_process
from streams import codec, identity, topics
from streams.configuration import load
from streams.records import EnrichedArticle, RawArticle
from streams.settings import Settings
from tests import make, make_index
from tests.emptying import empty
from tests.faults.fragile import HANG, SLOW
from tests.pipeline.conftest import seed_page
from tests.pipeline.hook import Hook
from tests.pipeline.running import Pages, outlet, until
from tests.resting import all_delivered, at_rest
from tests.trouble_proxy import Trouble, TroubleProxy

pytestmark = [pytest.mark.servers, pytest.mark.faults, pytest.mark.timeout(900)]

_ROOT = Path(__file__).resolve().parents[2]
#: A time limit that no test waits for: what ends before it was ended.
_LONG = "[enrich]\nlanes = 1\ndeadline = 3600.0\nwords = false\n[elasticsearch]\ntimeout = 3600.0\n"
_TEXT = """Hội nghị của xã số {number}
Hội nghị ở xã số {number} bàn việc thực hiện Chỉ thị {number}-CT/TW trong mùa khô năm nay.
Các thôn trong xã báo cáo việc nạo vét kênh mương, mỗi nhà góp một ngày công theo lịch chung.
{mark}"""


@dataclass(kw_only=True)
class Place:
    """An empty broker, indices of the test's own, and a proxy before them."""

    settings: Settings
    folder: Path
    proxy: TroubleProxy
    config: str = _LONG
    started: list[psutil.Popen] = field(default_factory=list)

    @property
    def data_dir(self) -> Path:
        """Where the stages keep what they keep."""
        return self.folder / "data"

    def launch(self, stage: str, *, broken: str = "", search: str = "") -> psutil.Popen:
        """One stage as a process of its own, which has only begun to start.

        Args:
            search: Elasticsearch's address, in place of the proxy's.
        """
        config = self.folder / "stage.toml"
        config.write_text(self.config, encoding="utf-8")
        module = ["tests.faults.sabotage", broken, "--"] if broken else ["connectors.cli.main"]
        command = [sys.executable, "-m", *module, stage, "--config", str(config)]
        command += ["--data-dir", str(self.data_dir), "--metrics-port", "0"]
        command += ["--kafka", self.settings.kafka.bootstrap]
        if stage in ("watch", "index"):
            command += ["--elasticsearch", search or self.proxy.url]
        prefix = {"DONGTIN_ELASTICSEARCH_PREFIX": self.settings.elasticsearch.prefix}
        with (self.folder / f"{stage}.log").open("ab") as log:
            process = psutil.Popen(
                command, env=os.environ | prefix, cwd=_ROOT, stdout=log, stderr=log
            )
        self.started.append(process)
        return process

    def start(self, stage: str, *, broken: str = "") -> psutil.Popen:
        """One stage as a process of its own, once it can work."""
        process = self.launch(stage, broken=broken)

        def ready() -> bool:
            assert process.poll() is None, (self.folder / f"{stage}.log").read_text("utf-8")
            told = of_process(self.data_dir, stage, process.pid)
            return told is not None and told.ready

        until(ready, f"{stage} to be ready")
        return process

    def metric(self, stage: str, name: str, **labels: str) -> float:
        """A figure of the stage that runs."""
        told = runfiles.read(self.data_dir / "run" / f"{stage}.json") or {}
        return total(scrape(str(told.get("metrics"))), name, **labels)

    def send(self, topic: str, *records: tuple[str, bytes]) -> None:
        """Keys and values; returns when the broker has them."""
        with Sender(self.settings.kafka) as sender:
            sender.send([(topic, key.encode(), value) for key, value in records])

    def keys(self, topic: str) -> Counter[str]:
        """The keys of all messages of a topic."""
        kafka = self.settings.kafka
        return Counter(
            (message.key or b"").decode() for message in read(kafka, beginnings(kafka, topic))
        )

    def found(self, kind: str, ids: Sequence[str]) -> set[str]:
        """Which of these documents can be found."""
        with connect(self.settings.elasticsearch) as client:
            client.indices.refresh(index=f"{self.settings.elasticsearch.prefix}-{kind}*")
            return search.present(client, self.settings.elasticsearch.prefix, ids, kind=kind)

    def mentions(self, ids: Sequence[str]) -> int:
        """How many mentions these articles have in the index."""
        with connect(self.settings.elasticsearch) as client:
            name = f"{self.settings.elasticsearch.prefix}-mentions"
            client.indices.refresh(index=name)
            return int(client.count(index=name, query={"terms": {"article": list(ids)}})["count"])


@pytest.fixture(scope="module")
def kafka(new_servers: LocalServers) -> str:
    """The broker, with nothing in it: topics have the same names in every run."""
    empty(new_servers.addresses.kafka)
    return new_servers.addresses.kafka


@pytest.fixture
def place(tmp_path: Path, kafka: str, elasticsearch_url: str, fresh_prefix: str) -> Iterator[Place]:
    """Topics and indices are there; nothing runs."""
    told = load(None, data_dir=tmp_path / "data")
    url = replace(told.elasticsearch, url=elasticsearch_url, prefix=fresh_prefix.rstrip("-"))
    settings = replace(told, elasticsearch=url, kafka=replace(told.kafka, bootstrap=kafka))
    topics_admin.ensure(settings)
    with connect(settings.elasticsearch) as client:
        indices.ensure(client, settings)
    place = Place(settings=settings, folder=tmp_path, proxy=TroubleProxy(elasticsearch_url))
    yield place
    place.proxy.make("none")
    place.proxy.released.set()
    for process in place.started:
        if process.is_running():
            process.kill()
    place.proxy.close()


def end(process: psutil.Popen) -> None:
    """SIGTERM; it ends by itself within its supervisor's grace, and none of its lanes outlives it."""
    lanes = process.children(recursive=True)
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(GRACE_SECONDS)
    except (subprocess.TimeoutExpired, psutil.TimeoutExpired):
        pytest.fail(f"it had to be killed after {GRACE_SECONDS:.0f} s")
    took = time.monotonic() - began
    sys.stdout.write(f"ended after {took:.1f} s with status {process.returncode}\n")  # pytest -rP
    _gone, left = psutil.wait_procs(lanes, timeout=60)
    assert left == []


def page(number: int, mark: str = "") -> RawArticle:
    """A page as the crawler sends it."""
    url = f"https://bao.example/bai-{number}.html"
    return make.raw(seed_page(_TEXT.format(number=number, mark=mark)), url)


_numbers = iter(range(1000, 10_000))  # no test meets another one's articles


def test_enrich_that_loads_its_models(place: Place) -> None:
    """It is not ready, says why, and does not go on loading for nobody."""
    process = place.launch("enrich")

    def told() -> tuple[str, ...]:
        vitals = of_process(place.data_dir, "enrich", process.pid)
        return vitals.reasons if vitals and not vitals.ready else ()

    # the broker has answered, so only the start is left
    until(lambda: told() == ("start: not yet over",), "the stage to load its models")
    end(process)
    assert process.returncode == 0


@pytest.mark.parametrize("mark", [HANG, SLOW])
def test_enrich_with_a_batch_in_hand(place: Place, mark: str) -> None:
    """Its lane hangs, or is at work: the batch is given back, or finished. The next one enriches each
    article that is not, and nothing else."""
    bad, *good = pages = [page(next(_numbers), m) for m in (mark, "", "")]
    first = place.start("enrich", broken="fragile")
    until(lambda: at_rest(place.settings.kafka, "enrich"), "enrich to have nothing to do")
    place.send(topics.RAW.name, (bad.id, codec.encode(bad)))
    until(
        lambda: place.metric("enrich", "dongtin_pool_lanes", state="busy") == 1,
        "the lane to be busy",
    )
    place.send(topics.RAW.name, *((one.id, codec.encode(one)) for one in good))
    end(first)
    if mark == HANG:
        assert bad.id not in place.keys(topics.ENRICHED.name)

    second = place.start("enrich")  # its extractor is sound
    ids = {one.id for one in pages}
    until(lambda: ids <= place.keys(topics.ENRICHED.name).keys(), "all to be enriched")
    until(lambda: at_rest(place.settings.kafka, "enrich"), "what may come behind them")
    end(second)
    told = place.keys(topics.ENRICHED.name)
    assert {id: told[id] for id in ids} == dict.fromkeys(ids, 1)
    assert not ids & place.keys(topics.DEAD.name).keys()


def test_enrich_commits_past_nothing_that_is_not_done(place: Place) -> None:
    """The first article of a batch hangs, those behind it are done: killed then, the next one does it again
    with all that came after it."""
    place.config = _LONG.replace("lanes = 1", "lanes = 2")
    pages = [page(next(_numbers), mark) for mark in (HANG, "", "", "")]
    key = pages[0].id  # for all: one partition keeps their order, and one fetch has them all
    place.send(topics.RAW.name, *((key, codec.encode(one)) for one in pages))
    first = place.start("enrich", broken="fragile")
    until(lambda: place.keys(topics.ENRICHED.name)[key] == len(pages) - 1, "all but the first")
    for _ in range(3):  # commits are a second apart
        time.sleep(1.0)
        assert lags(place.settings.kafka)["enrich"] == len(pages)
    first.kill()
    first.wait(60)

    second = place.start("enrich")  # its extractor is sound
    until(lambda: at_rest(place.settings.kafka, "enrich"), "all to be finished")
    end(second)
    kafka = place.settings.kafka
    told = [
        codec.decode(EnrichedArticle, m.value)
        for m in read(kafka, beginnings(kafka, topics.ENRICHED.name))
    ]
    assert {article.id for article in told} >= {one.id for one in pages}


def test_enrich_does_not_wait_for_the_slowest_of_a_batch(place: Place) -> None:
    """What is done is acknowledged while an article of the same batch hangs: with several of these the batch
    may take longer than a rebalance waits, and whoever takes over must not begin at its front again."""
    pages = [page(next(_numbers), mark) for mark in ("", "", "", HANG)]
    key = pages[0].id  # for all: one partition keeps their order, and one fetch has them all
    place.send(topics.RAW.name, *((key, codec.encode(one)) for one in pages))
    first = place.start("enrich", broken="fragile")
    until(lambda: lags(place.settings.kafka)["enrich"] == 1, "all but one")
    first.kill()
    first.wait(60)

    second = place.start("enrich")  # its extractor is sound
    until(lambda: at_rest(place.settings.kafka, "enrich"), "the last one")
    end(second)
    assert place.keys(topics.ENRICHED.name)[key] == len(pages)


@pytest.mark.parametrize("trouble", ["hang", "lost"])
def test_watch_with_a_question_under_way(place: Place, trouble: Trouble) -> None:
    """The register does not answer, or has taken the claim and does not say so: the next one tells of the
    document, once."""
    number = next(_numbers)
    key = f"{number}-CT/TW"
    article = make_index.article(f"bai-{number}", (key,))
    first = place.start("watch")
    until(lambda: at_rest(place.settings.kafka, "watch"), "watch to have nothing to do")
    place.proxy.make(trouble)
    place.send(topics.ENRICHED.name, (article.id, codec.encode(article)))
    until(lambda: place.proxy.troubled > 0, "the claim to be under way")
    end(first)
    alert = identity.alert_id("first-mention", key)
    assert alert not in place.keys(topics.ALERTS.name)

    place.proxy.make("none")
    second = place.start("watch")
    until(lambda: alert in place.keys(topics.ALERTS.name), "the alert")
    until(lambda: at_rest(place.settings.kafka, "watch"), "all to be finished")
    end(second)
    assert place.keys(topics.ALERTS.name)[alert] == 1


def test_index_that_waits_for_its_indices(place: Place) -> None:
    """Elasticsearch takes connections and says nothing: it ends by itself, and is not cut off."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        process = place.launch("index", search=f"http://127.0.0.1:{silent.getsockname()[1]}")
        asking, _ = silent.accept()
        with asking:
            assert asking.recv(1)  # its first question
            end(process)
    assert process.returncode == 0


@pytest.mark.parametrize("trouble", ["hang", "lost"])
def test_index_with_a_request_under_way(place: Place, trouble: Trouble) -> None:
    """The bulk request is not answered, applied or not: the next one writes what is missing, once."""
    articles = [make_index.article(f"bai-{next(_numbers)}", ("05-CT/TW",)) for _ in range(3)]
    ids = [article.id for article in articles]
    first = place.start("index")
    until(lambda: at_rest(place.settings.kafka, "index"), "index to have nothing to do")
    place.proxy.make(trouble)
    place.send(topics.ENRICHED.name, *((one.id, codec.encode(one)) for one in articles))
    until(lambda: place.proxy.troubled > 0, "the request to be under way")
    end(first)
    if trouble == "hang":
        assert place.found("articles", ids) == set()

    place.proxy.make("none")
    second = place.start("index")
    # where only the answer was lost the articles are there before the second one begins
    until(lambda: at_rest(place.settings.kafka, "index"), "all to be finished")
    end(second)
    assert place.found("articles", ids) == set(ids)
    assert place.mentions(ids) == len(ids)


class Silent:
    """A web server that answers nothing at `path` before `released`."""

    def __init__(self, server: Server, path: str, reply: Callable[[Request], Reply]) -> None:
        self.asked = threading.Event()
        self.released = threading.Event()
        self._path = path
        self._reply = reply
        server.mount(self._answer)

    def _answer(self, request: Request) -> Reply:
        if request.path == self._path:
            self.asked.set()
            self.released.wait(300)
        return self._reply(request)


def test_crawl_with_a_page_under_way(place: Place) -> None:
    """The newspaper's server hangs: the page is fetched by the next one."""
    number = next(_numbers)
    path = f"/bai-{number}.html"
    pages = Pages({path: seed_page(_TEXT.format(number=number, mark=""))})
    silent = Silent(pages.server, path, pages._reply)
    place.config = "[crawler]\npoll = 1.0\npause = 0.01\ntimeout = 3600.0\n" + outlet(
        "bao", f"{pages.url}/rss.xml"
    )
    id = identity.article_id(identity.canonical_url(pages.url + path))
    pages.server.start()
    try:
        first = place.start("crawl")
        until(silent.asked.is_set, "the page to be asked for")
        end(first)
        assert id not in place.keys(topics.RAW.name)
        silent.released.set()
        second = place.start("crawl")
        until(lambda: id in place.keys(topics.RAW.name), "the page")
        end(second)
        assert place.keys(topics.RAW.name)[id] == 1
    finally:
        silent.released.set()
        pages.server.stop()


def test_notify_with_a_delivery_under_way(place: Place) -> None:
    """The receiver hangs: the next one delivers. That may be the second time."""
    alert = make_index.alert(f"{next(_numbers)}-CT/TW")
    hook = Hook()
    place.config = f'[notify]\nurls = ["{hook.url}"]\n'
    first = place.start("notify")
    until(lambda: at_rest(place.settings.kafka, "notify"), "what there is to be noted")
    until(lambda: all_delivered(place.data_dir), "notify to have nothing to do")
    hook.delay, before = 3600.0, hook.asked
    place.send(topics.ALERTS.name, (alert.id, codec.encode(alert)))
    until(lambda: hook.asked > before, "the delivery to be under way")
    end(first)
    hook.delay = 0.0
    second = place.start("notify")

    def delivered() -> bool:
        book = Book(place.data_dir / RECORD)
        found = {one.id for one in book.deliveries(["delivered"], 0.0, 1000)}
        book.close()
        return alert.id in found

    until(delivered, "the delivery")
    end(second)
    assert any(alert.document in text for text in hook.taken + hook.bodies)
    hook.close()
