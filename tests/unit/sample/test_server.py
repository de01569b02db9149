"""The outlet answers as a newspaper's site does, and publishes as its clock goes on."""

import gzip
import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import Message

import feedparser
import pytest

from connectors.sample.articles import SECTIONS, load_articles
from connectors.sample.server import SampleOutlet
from connectors.sample.serving import Reply, Request

START = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
ARTICLES = load_articles()


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def outlet(clock: Clock) -> Iterator[SampleOutlet]:
    with SampleOutlet(initial=2, interval=10, clock=clock) as served:
        yield served


def get(address: str, **headers: str) -> tuple[int, Message, bytes]:
    request = urllib.request.Request(
        address, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as reply:
            return reply.status, reply.headers, reply.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def ask(outlet: SampleOutlet, path: str) -> Reply:
    return outlet.reply(Request(path=path))


def links(outlet: SampleOutlet, feed: str = "/rss.xml") -> list[str]:
    body = ask(outlet, feed).body
    assert isinstance(body, bytes)
    return [entry.link.partition("?")[0] for entry in feedparser.parse(body).entries]


def test_an_article_is_404_until_its_moment(outlet: SampleOutlet, clock: Clock) -> None:
    """The third article has no page and no place in the feeds before ten seconds have passed."""
    third = ARTICLES[2].path
    assert ask(outlet, third).status == 404
    assert outlet.base_url + third not in links(outlet)
    clock.now += timedelta(seconds=10)
    assert ask(outlet, third).status == 200
    assert links(outlet)[0] == outlet.base_url + third
    assert links(outlet, "/atom.xml")[0] == outlet.base_url + third


def test_published_tells_every_address_with_its_moment(outlet: SampleOutlet, clock: Clock) -> None:
    """What `published()` names is what the feed names, with the moments of the schedule."""
    clock.now += timedelta(seconds=25)
    told = outlet.published()
    assert list(told) == [outlet.base_url + a.path for a in ARTICLES[:4]]
    assert [(at - START).total_seconds() for at in told.values()] == [0, 0, 10, 20]
    assert set(links(outlet)) == set(told)


def test_the_account_over_http_says_the_same(outlet: SampleOutlet, clock: Clock) -> None:
    """`/published.json` has address, slug, moment and expected documents of what is published."""
    status, headers, body = get(outlet.base_url + "/published.json")
    account = json.loads(body)
    assert status == 200
    assert headers.get_content_type() == "application/json"
    assert account["total"] == len(ARTICLES)
    assert [row["slug"] for row in account["published"]] == [a.front.slug for a in ARTICLES[:2]]
    first = account["published"][0]
    assert first["documents"] == list(ARTICLES[0].front.documents)
    assert datetime.fromisoformat(first["published"]) == START
    assert datetime.fromisoformat(account["complete_at"]) == outlet.schedule.complete_at


def test_a_restarted_outlet_goes_on_where_it_was(clock: Clock) -> None:
    """Another outlet with the same start has published the same at the same moments."""
    with SampleOutlet(initial=2, interval=10, started=START, clock=clock) as first:
        clock.now += timedelta(seconds=31)
        before = first.published()
        port = int(first.base_url.rpartition(":")[2])
    with SampleOutlet(port=port, initial=2, interval=10, started=START, clock=clock) as second:
        assert second.published() == before


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/rss.xml", "application/rss+xml"),
        ("/atom.xml", "application/atom+xml"),
        ("/robots.txt", "text/plain"),
        ("/", "text/html"),
        (ARTICLES[0].path, "text/html"),
        *((f"/{path}/", "text/html") for path in SECTIONS.values()),
    ],
)
def test_every_address_answers_in_its_type(
    outlet: SampleOutlet, path: str, content_type: str
) -> None:
    """Feeds, robots, list pages and articles have the content type of their kind, in UTF-8."""
    status, headers, body = get(outlet.base_url + path)
    assert status == 200
    assert headers.get_content_type() == content_type
    assert headers.get_content_charset() == "utf-8"
    assert int(headers["Content-Length"]) == len(body) > 0


@pytest.mark.parametrize("path", ["/khong-co/", "/thoi-su/khong-co-post1.html", "/rss", "/../etc"])
def test_an_unknown_address_is_404_with_a_page(outlet: SampleOutlet, path: str) -> None:
    """A reader sees a page that says so."""
    status, _, body = get(outlet.base_url + path)
    assert status == 404
    assert "Không tìm thấy trang" in body.decode()


def test_the_feed_is_sent_again_only_when_it_changed(outlet: SampleOutlet, clock: Clock) -> None:
    """304 by ETag and by date while nothing is new; the feed when an article has appeared."""
    feed = outlet.base_url + "/rss.xml"
    _, headers, _ = get(feed)
    assert get(feed, If_None_Match=headers["ETag"])[0] == 304
    assert get(feed, If_Modified_Since=headers["Last-Modified"])[0] == 304
    assert get(feed, If_Modified_Since="not a date")[0] == 200
    clock.now += timedelta(seconds=10)
    assert get(feed, If_None_Match=headers["ETag"])[0] == 200
    assert get(feed, If_Modified_Since=headers["Last-Modified"])[0] == 200


def test_pages_are_compressed_for_whoever_accepts_it(outlet: SampleOutlet) -> None:
    """The same bytes come out of gzip, and less goes over the line."""
    address = outlet.base_url + ARTICLES[0].path
    _, plain_headers, plain = get(address)
    _, headers, packed = get(address, Accept_Encoding="gzip, deflate")
    assert headers["Content-Encoding"] == "gzip"
    assert plain_headers["Content-Encoding"] is None
    assert gzip.decompress(packed) == plain
    assert len(packed) < len(plain)


def test_head_sends_no_body(outlet: SampleOutlet) -> None:
    """HEAD tells the length of the feed and sends nothing of it."""
    request = urllib.request.Request(outlet.base_url + "/rss.xml", method="HEAD")
    with urllib.request.urlopen(request, timeout=60) as reply:
        assert int(reply.headers["Content-Length"]) > 0
        assert reply.read() == b""


def test_two_outlets_cannot_share_a_port(outlet: SampleOutlet) -> None:
    """The second one fails at once with the system's error."""
    with pytest.raises(OSError, match="in use"):
        SampleOutlet(port=int(outlet.base_url.rpartition(":")[2]))


def start_process(*arguments: str) -> tuple[subprocess.Popen[str], dict[str, str]]:
    command = [sys.executable, "-m", "connectors.sample", "--interval", "3600", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, json.loads(process.stdout.readline())


def stop_process(process: subprocess.Popen[str]) -> int:
    process.terminate()
    process.communicate(timeout=60)
    return process.returncode


def test_the_process_survives_a_restart_and_ends_on_sigterm() -> None:
    """Started again with its port and start, it tells the same account; SIGTERM ends it with 0."""
    process, told = start_process("--initial", "4")
    try:
        before = get(told["base_url"] + "/published.json")[2]
    finally:
        assert stop_process(process) == 0
    port = told["base_url"].rpartition(":")[2]
    process, again = start_process("--initial", "4", "--port", port, "--started", told["started"])
    try:
        assert again == told
        assert get(told["base_url"] + "/published.json")[2] == before
        assert len(json.loads(before)["published"]) == 4
    finally:
        assert stop_process(process) == 0
