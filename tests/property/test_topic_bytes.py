"""Whatever lies in a topic, each stage's reader gives it a fate: a record, or a reason."""

import json
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from connectors.elasticsearch.bulk import lines
from connectors.elasticsearch.sink import letter_of, read
from connectors.elasticsearch.verdict import judge
from connectors.kafka.intake import Message
from connectors.ledger.tails import article_traces, letter_traces
from connectors.notify.message import message_of
from streams import codec, topics
from streams.agents.watch import read_article
from streams.alerts import alert_of
from streams.enrichment import work
from streams.errors import Invalid, Reason
from streams.ledger import Source
from streams.outcome import fitting
from streams.records import Alert, EnrichedArticle, Extraction, FeedEntry, RawArticle
from streams.text import printable
from streams.topics import MAX_MESSAGE_BYTES
from tests import make, make_index
from tests.outside import ODD, fuzzed, odd_json, spoilt

_TEXT = "Ông Đỗ Văn Ký nhắc Chỉ thị 05-CT/TW ngày 15/5/2016."
_HTML = f"<html><title>Bài</title><h1>Bài một</h1><p>{_TEXT * 20}</p></html>"
_RAW = [
    codec.encode(make.raw(_HTML)),
    codec.encode(make.raw(_HTML, feed=FeedEntry(title="Bài", published=make.MOMENT, summary="x"))),
]
_ENRICHED = [
    codec.encode(make_index.article(keys=("05-CT/TW", "57-NQ/TW"))),
    codec.encode(
        make.enriched(
            _TEXT,
            Extraction(
                documents=(make.document(_TEXT, "Chỉ thị 05-CT/TW", "05-CT/TW"),),
                people=(make.person(_TEXT, "Đỗ Văn Ký", titles=("Ông",)),),
            ),
        )
    ),
]
_ALERTS = [codec.encode(make_index.alert()), codec.encode(make_index.alert(people=("Đỗ Văn Ký",)))]
_KINDS = {RawArticle: _RAW, EnrichedArticle: _ENRICHED, Alert: _ALERTS}


def _bytes(samples: list[bytes]) -> st.SearchStrategy[bytes]:
    return st.one_of(spoilt(samples), odd_json(samples))


_HEADERS = st.dictionaries(
    st.sampled_from(["stage", "reason", "detail", "outlet", "url", "source", "attempts", "at", "x"]),
    st.one_of(
        st.binary(max_size=20),
        st.sampled_from([
            b"index", b"crawl", b"enrich", b"watch", b"articles.enriched/0/1", b"2", "²".encode(),
            b"9" * 5000, b"-1", b"2026-11-24T03:00:00", b"0001-01-01T00:00:00+14:00", b"\xff",
            b"9999-12-31T23:59:59-14:00", b"https://a.vn/x", b"gone", b"no-such-reason",
        ]),
    ),
)  # fmt: skip
_KEY = st.one_of(st.none(), st.binary(max_size=40))


def _decoded(kind: type[Any], value: bytes) -> Any:
    try:
        return codec.decode(kind, value)
    except Invalid as error:
        return error


@fuzzed(300)
@given(st.sampled_from(list(_KINDS)).flatmap(lambda k: st.tuples(st.just(k), _bytes(_KINDS[k]))))
def test_any_bytes_as_a_record(case: tuple[type[Any], bytes]) -> None:
    """A record, which then survives the wire, or `bad-record`; and nothing else."""
    kind, value = case
    read = _decoded(kind, value)
    if isinstance(read, Invalid):
        assert read.reason is Reason.BAD_RECORD
        assert read.detail
    else:
        assert codec.decode(kind, codec.encode(read)) == read


@fuzzed(60)
@given(_bytes(_RAW))
def test_any_bytes_as_a_page_to_enrich(value: bytes) -> None:
    """The lane's job gives an article that the next stage can read, or a reason of the closed list."""
    outcome = work(value, words=False)
    if outcome.reason is None:
        assert outcome.value is not None
        codec.decode(EnrichedArticle, outcome.value)
        assert len(outcome.value) <= MAX_MESSAGE_BYTES
    else:
        assert outcome.reason in Reason
        assert outcome.reason is not Reason.EXTRACTOR_ERROR, outcome.detail
        assert len(outcome.detail) <= 2000


