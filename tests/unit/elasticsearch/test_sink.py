"""The index stage's pure steps: messages to jobs, refused jobs to dead letters."""

import pytest

from connectors.elasticsearch.sink import letter_of, read
from connectors.elasticsearch.verdict import Verdict
from connectors.kafka.intake import Message
from streams import codec
from streams.records import EnrichedArticle
from tests import make, make_index


def message(value: bytes | None, topic: str = "articles.enriched", **fields: object) -> Message:
    """A message of a topic."""
    values = {"partition": 2, "offset": 17, "key": b"k", "headers": {}} | fields
    return Message(topic=topic, value=value, **values)  # type: ignore[arg-type]  # test's words


@pytest.mark.parametrize("value", [None, b"", b"\xff\x00", b"[]", b'{"id": 1}'])
@pytest.mark.parametrize("topic", ["articles.enriched", "alerts"])
def test_bytes_that_are_no_record_become_a_dead_letter(topic: str, value: bytes | None) -> None:
    """With the original bytes, where they came from and why."""
    letter = letter_of(read("p", message(value, topic)), make.MOMENT)
    assert letter is not None
    assert (letter.stage, letter.reason) == ("index", "bad-record")
    assert letter.content == (value or b"")
    assert letter.source == f"{topic}/2/17"
    assert letter.detail


def test_a_refused_document_becomes_a_dead_letter() -> None:
    """It names the outlet and the address, so that a person can look."""
    article = make_index.article("a")
    job = read("p", message(codec.encode(article)))
    job.settle(Verdict(outcome="dead", detail="400 not a date"), "document")
    letter = letter_of(job, make.MOMENT)
    assert letter is not None
    assert (letter.reason, letter.outlet, letter.url) == ("rejected-by-index", "bao", article.url)
    assert "not a date" in letter.detail
    assert codec.decode(EnrichedArticle, letter.content) == article


def test_a_dead_letter_about_a_dead_letter_is_never_sent() -> None:
    """It would go round for ever."""
    job = read("p", message(b"\xff", "articles.dead", headers={"stage": b"enrich"}))
    job.settle(Verdict(outcome="dead", detail="400"), "document")
    assert letter_of(job, make.MOMENT) is None


def test_what_is_fine_has_no_dead_letter() -> None:
    """Written and outdated alike."""
    job = read("p", message(codec.encode(make_index.article("a"))))
    job.settle(Verdict(outcome="written"), "document")
    job.settle(Verdict(outcome="stale"), "mention")
    assert letter_of(job, make.MOMENT) is None
