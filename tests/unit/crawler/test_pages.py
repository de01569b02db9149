"""Which page is fetched next, and what becomes of it."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.crawler import schedule
from connectors.crawler.kept import Validators, Waiting
from connectors.crawler.old import OldArticles
from connectors.crawler.page import Answer, Trouble
from connectors.crawler.pages import MOST_BEFORE_OLD, Pages
from connectors.crawler.store import Store
from streams.errors import Reason
from streams.identity import article_id
from tests.unit.crawler.making import FEED, MOMENT, discover, found, message


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A new store."""
    store = Store(tmp_path / "crawler.sqlite3")
    yield store
    store.close()


@pytest.fixture
def slow_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """No page's next try, and no host's, is due before a test is over, however slow the machine is."""
    monkeypatch.setattr(schedule, "_PAGE_FIRST", schedule._PAGE_LONGEST)


def _pages(store: Store, **changes: Any) -> Pages:
    options: dict[str, Any] = {
        "attempts": 3, "outbox": 100, "queued": lambda: None, "room": lambda: True, **changes,
    }  # fmt: skip
    return Pages(store, ("bao",), **options)


def _html(page: Waiting, body: bytes = b"<p>x") -> Answer:
    return Answer(url=page.url, status=200, headers={"content-type": "text/html"}, body=body)


def test_one_page_of_a_host_at_a_time(store: Store) -> None:
    """Each host has at most one page in hand; its next one comes when that is released."""
    discover(store, found(1), found(2), found(3, host="tin.example"))
    pages = _pages(store)
    first = list(pages.take_due())
    assert sorted(page.url.split("/")[2] for page in first) == ["bao.example", "tin.example"]
    assert list(pages.take_due()) == []
    for page in first:
        pages.release(page)
    assert len(list(pages.take_due())) == 2


async def test_old_pages_wait_for_the_outbox(store: Store, tmp_path: Path) -> None:
    """None is fetched while more than a few messages wait; live ones are."""
    with closing(OldArticles(tmp_path / "crawler.sqlite3")) as old:
        old.ask([found(99)], MOMENT)
    discover(store, *(found(n, host=f"h{n}.example") for n in range(MOST_BEFORE_OLD + 1)))
    for n in range(MOST_BEFORE_OLD + 1):
        store.finish(message(found(n, host=f"h{n}.example")), "fetched")
    discover(store, found(98, host="live.example"))
    pages = _pages(store)
    assert [page.id for page in pages.take_due()] == [found(98, host="live.example").id]
    first = store.next_message(0)
    assert first is not None
    store.acknowledge([first[0]])
    assert [page.id for page in pages.take_due()] == [found(99).id]


def test_old_pages_wait_for_the_stages_behind(store: Store, tmp_path: Path) -> None:
    """Each one is asked for room, none that is not due; a live one asks for none."""
    with closing(OldArticles(tmp_path / "crawler.sqlite3")) as old:
        old.ask([found(n, host=f"h{n}.example") for n in range(3)], MOMENT)
    discover(store, found(98, host="live.example"))
    answers = iter([True, False, True])
    pages = _pages(store, room=lambda: next(answers))
    taken = list(pages.take_due())
    assert sum(page.quiet for page in taken) == 2
    assert {page.id for page in taken} >= {found(98, host="live.example").id}
    with pytest.raises(StopIteration):
        next(answers)


def test_few_old_pages_are_in_hand(store: Store, tmp_path: Path) -> None:
    """However many hosts there are; one that comes back makes room for the next one."""
    with closing(OldArticles(tmp_path / "crawler.sqlite3")) as old:
        old.ask([found(n, host=f"h{n}.example") for n in range(MOST_BEFORE_OLD + 3)], MOMENT)
    pages = _pages(store)
    taken = list(pages.take_due())
    assert len(taken) == MOST_BEFORE_OLD
    pages.release(taken[0])
    assert len(list(pages.take_due())) == 1


async def test_full_outbox_pauses_fetching(store: Store) -> None:
    """With as many messages on disk as may be, no page is handed out; pages in hand count."""
    discover(store, *(found(n, host=f"h{n}.example") for n in range(5)))
    pages = _pages(store, outbox=2)
    first = list(pages.take_due())
    assert len(first) == 2
    for page in first:
        await pages.read(page, _html(page), cut=False)
        pages.release(page)
    assert store.waiting == 2
    assert list(pages.take_due()) == []
    message = store.next_message(0)
    assert message is not None
    store.acknowledge([message[0]])
    assert len(list(pages.take_due())) == 1


def test_no_host_starves(store: Store) -> None:
    """With room for one page at a time, hosts take turns."""
    discover(store, *(found(n, host=f"h{n % 3}.example") for n in range(9)))
    pages = _pages(store, outbox=1)
    turns = []
    for _ in range(6):
        (page,) = pages.take_due()
        turns.append(page.url.split("/")[2])
        pages.release(page)
    assert sorted(turns[:3]) == ["h0.example", "h1.example", "h2.example"]
    assert turns[3:] == turns[:3]


