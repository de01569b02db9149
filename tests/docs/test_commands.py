"""Every command that README.md and docs/*.md show is run as a reader would run it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from connectors.sample.articles import load_articles
from connectors.sample.server import SampleOutlet
from streams.identity import article_id, canonical_url
from tests import archives
from tests.docs.commands import Command, commands_of
from tests.pipeline.running import Running, outlet, until
from tests.unit.notify.places import WebServer

pytestmark = [pytest.mark.servers, pytest.mark.timeout(1200)]

ROOT = Path(__file__).resolve().parents[2]
PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md")))
COMMANDS = [command for page in PAGES for command in commands_of(page)]

#: The address that the pages show for an article of the reader's own.
EXAMPLE = "https://tienphong.vn/bai-viet-post1.tpo"
#: And for its id.
EXAMPLE_ID = "0123456789abcdef0123456789abcdef"

#: What is not run, and why; everything else is.
NOT_RUN = {
    "docker": "there is no Docker engine on the build machines",
    "make": "they are what runs this test; that the target exists is looked at",
    "dongtin setup --acls deploy/kafka/acls.tsv": "tests/secure runs it, on a broker with users",
}


_OLD_PAGE = """<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>Bài cũ</title>
<link rel="canonical" href="{url}"><meta property="og:type" content="article">
<meta property="og:title" content="Bài cũ"></head><body><article><h1>Bài cũ</h1>
<p>Bài này kể một buổi họp thôn bàn việc sửa đường, nhắc tới Chỉ thị 05-CT/TW của Bộ Chính trị.</p>
<p>Người dự họp thống nhất góp công theo hộ, làm vào các ngày cuối tuần cho tới khi xong đường.</p>
</article></body></html>"""


@dataclass(kw_only=True)
class Place:
    """A folder as the reader has it: outlets.toml, and `dongtin up` at work on `.dongtin`."""

    folder: Path
    running: Running
    article: str  # address of one that is indexed
    environment: dict[str, str]
    spares: list[Path] = field(default_factory=list)
    begun: set[str] = field(default_factory=set)

    def start(self, command: Command, folder: Path) -> "subprocess.Popen[str]":
        """The command as a shell runs it, in a folder."""
        text = command.text.replace(EXAMPLE, self.article)
        text = text.replace(EXAMPLE_ID, article_id(canonical_url(self.article)))
        return subprocess.Popen(
            ["bash", "-c", f"exec {text}" if command.lasts else text],
            cwd=folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def spare(self) -> Path:
        """A folder with the same files where nothing runs yet."""
        folder = self.folder.with_name(f"spare-{len(self.spares)}")
        folder.mkdir()
        shutil.copy(self.folder / "outlets.toml", folder)
        self.spares.append(folder)
        return folder


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A pipeline that has indexed the sample articles."""
    folder = tmp_path_factory.mktemp("docs") / "place"
    folder.mkdir()
    hooks = WebServer()
    articles = load_articles()[:8]
    with SampleOutlet(initial=len(articles), articles=articles) as sample:
        url = f"127.0.0.1:{hooks.port}"
        (folder / "outlets.toml").write_text(
            f'[notify]\nurls = ["json://{url}/a", "json://{url}/b"]\n'
            "[crawler]\npoll = 1.0\npause = 0.02\n"
            + outlet("tienphong", f"{sample.base_url}/rss.xml"),
            encoding="utf-8",
        )
        files_for_backfill(folder, sample.base_url)
        running = Running(folder / "outlets.toml", folder / ".dongtin")
        running.wait_for_stages()
        environment = os.environ | {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "COLUMNS": "120",
        }
        place = Place(
            folder=folder,
            running=running,
            article=next(iter(sample.published())),
            environment=environment,
        )
        try:
            until(lambda: len(running.search("articles")) == len(articles), "the articles")
            yield place
        finally:
            if place.running.process.poll() is None:  # perhaps another one by now
                place.running.interrupt()
            hooks.close()


