"""The signed webhook: alerts as JSON to a program, signed so that it knows who sent them.

Signature and headers are those of Standard Webhooks 1.0.0 (standardwebhooks.com): `webhook-id`,
`webhook-timestamp` (Unix seconds) and `webhook-signature`, `v1,` and the Base64 of HMAC-SHA256 over
`id.timestamp.body`. Receivers find a library for it in most languages.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec
import requests

from connectors.notify.message import Message
from streams.errors import Retry
from streams.records import Alert
from streams.secret import Secret

SCHEMES = ("webhook+https", "webhook+http")
SCHEMA = 1

_TIMEOUT = (10.0, 20.0)  # seconds to connect, to answer
_PREFIX = "whsec_"
_KEY_BYTES = range(24, 65)  # the specification's bounds
#: Answers that say that this very message will never be taken (RFC 9110, 15.5): bad request, content too
#: large, unprocessable.
_REFUSALS = frozenset({400, 413, 422})


class Refused(Exception):
    """The receiver will not take this message, now or later."""


def key_of(secret: Secret) -> bytes:
    """The key that `whsec_<base64>` stands for.

    Raises:
        ValueError: it is not of this form, or not of 24 to 64 bytes.
    """
    text = secret.reveal()
    try:
        key = base64.b64decode(text.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not text.startswith(_PREFIX) or len(key) not in _KEY_BYTES:
        raise ValueError("write it as whsec_ and the Base64 of 24 to 64 random bytes")
    return key


def signature(key: bytes, id: str, timestamp: int, body: bytes) -> str:
    """The value of `webhook-signature`."""
    signed = f"{id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def body_of(alerts: Sequence[Alert], message: Message, *, kind: str = "alerts") -> bytes:
    """The JSON object that is sent: `schema`, `type` (`alerts` or `test`), `title` and `text` as
    people read them, and `alerts` with all their fields."""
    told: dict[str, Any] = {
        "schema": SCHEMA,
        "type": kind,
        "title": message.title,
        "text": message.text,
        "alerts": [msgspec.to_builtins(alert) for alert in alerts],
    }
    return msgspec.json.encode(told)


def message_id(ids: Sequence[str]) -> str:
    """The same for the same alerts: a receiver that has it already drops the second one."""
    return "msg_" + hashlib.sha256("\0".join(ids).encode()).hexdigest()[:32]


class _Session(requests.Session):
    """Follows no redirect, as a signed body belongs to the configured receiver alone, and does not read its
    body either, as requests does for one that it only looks at."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Nowhere."""


def post(url: str, key: bytes, id: str, body: bytes, now: datetime) -> None:
    """Sends one message.

    Raises:
        Retry: it did not arrive; `after` is what the receiver asked for.
        Refused: it arrived and will never be taken.
    """
    timestamp = int(now.timestamp())
    headers = {
        "content-type": "application/json",
        "user-agent": "dongtin",
        "webhook-id": id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(key, id, timestamp, body),
    }
    try:
        # nothing of the answer's body is read: it may be endless
        with (
            _Session() as session,
            session.post(url, data=body, headers=headers, timeout=_TIMEOUT, stream=True) as answer,
        ):
            status = answer.status_code
    except requests.RequestException as error:  # its text holds the address
        raise Retry(f"no answer: {type(error).__name__}") from None
    if status in _REFUSALS:
        raise Refused(f"answered {status}")
    if not 200 <= status < 300:
        wait = retry_after(answer.headers.get("retry-after", ""), now)
        raise Retry(f"answered {status}", after=wait)


def retry_after(header: str, now: datetime) -> float:
    """The seconds that `Retry-After` asks for, given as seconds or as a date (RFC 9110, 10.2.3); 0
    where it says nothing."""
    if header.strip().isdecimal():
        return float(header)
    try:
        until = parsedate_to_datetime(header)
    except ValueError:
        return 0.0
    return max(0.0, (until.replace(tzinfo=until.tzinfo or UTC) - now).total_seconds())
