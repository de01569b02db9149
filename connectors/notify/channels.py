"""Where alerts go: a channel is a name and one function."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from apprise import Apprise, NotifyFormat
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from connectors.notify.lines import LinesFile
from connectors.notify.message import message_of
from streams.errors import ConfigError, Fatal, Retry
from streams.records import Alert
from streams.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One address."""

    address: str  # the same in every run, without secrets: what the record of deliveries holds
    send: Callable[[Alert], None]  # raises Retry


def channels(settings: Settings) -> tuple[Channel, ...]:
    """The configured addresses; none configured: the terminal and a file.

    Raises:
        ConfigError: apprise does not understand an address.
        Fatal: the file can't be opened.
    """
    if settings.notify.urls:
        return tuple(_apprise(settings, at) for at in range(len(settings.notify.urls)))
    return (_terminal(Console()), _file(settings))


def _apprise(settings: Settings, at: int) -> Channel:
    url = settings.notify.urls[at]
    service = Apprise.instantiate(url)
    if service is None:
        scheme = url.partition("://")[0][:20]  # the rest may hold a password
        raise ConfigError(
            settings.config or "environment",
            f"notify.urls: number {at + 1} ({scheme}://...) is no address that apprise knows",
        )
    sender = Apprise()
    sender.add(service)

    def send(alert: Alert) -> None:
        message = message_of(alert)
        result = sender.notify(
            title=message.title, body=message.text, body_format=NotifyFormat.TEXT
        )
        if not result:
            raise Retry("apprise could not deliver")

    digest = hashlib.sha256(url.encode()).hexdigest()[:12]
    return Channel(address=f"{url.partition('://')[0].lower()}:{digest}", send=send)


def _terminal(console: Console) -> Channel:
    def send(alert: Alert) -> None:
        message = message_of(alert)
        # Text, not markup: what newspapers write in brackets is no style
        console.print(Panel(Text(message.text), title=Text(message.title), title_align="left"))

    return Channel(address="terminal", send=send)


def _file(settings: Settings) -> Channel:
    path = settings.data_dir / settings.notify.file
    try:
        file = LinesFile(path)
    except OSError as error:
        raise Fatal(f"{path}: alerts can't be written there: {error}") from error

    def send(alert: Alert) -> None:
        try:
            file.write(alert, datetime.now(UTC))
        except OSError as error:
            raise Retry(f"{path}: {error}") from error

    return Channel(address="file", send=send)
