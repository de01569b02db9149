"""Reads the data files (TOML, TSV) so that a mistake is told with its file, line and key."""

import csv
import dataclasses
import re
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from streams.errors import ConfigError
from streams.secret import Secret

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")


def read_toml(path: Path) -> dict[str, Any]:
    """A TOML file as nested tables.

    Raises:
        ConfigError: the file is missing, not UTF-8, or not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(path, "there is no such file") from None
    except OSError as error:  # a folder, or somebody else's
        raise ConfigError(path, f"can't be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ConfigError(path, f"not UTF-8: {error}") from None
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        raise ConfigError(path, str(error), line=int(found[1]) if found else None) from None


def line_of(path: Path, keys: Sequence[str]) -> int | None:
    """The line of a TOML file on which the table or key `keys` stands, None if not to be told."""
    table: list[str] = []
    best = None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        head = re.match(r"\s*\[+\s*([^\]]+?)\s*\]+", line)
        if head:
            table = [part.strip(" \"'") for part in head[1].split(".")]
            here = table
        else:
            key = re.match(r"""\s*["']?([\w.-]+)["']?\s*=""", line)
            if not key:
                continue
            here = [*table, *key[1].split(".")]
        if here == list(keys):
            return number
        if best is None and here == list(keys[: len(here)]):
            best = number
    return best


def convert(path: Path, value: object, kind: type[T], *, at: Sequence[str]) -> T:
    """A table of a TOML file as a frozen dataclass of `kind`; unknown keys are refused.

    Args:
        at: the table's place in the file, for the error.

    Raises:
        ConfigError: an unknown or misspelt key, a missing key, a wrong type.
    """
    known = [item.name for item in dataclasses.fields(kind)]
    if isinstance(value, dict):
        for key in value:
            if key not in known:
                raise ConfigError(
                    path,
                    f"{'.'.join([*at, key])}: unknown key; known here: {', '.join(sorted(known))}",
                    line=line_of(path, [*at, key]),
                )
    try:
        return msgspec.convert(value, kind, strict=True, dec_hook=_hook)
    except msgspec.ValidationError as error:
        found = re.search(r"`\$\.?([^`]*)`", str(error))
        inner = [p for p in re.split(r"[.\[\]]+", found[1] if found else "") if p and p != "..."]
        raise ConfigError(
            path,
            f"{'.'.join([*at, *inner])}: {str(error).split(' - at')[0]}",
            line=line_of(path, [*at, *inner]),
        ) from None


def _hook(kind: type[Any], value: object) -> Any:
    """What msgspec does not know: secrets. The message must not quote the value."""
    if kind is Secret and isinstance(value, str):
        return Secret(value)
    raise TypeError(f"Expected `str`, got `{type(value).__name__}`")


def read_tsv(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a tab-separated file as (line number, row).

    Lines that begin with `#` and empty lines are comments; the first other line names the columns.

    Raises:
        ConfigError: the file is missing, the head differs from `columns`, a row has too few or too
            many fields.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        raise ConfigError(path, "there is no such file") from None
    except OSError as error:  # a folder, or somebody else's
        raise ConfigError(path, f"can't be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ConfigError(path, f"not UTF-8: {error}") from None
    head: list[str] | None = None
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        row = next(csv.reader([line], delimiter="\t", quoting=csv.QUOTE_NONE))
        if head is None:
            head = row
            if head != list(columns):
                raise ConfigError(path, f"columns are {head}, not {list(columns)}", line=number)
            continue
        if len(row) != len(head):
            raise ConfigError(
                path, f"{len(row)} fields, {len(head)} wanted: {line[:80]!r}", line=number
            )
        yield number, dict(zip(head, (cell.strip() for cell in row), strict=True))
