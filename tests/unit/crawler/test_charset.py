"""Page bytes to text."""

import random
import unicodedata

import pytest

from connectors.crawler.charset import decode
from streams.errors import Invalid, Reason

_TEXT = (
    "<html><head>{}</head><body>" + "Thủ tướng ký Chỉ thị về phòng, chống lũ ở miền Trung. " * 20
)
_PLAIN = _TEXT.format("")


def _viet_1258(text: str) -> bytes:
    """windows-1258 has tone marks only as combining characters, and other letters composed."""
    marks = "\u0300\u0301\u0303\u0309\u0323"
    out = []
    for character in unicodedata.normalize("NFC", text):
        parts = unicodedata.normalize("NFD", character)
        tone = "".join(mark for mark in parts if mark in marks)
        base = unicodedata.normalize("NFC", "".join(mark for mark in parts if mark not in marks))
        out.append(base + tone)
    return "".join(out).encode("cp1258")


@pytest.mark.parametrize(
    ("body", "header", "charset"),
    [
        (_PLAIN.encode(), "text/html; charset=utf-8", "utf-8"),
        (_PLAIN.encode(), "text/html; charset=iso-8859-1", "utf-8"),
        (_PLAIN.encode(), "", "utf-8"),
        (b"\xef\xbb\xbf" + _PLAIN.encode(), "text/html; charset=windows-1252", "utf-8"),
        (b"\xff\xfe" + _PLAIN.encode("utf-16-le"), "text/html; charset=utf-8", "utf-16-le"),
        (b"\xfe\xff" + _PLAIN.encode("utf-16-be"), "", "utf-16-be"),
        (_viet_1258(_PLAIN), "text/html; charset=windows-1258", "cp1258"),
        (_viet_1258(_PLAIN), "text/html; charset=utf-8", "cp1258"),
    ],
)
def test_vietnamese_text(body: bytes, header: str, charset: str) -> None:
    """The text is right whatever the server says of it."""
    text, found = decode(body, header)
    assert unicodedata.normalize("NFC", text) == _PLAIN
    assert found == charset


def test_meta_tells_when_the_header_does_not() -> None:
    """`<meta charset>` counts where the header is silent."""
    body = _viet_1258(_TEXT.format('<meta charset="windows-1258">'))
    text, charset = decode(body, "text/html")
    assert charset == "cp1258"
    assert "phòng, chống lũ" in unicodedata.normalize("NFC", text)


def test_a_few_broken_bytes_are_forgiven() -> None:
    """UTF-8 with a character cut in two is read as UTF-8, with a mark in that place."""
    body = _PLAIN.encode()
    cut = body.index("ủ".encode())
    text, charset = decode(body[: cut + 1] + body[cut + 3 :], "text/html; charset=windows-1252")
    assert charset == "utf-8"
    assert text.count("\ufffd") == 1


@pytest.mark.parametrize(
    "header", ["text/html", "text/html; charset=utf-8", "text/html; charset=hex"]
)
def test_noise_is_refused(header: str) -> None:
    """Bytes that are no text in any charset are refused with the reason code."""
    with pytest.raises(Invalid) as caught:
        decode(random.Random(3).randbytes(20_000), header)
    assert caught.value.reason is Reason.BAD_ENCODING


def test_picture_declared_as_latin_is_refused() -> None:
    """A charset that takes every byte does not make text of a picture."""
    with pytest.raises(Invalid):
        decode(bytes(range(256)) * 50, "text/html; charset=iso-8859-1")


def test_control_characters_are_no_text() -> None:
    """Bytes that are valid UTF-8 and still no text are refused; a stray control character is not."""
    with pytest.raises(Invalid):
        decode(b"\x00\x01\x02\x03" * 500, "text/html; charset=utf-8")
    assert decode(b"<p>a\x0bb\x00c</p>", "text/html") == ("<p>a\x0bb\x00c</p>", "utf-8")


def test_empty_page_is_text() -> None:
    """Nothing is nothing in every charset; that there is no article in it is told later."""
    assert decode(b"", "text/html") == ("", "utf-8")