def test_tries_are_counted(store: Store) -> None:
    """A page that fails is put off; after its last try it is dead, with the reason."""
    discover(store, found(1))
    trouble = Trouble(reason=Reason.UNREACHABLE, detail="no answer", final=False)
    for tries in range(3):
        waiting = store.next_of("bao.example", ("bao",), time.time())
        assert waiting is not None
        assert waiting[0].attempts == tries
        _pages(store).fail(waiting[0], trouble)
    assert store.next_of("bao.example", ("bao",), time.time()) is None
    assert store.counts() == {("bao", "dead", "unreachable"): 1}


@pytest.mark.parametrize(
    ("reason", "state"), [(Reason.ROBOTS, "skipped"), (Reason.REDIRECT_LOOP, "dead")]
)
def test_final_trouble_is_final(store: Store, reason: Reason, state: str) -> None:
    """What can't get better is not tried again."""
    discover(store, found(1))
    pages = _pages(store)
    (page,) = pages.take_due()
    pages.fail(page, Trouble(reason=reason, detail="so it is", final=True))
    assert store.counts() == {("bao", state, str(reason)): 1}


def test_silent_host_is_left_alone(store: Store, slow_retries: None) -> None:
    """After the third failure in a row a host's other pages keep their tries for later."""
    discover(store, *(found(n) for n in range(9)))
    pages = _pages(store)
    trouble = Trouble(reason=Reason.UNREACHABLE, detail="no answer", final=False)
    taken = 0
    while page := next(pages.take_due(), None):
        pages.fail(page, trouble)
        pages.release(page)
        taken += 1
    assert taken == 3


