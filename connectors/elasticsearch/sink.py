"""The index stage: enriched articles, dead letters and alerts from Kafka into Elasticsearch.

Offsets are committed only after Elasticsearch has answered for every item. All writes carry ids and
versions that follow from the record, so doing a batch again, or twice at once, changes nothing.
"""

import logging
import threading
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime

from elasticsearch import Elasticsearch

from connectors.elasticsearch import admin
from connectors.elasticsearch.bulk import Bulk
from connectors.elasticsearch.client import FAILURES, connect
from connectors.elasticsearch.documents import (
    Action,
    ArticleActions,
    alert_action,
    article_actions,
    dead_action,
)
from connectors.elasticsearch.names import alias
from connectors.elasticsearch.older import Older
from connectors.elasticsearch.revisions import Gone, Revisions
from connectors.elasticsearch.verdict import Verdict
from connectors.kafka.intake import Intake, Lost, Message, Stopped, background
from connectors.kafka.letters import Letters
from streams import codec, topics
from streams.errors import Denied, Fatal, Invalid, Reason, Retry
from streams.health import LOOP_SECONDS, MAIN, PROCESS
from streams.metrics import (
    ALERTS,
    DEAD_LETTERS,
    LATENCY_SECONDS,
    NEWEST,
    WORK_SECONDS,
    account,
    reach,
)
from streams.records import Alert, DeadLetter, EnrichedArticle
from streams.settings import Settings
from streams.times import zoned

STAGE = "index"
TOPICS = (topics.ENRICHED.name, topics.DEAD.name, topics.ALERTS.name)
log = logging.getLogger("dongtin")
_STEP = 0.05  # seconds between two looks at the stop signal
_ASK_SECONDS = 5.0  # between two questions to a server that is given nothing to write


@dataclass(slots=True, kw_only=True)
class Job:
    """One message on its way: what it holds, what is written for it, what became of that."""

    message: Message
    record: EnrichedArticle | Alert | DeadLetter | None = None
    action: Action | None = None  # the record's own document
    article: ArticleActions | None = None
    outcome: str = "ok"
    refused: list[str] = field(default_factory=list)  # why Elasticsearch won't have it

    def settle(self, verdict: Verdict, what: str) -> None:
        """Takes in what became of one of the documents."""
        if verdict.outcome == "dead":
            self.outcome = str(Reason.REJECTED_BY_INDEX)
            self.refused.append(f"{what}: {verdict.detail}")


def read(prefix: str, message: Message) -> Job:
    """A message as a job; bytes that are no record become a refused one."""
    try:
        if message.topic == topics.DEAD.name:
            letter = codec.decode_dead(message.key, message.value, message.headers)
            action = dead_action(prefix, letter, message.source)
            return Job(message=message, record=letter, action=action)
        if message.topic == topics.ALERTS.name:
            alert = codec.decode(Alert, message.value)
            return Job(message=message, record=alert, action=alert_action(prefix, alert))
        article = codec.decode(EnrichedArticle, message.value)
        actions = article_actions(prefix, article)
        return Job(message=message, record=article, action=actions.article, article=actions)
    except Invalid as error:
        return Job(message=message, outcome=str(error.reason), refused=[error.detail])
    # the stage's guard: what nobody thought of in one message must not stop its partition for ever
    except Exception as error:  # noqa: BLE001
        detail = f"{type(error).__name__}: {error}"
        return Job(message=message, outcome=str(Reason.CRASH), refused=[detail])


def letter_of(job: Job, now: datetime) -> DeadLetter | None:
    """The dead letter for a job that was refused; none for one that is a dead letter itself."""
    if not job.refused or job.message.topic == topics.DEAD.name:
        return None
    record = job.record
    return DeadLetter(
        id=(job.message.key or b"").decode(errors="replace"),
        stage=STAGE,
        reason=job.outcome,
        detail="; ".join(job.refused[:5]),
        outlet=record.outlet if record else "",
        url=record.url if record else "",
        source=job.message.source,
        at=now,
        content=job.message.value or b"",
    )


