"""Messages that are no records, on every topic, and what each of them must end as."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from kafka import KafkaProducer

from streams import codec, topics
from streams.errors import Reason
from streams.records import RawArticle
from tests import make, make_index

_LONGEST_ID = 512  # bytes, of Elasticsearch


@dataclass(frozen=True, slots=True, kw_only=True)
class Poison:
    """One bad message.

    Attributes:
        letters: stage and reason of the dead letters that must come of it.
    """

    topic: str
    key: bytes | None
    value: bytes | None
    letters: tuple[tuple[str, str], ...]


#: Bytes that are no record of any topic, by what is wrong with them.
_WRONG: dict[str, bytes | None] = {
    "not-utf-8": b"\xff\xfe{ not a record",
    "empty": b"",
    "tombstone": None,
    "other-json": b'{"id": 5, "schema": "x"}',
    "deep": b"[" * 50_000,
    "long": b'{"id": "' + b"x" * 3_000_000,
}

_READERS = {
    topics.RAW.name: ("enrich",),
    topics.ENRICHED.name: ("watch", "index"),
    topics.ALERTS.name: ("notify", "index"),
}


def everything() -> tuple[Poison, ...]:
    """One message of each kind on each topic that a stage reads records from, and on `articles.dead`."""
    return (
        *_wrong_bytes(),
        *_newer_schemas(),
        _without_key(),
        _refused(),
        _beyond(),
        *_no_letters(),
    )


def _bad(topic: str, name: str, value: bytes | None) -> Poison:
    letters = tuple((stage, str(Reason.BAD_RECORD)) for stage in _READERS[topic])
    return Poison(topic=topic, key=f"poison-{topic}-{name}".encode(), value=value, letters=letters)


def _wrong_bytes() -> Iterator[Poison]:
    for topic in _READERS:
        for name, value in _WRONG.items():
            yield _bad(topic, name, value)


def _newer_schemas() -> Iterator[Poison]:
    raw: RawArticle = make.raw("<p>x</p>", schema=99)
    yield _bad(topics.RAW.name, "schema", codec.encode(raw))
    yield _bad(topics.ENRICHED.name, "schema", codec.encode(make.enriched("x", schema=99)))
    alert = json.loads(codec.encode(make_index.alert("1-CT/TW"))) | {"schema": 99}
    yield _bad(topics.ALERTS.name, "schema", json.dumps(alert).encode())


def _without_key() -> Poison:
    letters = (("enrich", str(Reason.BAD_RECORD)),)
    return Poison(topic=topics.RAW.name, key=None, value=b"\x00 no key", letters=letters)


def _refused() -> Poison:
    """A record as it should be, which Elasticsearch can't take: its id is too long."""
    id = "x" * (2 * _LONGEST_ID)
    value = codec.encode(make.enriched("Không có văn bản nào.", id=id))
    return Poison(
        topic=topics.ENRICHED.name,
        key=b"poison-long-id",
        value=value,
        letters=(("index", str(Reason.REJECTED_BY_INDEX)),),
    )


def _beyond() -> Poison:
    """It decodes, and its mention lies beyond its text."""
    return Poison(
        topic=topics.ENRICHED.name,
        key=b"poison-beyond",
        value=codec.encode(make_index.article_with_a_mention_beyond_its_text("1-CT/TW")),
        letters=tuple((stage, str(Reason.BAD_RECORD)) for stage in _READERS[topics.ENRICHED.name]),
    )


def _no_letters() -> Iterator[Poison]:
    """What is no dead letter is shown as one all the same; a letter about it would go round."""
    for name in ("not-utf-8", "tombstone"):
        key = f"poison-{topics.DEAD.name}-{name}".encode()
        yield Poison(topic=topics.DEAD.name, key=key, value=_WRONG[name], letters=(("", ""),))


def send(bootstrap: str, poison: tuple[Poison, ...]) -> None:
    """Publishes it; returns when the broker has it, each message once."""
    producer = KafkaProducer(
        bootstrap_servers=bootstrap,
        acks="all",
        enable_idempotence=True,
        max_request_size=topics.MAX_MESSAGE_BYTES,
    )
    try:
        sent = [producer.send(p.topic, key=p.key, value=p.value) for p in poison]
        for future in sent:
            future.get(120)
    finally:
        producer.close()
