"""Secrets that lie in files of their own, as Docker, Kubernetes and systemd give them.

A secret setting `password` has a companion `password_file`. Whichever of the two stands in the
later layer counts; both in one layer is a mistake that is told. In a file with many secrets, lines
that begin with # are comments.
"""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, get_type_hints

from streams.errors import ConfigError
from streams.secret import Secret

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")

_MOST_BYTES = 64 * 1024  # a certificate or a log named by mistake is told, not sent to a server


def secrets(kind: type[Any]) -> dict[str, bool]:
    """The secret settings of a table: name -> whether it is a list of secrets."""
    hints = get_type_hints(kind)
    return {
        item.name: hints[item.name] is not Secret
        for item in dataclasses.fields(kind)
        if hints[item.name] in (Secret, tuple[Secret, ...])
    }


def replaced(name: str, kind: type[Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """What the environment says of a table, with the other form of each secret taken away.

    An empty variable says nothing of a secret: that is how compose files pass on what is not set.

    Raises:
        ConfigError: a secret is given in both forms.
    """
    out = dict(changes)
    for secret, many in secrets(kind).items():
        file = f"{secret}_file"
        given = [key for key in (secret, file) if out.get(key)]
        if len(given) == 2:
            variable = f"DONGTIN_{name}_{secret}".upper()
            raise ConfigError("environment", f"{variable} and {variable}_FILE: give one of them")
        for key in (secret, file):
            if given and key not in given:
                out[key] = "" if key == file else () if many else Secret()
            elif key in out and not out[key]:
                del out[key]
    return out


def opened(path: Path | None, name: str, table: T) -> T:
    """The table with every secret that lies in a file.

    Raises:
        ConfigError: a file can't be read or is empty, or a secret is given in both forms.
    """
    found: dict[str, Any] = {}
    for secret, many in secrets(type(table)).items():
        file = getattr(table, f"{secret}_file", "")
        if not file:
            continue
        key = f"{name}.{secret}_file"
        if getattr(table, secret):
            raise ConfigError(path or "", f"{key}: {name}.{secret} is given too; give one of them")
        text = _read(path or "environment", key, Path(file))
        found[secret] = tuple(map(Secret, _words(text))) if many else Secret(text)
    return dataclasses.replace(table, **found)


def _words(text: str) -> list[str]:
    lines = (line for line in text.splitlines() if not line.lstrip().startswith("#"))
    return [word for line in lines for word in line.split()]


def _read(where: Path | str, key: str, file: Path) -> str:
    """A secret's text, without the line end that editors put there. No error quotes it."""
    try:
        with file.open("rb") as opened_file:
            content = opened_file.read(_MOST_BYTES + 1)
        text = content.decode("utf-8").strip()
    except OSError as error:
        raise ConfigError(where, f"{key}: {file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(where, f"{key}: {file} is not UTF-8 text") from None
    if not text or len(content) > _MOST_BYTES:
        wrong = "is empty" if not text else f"has more than {_MOST_BYTES} bytes: is it the secret?"
        raise ConfigError(where, f"{key}: {file} {wrong}")
    return text
