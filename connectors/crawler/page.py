"""A page's answer to its fate: an article for `articles.raw`, a dead letter, or one more try. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from connectors.crawler.charset import decode
from connectors.crawler.kept import Message, Waiting
from streams import codec, topics
from streams.errors import Invalid, Reason
from streams.identity import article_id, canonical_url, without_user
from streams.records import DeadLetter, RawArticle

#: Bytes of an answer kept with a dead letter; a page that can't be decoded is kept whole.
KEPT_BYTES = 64 * 1024
_KEPT_HEADERS = ("content-type", "content-language", "date", "etag", "last-modified")
_GONE = (404, 410)
#: Too many requests, bad gateway, unavailable, gateway timeout: a page that is broken itself says 500.
_OVERLOADED = (429, 502, 503, 504)
_HTML_TYPES = ("text/html", "application/xhtml+xml")
#: Types that servers send for want of a better one: the bytes decide.
_VAGUE_TYPES = ("", "text/plain", "application/octet-stream", "application/xml", "text/xml")
_HTML_START = re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_OTHER_START = re.compile(rb"%PDF-|\x89PNG|GIF8|\xff\xd8\xff|PK\x03\x04|RIFF")
_HEAD = 2048  # bytes in which a document says what it is


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server said; the body decompressed."""

    url: str  # after redirects
    moved: bool = True  # every redirect on the way was a permanent one: 301 or 308 (RFC 9110, 15.4)
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)  # names in lower case
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why a page did not become an article."""

    reason: Reason
    detail: str
    final: bool  # another try would not help
    content: bytes = b""  # what was received


def find_trouble(answer: Answer) -> Trouble | None:
    """What is wrong with the answer before its text is looked at; None for a page of HTML."""
    if answer.status in _GONE:
        return _trouble(answer, Reason.GONE, f"HTTP {answer.status}", final=True)
    if answer.status not in (200, 203):
        return _trouble(answer, Reason.HTTP_STATUS, f"HTTP {answer.status}", final=False)
    if encoding := answer.headers.get("content-encoding", ""):
        return _trouble(answer, Reason.BAD_ENCODING, f"content-encoding {encoding}", final=True)
    if not _is_html(answer):
        kind = answer.headers.get("content-type", "") or "unnamed content"
        return _trouble(answer, Reason.NOT_HTML, kind[:200], final=True)
    return None


def is_overload(answer: Answer) -> bool:
    """Whether it is the host that can't answer now, and not this page that is wrong."""
    return answer.status in _OVERLOADED


def find_detour(answer: Answer) -> str | None:
    """The id of the address where a temporary redirect led; None where none did, or to a site's front page."""
    return None if answer.moved else _address_id(answer.url)


def find_article(page: Waiting, answer: Answer) -> str:
    """The id of the address at which the page's article lives, as the redirects on the way tell:
    the page's own id where they tell nothing.

    A temporary redirect tells nothing: it may lead all of a host's pages to one for an hour (maintenance, a
    captcha, a log-in), which would then be taken for one article. Nor does one to a site's front page, where
    outlets send those who ask for what has been taken down. Never raises.
    """
    return _address_id(answer.url) or page.id if answer.moved else page.id


def _address_id(url: str) -> str | None:
    """None for what is no article's address."""
    try:
        canonical = canonical_url(url)
    except ValueError:
        return None
    return None if urlsplit(canonical).path == "/" else article_id(canonical)


def too_large(answer: Answer) -> Trouble:
    """A page whose end was not read."""
    return _trouble(
        answer, Reason.TOO_LARGE, f"more than {topics.MAX_PAGE_BYTES} bytes", final=True
    )


def stand_in(answer: Answer) -> Trouble:
    """A page to which temporary redirects of several articles led: it stands in for all of them for a while."""
    detail = f"a temporary redirect to {answer.url[:500]}, where another article's led too"
    return _trouble(answer, Reason.HTTP_STATUS, detail, final=False)


def _trouble(answer: Answer, reason: Reason, detail: str, *, final: bool) -> Trouble:
    return Trouble(reason=reason, detail=detail, final=final, content=answer.body[:KEPT_BYTES])


def _is_html(answer: Answer) -> bool:
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if _OTHER_START.match(answer.body):
        return False
    if kind in _HTML_TYPES:
        return True
    # UTF-16 has zeros between the letters
    head = answer.body[:_HEAD].replace(b"\0", b"")
    return kind in _VAGUE_TYPES and bool(_HTML_START.search(head))


def to_article(page: Waiting, answer: Answer, fetched_at: datetime) -> RawArticle:
    """The page as a record. Its id is that of the address that the feed gave, so that the same
    discovery makes the same id whatever a redirect says today; `url` is where it ended.

    Raises:
        Invalid: `bad-encoding`.
    """
    html, charset = decode(answer.body, answer.headers.get("content-type", ""))
    return RawArticle(
        id=page.id,
        url=without_user(answer.url),
        canonical_url=page.canonical_url,
        outlet=page.outlet,
        first_seen=page.first_seen,
        discovered_at=page.asked_at,
        fetched_at=fetched_at,
        status=answer.status,
        headers={name: answer.headers[name] for name in _KEPT_HEADERS if name in answer.headers},
        feed=page.entry,
        charset=charset,
        quiet=page.quiet,
        html=html,
    )


def article_message(page: Waiting, answer: Answer, fetched_at: datetime) -> Message:
    """The message for `articles.raw`.

    Raises:
        Invalid: `bad-encoding`; `too-large` when it does not fit in a message.
    """
    value = codec.encode(to_article(page, answer, fetched_at))
    if len(value) > topics.MAX_MESSAGE_BYTES - KEPT_BYTES:
        raise Invalid(Reason.TOO_LARGE, f"{len(value)} bytes as a message")
    return Message(
        article=page.id,
        topic=topics.RAW.name,
        value=value,
        outlet=page.outlet,
        outcome="ok",
        # an old page may have waited for days: that is no latency of ours
        discovered_at=max(page.asked_at, fetched_at) if page.quiet else page.asked_at,
    )


def letter_message(page: Waiting, trouble: Trouble, at: datetime) -> Message:
    """The message for `articles.dead`."""
    letter = DeadLetter(
        id=page.id,
        stage="crawl",
        reason=trouble.reason,
        detail=trouble.detail[:1000],
        outlet=page.outlet,
        url=page.url,
        source="crawler",
        attempts=page.attempts + 1,
        at=at,
        content=trouble.content,
    )
    return Message(
        article=page.id,
        topic=topics.DEAD.name,
        value=letter.content,
        headers=codec.dead_headers(letter),
        outlet=page.outlet,
        outcome=trouble.reason,
        discovered_at=page.asked_at,
    )
