"""`dongtin backfill`: old articles, beside live traffic and behind it.

They go the way of every article: into the crawler's store, and from its outbox to Kafka. What is in
the store survives a crash; what is known is not taken a second time, so doing it again goes on where
it ended. Everything is quiet: documents found in old articles are remembered, and tell nobody.
"""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urldefrag, urlsplit

from connectors.crawler.kept import Found, Message, Waiting
from connectors.crawler.old import OldArticles
from connectors.crawler.page import Answer, article_message
from connectors.kafka.pace import BEHIND, MOST_LEFT, Pace
from connectors.replay.found import Bad, Find, Listed, Other, Saved
from connectors.replay.outlets import Outlets
from connectors.replay.tally import Tally
from streams.errors import Invalid, Reason, Retry
from streams.identity import article_id, canonical_url, without_user
from streams.settings import Settings

#: Pages, and bytes of them, put into the outbox at once, when that and each stage have at most `MOST_LEFT`
#: messages left: a live article finds no more old ones before it.
IN_HAND, IN_HAND_BYTES = 16, 16 * 1024 * 1024
#: Addresses noted in one transaction: a crawler that runs must not wait for it.
ADDRESSES = 200
_LONGEST_URL = 2000
_LOOK = 0.1  # seconds between two looks at the outbox
_SAY = 10.0  # seconds of waiting after which it is said why


@dataclass(slots=True, kw_only=True)
class Backfill:
    """One run.

    Args:
        path: the crawler's store.
        outlets: tells whose an article is.
        advanced: called after each step.
        say: told what is worth a line.
        stop: set to end after what is in hand.
        dry_run: only look what would be new.
    """

    settings: Settings
    path: Path
    outlets: Outlets
    advanced: Callable[[], None] = lambda: None
    say: Callable[[str], None] = lambda _: None
    stop: threading.Event = field(default_factory=threading.Event)
    dry_run: bool = False
    tally: Tally = field(default_factory=Tally)
    _pace: Pace | None = None
    _addresses: list[Found] = field(default_factory=list)
    _pages: list[tuple[Found, Message]] = field(default_factory=list)

    def run(self, finds: Iterable[Find]) -> Tally:
        """Lets in what is found; the account is in `tally`, also after an error.

        Raises:
            Retry: the store or the broker can't be asked now, or what is to be read can't be read;
                done again, it goes on.
        """
        try:
            with ExitStack() as stack:
                store = stack.enter_context(closing(OldArticles(self.path)))
                for find in finds:
                    if self.stop.is_set():
                        break
                    self._take(store, find)
                    if len(self._addresses) >= ADDRESSES or self._full():
                        self._flush(store, stack)
                    self.advanced()
                self._flush(store, stack)
        except sqlite3.Error as error:
            raise Retry(f"{self.path}: can't be written: {error}") from error
        except OSError as error:
            raise Retry(f"can't be read: {error}; done again, it goes on") from error
        return self.tally

    def _take(self, store: OldArticles, find: Find) -> None:
        if isinstance(find, Other):
            self.tally.others[find.kind] += 1
        elif isinstance(find, Bad):
            self.tally.fail(find)
        else:
            self.tally.read += 1
            try:
                self._take_article(store, find)
            except Invalid as error:
                if error.reason is Reason.LIST_PAGE:
                    self.tally.others["front page"] += 1
                    return
                self.tally.fail(Bad(where=find.where, reason=error.reason, detail=error.detail))

    def _take_article(self, store: OldArticles, find: Listed | Saved) -> None:
        """Raises Invalid."""
        found = _found(find, self.outlets)
        if not found.outlet:
            self.tally.foreign(find.where, found.url)
        elif store.known(found.id):
            self.tally.known += 1
        elif isinstance(find, Listed):
            self._check_fetched(found)
            self._addresses.append(found)
        else:
            self._pages.append((found, _message(found, find)))

    def _check_fetched(self, found: Found) -> None:
        """Raises Invalid: the crawler would never fetch it."""
        if not self.settings.outlets[found.outlet].enabled:
            detail = f"outlet {found.outlet} is not enabled: its pages are not fetched"
            raise Invalid(Reason.BAD_RECORD, detail)

    def _full(self) -> bool:
        size = sum(len(message.value) for _, message in self._pages)
        return len(self._pages) >= IN_HAND or size >= IN_HAND_BYTES

    def _flush(self, store: OldArticles, stack: ExitStack) -> None:
        now = datetime.now(UTC)
        if self.dry_run:
            ids = [found.id for found in (*self._addresses, *(found for found, _ in self._pages))]
            new = [id not in ids[:place] for place, id in enumerate(ids)]
        else:
            new = store.ask(self._addresses, now) if self._addresses else []
            if self._pages and self._wait(store, stack):
                new += store.keep(self._pages, now)
        self.tally.new += sum(new)
        self.tally.known += len(new) - sum(new)
        self._addresses.clear()
        self._pages.clear()

    def _wait(self, store: OldArticles, stack: ExitStack) -> bool:
        """Until live articles have nearly nothing before them; False when the end is asked for."""
        if self._pace is None:
            pace = Pace(self.settings.kafka, BEHIND, most=MOST_LEFT, say=self.say)
            self._pace = stack.enter_context(pace)
        said_at = time.monotonic() + _SAY
        while (left := store.outbox()) > MOST_LEFT and not self.stop.wait(_LOOK):
            if time.monotonic() > said_at:
                said_at = float("inf")
                self.say(
                    f"waiting: {left} pages in the outbox; the crawler sends them: does it run "
                    "(dongtin up, dongtin crawl)?"
                )
        if not self.stop.is_set():
            self._pace.wait(self.stop)
        return not self.stop.is_set()


def _found(find: Listed | Saved, outlets: Outlets) -> Found:
    """Whose it is, and under which address. Raises Invalid."""
    try:
        url = without_user(urldefrag(find.url.strip()).url)
        canonical = canonical_url(url)
    except ValueError as error:
        raise Invalid(Reason.BAD_RECORD, str(error)) from error
    if len(url) > _LONGEST_URL:
        raise Invalid(Reason.BAD_RECORD, f"an address of {len(url)} characters")
    if urlsplit(canonical).path == "/" and not urlsplit(canonical).query:
        raise Invalid(Reason.LIST_PAGE, "a front page, no article")
    return Found(
        id=article_id(canonical),
        url=url,
        canonical_url=canonical,
        outlet=outlets.of(url, find.outlet),
        entry=find.entry,
    )


def _message(found: Found, page: Saved) -> Message:
    """The page for `articles.raw`. Raises Invalid."""
    now = datetime.now(UTC)
    waiting = Waiting(
        id=found.id,
        url=found.url,
        canonical_url=found.canonical_url,
        outlet=found.outlet,
        first_seen=now,
        asked_at=now,
        attempts=0,
        entry=found.entry,
        quiet=True,
    )
    answer = Answer(url=found.url, status=200, headers=page.headers, body=page.body)
    # a time to come would stand before every capture that is made until then
    return article_message(waiting, answer, min(page.fetched_at, now))
