"""Every metric: its name, unit, labels and what it tells. Each process serves them on /metrics."""

from collections.abc import Iterable

from prometheus_client import Counter, Gauge, Histogram

from streams.errors import Reason
from streams.health import PROCESS

Metric = Counter | Gauge | Histogram

ARTICLES = Counter(
    "dongtin_articles",
    "Articles that a stage has finished with, each exactly once, by what became of them",
    ["stage", "outcome", "outlet"],
)
#: Seconds; from a quick extraction to a deadline.
_WORK = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
#: Seconds; from the aim (alert under 1 s, searchable under 3 s) to an outage.
_WAY = (0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 30, 60, 300, 1800)

WORK_SECONDS = Histogram(
    "dongtin_stage_seconds", "Seconds that one article (a batch, for sinks) took", ["stage"],
    buckets=_WORK,
)  # fmt: skip
LATENCY_SECONDS = Histogram(
    "dongtin_latency_seconds",
    "Seconds from an article's discovery in a feed until it was done with at this stage",
    ["stage"],
    buckets=_WAY,
)
NEWEST = Gauge(
    "dongtin_newest_article_timestamp_seconds",
    "Unix time at which the newest article that this stage has finished was discovered",
    ["stage"],
)
LAG = Gauge(
    "dongtin_consumer_lag",
    "Messages of a partition that this consumer group has not finished yet",
    ["group", "topic", "partition"],
)
LANES = Gauge("dongtin_pool_lanes", "Worker processes of the pool, by what they do", ["state"])
LANE_RESTARTS = Counter(
    "dongtin_pool_restarts", "Worker processes replaced, by what was wrong", ["cause"]
)
DISCOVERED = Counter(
    "dongtin_articles_discovered",
    "Articles met in a feed for the first time, or edited since: their pages are to be fetched",
    ["outlet"],
)
OUTLET_NEWEST = Gauge(
    "dongtin_outlet_newest_article_timestamp_seconds",
    "Unix time at which an outlet last had a new or edited article; a restart remembers the new ones",
    ["outlet"],
)
DEAD_LETTERS = Counter(
    "dongtin_dead_letters",
    "Dead letters, by the stage that wrote them and why",
    ["stage", "reason"],
)
ALERTS = Counter("dongtin_alerts", "Alerts, by what became of them", ["stage", "outcome"])
POLLS = Counter("dongtin_feed_polls", "Looks at a feed, by outcome", ["outlet", "outcome"])
OUTBOX = Gauge("dongtin_outbox_pages", "Fetched pages on disk that wait for the broker")
PENDING = Gauge("dongtin_notify_pending", "Alerts that wait, counted once for each address")
OLDEST_PENDING = Gauge(
    "dongtin_notify_oldest_pending_timestamp_seconds",
    "Unix time since which the longest waiting alert waits; 0: none waits",
)
REFUSED = Counter(
    "dongtin_elasticsearch_refused",
    "Writes that Elasticsearch did not take, each time they were tried, by why",
    ["cause"],
)
MENTIONS = Counter("dongtin_mentions", "Mentions found, by kind", ["kind"])
LEDGER = Gauge(
    "dongtin_ledger_articles", "Articles ever discovered, by what became of them", ["state"]
)
UNBALANCED = Gauge("dongtin_ledger_unbalanced", "Articles that are missing at the last adding up")
LEDGER_AT = Gauge(
    "dongtin_ledger_last_success_timestamp_seconds",
    "Unix time at which the ledger was last added up; 0: not yet, or not by this process",
)
UP = Gauge("dongtin_server_up", "Whether a server answered at the last try", ["server"])
RESTARTS = Counter(
    "dongtin_restarts", "Processes that `up` has started again, by what was wrong",
    ["process", "cause"],
)  # fmt: skip
PROCESS_UP = Gauge(
    "dongtin_process_up", "Whether a process that `up` keeps running lives", ["process"]
)


class OutletLabels:
    """The outlets that may be a label: those of the settings, and some others.

    A record carries its outlet's key, and a topic takes any bytes: each new key would be a time series
    for as long as the process lives.
    """

    MOST = 50  # outlets that the settings don't name: of earlier settings, or of a replay
    LONGEST = 64  # characters
    OTHER = "other"

    def __init__(self) -> None:
        self._known: set[str] = {""}
        self._met: set[str] = set()

    def know(self, outlets: Iterable[str]) -> None:
        """Outlets that always have a label of their own."""
        self._known.update(outlets)

    def label(self, outlet: str) -> str:
        """The outlet's key, or `other`."""
        if outlet in self._known or outlet in self._met:
            return outlet
        if len(self._met) >= self.MOST or len(outlet) > self.LONGEST:
            return self.OTHER
        self._met.add(outlet)
        return outlet


OUTLETS = OutletLabels()


def all_metrics() -> tuple[Metric, ...]:
    """Every metric of ours, in the order in which they stand here."""
    return tuple(value for value in globals().values() if isinstance(value, Metric))


#: Outcomes that are dead letters.
DEAD_REASONS = frozenset(str(reason) for reason in Reason if reason.disposition == "dead")


def account(stage: str, outcome: str, outlet: str = "") -> None:
    """Notes one article's fate at one stage: the only place where `dongtin_articles_total` grows.

    Args:
        outcome: `ok`, or a reason code of `streams.errors.Reason`, or `unchanged`.
    """
    ARTICLES.labels(stage, outcome, OUTLETS.label(outlet)).inc()
    if outcome in DEAD_REASONS:
        DEAD_LETTERS.labels(stage, outcome).inc()


#: How each stage counts an alert.
_TELLING = {
    "watch": ("first-mention",),
    "notify": ("delivered", "failed", "undeliverable"),
}


def show_zeros(stage: str, outlets: Iterable[str]) -> None:
    """Shows what a rule or the dashboard counts before it happens for the first time: Prometheus sees the
    growth of a counter only from a value that it has seen, and a stage that was started again and has
    nothing to do would be a gap in the flow and not a zero.

    Args:
        outlets: those of the settings.
    """
    for reason in DEAD_REASONS:
        DEAD_LETTERS.labels(stage, reason)
    for outcome in _TELLING.get(stage, ()):
        ALERTS.labels(stage, outcome)
    for outlet in outlets:
        if stage == "crawl":
            DISCOVERED.labels(outlet)
        if stage in ("crawl", "enrich", "index"):
            ARTICLES.labels(stage, "ok", outlet)


def reach(server: str, problem: str = "") -> None:
    """Notes whether a server answers, for Prometheus and for /health/ready.

    Args:
        server: `kafka` or `elasticsearch`.
        problem: why it does not, without secrets; nothing when it does.
    """
    UP.labels(server).set(not problem)
    PROCESS.note(server, problem)
