"""The feeds that are watched: which is due, and what its answer means."""

import asyncio
import hashlib
import logging
import random
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from connectors.crawler import schedule
from connectors.crawler.discover import Feed, read_feed
from connectors.crawler.kept import Found, Validators, host_of
from connectors.crawler.page import Answer
from connectors.crawler.schedule import FeedPlan
from connectors.crawler.store import Store
from streams.errors import Reason
from streams.metrics import DISCOVERED, OUTLET_NEWEST, POLLS
from streams.settings import Outlet

log = logging.getLogger("dongtin")

_LONGEST_HEADER = 500  # characters of a validator that are kept and sent back


@dataclass(slots=True)
class _State:
    outlet: str
    plan: FeedPlan
    validators: Validators
    seen: bytes = b""  # digest of the last good answer
    note: str = ""  # what the log was told last


@dataclass(frozen=True, slots=True, kw_only=True)
class DueFeed:
    """A feed to be asked now; `headers` make the request a conditional one."""

    url: str
    outlet: str
    headers: Mapping[str, str]


class Feeds:
    """All feeds of some outlets, at most one of a host in hand.

    Args:
        outlets: those to watch, by key.
        poll: seconds between two looks, for outlets that say nothing else.
    """

    def __init__(self, outlets: Mapping[str, Outlet], poll: float, store: Store) -> None:
        self._store = store
        self._in_hand: set[str] = set()  # hosts
        self._feeds: dict[str, _State] = {}
        now = time.monotonic()
        for key, outlet in outlets.items():
            for url in outlet.feeds:
                plan = schedule.first_look(
                    outlet.poll or poll, fixed=outlet.poll is not None, now=now, chance=_chance()
                )
                self._feeds.setdefault(url, _State(key, plan, store.validators(url)))
        for key, at in store.newest().items():
            if key in outlets:
                OUTLET_NEWEST.labels(key).set(at)

    def take_due(self) -> Iterator[DueFeed]:
        """Feeds whose time has come; each is in hand until `release`."""
        now = time.monotonic()
        for url, state in sorted(self._feeds.items(), key=lambda item: item[1].plan.next_at):
            if state.plan.next_at > now:
                return
            if host_of(url) in self._in_hand:
                continue
            self._in_hand.add(host_of(url))
            headers = {
                "If-None-Match": state.validators.etag,
                "If-Modified-Since": state.validators.last_modified,
            }
            yield DueFeed(
                url=url,
                outlet=state.outlet,
                headers={name: value for name, value in headers.items() if value},
            )

    def release(self, url: str) -> None:
        """The feed's answer has been dealt with."""
        self._in_hand.discard(host_of(url))

    def seconds_until_due(self) -> float:
        """Seconds until the next feed that may be asked; infinite when there is none."""
        times = (
            state.plan.next_at
            for url, state in self._feeds.items()
            if host_of(url) not in self._in_hand
        )
        return min(times, default=float("inf")) - time.monotonic()

    async def read(self, url: str, answer: Answer, *, cut: bool) -> set[str]:
        """Takes a feed's answer in.

        Args:
            cut: whether the answer was larger than any feed may be.

        Returns: the hosts of articles that were not known.

        Raises:
            sqlite3.Error: the store can't be written.
        """
        state = self._feeds[url]
        if answer.status == 304:
            self._good(url, "not-modified")
            return set()
        if answer.status != 200 or cut:
            reason = Reason.TOO_LARGE if cut else Reason.HTTP_STATUS
            wish = schedule.wish(answer.headers, datetime.now(UTC))
            self.fail(url, reason, f"HTTP {answer.status}", retry_after=wish)
            return set()
        digest = hashlib.sha256(answer.body).digest()
        if digest == state.seen:
            self._good(url, "same")
            return set()
        kind = answer.headers.get("content-type", "")
        feed = await asyncio.to_thread(read_feed, answer.body, answer.url, content_type=kind)
        if feed.outcome in ("not-a-feed", "too-large"):
            self.fail(url, feed.outcome, feed.detail)
            return set()
        new, later = self._discover(url, feed, answer)
        state.seen = b"" if later else digest
        return {host_of(article.url) for article in new}

    def _discover(self, url: str, feed: Feed, answer: Answer) -> tuple[list[Found], bool]:
        """As `Store.discover`."""
        state = self._feeds[url]
        validators = Validators(
            etag=answer.headers.get("etag", "")[:_LONGEST_HEADER],
            last_modified=answer.headers.get("last-modified", "")[:_LONGEST_HEADER],
        )
        found = [
            Found(
                id=entry.id,
                url=entry.url,
                canonical_url=entry.canonical_url,
                outlet=state.outlet,
                entry=entry.feed,
            )
            for entry in feed.entries
        ]
        now = datetime.now(UTC)
        new, later = self._store.discover(url, found, now, validators)
        if new:
            DISCOVERED.labels(state.outlet).inc(len(new))
            OUTLET_NEWEST.labels(state.outlet).set(now.timestamp())
        state.validators = self._store.validators(url)
        if feed.detail and feed.detail != state.note:
            log.warning("feed %s: %s", url, feed.detail)
        state.note = feed.detail
        self._good(url, "new" if new else "nothing-new", ttl=feed.ttl)
        return new, later

    def _good(self, url: str, outcome: str, *, ttl: float | None = None) -> None:
        state = self._feeds[url]
        if state.plan.failures:
            log.info("feed %s: well again", url)
        POLLS.labels(state.outlet, outcome).inc()
        state.plan = schedule.after_answer(
            state.plan, now=time.monotonic(), chance=_chance(), ttl=ttl
        )

    def fail(
        self, url: str, outcome: str, detail: str, *, retry_after: float | None = None
    ) -> None:
        """The feed could not be had, or was none; `retry_after` in seconds, as its server wishes."""
        state = self._feeds[url]
        if not state.plan.failures:
            log.warning("feed %s: %s: %s", url, outcome, detail)
        POLLS.labels(state.outlet, outcome).inc()
        state.plan = schedule.after_failure(
            state.plan, now=time.monotonic(), chance=_chance(), retry_after=retry_after
        )


def _chance() -> float:
    return random.random()  # noqa: S311  # it spreads load, it hides nothing
