"""The codec: records survive the wire, everything else is refused with a reason."""

import json
from datetime import UTC, datetime

import pytest

from streams import codec
from streams.errors import Invalid, Reason
from streams.records import DeadLetter, EnrichedArticle, Extraction, RawArticle
from tests import make


def test_records_survive_the_wire() -> None:
    """What is encoded and decoded is equal, mentions and Vietnamese letters included."""
    text = "Ông Đỗ Văn Ký nhắc Chỉ thị 05-CT/TW."
    facts = Extraction(
        documents=(make.document(text, "Chỉ thị 05-CT/TW", "05-CT/TW"),),
        people=(make.person(text, "Đỗ Văn Ký", titles=("Bí thư",)),),
    )
    article = make.enriched(text, facts)
    assert codec.decode(EnrichedArticle, codec.encode(article)) == article
    raw = make.raw("<p>Đảng ủy</p>")
    assert codec.decode(RawArticle, codec.encode(raw)) == raw


@pytest.mark.parametrize(
    "value",
    [
        None,
        b"",
        b"{",
        b"\xff\xfe\x00",
        b"[]",
        b"{}",
        b'"text"',
        b'{"id": 3}',
        b'{"x":' + b"[" * 9999,
    ],
)
def test_what_is_no_record_is_refused(value: bytes | None) -> None:
    """Tombstones, bytes that are not UTF-8, other JSON: `bad-record`, never another exception."""
    with pytest.raises(Invalid) as caught:
        codec.decode(RawArticle, value)
    assert caught.value.reason is Reason.BAD_RECORD


def test_a_newer_producer_may_add_fields() -> None:
    """Unknown fields are ignored."""
    value = json.loads(codec.encode(make.raw())) | {"mood": "sunny"}
    assert codec.decode(RawArticle, json.dumps(value).encode()) == make.raw()


def test_an_unknown_schema_is_refused() -> None:
    """A record whose meaning changed is not read as if it had not."""
    value = json.loads(codec.encode(make.raw())) | {"schema": 2}
    with pytest.raises(Invalid, match="schema 2, this program knows 1"):
        codec.decode(RawArticle, json.dumps(value).encode())


def test_dead_letters_keep_the_bytes() -> None:
    """Headers and value carry all of a dead letter; the bytes are as they came."""
    letter = DeadLetter(
        id="abc",
        stage="enrich",
        reason="deadline",
        detail="không kịp",
        outlet="bao",
        url=make.URL,
        source="articles.raw/1/7",
        attempts=2,
        at=make.MOMENT,
        content=b"\xff\x00",
    )
    assert codec.decode_dead(b"abc", b"\xff\x00", codec.dead_headers(letter)) == letter


def test_a_dead_letter_of_anybody_can_be_read() -> None:
    """Missing and broken headers never stop the reading of dead letters."""
    letter = codec.decode_dead(None, None, {"attempts": b"many", "at": b"\xff", "stage": b"\xff"})
    assert (letter.id, letter.attempts, letter.content) == ("", 1, b"")
    assert letter.at == datetime.fromtimestamp(0, UTC)


@pytest.mark.parametrize("attempts", ["", "²", "-1", "9" * 5000, "1e3", "1_0"])
def test_odd_headers_become_odd_fields(attempts: str) -> None:
    """A number that is none counts as one try."""
    assert codec.decode_dead(b"k", b"", {"attempts": attempts.encode()}).attempts == 1
