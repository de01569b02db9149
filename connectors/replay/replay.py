"""`dongtin replay`: `articles.raw` enriched once more, beside live traffic and behind it.

It reads only what the enrich stage has finished, so that an article's live copy always stands
before its replayed one; works at the lowest priority; and sends a few articles at a time, each time
waiting until the stages behind have nearly finished. Everything sent is quiet: documents that only
today's extractor finds in old articles are remembered, and tell nobody.
"""

import asyncio
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from itertools import islice

from connectors.elasticsearch.client import connect
from connectors.elasticsearch.known import known
from connectors.kafka.intake import Message
from connectors.kafka.pace import BEHIND, MOST_LEFT, Pace
from connectors.kafka.reading import Positions, at, beginnings, committed, read
from connectors.kafka.sending import Sender
from connectors.replay.report import Report
from streams import codec, topics
from streams.agents.enrich import described
from streams.agents.jobs import warm, work
from streams.errors import Invalid
from streams.lanes import Lanes
from streams.outcome import Outcome
from streams.records import EnrichedArticle, RawArticle
from streams.settings import Settings

#: Articles in hand at once. A live article finds at most this many replayed ones and `MOST_LEFT`
#: before it.
IN_HAND = 16
_NICE = 15  # the priority of replay's processes: live work goes first
_REMEMBERED = 10_000  # captures that are known again


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which articles, and what to do with them.

    `since` and `until` are compared with the time at which the broker got the page.
    """

    since: datetime | None = None
    until: datetime | None = None
    outlet: str | None = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Offsets of `articles.raw`: from the first ones up to, and without, the last ones."""

    start: Positions
    end: Positions

    @property
    def messages(self) -> int:
        """How many there are."""
        return sum(max(0, self.end[place] - first) for place, first in self.start.items())


def span_of(settings: Settings, wanted: Wanted) -> Span:
    """What there is to read. Raises Retry."""
    kafka, topic = settings.kafka, topics.RAW.name
    # taken first: what enrich finishes meanwhile is today's extractor's work anyway
    done = committed(kafka, "enrich", topic)
    start = at(kafka, topic, wanted.since) if wanted.since else beginnings(kafka, topic)
    until = at(kafka, topic, wanted.until) if wanted.until else done
    return Span(start=start, end={place: min(done[place], until[place]) for place in start})


@dataclass(slots=True, kw_only=True)
class Replay:
    """One run.

    Args:
        advanced: told after each step how many messages were read in it.
        say: told what is worth a line.
        stop: set to end after the articles in hand.
    """

    settings: Settings
    wanted: Wanted
    advanced: Callable[[int], None] = lambda _: None
    say: Callable[[str], None] = lambda _: None
    stop: threading.Event = field(default_factory=threading.Event)
    report: Report = field(default_factory=Report)
    _met: OrderedDict[tuple[str, datetime], None] = field(default_factory=OrderedDict)

    def run(self, span: Span) -> Report:
        """Replays; what was found so far is in `report`, also after an error.

        Raises:
            Retry: a server can't be asked now; done again from the start, it changes nothing more.
        """
        os.nice(_NICE)
        enrich = self.settings.enrich
        lanes = Lanes(
            enrich.lanes or os.cpu_count() or 1,
            deadline=enrich.deadline,
            attempts=enrich.attempts,
            preload=("streams.agents.preload",),
        )
        with asyncio.Runner() as runner:
            try:
                runner.run(lanes.start(partial(warm, enrich.catalogue)))
                self._all(runner, lanes, span)
            finally:
                lanes.stop()
        return self.report

    def _all(self, runner: asyncio.Runner, lanes: Lanes, span: Span) -> None:
        search, kafka = self.settings.elasticsearch, self.settings.kafka
        behind = {stage: BEHIND[stage] for stage in ("index", "watch")}
        with ExitStack() as stack:
            client = stack.enter_context(connect(search))
            pace = stack.enter_context(Pace(kafka, behind, most=MOST_LEFT, say=self.say))
            sender = stack.enter_context(Sender(kafka))
            messages = iter(read(kafka, span.start, span.end))
            while (batch := list(islice(messages, IN_HAND))) and not self.stop.is_set():
                outcomes = runner.run(self._enrich(lanes, list(self._wanted(batch))))
                articles = list(self._good(outcomes))
                before = known(client, search.prefix, [a.id for a in articles]) if articles else {}
                for article in articles:
                    self.report.compare(article, before.get(article.id))
                if articles and not self.wanted.dry_run:
                    pace.wait(self.stop)
                    self._send(sender, articles)
                self.report.read += len(batch)
                self.advanced(len(batch))

    def _wanted(self, batch: list[Message]) -> Iterator[Message]:
        for message in batch:
            if self.wanted.outlet in (None, _outlet(message)):
                yield message

    async def _enrich(self, lanes: Lanes, batch: list[Message]) -> list[tuple[Message, Outcome]]:
        async def one(message: Message) -> Outcome:
            enrich = self.settings.enrich
            try:
                return await lanes.run(work, message.value, enrich.words, enrich.catalogue)
            except Invalid as error:
                return described(message.value, error.reason, error.detail)

        outcomes = await asyncio.gather(*(one(message) for message in batch))
        return list(zip(batch, outcomes, strict=True))

    def _good(self, outcomes: list[tuple[Message, Outcome]]) -> Iterator[EnrichedArticle]:
        for message, outcome in outcomes:
            id = (message.key or b"").decode(errors="replace")
            if outcome.reason is not None:  # live, it became a dead letter, or was skipped
                self.report.failed(id, outcome.url, str(outcome.reason), outcome.detail)
                continue
            article = codec.decode(EnrichedArticle, outcome.value)
            capture = (article.id, article.fetched_at)
            if capture in self._met:  # the broker may hold a message twice
                self.report.again += 1
                continue
            self._met[capture] = None
            if len(self._met) > _REMEMBERED:
                self._met.popitem(last=False)
            yield replace(article, quiet=True)

    def _send(self, sender: Sender, articles: list[EnrichedArticle]) -> None:
        sender.send([(topics.ENRICHED.name, a.id.encode(), codec.encode(a)) for a in articles])
        self.report.sent += len(articles)


def _outlet(message: Message) -> str:
    try:
        return codec.decode(RawArticle, message.value).outlet
    except Invalid:
        return ""
