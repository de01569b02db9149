"""How the settings of a run are read: once, at the command line.

Three layers, the later one wins: the defaults in `streams.settings`, the TOML file given with
`--config`, the environment (`DONGTIN_<TABLE>_<KEY>`, so `DONGTIN_KAFKA_BOOTSTRAP` is
`[kafka] bootstrap`). Nothing else in the project reads the environment for settings.
"""

import dataclasses
import os
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints
from urllib.parse import urlsplit

from streams import security
from streams.errors import ConfigError
from streams.secret_files import opened, replaced
from streams.settings import TABLES, Outlet, Retention, Settings, Watch
from streams.tables import convert, line_of, read_toml

_MOST_DAYS = 36_500  # a century: more is no retention but a mistake
#: Of some settings, whatever their table: the least and the most.
_BETWEEN = {"port": (0, 65_535), "partitions": (1, 1_000), "replication": (1, 100)}
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
    _check_moment(config, tables["watch"], environment)
    url = tables["elasticsearch"].url
    check_search_url(config or "environment", "elasticsearch.url", url)
    outlets = _outlets(config, values["outlets"]) if config and "outlets" in values else None
    if outlets is None:
        outlets = _outlets(SHIPPED_OUTLETS, read_toml(SHIPPED_OUTLETS).get("outlets", {}))
    security.check(tables["kafka"], tables["elasticsearch"])
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
        _check_numbers(path, ["outlets", key], outlet)
        if not outlet.feeds:
            raise ConfigError(path, f"outlets.{key}.feeds: name at least one feed address")
        for feed in outlet.feeds:
            _refuse_credentials(path, f"outlets.{key}.feeds", feed)
            if not _is_http(feed):
                raise ConfigError(path, f"outlets.{key}.feeds: {feed!r} is not an http address")
    return outlets


def check_search_url(where: Path | str, name: str, url: str) -> None:
    """Raises ConfigError, without quoting it, for what can't be the search server's address.

    Args:
        where: what says it: a file, `environment`, `command line`.
        name: of the setting or option.
    """
    _refuse_credentials(where, name, url)
    if not _is_http(url):
        raise ConfigError(where, f"{name}: not an http address")


def _refuse_credentials(where: Path | str, name: str, url: str) -> None:
    """Raises ConfigError, without quoting it, for an address with a user or password in it: logs,
    run files and command lines show addresses."""
    if "@" in url.partition("://")[2].partition("/")[0]:
        raise ConfigError(
            where,
            f"{name}: an address is shown in logs, so it may hold no user and no password; "
            "[elasticsearch] user and password are for the search server",
        )


def _is_http(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:  # brackets that are no IPv6 address, a port that is no number
        return False


def _table(
    path: Path | None, name: str, kind: type[Any], value: object, environment: Mapping[str, str]
) -> Any:
    if not isinstance(value, dict):
        raise ConfigError(path or "", f"{name}: write it as a table [{name}]")
    table = convert(path, value, kind, at=[name]) if path else kind()
    kinds = get_type_hints(kind)
    changes: dict[str, Any] = {}
    for item in fields(kind):
        variable = f"DONGTIN_{name}_{item.name}".upper()
        if variable in environment:
            changes[item.name] = _parse(variable, environment[variable], kinds[item.name])
    table = dataclasses.replace(table, **replaced(name, kind, changes))
    _check_numbers(path, [name], table)
    return opened(path, name, table)


def _check_numbers(path: Path | None, at: Sequence[str], table: Any) -> None:
    """Raises ConfigError for what can be no number of seconds, bytes, tries or processes, nor a
    port, nor days that a calendar has."""
    for item in fields(table):
        value = getattr(table, item.name)
        least, most = _BETWEEN.get(item.name, (0, 10**12))
        most = _MOST_DAYS if isinstance(table, Retention) else most
        if isinstance(value, int | float) and not least <= value <= most:  # nan is not, either
            keys = [*at, item.name]
            line = line_of(path, keys) if path else None
            told = f"{'.'.join(keys)}: {value} is not between {least} and {most}"
            raise ConfigError(path or "environment", told, line=line)


def _parse(variable: str, text: str, kind: Any) -> object:
    """A variable's text as a value of the setting's type."""
    try:
        if kind is bool:
            return {"true": True, "1": True, "false": False, "0": False}[text.lower()]
        if get_origin(kind) is tuple:  # words, parted by white space
            return tuple(get_args(kind)[0](word) for word in text.split())
        return kind(text)
    except (KeyError, ValueError):
        told = f"{text!r} is not a {kind.__name__}"
        raise ConfigError("environment", f"{variable}: {told}") from None


def _check_moment(path: Path | None, watch: Watch, environment: Mapping[str, str]) -> None:
    variable = "DONGTIN_WATCH_QUIET_UNTIL"
    try:
        _ = watch.quiet_before
    except ValueError as error:
        told = f"{watch.quiet_until!r} is no moment like 2026-12-01T08:00:00+07:00: {error}"
        if path and variable not in environment:
            key = ["watch", "quiet_until"]
            raise ConfigError(path, f"{'.'.join(key)}: {told}", line=line_of(path, key)) from None
        raise ConfigError("environment", f"{variable}: {told}") from None


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
