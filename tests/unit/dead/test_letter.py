"""Dead letters: where they go again, and when they are history."""

from datetime import timedelta
from typing import Any

import pytest

from connectors.dead.letter import DROPPED, RETRIED, STORE, Letter, read_letter, resolved
from connectors.dead.office import Wanted
from connectors.elasticsearch.documents import dead_action
from tests import make_index

PLACE = "articles.dead/0/17"


def letter(**changes: Any) -> Letter:
    """A letter as its index gives it."""
    state = {name: changes.pop(name) for name in ("state", "state_at") if name in changes}
    action = dead_action("p", make_index.dead_letter(**changes), PLACE)
    assert action.body is not None
    found = action.body | state | {"_id": action.id, "_seq_no": 3, "_primary_term": 1}
    return read_letter(found)


def test_a_letter_is_read_as_it_was_written() -> None:
    """Every field, and that nobody has done anything about it yet."""
    found, written = letter(), make_index.dead_letter()
    assert (found.id, found.stage, found.reason) == (written.id, written.stage, written.reason)
    assert (found.detail, found.url, found.source) == (
        written.detail,
        written.url,
        written.source,
    )
    assert (found.at, found.place, found.size) == (written.at, PLACE, len(written.content))
    assert (found.state, found.state_at, found.state_by) == ("open", None, "")
    assert found.writing == (3, 1)


@pytest.mark.parametrize(
    ("stage", "source", "target"),
    [
        ("crawl", "crawler", STORE),
        ("enrich", "articles.raw/0/1", "articles.raw"),
        ("watch", "articles.enriched/0/1", "articles.enriched"),
        ("index", "articles.enriched/0/1", "articles.enriched"),
        ("notify", "alerts/0/1", "alerts"),
        ("index", "articles.dead/0/1", None),
        ("enrich", "", None),
    ],
)
def test_a_letter_goes_back_to_where_it_came_from(
    stage: str, source: str, target: str | None
) -> None:
    """To the crawler, or to the topic of its source; never round in the dead letters."""
    assert letter(stage=stage, source=source).target == target


def test_a_letter_that_was_cut_says_so() -> None:
    """Its beginning must not go through as if it were the whole."""
    assert letter(stage="index", detail="x (cut to 10 of 20 bytes)").cut
    assert not letter(stage="index", detail="x").cut
    assert not letter(stage="crawl", detail="x (cut to 10 of 20 bytes)").cut  # it is fetched anew


def test_a_retried_letter_is_history_when_something_came_of_it() -> None:
    """Its article has arrived, or has a newer letter of that stage; before, it is under way."""
    old = letter(state=RETRIED, state_at="2026-11-24T04:00:00+00:00")
    newer = letter(at=old.at + timedelta(seconds=1), content=b"other")
    other_stage = letter(at=old.at + timedelta(seconds=1), stage="watch")
    assert not resolved(old, arrived=False, others=[old, other_stage])
    assert resolved(old, arrived=True, others=[old])
    assert resolved(old, arrived=False, others=[old, newer])
    assert not resolved(newer, arrived=True, others=[old])  # nobody has retried it


def test_what_is_listed() -> None:
    """What failed and waits for somebody; the rest when it is asked for."""
    usual, by_reason, everything = Wanted(), Wanted(reason="list-page"), Wanted(everything=True)
    skipped = letter(reason="list-page")
    dropped = letter(state=DROPPED)
    assert usual.takes(letter())
    assert usual.takes(letter(state=RETRIED))
    assert not usual.takes(skipped)
    assert by_reason.takes(skipped)
    assert not usual.takes(dropped)
    assert everything.takes(dropped)
    assert everything.takes(skipped)


def test_a_reason_of_a_newer_program_is_listed() -> None:
    """What this program does not know is a fault until somebody says otherwise."""
    assert Wanted().takes(letter(reason="of tomorrow"))
