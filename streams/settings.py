"""Every setting, in one frozen object, read once at the command line.

Three layers, the later one wins: the defaults here, the TOML file given with `--config`, the
environment (`DONGTIN_<TABLE>_<KEY>`, so `DONGTIN_KAFKA_BOOTSTRAP` is `[kafka] bootstrap`).
Nothing else in the project reads the environment for settings.
"""

import dataclasses
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from streams.errors import ConfigError
from streams.tables import convert, line_of, read_toml


@dataclass(frozen=True, slots=True, kw_only=True)
class Kafka:
    """The broker that all stages share."""

    bootstrap: str = "127.0.0.1:9092"  # comma-separated host:port
    replication: int = 1  # of topics that we make; 3 on a real cluster


@dataclass(frozen=True, slots=True, kw_only=True)
class Elasticsearch:
    """The search server."""

    url: str = "http://127.0.0.1:9200"
    user: str = ""
    password: str = ""
    api_key: str = ""
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
class Notify:
    """Where alerts go."""

    urls: tuple[str, ...] = ()  # apprise addresses; none: the terminal and the file
    file: str = "alerts.jsonl"  # in the data folder unless absolute
    attempts: int = 5  # tries for one alert at one address


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """How often `dongtin up` adds up where every article is."""

    every: float = 300.0  # seconds; 0: never


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """Where each process shows its figures to Prometheus."""

    host: str = "127.0.0.1"
    port: int = 0  # 0: any free one, told by `dongtin status`


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
    notify: Notify = field(default_factory=Notify)
    ledger: Ledger = field(default_factory=Ledger)
    metrics: Metrics = field(default_factory=Metrics)
    outlets: dict[str, Outlet] = field(default_factory=dict)


TABLES: dict[str, type[Any]] = {
    "kafka": Kafka,
    "elasticsearch": Elasticsearch,
    "crawler": Crawler,
    "enrich": Enrich,
    "notify": Notify,
    "ledger": Ledger,
    "metrics": Metrics,
}

SHIPPED_OUTLETS = Path(__file__).resolve().parent.parent / "connectors/crawler/outlets.toml"


def load(
    config: Path | None = None,
    *,
    data_dir: Path | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Settings:
    """The settings of this run.

    Args:
        config: a TOML file; its outlets, if it has any, take the place of the shipped ones.
        data_dir: in place of `.dongtin` or `DONGTIN_DATA_DIR`.

    Raises:
        ConfigError: with file, line and key of what is wrong.
    """
    values = read_toml(config) if config else {}
    for key in values:
        if config and key not in (*TABLES, "outlets"):
            known = ", ".join((*TABLES, "outlets"))
            raise ConfigError(
                config, f"{key}: unknown table; known: {known}", line=line_of(config, [key])
            )
    tables = {
        name: _table(config, name, kind, values.get(name, {}), environment)
        for name, kind in TABLES.items()
    }
    _check_known(environment)
    outlets = _outlets(config, values["outlets"]) if config and "outlets" in values else None
    if outlets is None:
        outlets = _outlets(SHIPPED_OUTLETS, read_toml(SHIPPED_OUTLETS).get("outlets", {}))
    return Settings(
        data_dir=(data_dir or Path(environment.get("DONGTIN_DATA_DIR") or ".dongtin")).absolute(),
        config=config.absolute() if config else None,
        outlets=outlets,
        **tables,
    )


def _outlets(path: Path, table: object) -> dict[str, Outlet]:
    if not isinstance(table, dict) or not all(isinstance(v, dict) for v in table.values()):
        raise ConfigError(path, "outlets: write one table [outlets.<key>] for each outlet")
    outlets = {
        key: convert(path, value, Outlet, at=["outlets", key]) for key, value in table.items()
    }
    for key, outlet in outlets.items():
        if not outlet.feeds:
            raise ConfigError(path, f"outlets.{key}.feeds: name at least one feed address")
        for feed in outlet.feeds:
            if not feed.startswith(("http://", "https://")):
                raise ConfigError(path, f"outlets.{key}.feeds: {feed!r} is not an http address")
    return outlets


def _table(
    path: Path | None, name: str, kind: type[Any], value: object, environment: Mapping[str, str]
) -> Any:
    if not isinstance(value, dict):
        raise ConfigError(path or "", f"{name}: write it as a table [{name}]")
    table = convert(path, value, kind, at=[name]) if path else kind()
    changes: dict[str, Any] = {}
    for item in fields(kind):
        variable = f"DONGTIN_{name}_{item.name}".upper()
        if variable in environment:
            changes[item.name] = _parse(variable, environment[variable], getattr(table, item.name))
    return dataclasses.replace(table, **changes)


def _parse(variable: str, text: str, default: object) -> object:
    """A variable's text as the type that the default has."""
    try:
        if isinstance(default, bool):
            return {"true": True, "1": True, "false": False, "0": False}[text.lower()]
        if isinstance(default, int | float):
            return type(default)(text)
        if isinstance(default, tuple):
            return tuple(text.split())
    except (KeyError, ValueError):
        kind = type(default).__name__
        raise ConfigError("environment", f"{variable}: {text!r} is not a {kind}") from None
    return text


def _check_known(environment: Mapping[str, str]) -> None:
    known = {
        f"DONGTIN_{name}_{item.name}".upper()
        for name, kind in TABLES.items()
        for item in fields(kind)
    }
    prefixes = tuple(f"DONGTIN_{name}_".upper() for name in TABLES)
    for variable in environment:
        if variable.startswith(prefixes) and variable not in known:
            raise ConfigError("environment", f"{variable}: there is no such setting")
