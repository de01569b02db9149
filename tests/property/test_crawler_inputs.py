"""Whatever comes from outside, the crawler's readers give a fate and never an accident."""

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.crawler.charset import decode
from connectors.crawler.discover import read_feed
from connectors.crawler.page import Answer, find_trouble
from connectors.crawler.schedule import FeedPlan, after_answer, after_failure, page_delay, wish
from streams.errors import Invalid, Reason
from streams.identity import article_id, canonical_url
from tests.make import MOMENT

_URL = "https://bao.example/rss"
_BYTES = st.one_of(
    st.binary(max_size=400),
    st.text(max_size=200).map(str.encode),
    st.lists(
        st.sampled_from(
            [
                b"<rss version='2.0'>", b"<channel>", b"<item>", b"<title>", b"<link>", b"</link>",
                b"</item>", b"</channel>", b"</rss>", b"<feed xmlns='http://www.w3.org/2005/Atom'>",
                b"<entry>", b"</entry>", b"<![CDATA[", b"]]>", b"/bai.html", b"&lt;", b"&x;",
                b"http://[::1", b"https://bao.example/", b"\xff", b"<pubDate>9/9/99", b"<ttl>9",
                b"<meta charset='utf-16'>", b"\x00", "Chỉ thị".encode(), b"\xe1\xbb",
            ]
        ),
        max_size=40,
    ).map(b"".join),
)  # fmt: skip
_HEADER = st.text(max_size=60)


@settings(max_examples=300, deadline=None)
@given(_BYTES, _HEADER)
def test_any_bytes_as_a_feed(content: bytes, content_type: str) -> None:
    """Any bytes are a feed with entries that can be fetched, or an outcome that says why not."""
    feed = read_feed(content, _URL, content_type=content_type)
    assert feed.entries or feed.detail
    assert len({entry.id for entry in feed.entries}) == len(feed.entries)
    for entry in feed.entries:
        assert entry.url.startswith(("http://", "https://"))
        assert entry.id == article_id(canonical_url(entry.url))


@settings(max_examples=300, deadline=None)
@given(_BYTES, _HEADER)
def test_any_bytes_as_a_page(body: bytes, content_type: str) -> None:
    """Any bytes are text that can be sent on, or are refused with the one reason."""
    read = _read(body, content_type)
    if isinstance(read, str):
        read.encode("utf-8")
    else:
        assert read is Reason.BAD_ENCODING


def _read(body: bytes, content_type: str) -> str | Reason:
    try:
        return decode(body, content_type)[0]
    except Invalid as error:
        return error.reason


@settings(max_examples=200, deadline=None)
@given(st.integers(100, 599), _BYTES, st.dictionaries(_HEADER, _HEADER, max_size=3), _HEADER)
def test_any_answer(status: int, body: bytes, headers: dict[str, str], kind: str) -> None:
    """Any answer is a page, or trouble with a reason."""
    answer = Answer(url=_URL, status=status, headers={**headers, "content-type": kind}, body=body)
    trouble = find_trouble(answer)
    assert trouble is None or trouble.detail


@given(
    st.floats(0.1, 86_400), st.booleans(), st.lists(st.tuples(st.booleans(), st.floats(0, 1)), max_size=20),
    st.one_of(st.none(), st.floats(0, 1e9)),
)  # fmt: skip
def test_any_history_of_answers(
    poll: float, fixed: bool, answers: list[tuple[bool, float]], wished: float | None
) -> None:
    """After whatever answers a feed is asked again: not before its time, and within a bound."""
    plan = FeedPlan(poll=poll, fixed=fixed)
    now = 0.0
    for good, chance in answers:
        if good:
            plan = after_answer(plan, now=now, chance=chance, ttl=wished)
        else:
            plan = after_failure(plan, now=now, chance=chance, retry_after=wished)
        # a clock reading of some 10^4 s keeps a millionth of a second
        assert 0.89 * poll <= plan.next_at - now <= max(1.11 * poll, 3600) + 1e-6
        now = plan.next_at


@given(st.integers(1, 1000), st.text(max_size=40))
def test_any_retry_after(attempt: int, header: str) -> None:
    """Whatever a server wishes, a page's next try comes within an hour."""
    seconds = wish({"retry-after": header}, MOMENT)
    assert 2 <= page_delay(attempt, retry_after=seconds) <= 3600