@fuzzed(200)
@given(_bytes(_ENRICHED))
def test_any_bytes_as_an_article_to_watch(value: bytes) -> None:
    """First mentions of whatever is an article make alerts that can be told."""
    outcome, firsts = read_article(value, None)
    assert outcome.reason in (None, Reason.BAD_RECORD), outcome.detail
    for first in firsts:
        alert = alert_of(first, now=make.MOMENT)
        assert codec.decode(Alert, codec.encode(alert)) == alert


@fuzzed(300)
@given(
    st.one_of(
        st.tuples(st.just(topics.ENRICHED.name), _bytes(_ENRICHED)),
        st.tuples(st.just(topics.ALERTS.name), _bytes(_ALERTS)),
        st.tuples(st.just(topics.DEAD.name), st.binary(max_size=50)),
    ),
    _KEY,
    _HEADERS,
)
def test_any_message_to_index(
    place: tuple[str, bytes], key: bytes | None, headers: dict[str, bytes]
) -> None:
    """Documents that Elasticsearch may be given, or a letter that the broker takes; foreseen both:
    the stage's guard for what nobody thought of is not needed."""
    topic, value = place
    message = Message(topic=topic, partition=0, offset=1, key=key, value=value, headers=headers)
    job = read("test", message)
    assert job.outcome != Reason.CRASH, job.refused
    if job.refused:
        letter = letter_of(job, datetime.now(UTC))
        assert letter
        codec.dead_headers(fitting(letter))
        return
    actions = [job.action, *(job.article.mentions if job.article else ())]
    for action in actions:
        assert action
        head, body = lines(action).splitlines()
        assert (
            len(json.loads(head)["index" if "index" in json.loads(head) else "create"]["_id"])
            <= 512
        )
        json.loads(body)


@fuzzed(300)
@given(_KEY, st.one_of(st.none(), st.binary(max_size=50)), _HEADERS)
def test_any_headers_of_a_dead_letter(
    key: bytes | None, value: bytes | None, headers: dict[str, bytes]
) -> None:
    """A letter that can be written again, and then is the same."""
    letter = codec.decode_dead(key, value, headers)
    assert letter.at.tzinfo
    again = codec.decode_dead(letter.id.encode(), letter.content, codec.dead_headers(letter))
    assert again == letter


@fuzzed(200)
@given(st.one_of(_bytes(_RAW), _bytes(_ENRICHED)), _KEY, _HEADERS)
def test_any_message_to_the_ledger(
    value: bytes, key: bytes | None, headers: dict[str, bytes]
) -> None:
    """The ledger reads on: a message is a trace, if only by its key."""
    message = Message(topic="t", partition=0, offset=1, key=key, value=value, headers=headers)
    (trace,) = article_traces([message], Source.RAW)
    assert trace.id == (key or b"").decode(errors="replace")
    assert len(list(letter_traces([message]))) <= 1


@fuzzed(200)
@given(_bytes(_ALERTS))
def test_any_alert_is_told_in_plain_lines(value: bytes) -> None:
    """A title of one line and a text, without a character that commands; whatever newspapers write."""
    try:
        alert = codec.decode(Alert, value)
    except Invalid:
        return
    message = message_of(alert)
    assert len(message.title.splitlines()) == 1
    assert printable(message.title) == message.title
    assert printable(message.text) == message.text


@fuzzed(300)
@given(st.one_of(ODD, st.recursive(ODD, lambda x: st.dictionaries(
    st.sampled_from(["index", "create", "status", "error", "type", "reason", "caused_by", "result"]),
    x, max_size=4), max_leaves=12)))  # fmt: skip
def test_any_answer_to_a_bulk_request(item: Any) -> None:
    """Whatever answers in Elasticsearch's place, each item has a verdict of the four."""
    verdict = judge(item)
    assert verdict.outcome in ("written", "stale", "again", "dead")
    assert len(verdict.detail) < 5000
    assert verdict.after >= 0