class Sink:
    """Takes messages, writes what they hold, commits."""

    def __init__(
        self, client: Elasticsearch, intake: Intake, letters: Letters, settings: Settings
    ) -> None:
        self._prefix = settings.elasticsearch.prefix
        self._intake = intake
        self._letters = letters
        self._bulk = Bulk(client, settings.elasticsearch, intake)
        self._revisions = Revisions(client, self._bulk, intake)
        self._older = Older(client, self._bulk, self._revisions, intake, self._prefix)
        self._client = client.options(request_timeout=_ASK_SECONDS)
        self._asked_at = 0.0

    def step(self) -> int:
        """Finishes the next messages; returns how many there were.

        Raises:
            Stopped: there is no time to finish them; they stay uncommitted.
        """
        messages = self._intake.take()
        if not messages:
            self._ask()
            return 0
        began = time.perf_counter()
        try:
            jobs = [read(self._prefix, message) for message in messages]
            self._write(jobs)
            self._bury(jobs)
            self._intake.done(messages)
        except Lost as error:
            log.info("%s", error)
            return 0
        WORK_SECONDS.labels(STAGE).observe(time.perf_counter() - began)
        for job in jobs:
            _note(job)
        return len(jobs)

    def _ask(self) -> None:
        """Whether the server is there, while there is nothing to write: an idle stage must not
        pretend."""
        now = time.monotonic()
        if now - self._asked_at < _ASK_SECONDS:
            return
        self._asked_at = now
        index = alias(self._prefix, "articles")
        try:
            self._intake.join(
                lambda: self._client.count(index=index, terminate_after=1, ignore_unavailable=True)
            )
        except FAILURES:
            reach("elasticsearch", "it does not answer")
        except Lost:
            return
        else:
            reach("elasticsearch")

    def _write(self, jobs: Sequence[Job]) -> None:
        """Own documents first; mentions only of articles that were not refused as older."""
        self._older.look()
        newer = self._older.newer([job.article for job in jobs if job.article])
        own: list[tuple[Job, Action]] = []
        for job in jobs:
            if job.article and (job.article.article.id, job.article.version) in newer:
                job.outcome = "unchanged"
            elif job.action:
                own.append((job, job.action))
        current: list[tuple[Job, ArticleActions]] = []
        replaced: list[ArticleActions] = []
        verdicts = self._bulk.write([action for _, action in own])
        for (job, _), verdict in zip(own, verdicts, strict=True):
            job.settle(verdict, "document")
            if verdict.outcome == "stale" and job.article:
                job.outcome = "unchanged"
            if verdict.outcome == "written" and job.article:
                current.append((job, job.article))
                if verdict.existed or self._older.at("articles", job.article):
                    replaced.append(job.article)
        rest = [(job, m) for job, article in current for m in article.mentions]
        rest += [(job, job.article.captured) for job in jobs if job.article]
        verdicts = self._bulk.write([action for _, action in rest])
        kept: list[ArticleActions] = []
        for (job, action), verdict in zip(rest, verdicts, strict=True):
            job.settle(verdict, f"{action.index}/{action.id}")
            if job.article and action is job.article.captured and verdict.outcome != "dead":
                kept.append(job.article)
        self._revisions.clean([Gone.of(article) for article in replaced])
        self._older.leave([article for _, article in current], kept)

    def _bury(self, jobs: Sequence[Job]) -> None:
        now = datetime.now(UTC)
        letters = [letter for job in jobs if (letter := letter_of(job, now))]
        while letters:
            try:
                self._intake.join(lambda: self._letters.send(letters))
            except Retry as error:
                log.warning("%s: %s", STAGE, error)
                self._intake.wait(error.after)
            else:
                return


def _note(job: Job) -> None:
    record = job.record
    if isinstance(record, DeadLetter):
        if job.refused:  # the topic still has it; a letter about a letter would go round for ever
            log.error("%s: %s can't be indexed: %s", STAGE, job.message.source, job.refused[0])
        return
    if job.message.topic == topics.ALERTS.name:
        ALERTS.labels(STAGE, job.outcome).inc()
        if job.refused:
            DEAD_LETTERS.labels(STAGE, job.outcome).inc()
        return
    account(STAGE, job.outcome, record.outlet if record else "")
    if isinstance(record, EnrichedArticle) and job.outcome == "ok" and not record.quiet:
        discovered = zoned(record.discovered_at).timestamp()
        LATENCY_SECONDS.labels(STAGE).observe(max(0.0, time.time() - discovered))
        NEWEST.labels(STAGE).set(discovered)


def run(settings: Settings, stop: threading.Event) -> int:
    """Runs the stage until `stop` is set, then returns within 10 s; the exit status.

    Raises:
        ConfigError: the indices that are there can't hold what is written.
    """
    letters = Letters(settings.kafka, client=STAGE)
    with connect(settings.elasticsearch) as client, closing(letters):
        try:
            _prepare(client, settings, stop)
            intake = Intake(
                settings.kafka,
                group=STAGE,
                topics=TOPICS,
                most=settings.elasticsearch.bulk_articles,
                stop=stop,
            )
        except Stopped:
            return 0
        with closing(intake):
            sink = Sink(client, intake, letters, settings)
            try:
                while not stop.is_set():
                    sink.step()
            except Stopped as error:
                log.info("%s: %s", STAGE, error)
    return 0


def _prepare(client: Elasticsearch, settings: Settings, stop: threading.Event) -> None:
    """Makes what is missing on the search server, as soon as it answers."""
    told = False
    heart = PROCESS.expect(MAIN, LOOP_SECONDS)
    while not stop.is_set():
        made = background(lambda: admin.ensure(client, settings))
        while not made.done() and not stop.wait(_STEP):
            heart.beat()  # each of its requests has a time limit
        if not made.done():
            break
        try:
            made.result()
        except Denied as error:
            raise Fatal(f"{STAGE}: {error}") from error
        except Retry as error:
            reach("elasticsearch", "it does not answer, or has not got our indices")
            if not told:
                log.warning("%s: waiting: %s", STAGE, error)
            told = True
            stop.wait(error.after)
        else:
            reach("elasticsearch")
            return
    raise Stopped("stopped before Elasticsearch answered")
