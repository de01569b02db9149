"""Every setting there is, in one frozen object: the tables of the file with their defaults.

`streams.configuration` reads it, once, at the command line.
"""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from streams.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Kafka:
    """The broker that all stages share."""

    bootstrap: str = "127.0.0.1:9092"  # comma-separated host:port
    replication: int = 1  # of topics that we make; 3 on a real cluster
    partitions: int = 4  # of articles.raw and articles.enriched: workers of a stage that get work
    security_protocol: str = "PLAINTEXT"  # or SSL, SASL_PLAINTEXT, SASL_SSL
    ca_file: str = ""  # PEM: who signed the broker's certificate; none: whom the system trusts
    cert_file: str = ""  # PEM: our own certificate, where the broker asks for one
    key_file: str = ""  # PEM: its key, not encrypted
    sasl_mechanism: str = "SCRAM-SHA-512"  # or SCRAM-SHA-256, PLAIN
    user: str = ""
    password: Secret = Secret()
    password_file: str = ""  # a file with the password, in its place


@dataclass(frozen=True, slots=True, kw_only=True)
class Elasticsearch:
    """The search server."""

    url: str = "http://127.0.0.1:9200"
    ca_file: str = ""  # PEM: who signed the server's certificate; none: whom the system trusts
    cert_file: str = ""  # PEM: our own certificate, where the server asks for one
    key_file: str = ""  # PEM: its key, not encrypted
    user: str = ""
    password: Secret = Secret()
    password_file: str = ""  # a file with the password, in its place
    api_key: Secret = Secret()
    api_key_file: str = ""  # a file with the key, in its place
    prefix: str = "dongtin"  # of every index and alias
    replicas: int = 0  # of every index; 1 or more on a real cluster
    bulk_articles: int = 200  # most messages in one bulk request
    bulk_bytes: int = 8 * 1024 * 1024  # most bytes in one bulk request
    timeout: float = 30.0  # seconds for one request


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawler:
    """How outlets are asked."""

    user_agent: str = "dongtin/0.1 (news monitor; obeys robots.txt)"
    poll: float = 60.0  # seconds between two looks at a feed
    pause: float = 1.0  # seconds between two requests to one host
    timeout: float = 30.0  # seconds for one page
    attempts: int = 3  # tries for one page before it is dead
    recapture: float = 600.0  # seconds between two fetches of an article that is edited, at least
    outbox: int = 2000  # pages on disk that wait for the broker, at most; then fetching pauses


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrich:
    """How pages are turned into enriched articles."""

    lanes: int = 0  # worker processes; 0: one a core
    deadline: float = 20.0  # seconds for one article, at least 10 (FAUST.md, §2)
    attempts: int = 2  # tries for an article whose worker hung or died
    batch: int = 32  # articles in hand at once
    words: bool = True  # word segmentation by underthesea
    catalogue: str = ""  # a file of known documents of your own, beside the shipped ones


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Which first mentions are told."""

    quiet_until: str = ""  # ISO 8601 with its zone; what is found before is remembered, not told

    @property
    def quiet_before(self) -> datetime | None:
        """`quiet_until` as a moment. Raises ValueError where it is none."""
        if not self.quiet_until:
            return None
        moment = datetime.fromisoformat(self.quiet_until)
        if moment.tzinfo is None:
            raise ValueError("its zone is missing")
        return moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Notify:
    """Where alerts go."""

    urls: tuple[Secret, ...] = ()  # apprise's or webhook+https; none: the terminal and the file
    urls_file: str = ""  # a file with the addresses, one a line, in their place
    file: str = "alerts.jsonl"  # in the data folder unless absolute
    attempts: int = 60  # tries for one alert at one address: about half a day
    window: float = 60.0  # seconds after a message in which what comes is gathered for the next
    most: int = 20  # alerts in one message
    webhook_secret: Secret = Secret()  # signs what goes to webhook addresses: whsec_<base64>
    webhook_secret_file: str = ""  # a file with the secret, in its place


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How many days what is on the servers is kept; 0: for ever. `dongtin prune` removes the rest."""

    raw: int = 0  # topic articles.raw: the pages, from which everything else can be made anew
    enriched: int = 30  # topic articles.enriched
    articles: int = 0  # articles, mentions and captures in the index, by the month of first sight
    alerts: int = 0  # topic and index of alerts
    dead: int = 0  # topic and index of dead letters


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """How often `dongtin up` adds up where every article is."""

    every: float = 300.0  # seconds; 0: never


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """Where each process shows its figures to Prometheus."""

    host: str = "127.0.0.1"
    port: int = 0  # 0: any free one, told by `dongtin status`
    end_when_not_live: bool = False  # for a stage that something else starts again, such as Docker


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """One newspaper: a table `[outlets.<key>]`."""

    name: str
    feeds: tuple[str, ...]
    poll: float | None = None  # seconds, in place of crawler.poll
    pause: float | None = None  # seconds, in place of crawler.pause
    loopback: bool = False  # whether addresses of this machine may be asked
    enabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All of them."""

    data_dir: Path = Path(".dongtin")
    config: Path | None = None
    kafka: Kafka = field(default_factory=Kafka)
    elasticsearch: Elasticsearch = field(default_factory=Elasticsearch)
    crawler: Crawler = field(default_factory=Crawler)
    enrich: Enrich = field(default_factory=Enrich)
    watch: Watch = field(default_factory=Watch)
    notify: Notify = field(default_factory=Notify)
    ledger: Ledger = field(default_factory=Ledger)
    retention: Retention = field(default_factory=Retention)
    metrics: Metrics = field(default_factory=Metrics)
    outlets: dict[str, Outlet] = field(default_factory=dict)


TABLES: dict[str, type[Any]] = {
    "kafka": Kafka,
    "elasticsearch": Elasticsearch,
    "crawler": Crawler,
    "enrich": Enrich,
    "watch": Watch,
    "notify": Notify,
    "ledger": Ledger,
    "retention": Retention,
    "metrics": Metrics,
}
