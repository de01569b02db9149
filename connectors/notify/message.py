"""Alerts as a person reads them, in Vietnamese: pure."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from streams.records import Alert
from streams.text import nfc

_HEADS = {"first-mention": "Lần đầu được nhắc"}
_NOVELTIES = {
    "newly-issued": "Văn bản mới ban hành",
    "new-to-us": "Văn bản ban hành từ trước, nay mới thấy trên báo",
    "unknown": "Chưa rõ ngày ban hành",
}
_DATE = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?$")
_BLANKS = re.compile(r"\s+")
_TITLE = 200  # characters of a title, at most: mail clients and channels cut longer ones
_ELLIPSIS = "…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Plain text; titles are one line."""

    title: str
    text: str


#: The size of a message at its channel, which may escape or add something.
Size = Callable[[Message], int]


def message_of(alert: Alert) -> Message:
    """What is told of an alert, such as
    `Lần đầu được nhắc: Chỉ thị 05-CT/TW (Bộ Chính trị, 15/5/2016)`."""
    return Message(title=_cut(_headline(alert), _TITLE), text="\n".join(_lines(alert)))


def digest_of(alerts: Sequence[Alert]) -> Message:
    """One message for several alerts, in their order, each with a number; for one, its own."""
    if len(alerts) == 1:
        return message_of(alerts[0])
    parts = []
    for number, alert in enumerate(alerts, 1):
        lines = (document_name(alert), *_lines(alert))
        parts.append("\n".join((f"{number}. {lines[0]}", *lines[1:])))
    names = ", ".join(_name(alert) for alert in alerts)
    title = f"{_HEADS['first-mention']}: {len(alerts)} văn bản ({names})"
    return Message(title=_cut(title, _TITLE), text="\n\n".join(parts))


def fitting(alerts: Sequence[Alert], room: int, size: Size) -> tuple[Message, int]:
    """The message with as many of the alerts, from the first on, as a channel has room for, and
    how many that are; one that is too large alone is shortened.

    Args:
        room: what `size` may be at most; in a channel for short messages (SMS) not even the
            shortened one may fit: its end is then missing.
    """
    for count in range(len(alerts), 0, -1):
        message = digest_of(alerts[:count])
        if size(message) <= room:
            return message, count
    return _shortened(alerts[0], room, size), 1


def _shortened(alert: Alert, room: int, size: Size) -> Message:
    """Name and link, with what else there is room for; only they where there is room for little."""
    whole = message_of(alert)
    rest = whole.text.removesuffix(alert.url).rstrip()
    low, high = 0, len(rest)
    while low < high:  # the longest beginning that fits
        middle = (low + high + 1) // 2
        if size(_with(whole.title, rest[:middle], alert.url)) <= room:
            low = middle
        else:
            high = middle - 1
    message = _with(whole.title, rest[:low], alert.url)
    if size(message) <= room:
        return message
    title = _cut(_name(alert), max(1, room - len(alert.url) - 10))
    return Message(title=title, text=alert.url)


def _with(title: str, beginning: str, url: str) -> Message:
    text = f"{beginning.rstrip()}{_ELLIPSIS}\n{url}" if beginning.strip() else url
    return Message(title=title, text=text)


def _headline(alert: Alert) -> str:
    return f"{_HEADS[alert.kind]}: {document_name(alert)}"


def document_name(alert: Alert) -> str:
    """Type and key, with issuer and date where they are known."""
    known = [part for part in (_line(alert.issuer or ""), reading_date(alert.issued)) if part]
    name = _name(alert)
    return f"{name} ({', '.join(known)})" if known else name


def _name(alert: Alert) -> str:
    key, kind = _line(alert.document), _line(alert.type)
    return key if key.lower().startswith(kind.lower()) else f"{kind} {key}"


def reading_date(iso: str | None) -> str:
    """`2016-05-15` as `15/5/2016`, `2016-05` as `5/2016`, `2016` as it is; else nothing."""
    found = _DATE.match(iso or "")
    return "/".join(part.lstrip("0") for part in reversed(found.groups()) if part) if found else ""


def _lines(alert: Alert) -> list[str]:
    published = f", {alert.published:%d/%m/%Y %H:%M}" if alert.published else ""
    outlet = _line(alert.outlet_name or alert.outlet)
    lines = [
        _line(alert.document_title or ""),
        _NOVELTIES[alert.novelty],
        f"{_line(alert.title)} ({outlet}{published})",
        f"“{_line(alert.sentence)}”" if alert.sentence else "",
        f"Người được nêu trong câu: {', '.join(map(_line, alert.people))}" if alert.people else "",
        _line(alert.url),
    ]
    return [line for line in lines if line]


def _line(text: str) -> str:
    """Text from outside as one line, composed, without characters that command a terminal."""
    line = _BLANKS.sub(" ", nfc(text)).strip()
    return "".join(character for character in line if character.isprintable())


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + _ELLIPSIS
