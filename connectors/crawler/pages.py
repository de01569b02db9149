"""The pages that are fetched: which is due, and the fate that its answer means."""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from connectors.crawler import schedule
from connectors.crawler.kept import State, Waiting, host_of
from connectors.crawler.page import (
    Answer,
    Trouble,
    article_message,
    find_article,
    find_detour,
    find_trouble,
    is_overload,
    letter_message,
    stand_in,
    too_large,
)
from connectors.crawler.store import Store
from streams.errors import Invalid
from streams.metrics import account

#: Old pages that may be in hand, and messages that may wait for the broker, when one more old page is
#: fetched: live ones go first there too.
MOST_BEFORE_OLD = 16
_LONGEST_DETAIL = 1000
_MOST_FAILING = 2000  # hosts; feeds may name any, without end
_MOST_LED = 2000  # addresses


@dataclass(slots=True)
class _HostState:
    failures: int = 0  # in a row
    until: float = 0.0  # monotonic


class Pages:
    """All pages that wait, at most one of a host in hand.

    Args:
        outlets: keys of the outlets whose pages may be fetched.
        attempts: tries for one page.
        outbox: messages that may wait for the broker; then no page is handed out.
        queued: called after a message went into the outbox.
        room: asked for each old page before it is handed out: whether the stages behind have room for
            one more.
    """

    def __init__(
        self,
        store: Store,
        outlets: Sequence[str],
        *,
        attempts: int,
        outbox: int,
        queued: Callable[[], None],
        room: Callable[[], bool],
    ) -> None:
        self._store = store
        self._outlets = tuple(outlets)
        self._attempts = attempts
        self._outbox = outbox
        self._queued = queued
        self._room = room
        self._in_hand: set[str] = set()  # hosts
        self._old_in_hand = 0  # pages
        self._hosts = store.hosts()  # with pages that wait
        self._served: dict[str, float] = {}  # host to monotonic time
        self._failing: dict[str, _HostState] = {}
        #: Where temporary redirects led, each with the first article that they led there.
        self._led: dict[str, str] = {}

    def add_hosts(self, hosts: set[str]) -> None:
        """There are new pages of these."""
        self._hosts |= hosts

    def take_due(self) -> Iterator[Waiting]:
        """Pages whose time has come; each is in hand until `release`."""
        room = self._outbox - self._store.waiting - len(self._in_hand)
        # the host that waits longest first: with little room the others must not starve
        free = sorted(self._hosts - self._in_hand, key=lambda host: self._served.get(host, 0.0))
        for host in free:
            if room <= 0:
                return
            page = self._next(host)
            if page is not None:
                room -= 1
                self._in_hand.add(host)
                self._old_in_hand += page.quiet
                self._served[host] = time.monotonic()
                yield page

    def _next(self, host: str) -> Waiting | None:
        failing = self._failing.get(host)
        if failing and failing.until > time.monotonic():
            return None
        found = self._store.next_of(host, self._outlets, time.time())
        if found is None:
            self._hosts.discard(host)
            self._served.pop(host, None)
            return None
        page, at = found
        if not schedule.is_due(at, time.time()) or (page.quiet and not self._may_old()):
            return None
        return page

    def _may_old(self) -> bool:
        """Whether one more old page leaves live ones nearly nothing to wait for: on the way to the broker
        and behind it."""
        few = self._store.waiting <= MOST_BEFORE_OLD and self._old_in_hand < MOST_BEFORE_OLD
        return few and self._room()

    def release(self, page: Waiting) -> None:
        """The page's answer has been dealt with."""
        self._in_hand.discard(host_of(page.url))
        self._old_in_hand -= page.quiet

    async def read(self, page: Waiting, answer: Answer, *, cut: bool) -> None:
        """Gives a page that was answered its fate.

        Args:
            cut: whether the body was larger than a page may be; what is there is its beginning.

        Raises:
            sqlite3.Error: the store can't be written.
        """
        wish = schedule.wish(answer.headers, datetime.now(UTC))
        host = host_of(page.url)
        trouble = too_large(answer) if cut else find_trouble(answer)
        stands_in = trouble is None and self._stands_in(page, answer)
        if stands_in:
            trouble = stand_in(answer)
        if is_overload(answer) or (stands_in and not page.quiet):
            # where a redirect led may ask for an hour for itself, and not for all that lead elsewhere
            self._leave_alone(host, wish if host_of(answer.url) == host else None)
        elif not stands_in:  # an old page that has been taken down says nothing of its host
            self._failing.pop(host, None)
        if trouble is not None:
            self._settle(page, trouble, wish)
            return
        final = find_article(page, answer)
        into = self._store.owner(final) if final != page.id else None
        if into not in (None, page.id):  # an edited article, captured again, is its own
            self._store.fold(page.id, into)
            account("crawl", "unchanged", page.outlet)
            return
        try:
            message = await asyncio.to_thread(article_message, page, answer, datetime.now(UTC))
        except Invalid as error:
            content = answer.body  # whole: another decoder may read it
            self._settle(
                page,
                Trouble(reason=error.reason, detail=error.detail, final=True, content=content),
            )
            return
        if self._store.finish(message, "fetched", alias=final, quiet=page.quiet):
            account("crawl", "unchanged", page.outlet)
        self._queued()

    def _stands_in(self, page: Waiting, answer: Answer) -> bool:
        """Whether a temporary redirect led where another article's led too: that page stands in for all of a
        host's for a while (maintenance, a captcha, a log-in)."""
        led = find_detour(answer)
        if led is None or led == page.id:
            return False
        first = self._led.pop(led, page.id)  # and it is the newest again
        while len(self._led) >= _MOST_LED:
            self._led.pop(next(iter(self._led)))
        self._led[led] = first
        if first == page.id:
            return False
        # what it was given there was not its own either
        self._store.ask_later(first, datetime.now(UTC))
        return True

    def fail(self, page: Waiting, trouble: Trouble) -> None:
        """The page could not be had. Raises sqlite3.Error."""
        if not trouble.final:
            self._leave_alone(host_of(page.url))
        self._settle(page, trouble)

    def _leave_alone(self, host: str, wish: float | None = None) -> None:
        """The host could not answer: its pages wait, so that an outage costs few of them their tries."""
        while len(self._failing) >= _MOST_FAILING:
            self._failing.pop(next(iter(self._failing)))
        failing = self._failing.setdefault(host, _HostState())
        failing.failures += 1
        delay = schedule.host_delay(failing.failures, retry_after=wish)
        failing.until = time.monotonic() + delay

    def _settle(self, page: Waiting, trouble: Trouble, retry_after: float | None = None) -> None:
        now = datetime.now(UTC)
        detail = trouble.detail[:_LONGEST_DETAIL]
        if not trouble.final and page.attempts + 1 < self._attempts:
            delay = schedule.page_delay(page.attempts + 1, retry_after=retry_after)
            until = now + timedelta(seconds=delay)
            self._store.postpone(page.id, until, f"{trouble.reason}: {detail}")
            return
        state: State = "skipped" if trouble.reason.disposition == "skipped" else "dead"
        message = letter_message(page, trouble, now)
        self._store.finish(message, state, reason=trouble.reason, detail=detail, quiet=page.quiet)
        self._queued()