def files_for_backfill(folder: Path, base: str) -> None:
    """What the pages take for granted: a list of addresses, pages on disk with their list, an archive."""
    (folder / "addresses.txt").write_text(f"{base}/thoi-su/bai-cu.html\n", encoding="utf-8")
    pages = folder / "pages"
    pages.mkdir()
    page = _OLD_PAGE.format(url=f"{base}/thoi-su/bai-tren-dia.html")
    (pages / "1.html").write_text(page, encoding="utf-8")
    (folder / "pages.tsv").write_text(
        f"url\tfile\n{base}/thoi-su/bai-tren-dia.html\t1.html\n", encoding="utf-8"
    )
    archive = archives.record(f"{base}/thoi-su/bai-trong-kho.html", archives.page("Bài trong kho"))
    (folder / "crawl-2019.warc.gz").write_bytes(archive)


def run(place: Place, command: Command) -> None:
    """One command to its end, or until it is at work and Ctrl-C ends it."""
    if command.lasts:
        _run_for_a_while(place, command)
        return
    process = place.start(command, place.folder)
    said, _ = process.communicate()
    assert process.returncode == command.status, said


def _run_for_a_while(place: Place, command: Command) -> None:
    folder = place.spare()
    whole = command.words[1] in ("up", "demo")
    if not whole:
        told = place.running.told()
        place.environment |= {
            "DONGTIN_KAFKA_BOOTSTRAP": told["kafka"],
            "DONGTIN_ELASTICSEARCH_URL": told["elasticsearch"],
        }
    process = place.start(command, folder)
    said: list[str] = []
    reading = threading.Thread(target=lambda: said.append(process.stdout.read()))  # type: ignore[union-attr]
    reading.start()

    def begun() -> bool:
        if whole:
            return (folder / ".dongtin" / "stack.json").exists()
        return _listens(process.pid)  # each process shows its metrics

    try:
        until(lambda: begun() or process.poll() is not None, f"{command} to begin")
    finally:
        process.send_signal(signal.SIGINT)
        status = process.wait(90)
        reading.join()
    assert status == 0, said


def _listens(pid: int) -> bool:
    try:
        found = psutil.Process(pid).net_connections("tcp")
    except psutil.Error:
        return False
    return any(one.status == psutil.CONN_LISTEN for one in found)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_commands_of_a_page_do_what_it_says(place: Place, page: Path) -> None:
    """In the order in which they stand there, with the exit status that is told."""
    for command in commands_of(page):
        if command.program == "tar":  # see below
            continue
        if command.program in NOT_RUN or command.text in NOT_RUN:
            continue
        if command.lasts and command.text in place.begun:  # on another page
            continue
        place.begun.add(command.text)
        run(place, command)


@pytest.mark.parametrize("command", [c for c in COMMANDS if c.program == "make"], ids=str)
def test_targets_exist(command: Command) -> None:
    """`make` knows how to make it."""
    done = subprocess.run(
        ["bash", "-c", f"{command.text} --dry-run"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_the_back_up_restores(place: Place) -> None:
    """The data folder put aside, lost and restored: the same articles, and the ledger adds up."""
    put_aside, restore = (c for c in COMMANDS if c.program == "tar")
    until(lambda: _at_rest(place.running), "what other pages have sent to arrive")
    articles = {article["_id"] for article in place.running.search("articles")}
    assert place.running.interrupt() == 0
    run(place, put_aside)
    shutil.rmtree(place.running.data_dir)
    run(place, restore)
    place.running = Running(place.running.config, place.running.data_dir)
    place.running.wait_for_stages()
    until(lambda: _at_rest(place.running), "all to work again")
    assert {article["_id"] for article in place.running.search("articles")} == articles
    assert place.running.command("ledger").returncode == 0


def _at_rest(running: Running) -> bool:
    """Whether the ledger can be asked, and knows of nothing under way."""
    answer = running.command("ledger", "--json")
    return answer.returncode == 0 and json.loads(answer.stdout)["under_way"] == {}
