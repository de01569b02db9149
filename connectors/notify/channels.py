"""Where alerts go: a channel is a name and two functions."""

import hashlib
import html
import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from apprise import Apprise, AppriseAsset, NotifyFormat
from rich.panel import Panel
from rich.text import Text

from connectors.notify import webhook
from connectors.notify.digest import EACH, Digest
from connectors.notify.lines import LinesFile
from connectors.notify.message import Message, digest_of, fitting, message_of
from streams.errors import ConfigError, Fatal, Retry
from streams.records import Alert
from streams.settings import Settings
from streams.terminal import Console

_TERMINAL, _FILE = "terminal", "file"

#: Of a service behind apprise: content too large. Services say 400 and 422 of a wrong address too, which an
#: operator mends.
_REFUSAL = 413

#: Who sends, in mails and cards; no picture is fetched from apprise's own site for it.
_ASSET = AppriseAsset(
    app_id="dongtin",
    app_desc="dongtin",
    app_url="",
    image_url_mask="",
    image_url_logo="",
    async_mode=False,
)

#: Said of itself by a message of `dongtin notify test`.
TEST = Message(
    title="[THỬ] dongtin: tin nhắn thử, không phải tin thật",
    text="Địa chỉ này sẽ nhận thông báo khi một văn bản lần đầu được nhắc trên báo.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One address."""

    address: str  # the same in every run, without secrets: what the record of deliveries holds
    digest: Digest
    #: Sends one message with as many of the alerts, from the first on, as it can hold; returns how
    #: many. Raises Retry, and webhook.Refused.
    send: Callable[[Sequence[Alert]], int]
    #: Sends a message that says that it is a test; returns what was done. Raises as `send` does.
    test: Callable[[], str]


def channels(settings: Settings, *, trial: bool = False) -> tuple[Channel, ...]:
    """The configured addresses; none configured: the terminal and a file.

    Args:
        trial: only `test` will be called: the file, which another process may be writing, is not
            opened.

    Raises:
        ConfigError: apprise does not understand an address; a webhook has no secret.
        Fatal: the file can't be opened.
    """
    if not settings.notify.urls:
        return (_terminal(Console()), _file(settings, opened=not trial))
    return tuple(_addressed(settings, at) for at in range(len(settings.notify.urls)))


def addresses(settings: Settings) -> tuple[str, ...]:
    """The names of the channels."""
    urls = [url.reveal() for url in settings.notify.urls]
    return tuple(map(_address, urls)) if urls else (_TERMINAL, _FILE)


def _address(url: str) -> str:
    digest = hashlib.sha256(url.encode()).hexdigest()[:12]
    return f"{url.partition('://')[0].lower()}:{digest}"


def _addressed(settings: Settings, at: int) -> Channel:
    url = settings.notify.urls[at].reveal()
    name = _address(url)
    digest = Digest(window=settings.notify.window, most=max(1, settings.notify.most))
    scheme = name.partition(":")[0]
    make = _webhook if scheme in webhook.SCHEMES else _apprise
    return make(settings, at, url, name, digest)


def _webhook(settings: Settings, at: int, url: str, name: str, digest: Digest) -> Channel:
    try:
        key = webhook.key_of(settings.notify.webhook_secret)
    except ValueError as error:
        where = settings.config or "environment"
        detail = f"notify.webhook_secret: notify.urls number {at + 1} is signed with it: {error}"
        raise ConfigError(where, detail) from None
    target = url[len("webhook+") :]

    def send(alerts: Sequence[Alert]) -> int:
        body = webhook.body_of(alerts, digest_of(alerts))
        id = webhook.message_id([alert.id for alert in alerts])
        webhook.post(target, key, id, body, datetime.now(UTC))
        return len(alerts)

    def test() -> str:
        now = datetime.now(UTC)
        body = webhook.body_of((), TEST, kind="test")
        webhook.post(target, key, webhook.message_id([now.isoformat()]), body, now)
        return "sent"

    return Channel(address=name, digest=digest, send=send, test=test)


def _apprise(settings: Settings, at: int, url: str, name: str, digest: Digest) -> Channel:
    service = Apprise.instantiate(url, asset=_ASSET)
    if service is None:
        scheme = url.partition("://")[0][:20]  # the rest may hold a password
        raise ConfigError(
            settings.config or "environment",
            f"notify.urls: number {at + 1} ({scheme}://...) is no address that apprise knows",
        )
    if (receivers := len(service)) > 1:
        scheme = url.partition("://")[0][:20]
        raise ConfigError(
            settings.config or "environment",
            f"notify.urls: number {at + 1} ({scheme}://...) reaches {receivers} receivers: write an address for"
            " each. apprise tells only whether all have it, so for one that fails all would be told again",
        )
    sender = Apprise()
    sender.add(service)
    log = logging.getLogger("apprise")
    log.addHandler(logging.NullHandler())
    log.propagate = False  # its lines name people's addresses; what failed is told by us

    def send(alerts: Sequence[Alert]) -> int:
        message, count = fitting(alerts, service.body_maxlen, _size)
        _notify(sender, message)
        return count

    def test() -> str:
        _notify(sender, TEST)
        return "sent"

    return Channel(address=name, digest=digest, send=send, test=test)


def _size(message: Message) -> int:
    """Characters once it is HTML, the title in it: the most that apprise makes of a message."""
    text = f"{message.title}\n{message.text}"
    return len(html.escape(text)) + 5 * text.count("\n") + 20


def _notify(sender: Any, message: Message) -> None:
    result = sender.notify(title=message.title, body=message.text, body_format=NotifyFormat.TEXT)
    if not result:
        # of apprise's own log nothing but the HTTP status: its lines may hold what is secret
        told = " ".join(str(entry.message) for entry in result.logs())
        statuses = re.findall(r"\berror=(\d{3})\b", told)
        answered = f": the service answered {statuses[-1]}" if statuses else ""
        if statuses and int(statuses[-1]) == _REFUSAL:
            raise webhook.Refused(f"apprise could not deliver{answered}")
        raise Retry(f"apprise could not deliver{answered}", after=0.0)


def _terminal(console: Console) -> Channel:
    def show(message: Message) -> None:
        # Text, not markup: what newspapers write in brackets is no style
        console.print(Panel(Text(message.text), title=Text(message.title), title_align="left"))

    def send(alerts: Sequence[Alert]) -> int:
        show(message_of(alerts[0]))
        return 1

    def test() -> str:
        show(TEST)
        return "shown"

    return Channel(address=_TERMINAL, digest=EACH, send=send, test=test)


def _file(settings: Settings, *, opened: bool) -> Channel:
    path = settings.data_dir / settings.notify.file
    try:
        file = LinesFile(path) if opened else None
    except OSError as error:
        raise Fatal(f"{path}: alerts can't be written there: {error}") from error

    def send(alerts: Sequence[Alert]) -> int:
        if file is None:
            raise Fatal(f"{path}: opened for a trial only")
        try:
            file.write(alerts[0], datetime.now(UTC))
        except OSError as error:
            raise Retry(f"{path}: {error}") from error
        return 1

    def test() -> str:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.open("ab").close()
        except OSError as error:
            raise Retry(f"{path}: {error}") from error
        return f"{path} can be written; no line was: each one counts as an alert"

    return Channel(address=_FILE, digest=EACH, send=send, test=test)
