"""An alert as a person reads it, in Vietnamese: pure."""

import re
from dataclasses import dataclass

from streams.records import Alert

_HEADS = {"first-mention": "Lần đầu được nhắc"}
_DATE = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?$")
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Plain text; titles are one line."""

    title: str
    text: str


def message_of(alert: Alert) -> Message:
    """What is told of an alert, such as
    `Lần đầu được nhắc: Chỉ thị 05-CT/TW (Bộ Chính trị, 15/5/2016)`."""
    return Message(title=f"{_HEADS[alert.kind]}: {document_name(alert)}", text=_text(alert))


def document_name(alert: Alert) -> str:
    """Type and key, with issuer and date where they are known."""
    key, kind = _line(alert.document), _line(alert.type)
    name = key if key.lower().startswith(kind.lower()) else f"{kind} {key}"
    known = [part for part in (_line(alert.issuer or ""), reading_date(alert.issued)) if part]
    return f"{name} ({', '.join(known)})" if known else name


def reading_date(iso: str | None) -> str:
    """`2016-05-15` as `15/5/2016`, `2016-05` as `5/2016`, `2016` as it is; else nothing."""
    found = _DATE.match(iso or "")
    return "/".join(part.lstrip("0") for part in reversed(found.groups()) if part) if found else ""


def _text(alert: Alert) -> str:
    published = f", {alert.published:%d/%m/%Y %H:%M}" if alert.published else ""
    lines = [
        _line(alert.document_title or ""),
        f"{_line(alert.title)} ({_line(alert.outlet)}{published})",
        f"“{_line(alert.sentence)}”" if alert.sentence else "",
        f"Người được nêu trong câu: {', '.join(map(_line, alert.people))}" if alert.people else "",
        alert.url,
    ]
    return "\n".join(line for line in lines if line)


def _line(text: str) -> str:
    return _BLANKS.sub(" ", text).strip()
