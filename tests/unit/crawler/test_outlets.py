"""The outlets that are shipped."""

from urllib.parse import urlsplit

from streams.configuration import load


def test_shipped_outlets() -> None:
    """The shipped file is valid: every outlet has its feeds over https, and no feed is listed twice."""
    outlets = load(environment={}).outlets
    feeds = [feed for outlet in outlets.values() for feed in outlet.feeds]
    assert len(outlets) >= 25
    assert len(feeds) == len(set(feeds))
    assert {urlsplit(feed).scheme for feed in feeds} == {"https"}
    assert not any(outlet.loopback for outlet in outlets.values())
