"""A page's answer to its fate."""

from datetime import UTC, datetime

import pytest

from connectors.crawler.kept import Waiting
from connectors.crawler.page import (
    KEPT_BYTES,
    Answer,
    Trouble,
    article_message,
    find_trouble,
    letter_message,
)
from streams import codec
from streams.errors import Invalid, Reason
from streams.records import FeedEntry, RawArticle

_NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
_PAGE = Waiting(
    id="a" * 32,
    url="https://bao.example/bai-1.html?utm_source=rss",
    canonical_url="https://bao.example/bai-1.html",
    outlet="bao",
    first_seen=_NOW,
    asked_at=_NOW,
    attempts=1,
    entry=FeedEntry(title="Bài một"),
)


def _answer(
    status: int = 200, kind: str = "text/html", body: bytes = b"<p>x", **more: str
) -> Answer:
    headers = {
        "content-type": kind,
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
    return Answer(url="https://bao.example/bai-1.html", status=status, headers=headers, body=body)


@pytest.mark.parametrize(
    ("answer", "reason", "final"),
    [
        (_answer(404), Reason.GONE, True),
        (_answer(410), Reason.GONE, True),
        (_answer(403), Reason.HTTP_STATUS, False),
        (_answer(500), Reason.HTTP_STATUS, False),
        (_answer(204), Reason.HTTP_STATUS, False),
        (_answer(kind="application/pdf"), Reason.NOT_HTML, True),
        (_answer(kind="text/html", body=b"%PDF-1.7"), Reason.NOT_HTML, True),
        (_answer(kind="image/png", body=b"<html>"), Reason.NOT_HTML, True),
        (_answer(kind="", body=b"{}"), Reason.NOT_HTML, True),
        (_answer(content_encoding="x-odd"), Reason.BAD_ENCODING, True),
    ],
)
def test_trouble(answer: Answer, reason: Reason, final: bool) -> None:
    """Each bad answer has its reason code, and is tried again only where that may help."""
    trouble = find_trouble(answer)
    assert trouble is not None
    assert (trouble.reason, trouble.final) == (reason, final)


@pytest.mark.parametrize(
    "answer",
    [
        _answer(),
        _answer(kind="application/xhtml+xml; charset=utf-8"),
        _answer(kind="text/plain", body=b"  <!DOCTYPE html><html>"),
        _answer(kind="", body="<html>".encode("utf-16")),
        _answer(body=b""),
    ],
)
def test_html_is_no_trouble(answer: Answer) -> None:
    """HTML is known by its type, or by its bytes where the type is vague."""
    assert find_trouble(answer) is None


def test_article() -> None:
    """The record has the discovered identity, the final address and the page's text."""
    answer = Answer(
        url="https://bao.example/bai-1-moi.html",
        status=200,
        headers={"content-type": "text/html; charset=utf-8", "etag": '"1"', "server": "x"},
        body="<p>Chỉ thị</p>".encode(),
    )
    message = article_message(_PAGE, answer, _NOW)
    article = codec.decode(RawArticle, message.value)
    assert (article.id, message.article, message.outcome) == (_PAGE.id, _PAGE.id, "ok")
    assert article.url == answer.url
    assert article.canonical_url == _PAGE.canonical_url
    assert article.html == "<p>Chỉ thị</p>"
    assert article.headers == {"content-type": "text/html; charset=utf-8", "etag": '"1"'}
    assert article.feed == FeedEntry(title="Bài một")


def test_article_that_does_not_fit_in_a_message() -> None:
    """A page that grows beyond a message is too large, and not the broker's problem."""
    with pytest.raises(Invalid) as caught:
        article_message(_PAGE, _answer(body=b"\x01" * 3 + b'"' * 9_000_000), _NOW)
    assert caught.value.reason is Reason.TOO_LARGE


def test_letter() -> None:
    """A dead letter is read back as it was: reason, address, attempts, the first bytes."""
    trouble = Trouble(
        reason=Reason.HTTP_STATUS, detail="HTTP 500", final=False, content=b"x" * KEPT_BYTES
    )
    message = letter_message(_PAGE, trouble, _NOW)
    letter = codec.decode_dead(message.article.encode(), message.value, dict(message.headers))
    assert (letter.id, letter.reason, letter.stage) == (_PAGE.id, "http-status", "crawl")
    assert (letter.url, letter.outlet, letter.attempts) == (_PAGE.url, "bao", 2)
    assert (letter.at, letter.content) == (_NOW, trouble.content)
