"""A test's own place on the shared servers; and the whole pipeline, run once for all tests that look at it,
with its processes killed meanwhile."""

import gzip
import os
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from kafka import KafkaProducer

from connectors.sample.server import SampleOutlet
from connectors.sample.trouble import trouble_server
from connectors.stack.figures import STAGES
from streams import topics
from streams.identity import article_id, canonical_url
from streams.settings import Kafka
from tests.pipeline.indexing import Room, room
from tests.pipeline.running import DONGTIN, Closed, Edited, Pages, Running, outlet, until
from tests.processes import lives
from tests.resting import all_delivered, at_rest
from tests.trouble_proxy import TroubleProxy

SHARED = Path(__file__).resolve().parents[3] / "shared"

_SEED_PAGE = """<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>{title}</title>
<meta property="og:type" content="article"><meta property="og:title" content="{title}">
<meta property="article:published_time" content="2020-11-11T08:00:00+07:00"></head>
<body><header><a href="/">Trang chủ</a></header><article><h1>{title}</h1>
{body}</article><footer>Báo</footer></body></html>"""


@dataclass(kw_only=True)
class Flow:
    """A pipeline that has had everything done to it, and has come to rest."""

    running: Running
    published: dict[str, str]  # article id -> address, of the sample outlet
    shared: Pages | None  # the real pages, where they can be had
    trouble: str  # base address
    closed: Closed  # one page that could not be had
    edited: Edited  # one article that is changed when a test says so
    restarts: dict[str, int]
    said: str  # by the command, until it came to rest


CLOSED_TEXT = """Trang đóng cửa buổi sáng
Trang này lúc đầu không mở được, tới khi máy chủ chạy lại thì người đọc mới xem được cả bài.
Bài kể chuyện một thư viện xã mở cửa lại sau ba tháng sửa mái, bạn đọc xếp hàng từ sớm.
Người quản lý nói sách thiếu nhi được mượn nhiều nhất, tủ sách nghề nông đứng thứ hai."""

_EDITED_TITLE = "Xã bàn việc giữ nước"
_EDITED_LINES = (
    "Cuộc họp ở nhà văn hóa xã kéo dài hai giờ, bàn chuyện giữ nước cho vụ tới.",
    "Ông Lê Văn Thử, Chủ tịch UBND xã, nhắc lại Chỉ thị 905-CT/TW về việc này.",
    "Các thôn sẽ nạo vét kênh mương trước tháng ba, mỗi nhà góp một ngày công.",
)
_AFTER_LINES = (
    _EDITED_LINES[0],
    "Bà Trần Thị Mẫu, Phó Chủ tịch UBND xã, nhắc lại Chỉ thị 906-CT/TW về việc này.",
    _EDITED_LINES[2],
)


def edited_page(lines: Sequence[str]) -> str:
    """The article that is edited, with these lines."""
    return seed_page("\n".join((_EDITED_TITLE, *lines)))


POISON = b"\xff\xfe{ not a record"


def send_poison(running: Running) -> None:
    """Bytes that are not UTF-8, on every topic that a stage reads records from."""
    producer = KafkaProducer(bootstrap_servers=running.told()["kafka"], acks="all")
    for topic in (topics.RAW, topics.ENRICHED, topics.ALERTS):
        producer.send(topic.name, key=f"poison-{topic.name}".encode(), value=POISON).get(30)
    producer.close()


def seed_page(text: str) -> str:
    """The owner's article as a page: the first line is its title."""
    title, *lines = text.strip().splitlines()
    return _SEED_PAGE.format(title=title, body="\n".join(f"<p>{line}</p>" for line in lines))


def real_pages() -> dict[str, str]:
    """The real pages by path, and the owner's article."""
    pages = {
        f"/{file.name.removesuffix('.html.gz')}.html": gzip.decompress(file.read_bytes()).decode()
        for file in sorted((SHARED / "pages").glob("*.html.gz"))
    }
    seed = next((SHARED / "seed").glob("*.txt"))
    return pages | {"/seed.html": seed_page(seed.read_text(encoding="utf-8"))}


@pytest.fixture
def place(
    kafka_address: str, elasticsearch_url: str, fresh_prefix: str, tmp_path: Path
) -> Iterator[Room]:
    """An empty place."""
    with room(kafka_address, elasticsearch_url, fresh_prefix, tmp_path) as place:
        yield place


