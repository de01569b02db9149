"""Documents: what is written for each record."""

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from connectors.elasticsearch import documents
from connectors.elasticsearch.documents import (
    Action,
    alert_action,
    article_actions,
    dead_action,
    folded,
    safe_id,
    stamp,
)
from connectors.elasticsearch.register import body_of
from streams.errors import Invalid
from streams.records import EnrichedArticle, Extraction
from tests import make, make_index

TEXT = (
    "Hội nghị diễn ra sáng nay. Bà Lê Thị Mơ, Bí thư Huyện ủy, nhắc lại Chỉ thị 05-CT/TW. "
    "Ông Trần Văn Tạm nói về hoà giải ở cơ sở."
)
MAPPINGS = Path(documents.__file__).parent / "mappings"


def mapped(kind: str) -> set[str]:
    """The fields that a mapping declares."""
    found = json.loads((MAPPINGS / f"{kind}.json").read_text(encoding="utf-8"))
    assert found["mappings"]["dynamic"] == "strict"
    return set(found["mappings"]["properties"])


def article() -> EnrichedArticle:
    """An article with one document, named together with one of its two people."""
    people = (
        make.person(TEXT, "Lê Thị Mơ", titles=("Bí thư Huyện ủy",)),
        make.person(TEXT, "Trần Văn Tạm"),
    )
    mention = make.document(TEXT, "Chỉ thị 05-CT/TW", "05-CT/TW", number="05", type="Chỉ thị")
    return make.enriched(TEXT, Extraction(documents=(mention,), people=people))


def body(action: Action) -> dict[str, object]:
    """An action's body, which must be there."""
    assert action.body is not None
    return action.body


def test_every_field_is_declared_and_every_declared_field_is_written() -> None:
    """The mappings are strict: a field on one side only is a rejected article or a dead column."""
    actions = article_actions("p", article())
    assert set(body(actions.article)) == mapped("articles")
    assert set(body(actions.mentions[0])) == mapped("mentions")
    assert set(body(alert_action("p", make_index.alert()))) == mapped("alerts")
    assert set(body(article_actions("p", article()).captured)) == mapped("captures")
    assert set(body(dead_action("p", make_index.dead_letter(), "d/0/1"))) == mapped("dead")
    assert set(body_of(make_index.first_mention())) == mapped("documents")


def test_months_are_those_of_the_first_sight_in_utc() -> None:
    """A rewrite goes to the same index, whatever the zone and the day it is fetched."""
    night = datetime(2026, 12, 1, 3, 0, tzinfo=timezone(timedelta(hours=7)))
    changed = make.enriched(TEXT, first_seen=night, fetched_at=datetime(2027, 2, 1, tzinfo=UTC))
    actions = article_actions("p", changed)
    assert actions.article.index == "p-articles-v1-2026.11"
    assert actions.mentions_index == "p-mentions-v1-2026.11"


def test_a_mention_carries_its_sentence_and_the_people_in_it() -> None:
    """Offsets count in the sentence's own article; people of other sentences stay out."""
    mention = body(article_actions("p", article()).mentions[0])
    assert str(mention["sentence"]).startswith("Bà Lê Thị Mơ")
    assert mention["people"] == ["Lê Thị Mơ"]
    assert mention["titles"] == ["Bí thư Huyện ủy"]


def test_a_mention_in_the_title_has_the_title_as_its_sentence() -> None:
    """People's spans count in the text, so none of them lies in the title."""
    mention = make.document("Chỉ thị 05-CT/TW", "Chỉ thị 05-CT/TW", "05-CT/TW", field="title")
    people = (make.person(TEXT, "Lê Thị Mơ"),)
    titled = make.enriched(
        TEXT, Extraction(documents=(mention,), people=people), title="Chỉ thị 05-CT/TW là gì"
    )
    written = body(article_actions("p", titled).mentions[0])
    assert (written["sentence"], written["people"]) == ("Chỉ thị 05-CT/TW là gì", [])


def test_an_article_carries_keys_names_and_dates_once_each() -> None:
    """They are what dashboards count articles by."""
    written = body(article_actions("p", article()).article)
    assert written["documents"] == ["05-CT/TW"]
    assert written["people"] == ["Lê Thị Mơ", "Trần Văn Tạm"]


