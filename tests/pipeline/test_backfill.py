"""`dongtin backfill` into a pipeline at work: nothing lost, nothing twice, nobody told, nobody late."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from connectors.crawler.pages import MOST_BEFORE_OLD
from connectors.crawler.room import AT_ONCE
from connectors.kafka.pace import MOST_LEFT
from connectors.local.servers import LocalServers
from connectors.sample.serving import Reply, Request
from streams.identity import article_id, canonical_url
from tests.archives import page, record, write
from tests.emptying import empty
from tests.pipeline.running import DONGTIN, Pages, Running, outlet, suspended, until

pytestmark = [pytest.mark.servers, pytest.mark.faults, pytest.mark.timeout(900)]

_OLD = 150  # pages in the archive


def article(number: int) -> bytes:
    """A page that names a document of its own."""
    text = f"Hội nghị ở xã số {number} bàn việc thực hiện Chỉ thị {number}-CT/TW trong mùa khô."
    dated = '<meta property="article:published_time" content="2019-05-06T08:00:00+07:00"></head>'
    return page(f"Bài số {number}", text).replace(b"</head>", dated.encode())


class Outlet(Pages):
    """Its feed names the live pages only; what is old can still be had."""

    def __init__(self) -> None:
        super().__init__({})
        self.live: dict[str, bytes] = {}
        self.old: dict[str, bytes] = {}
        self.asked: set[str] = set()  # paths

    def publish(self, number: int) -> str:
        """A live article; returns its id."""
        path = f"/live-{number}.html"
        self.live = {**self.live, path: article(number)}
        return self.id(path)

    def id(self, path: str) -> str:
        """The id of an article of this outlet."""
        return article_id(canonical_url(self.url + path))

    def _reply(self, request: Request) -> Reply:
        if request.path == "/rss.xml":
            items = "".join(
                f"<item><title>{path}</title><link>{self.url}{path}</link></item>"
                for path in self.live
            )
            rss = f'<rss version="2.0"><channel><title>x</title>{items}</channel></rss>'
            return Reply(content_type="application/rss+xml", body=rss.encode())
        self.asked.add(request.path)
        body = self.live.get(request.path) or self.old.get(request.path)
        return Reply(body=body) if body else Reply(status=404, body=b"")


@dataclass(kw_only=True)
class Place:
    """A pipeline at work on one outlet."""

    running: Running
    outlet: Outlet
    folder: Path

    def command(self, *words: str) -> list[str]:
        """A command line on the pipeline's folder."""
        places = ["--config", str(self.running.config), "--data-dir", str(self.running.data_dir)]
        return [*DONGTIN, *words, *places]

    def backfill(self, *words: str) -> dict[str, Any]:
        """`dongtin backfill --json`, to its end."""
        done = subprocess.run(
            self.command("backfill", *words, "--json"), capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        told: dict[str, Any] = json.loads(done.stdout)
        assert told["complete"]
        return told

    def indexed(self) -> set[str]:
        """Ids in the index."""
        return {found["_id"] for found in self.running.search("articles")}

    def told(self) -> set[str]:
        """Documents that somebody was told of."""
        return {alert["document"] for alert in self.running.alerts()}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, new_servers: LocalServers) -> Iterator[Place]:
    """`dongtin up` on an outlet with one live article, which has been told."""
    folder = tmp_path_factory.mktemp("backfill")
    site = Outlet()
    site.server.start()
    first = site.publish(101)
    config = folder / "outlets.toml"
    speed = "[crawler]\npoll = 0.5\npause = 0.02\n[ledger]\nevery = 0.0\n[enrich]\nwords = false\n"
    speed += '[elasticsearch]\nprefix = "backfill"\n'
    empty(new_servers.addresses.kafka)
    config.write_text(speed + outlet("bao", f"{site.url}/rss.xml"), encoding="utf-8")
    running = Running(config, folder / "data", new_servers.addresses)
    try:
        running.wait_for_stages()
        place = Place(running=running, outlet=site, folder=folder)
        until(lambda: first in place.indexed(), "the live article")
        until(lambda: place.told() == {"101-CT/TW"}, "its alert")
        yield place
    finally:
        if running.process.poll() is None:
            running.interrupt()
        site.server.stop()