@pytest.fixture
def proxy(elasticsearch_url: str) -> Iterator[TroubleProxy]:
    """A proxy before the search server, which lets go of everything at the end."""
    proxy = TroubleProxy(elasticsearch_url)
    yield proxy
    proxy.released.set()
    proxy.close()


@pytest.fixture(scope="session")
def flow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flow]:
    """`dongtin up` with a sample outlet, bad pages and real pages, in which each process, each
    server too, is killed once with -9 while articles appear, and bytes that are no record stand in the topics."""
    folder = tmp_path_factory.mktemp("flow")
    shared = Pages(real_pages()) if SHARED.exists() else None
    closed = Closed({"/closed.html": seed_page(CLOSED_TEXT)})
    edited = Edited(
        {"/sua.html": edited_page(_EDITED_LINES)}, {"/sua.html": edited_page(_AFTER_LINES)}
    )
    closed.server.start()
    edited.server.start()
    config = folder / "outlets.toml"
    with SampleOutlet(initial=10, interval=1.0) as sample, trouble_server() as trouble:
        tables = [
            outlet("mau", f"{sample.base_url}/rss.xml"),
            outlet("dong", f"{closed.url}/rss.xml"),
            outlet("sua", f"{edited.url}/rss.xml"),
        ]
        tables += [
            outlet(name.replace("-", "_"), f"{trouble}/feed/{name}.xml")
            for name in ("empty-text", "list-page", "500", "four-mb-text")
        ]
        if shared:
            shared.server.start()
            tables.append(outlet("that", f"{shared.url}/rss.xml"))
        settings = "[crawler]\npoll = 1.0\npause = 0.02\nattempts = 2\nrecapture = 1.0\n[ledger]\nevery = 5.0\n"
        config.write_text(settings + "".join(tables), encoding="utf-8")
        running = Running(config, folder / "data")
        running.wait_for_stages()
        try:
            send_poison(running)
            for stage in STAGES:
                running.kill(stage)
            running.kill_a_lane()
            for server in ("Elasticsearch", "Kafka"):
                running.kill_server(server)
            yield _at_rest(running, sample, shared, trouble, closed, edited)
        finally:
            _end(running)
            closed.server.stop()
            edited.server.stop()
            if shared:
                shared.server.stop()


def _at_rest(
    running: Running,
    sample: SampleOutlet,
    shared: Pages | None,
    trouble: str,
    closed: Closed,
    edited: Edited,
) -> Flow:
    """Waits until the sample outlet has published all, and all of everything has arrived."""
    total = len(sample.schedule.articles)
    until(lambda: len(sample.published()) == total, "the last article to be published")
    published = {article_id(canonical_url(url)): url for url in sample.published()}
    ids = set(published) | {article_id(canonical_url(f"{closed.url}/closed.html"))}
    ids |= {article_id(canonical_url(f"{edited.url}/sua.html"))}
    if shared:
        ids |= {article_id(canonical_url(f"{shared.url}{path}")) for path in real_pages()}

    def arrived() -> bool:
        found = {article["_id"] for article in running.search("articles")}
        found |= {letter["id"] for letter in running.search("dead")}
        kafka = Kafka(bootstrap=running.told()["kafka"])
        return ids <= found and at_rest(kafka) and all_delivered(running.data_dir)

    until(arrived, "all articles to arrive", pause=1.0)
    restarts = {
        name: int(process["restarts"]) for name, process in running.told()["processes"].items()
    }
    return Flow(
        running=running,
        published=published,
        shared=shared,
        trouble=trouble,
        closed=closed,
        edited=edited,
        restarts=restarts,
        said=running.said(),
    )


def _end(running: Running) -> None:
    """Ctrl-C, and then nothing may be left: neither a stage nor a worker nor a server."""
    if running.process.poll() is not None:
        return
    family = running.family()
    status = running.interrupt()
    left = [process for process in family if lives(process)]
    for process in left:
        process.kill()
    assert status == 0
    assert left == []


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    """A short `dongtin demo --for`, to its end."""
    folder = tmp_path_factory.mktemp("demo")
    command = [*DONGTIN, "demo", "--for", "12", "--json", "--data-dir", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, env=dict(os.environ))