def test_folding_unites_tone_placements_and_keeps_offsets() -> None:
    """`hoà` and `hòa` are found by each other and by `hoa`, at the same place."""
    assert folded("Hoà giải") == folded("Hòa giải") == "hoa giai"
    written = body(article_actions("p", article()).article)
    assert str(written["text_folded"]).index("hoa giai") == TEXT.index("hoà giải")


def test_terms_are_words_of_several_syllables() -> None:
    """Single syllables and punctuation say nothing in a word cloud."""
    words = "Hội_nghị hội_nghị của _ Hoà_giải ."
    written = body(article_actions("p", make.enriched(TEXT, words=words)).article)
    assert written["terms"] == ["hội_nghị", "hòa_giải"]


def test_ids_follow_from_what_is_written() -> None:
    """Writing twice changes nothing."""
    assert article_actions("p", article()) == article_actions("p", article())
    letter = make_index.dead_letter()
    again = make_index.dead_letter(detail="worker 7 died", at=make.MOMENT + timedelta(hours=1))
    other = make_index.dead_letter(source="articles.raw/0/2")
    assert dead_action("p", letter, "d/0/1").id == dead_action("p", again, "d/0/9").id
    assert dead_action("p", letter, "d/0/1").id != dead_action("p", other, "d/0/1").id


@pytest.mark.parametrize("key", ["05-CT/TW", "Luật Đất đai 2024", "24/2024/NĐ-CP"])
def test_a_key_is_its_own_id(key: str) -> None:
    """A person can read the register's ids."""
    assert safe_id(key) == key


@pytest.mark.parametrize("key", ["", ".", "..", "ố" * 400])
def test_a_key_that_cannot_be_an_id_gets_one(key: str) -> None:
    """512 bytes at most, never a path's dots, and still one for each key."""
    assert 0 < len(safe_id(key).encode()) <= 512
    assert safe_id(key) not in (".", "..")
    assert safe_id(key) != safe_id(key + "x")


def test_odd_letters_become_documents_all_the_same() -> None:
    """A dead letter must never be refused itself."""
    letter = make_index.dead_letter(
        id="\ufffd", attempts=10**12, at=datetime(1900, 1, 1, tzinfo=UTC), content=b"\xff" * 10_000
    )
    written = body(dead_action("p", letter, "d/0/1"))
    assert written["attempts"] == 2**31 - 1
    assert written["size"] == 10_000
    assert len(str(written["excerpt"])) == 2_000


def test_a_zone_that_elasticsearch_cannot_read_becomes_utc() -> None:
    """Local mean time has seconds in its offset."""
    odd = timezone(timedelta(hours=7, minutes=6, seconds=30))
    assert stamp(datetime(1906, 1, 1, 7, 6, 30, tzinfo=odd)) == "1906-01-01T00:00:00+00:00"
    assert stamp(datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=7)))) == (
        "2026-01-01T00:00:00+07:00"
    )


def test_times_that_cannot_be_are_refused() -> None:
    """A record whose month can't be told is a dead letter, not a crash."""
    edge = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=7)))
    with pytest.raises(Invalid):
        article_actions("p", make.enriched(TEXT, first_seen=edge))


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [
        (-1, 5, "text"),
        (5, 4, "text"),
        (0, 10_000, "text"),
        (10**30, 10**30, "text"),
        (0, 8, "title"),
    ],
)
def test_spans_outside_the_text_are_refused(start: int, end: int, field: str) -> None:
    """They would show another sentence than the one that names the document."""
    mention = make.document(TEXT, "Chỉ thị 05-CT/TW", "05-CT/TW", start=start, end=end, field=field)
    odd = make.enriched(TEXT, Extraction(documents=(mention,)), title="Bài một")
    with pytest.raises(Invalid):
        article_actions("p", odd)


def test_a_capture_counts_what_it_mentions() -> None:
    """Mentions of a document are compared by how often, too; its id is the wording's."""
    captured = article_actions("p", article()).captured
    assert captured.index == "p-captures-v1-2026.11"
    assert captured.id == article().capture
    assert body(captured)["documents"] == [m.key for m in article().facts.documents]
