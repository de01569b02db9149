"""What the comparison itself decides: which entities are added, and what a label covers."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.benchmark.articles import GOLD
from tests.benchmark.compare import joined, label_over
from tests.benchmark.entities import Entity
from tests.benchmark.scoring import score, scorer


def person(text: str, name: str) -> Entity:
    start = text.index(name)
    return Entity(start=start, end=start + len(name), label="PER")


def found(**fields: Any) -> dict[str, Any]:
    nothing: dict[str, Any] = {
        "dateline": None,
        "byline": None,
        "source_credit": None,
        "photo_credits": [],
    }
    return {"people": [], "documents": [], **nothing, **fields}


def test_only_new_names_of_several_syllables_are_added() -> None:
    """What was found, a credit, a single syllable or a small letter adds nobody."""
    text = "Minh An gặp Lê Lan, Huệ và cô giáo Hoa. Thu Hà"
    known = {"start": text.index("Lê Lan"), "end": text.index("Lê Lan") + 6, "titles": ["x"]}
    persons = [person(text, name) for name in ("Minh An", "Lan", "Huệ", "giáo Hoa", "Thu Hà")]
    people = joined(text, found(people=[known], byline="Thu Hà"), persons)
    assert [text[each["start"] : each["end"]] for each in people] == ["Minh An", "Lê Lan"]
    assert people[1] == known


@pytest.mark.parametrize(
    ("seen", "label"),
    [
        ([], "nothing"),
        ([Entity(start=0, end=30, label="LOC")], "LOC (whole)"),
        ([Entity(start=0, end=12, label="PER"), Entity(start=12, end=20, label="LOC")], "LOC"),
    ],
)
def test_the_label_that_covers_most_counts(seen: list[Entity], label: str) -> None:
    """A mention is called by what most of it is taken for."""
    assert label_over(seen, 10, 20) == label


@pytest.mark.shared
@pytest.mark.skipif(not scorer(GOLD).exists(), reason="the gold set's scorer is not there")
def test_the_gold_sets_own_scorer_judges(tmp_path: Path) -> None:
    """Right findings score 1, none score 0, by the program that belongs to the gold set."""
    text = "Ông Nguyễn Văn Nam nói ngày 1/2/2020."
    gold = tmp_path / "gold.jsonl"
    people, dates = (
        [{"surface": "Nguyễn Văn Nam"}],
        [{"surface": "ngày 1/2/2020", "iso": "2020-02-01"}],
    )
    row = {"id": "a", "text": text, "documents": [], "people": people, "dates": dates}
    gold.write_text(json.dumps(row), encoding="utf-8")
    scorer(gold).write_bytes(scorer(GOLD).read_bytes())
    right = {
        "id": "a",
        "people": [{"start": 4, "end": 18}],
        "dates": [{"start": 23, "end": 36, "iso": "2020-02-01"}],
    }
    scores = score(gold, [right])
    assert (scores["people"]["f1"], scores["dates"]["f1"]) == (1.0, 1.0)
    assert score(gold, [])["people"]["f1"] == 0.0
