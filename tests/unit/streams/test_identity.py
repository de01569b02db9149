"""Identity: the same thing has the same id, other things have others."""

import pytest

from streams import identity
from tests import make


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("https://bao.example/a.html", "https://bao.example/a.html"),
        ("http://www.bao.example/a.html", "https://bao.example/a.html"),
        ("https://m.bao.example/a.html", "https://bao.example/a.html"),
        ("https://amp.bao.example/a.html", "https://bao.example/a.html"),
        ("https://bao.example/a.amp", "https://bao.example/a"),
        ("https://bao.example/a/amp", "https://bao.example/a"),
        ("https://bao.example/a.html?utm_source=zalo#binh-luan", "https://bao.example/a.html"),
        ("https://bao.example/a.html?amp=1", "https://bao.example/a.html"),
        ("https://suckhoe.bao.example/a.html", "https://suckhoe.bao.example/a.html"),
        ("http://127.0.0.1:8080/a.html", "https://127.0.0.1:8080/a.html"),
        (" https://bao.example/a.html ", "https://bao.example/a.html"),
    ],
)
def test_editions_of_an_article_have_one_address(url: str, canonical: str) -> None:
    """Tracking, fragments, mobile and AMP editions are folded; another host is another article."""
    assert identity.canonical_url(url) == canonical


@pytest.mark.parametrize("url", ["", "mailto:a@b.example", "javascript:void(0)", "/a.html"])
def test_what_is_no_address_is_refused(url: str) -> None:
    """Only http addresses with a host are articles' addresses."""
    with pytest.raises(ValueError, match="not an http address"):
        identity.canonical_url(url)


def test_a_canonical_address_stays_as_it_is() -> None:
    """Folding twice is folding once: ids survive a second canonicalisation."""
    once = identity.canonical_url("http://m.bao.example/a.html?b=2&a=1&fbclid=x")
    assert identity.canonical_url(once) == once


def test_a_capture_changes_with_what_a_reader_sees() -> None:
    """Another title or text is another capture; a shifted boundary between them is, too."""
    assert identity.capture_id("x", "a", "b") == identity.capture_id("x", "a", "b")
    assert identity.capture_id("x", "a", "b") != identity.capture_id("x", "ab", "")


def test_mentions_differ_by_place_and_key() -> None:
    """Two mentions of one document in one article are two; the same one is the same."""
    text = "Chỉ thị 05-CT/TW và Chỉ thị 05-CT/TW"
    first = make.document(text, "Chỉ thị 05-CT/TW", "05-CT/TW")
    second = make.document(text[5:], "Chỉ thị 05-CT/TW", "05-CT/TW")
    assert identity.mention_id("x", first) == identity.mention_id("x", first)
    assert identity.mention_id("x", first) != identity.mention_id("x", second)


def test_an_alert_is_named_by_what_it_says() -> None:
    """The id is readable and the same in every process."""
    assert identity.alert_id("first-mention", "05-CT/TW") == "first:05-CT/TW"
