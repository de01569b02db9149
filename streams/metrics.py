"""Every metric: its name, unit, labels and what it tells. Each process serves them on /metrics."""

from prometheus_client import REGISTRY, Counter, Gauge, Histogram, start_http_server

from streams.settings import Metrics

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
ALERTS = Counter("dongtin_alerts", "Alerts, by what became of them", ["stage", "outcome"])
POLLS = Counter("dongtin_feed_polls", "Looks at a feed, by outcome", ["outlet", "outcome"])
OUTBOX = Gauge("dongtin_outbox_pages", "Fetched pages on disk that wait for the broker")
MENTIONS = Counter("dongtin_mentions", "Mentions found, by kind", ["kind"])
LEDGER = Gauge(
    "dongtin_ledger_articles", "Articles ever discovered, by what became of them", ["state"]
)
UNBALANCED = Gauge("dongtin_ledger_unbalanced", "Articles that are missing at the last adding up")
UP = Gauge("dongtin_server_up", "Whether a server answered at the last try", ["server"])


def account(stage: str, outcome: str, outlet: str = "") -> None:
    """Notes one article's fate at one stage: the only place where `dongtin_articles_total` grows.

    Args:
        outcome: `ok`, or a reason code of `streams.errors.Reason`, or `unchanged`.
    """
    ARTICLES.labels(stage, outcome, outlet).inc()


def serve(settings: Metrics) -> int:
    """Serves /metrics; returns the port.

    Raises:
        OSError: the port is taken.
    """
    server, _thread = start_http_server(settings.port, settings.host, REGISTRY)
    return int(server.server_port)