def _overload(page: Waiting, status: int, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(url=page.url, status=status, headers=named)


async def _answered(pages: Pages, answer: Callable[[Waiting], Answer]) -> int:
    """All pages that are handed out are answered so; how many they were."""
    taken = 0
    while page := next(pages.take_due(), None):
        await pages.read(page, answer(page), cut=False)
        pages.release(page)
        taken += 1
    return taken


@pytest.mark.parametrize("status", [429, 502, 503, 504])
async def test_overloaded_host_is_left_alone(store: Store, status: int, slow_retries: None) -> None:
    """As one that does not answer: an hour of it must not cost all its pages their tries."""
    discover(store, *(found(n) for n in range(9)))
    pages = _pages(store)
    assert await _answered(pages, lambda page: _overload(page, status)) == 3


async def test_host_that_asks_for_it_is_left_alone_at_once(store: Store) -> None:
    """Retry-After is said of the host: its other pages wait as well; another host's don't."""
    discover(store, found(1), found(2), found(3, host="tin.example"))
    pages = _pages(store)
    for page in list(pages.take_due()):
        if "bao.example" in page.url:
            await pages.read(page, _overload(page, 503, retry_after="60"), cut=False)
        pages.release(page)
    assert [page.url for page in pages.take_due()] == [found(3, host="tin.example").url]


async def test_broken_pages_leave_their_host_as_it_is(store: Store, slow_retries: None) -> None:
    """A page that answers 500 is broken itself: the others of its host are fetched."""
    discover(store, *(found(n) for n in range(9)))
    pages = _pages(store)
    assert await _answered(pages, lambda page: _overload(page, 500)) == 9


async def _led_to(pages: Pages, *paths: str, moved: bool = False) -> None:
    """The next pages are found where redirects lead, each at one of these paths."""
    for path in paths:
        (page,) = pages.take_due()
        answer = replace(_html(page), url=f"https://bao.example{path}", moved=moved)
        await pages.read(page, answer, cut=False)
        pages.release(page)


async def _to_one_page(store: Store, *, moved: bool) -> dict[tuple[str, str, str], int]:
    """Two articles whose addresses lead to one page; what becomes of them."""
    discover(store, found(1), found(2))
    pages = _pages(store)
    await _led_to(pages, *["/chung.html"] * 2, moved=moved)
    return store.counts()


async def test_temporary_redirects_to_one_page_make_no_article_of_two(
    store: Store, slow_retries: None
) -> None:
    """All pages of a host may lead to one for an hour (maintenance, a log-in): they are tried again, the first
    too, and the address that they lead to can still be an article's."""
    assert await _to_one_page(store, moved=False) == {("bao", "discovered", ""): 2}
    assert store.owner(article_id("https://bao.example/chung.html")) is None
    found_there = store.next_of("bao.example", ("bao",), time.time())
    assert found_there is not None
    assert (found_there[0].id, found_there[0].attempts) == (found(2).id, 1)


async def test_a_page_that_only_stands_in_is_dead_in_the_end(store: Store) -> None:
    """With what was seen, and where it led; the first that led there is captured once more, later."""
    discover(store, found(1), found(2))
    pages = _pages(store, attempts=1)
    await _led_to(pages, *["/dang-nhap"] * 2)
    assert store.counts() == {("bao", "discovered", ""): 1, ("bao", "dead", "http-status"): 1}
    waiting = store.next_of("bao.example", ("bao",), time.time())
    assert waiting is not None
    assert waiting[0].id == found(1).id
    assert waiting[1] > time.time() + 300
    first = store.next_message(0)
    assert first is not None
    second = store.next_message(first[0])
    assert second is not None
    assert b"https://bao.example/dang-nhap" in b"".join(second[1].headers.values())


async def test_old_pages_that_were_taken_down_hold_up_no_live_one(
    store: Store, tmp_path: Path, slow_retries: None
) -> None:
    """An outlet may lead all that is gone to one page: that says nothing of its host."""
    with closing(OldArticles(tmp_path / "crawler.sqlite3")) as old:
        old.ask([found(n) for n in range(5)], MOMENT)
    pages = _pages(store)
    await _led_to(pages, *["/404.html"] * 5)
    discover(store, found(9))
    assert [page.id for page in pages.take_due()] == [found(9).id]


async def test_an_old_page_that_is_in_the_news_while_it_is_in_hand(
    store: Store, tmp_path: Path
) -> None:
    """It is fetched again as a live one: as an old one its documents would never be told."""
    with closing(OldArticles(tmp_path / "crawler.sqlite3")) as old:
        old.ask([found(1)], MOMENT)
    pages = _pages(store)
    (page,) = pages.take_due()
    assert page.quiet
    assert discover(store, found(1)) == [found(1)]
    await pages.read(page, _html(page), cut=False)
    pages.release(page)
    assert store.waiting == 0
    (page,) = pages.take_due()
    assert not page.quiet
    await pages.read(page, _html(page), cut=False)
    assert store.waiting == 1


async def test_temporary_redirects_to_pages_of_their_own(store: Store) -> None:
    """Or to the front page, as for what has been taken down: each article is captured."""
    discover(store, *(found(n) for n in range(4)))
    pages = _pages(store)
    await _led_to(pages, "/a.html", "/b.html", "/", "/")
    assert store.counts() == {("bao", "fetched", ""): 4}


async def test_two_addresses_of_one_article(store: Store) -> None:
    """Moved for good to one address: one article."""
    counts = await _to_one_page(store, moved=True)
    assert counts == {("bao", "fetched", ""): 1, ("bao", "unchanged", ""): 1}


async def test_an_edit_of_an_article_that_has_moved_is_captured(store: Store) -> None:
    """The address that it has moved to is its own: it is not the same as another one."""
    await _to_one_page(store, moved=True)
    while (first := store.next_message(0)) is not None:
        store.acknowledge([first[0]])
    edit = replace(found(1), entry=replace(found(1).entry, title="Sửa"))
    later = MOMENT + timedelta(hours=1)
    assert store.discover(FEED, [edit], later, Validators()) == ([edit], False)
    pages = _pages(store)
    (page,) = pages.take_due()
    await pages.read(page, replace(_html(page), url="https://bao.example/chung.html"), cut=False)
    assert store.waiting == 1


async def test_an_overload_where_a_redirect_led(store: Store, slow_retries: None) -> None:
    """It counts, since all may lead there; but what that server asks for holds for none of the others: the
    pages of a link shortener don't wait for an hour because one of them leads to a busy server."""
    discover(store, *(found(n) for n in range(9)))
    pages = _pages(store)

    def busy(page: Waiting) -> Answer:
        answer = _overload(page, 503, retry_after="3600")
        return replace(answer, url="https://tin.example/bai.html")

    assert await _answered(pages, busy) == 3


async def test_cut_page_keeps_its_beginning(store: Store) -> None:
    """A page larger than the bound is dead, and its first bytes are kept."""
    discover(store, found(1))
    pages = _pages(store)
    (page,) = pages.take_due()
    await pages.read(page, _html(page, b"x" * 200_000), cut=True)
    message = store.next_message(0)
    assert message is not None
    assert (message[1].outcome, message[1].value) == ("too-large", b"x" * 65_536)


async def test_text_that_cant_be_decoded_is_kept_whole(store: Store) -> None:
    """Bytes that no charset fits are dead, and all of them are kept for a better decoder."""
    discover(store, found(1))
    pages = _pages(store)
    (page,) = pages.take_due()
    body = bytes(range(256)) * 400
    await pages.read(page, _html(page, body), cut=False)
    message = store.next_message(0)
    assert message is not None
    assert (message[1].outcome, message[1].value) == ("bad-encoding", body)