def test_addresses_pages_and_archives_arrive_once_and_tell_nobody(place: Place) -> None:
    """Old articles by each of the three ways: new ones are taken in, known ones and foreign ones are
    told apart, bad ones are named; done again, all are known; their documents are remembered."""
    site, folder = place.outlet, place.folder
    site.old = {f"/old-{n}.html": article(n) for n in (111, 112)}
    addresses = [f"{site.url}{path}" for path in (*site.old, "/live-101.html")]
    listed = folder / "list.txt"
    listed.write_text("\n".join([*addresses, "https://khac.example/a.html", "no address"]))
    records = [record(f"{site.url}/warc-{n}.html", article(n)) for n in (121, 122)]
    broken = record(f"{site.url}/bad.html", article(129))
    archive = write(folder / "a.warc.gz", [records[0], broken[:-60], records[1]])
    pages = folder / "pages"
    pages.mkdir()
    for n in (131, 132):
        (pages / f"{n}.html").write_bytes(article(n))
    rows = [f"{n}.html\t{site.url}/html-{n}.html\t2019-06-01" for n in (131, 132)]
    (folder / "pages.tsv").write_text("\n".join(["file\turl\tfetched", *rows]))
    ways = [
        ("urls", str(listed)),
        ("warc", str(archive)),
        ("html", str(pages), "--list", str(folder / "pages.tsv")),
    ]

    before, told_before = place.indexed(), place.told()
    dry = [place.backfill(*way, "--dry-run") for way in ways]
    first = [place.backfill(*way) for way in ways]
    assert [told["new"] for told in dry] == [told["new"] for told in first] == [2, 2, 2]
    assert [told["known"] for told in first] == [1, 0, 0]
    assert first[0]["elsewhere"]["count"] == 1
    assert [sum(told["bad"]["reasons"].values()) for told in first] == [1, 1, 0]
    assert first[1]["bad"]["named"][0]["where"].startswith(f"{archive}@{len(records[0])}")
    again = [place.backfill(*way) for way in ways]
    assert [(told["new"], told["known"]) for told in again] == [(0, 3), (0, 2), (0, 2)]

    paths = [
        *site.old,
        *(f"/warc-{n}.html" for n in (121, 122)),
        *(f"/html-{n}.html" for n in (131, 132)),
    ]
    wanted = {site.id(path) for path in paths}
    assert not wanted & before
    until(lambda: wanted <= place.indexed(), "the old articles")
    assert place.indexed() == before | wanted
    numbers = (111, 112, 121, 122, 131, 132)

    def remembered() -> bool:
        known = {found["_id"]: found for found in place.running.search("documents")}
        keys = [f"{n}-CT/TW" for n in numbers]
        return all(key in known and known[key]["told"] and known[key]["quiet"] for key in keys)

    until(remembered, "the register")
    old = {found["_id"]: found for found in place.running.search("articles")}
    assert all(old[site.id(path)]["published"].startswith("2019-05-06") for path in paths)
    site.publish(121)  # a live article names what an old one has named before, and one more is new
    site.publish(141)
    until(lambda: "141-CT/TW" in place.told(), "the alert of the new document")
    until(lambda: site.id("/live-121.html") in place.indexed(), "the live article")
    assert place.told() == told_before | {"141-CT/TW"}


def test_live_goes_first_and_a_crash_loses_nothing(place: Place) -> None:
    """While an archive is taken in, a live article arrives before the archive's end; the back-fill
    and the crawler are killed; done again, each article is there once, and the ledger balances."""
    site = place.outlet
    numbers = range(1000, 1000 + _OLD)
    records = [record(f"{site.url}/warc-{n}.html", article(n)) for n in numbers]
    archive = write(place.folder / "b.warc.gz", records)
    wanted = {site.id(f"/warc-{n}.html") for n in numbers}
    before = place.indexed()
    command = place.command("backfill", "warc", str(archive))
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until(lambda: bool(wanted & place.indexed()), "the first old articles", pause=0.05)
        live = site.publish(102)
        until(lambda: live in place.indexed(), "the live article", pause=0.05)
        assert not wanted <= place.indexed()
        assert process.poll() is None
    finally:
        process.kill()
        process.wait()
    place.running.kill("crawl")

    told = place.backfill("warc", str(archive))
    assert 0 < told["new"] < _OLD
    assert told["new"] + told["known"] == _OLD
    until(lambda: wanted <= place.indexed(), "all old articles")
    assert place.indexed() == before | wanted | {live}
    until(lambda: "102-CT/TW" in place.told(), "the live article's alert")
    assert not place.told() & {f"{n}-CT/TW" for n in numbers}
    answer = subprocess.run(place.command("ledger", "--json"), capture_output=True, text=True)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    ledger = json.loads(answer.stdout)
    assert ledger["balanced"]
    assert ledger["indexed"] == len(place.indexed()) == ledger["discovered"]


def test_addresses_are_fetched_no_faster_than_the_stages_behind_take_them(
    place: Place, new_servers: LocalServers
) -> None:
    """While `index` and `watch` stand still the crawler fetches some tens of a long list and says why it
    waits; a live page is fetched all the same. Then all arrive."""
    site = place.outlet
    site.old = {f"/old-{n}.html": article(n) for n in range(2000, 2000 + _OLD)}
    listed = place.folder / "long.txt"
    listed.write_text("\n".join(f"{site.url}{path}" for path in site.old), encoding="utf-8")
    log = place.running.data_dir / "logs" / "crawl.log"
    # as many as may be in hand, in the outbox, granted, and left at enrich and behind it
    most = 2 * MOST_BEFORE_OLD + AT_ONCE + 2 * MOST_LEFT + 1
    assert most < _OLD
    waits = log.read_text(encoding="utf-8").count("old pages wait: ")  # in the tests before
    with suspended(new_servers.processes()["Elasticsearch"]):
        assert place.backfill("urls", str(listed))["new"] == _OLD
        until(
            lambda: log.read_text(encoding="utf-8").count("old pages wait: ") > waits,
            "the crawler to wait",
        )
        assert 0 < len(site.asked & site.old.keys()) <= most
        live = site.publish(103)
        until(lambda: "/live-103.html" in site.asked, "the live page")
        assert len(site.asked & site.old.keys()) <= most
    wanted = {site.id(path) for path in site.old} | {live}
    until(lambda: wanted <= place.indexed(), "all of them")
