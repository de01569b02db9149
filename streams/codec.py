"""Records to bytes and back: JSON, with a schema number, by msgspec.

Unknown fields are ignored (a newer producer), wrong types are refused with their path.
Dead letters are the exception: their value is the original bytes, the rest travels in headers.
"""

import re
from collections.abc import Hashable
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar, cast

import msgspec

from streams.errors import Invalid, Reason
from streams.records import DeadLetter

R = TypeVar("R")
_encoder = msgspec.json.Encoder()


@cache
def _decoder(kind: Hashable) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(cast(type[Any], kind))


def encode(record: object) -> bytes:
    """A record as JSON bytes."""
    return _encoder.encode(record)


def decode(kind: type[R], value: bytes | None) -> R:
    """Bytes from a topic as a record of `kind`.

    Raises:
        Invalid: `bad-record`, with the path of what is wrong: not JSON, not UTF-8, a missing or
            wrongly typed field, a tombstone, a schema that this program does not know, nesting
            deeper than any record's (RecursionError).
    """
    try:
        record: R = _decoder(cast(Hashable, kind)).decode(value or b"")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid(Reason.BAD_RECORD, f"not a {kind.__name__}: {error}") from error
    schema = getattr(record, "schema", None)
    known = getattr(kind, "__dataclass_fields__", {}).get("schema")
    if schema is not None and known is not None and schema > known.default:
        raise Invalid(
            Reason.BAD_RECORD,
            f"{kind.__name__} of schema {schema}, this program knows {known.default}: update it",
        )
    return record


_NUMBER = re.compile(r"[0-9]{1,9}")
_HEADERS = ("stage", "reason", "detail", "outlet", "url", "source", "attempts", "at")


def dead_headers(letter: DeadLetter) -> dict[str, bytes]:
    """The headers of a dead letter; its value is `letter.content`, its key `letter.id`."""
    headers = {
        name: str(getattr(letter, name)).encode(errors="replace")
        for name in _HEADERS
        if name != "at"
    }
    headers["at"] = letter.at.isoformat().encode()
    return headers


def decode_dead(key: bytes | None, value: bytes | None, headers: dict[str, bytes]) -> DeadLetter:
    """A message of `articles.dead` as a record; never fails: odd headers become odd fields."""
    text = {name: headers.get(name, b"").decode(errors="replace") for name in _HEADERS}
    attempts, at = text.pop("attempts"), text.pop("at")
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        moment = datetime.fromtimestamp(0, UTC)
    return DeadLetter(
        id=(key or b"").decode(errors="replace"),
        attempts=int(attempts) if _NUMBER.fullmatch(attempts) else 1,
        at=moment if moment.tzinfo else moment.replace(tzinfo=UTC),
        content=value or b"",
        **text,
    )
