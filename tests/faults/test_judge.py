"""The judge sees each thing that can be wrong, and nothing where nothing is."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from tests.faults.judge import Code, judge
from tests.faults.world import Expected, Letter, World

POISON = Letter(stage="enrich", reason="bad-record", id="poison")
HUNG = Letter(stage="enrich", reason="deadline", id="hung")
LEDGER = {
    "balanced": True,
    "discovered": 4,
    "indexed": 2,
    "missing": 0,
    "under_way": {},
}

EXPECTED = Expected(
    articles=frozenset({"a", "b"}),
    documents=frozenset({"1-CT/TW", "2-CT/TW"}),
    letters=frozenset({POISON, HUNG}),
    contents={POISON: b"\xff"},
    tracked=frozenset({"a", "b", "poison", "hung"}),
)

GOOD = World(
    raw={
        "a": frozenset({b"A"}),
        "b": frozenset({b"B"}),
        "hung": frozenset({b"H"}),
        "poison": frozenset({b"\xff"}),
    },
    enriched={"a": frozenset({"a1"}), "b": frozenset({"b1", "b2"})},
    articles=Counter(["a", "b"]),
    mentions=Counter(["a1", "b1", "b2"]),
    documents={"1-CT/TW": True, "2-CT/TW": True},
    alerts_sent=frozenset({"first:1-CT/TW", "first:2-CT/TW"}),
    alerts=Counter([("first:1-CT/TW", "1-CT/TW"), ("first:2-CT/TW", "2-CT/TW")]),
    delivered=Counter(["1-CT/TW", "2-CT/TW"]),
    letters={POISON: frozenset({b"\xff"}), HUNG: frozenset({b"H"})},
    letters_indexed=Counter([POISON, HUNG]),
    lags={("enrich", "articles.raw", 0): 0},
    ready={"crawl": True},
    orphans=(),
    ledger=LEDGER,
    ledger_status=0,
)

_RANDOM = Counter([("first:1-CT/TW", "1-CT/TW"), ("first:8f", "2-CT/TW")])
_TWICE = GOOD.alerts + Counter([("first:2-CT/TW-again", "2-CT/TW")])
_OTHER = Letter(stage="enrich", reason="crash", id="a")

WRONG: list[tuple[Code, dict[str, Any]]] = [
    (Code.LOST_BY_CRAWL, {"raw": {k: v for k, v in GOOD.raw.items() if k != "a"}}),
    (Code.LOST_BY_ENRICH, {"enriched": {"a": frozenset({"a1"})}}),
    (Code.LOST_BY_INDEX, {"articles": Counter(["a"])}),
    (Code.UNEXPECTED, {"articles": Counter(["a", "b", "c"])}),
    (Code.DOUBLED, {"articles": Counter(["a", "a", "b"])}),
    (Code.DOUBLED, {"mentions": Counter(["a1", "a1", "b1", "b2"])}),
    (Code.MENTIONS, {"mentions": Counter(["a1", "b1"])}),
    (Code.MENTIONS, {"mentions": Counter(["a1", "b1", "b2", "b3"])}),
    (Code.ALERT_LOST, {"alerts": Counter([("first:1-CT/TW", "1-CT/TW")])}),
    (Code.ALERT_LOST, {"alerts_sent": frozenset({"first:1-CT/TW"})}),
    (Code.ALERT_DOUBLED, {"alerts": _TWICE}),
    (Code.ALERT_UNEXPECTED, {"alerts": _RANDOM}),
    (Code.ALERT_UNEXPECTED, {"alerts_sent": GOOD.alerts_sent | {"first:9-CT/TW"}}),
    (Code.ALERT_UNEXPECTED, {"documents": {**GOOD.documents, "9-CT/TW": True}}),
    (Code.UNTOLD, {"documents": {"1-CT/TW": True, "2-CT/TW": False}}),
    (Code.UNTOLD, {"documents": {"1-CT/TW": True}}),
    (Code.DELIVERY, {"delivered": Counter(["1-CT/TW"])}),
    (Code.DELIVERY, {"delivered": Counter(["1-CT/TW", "2-CT/TW", "2-CT/TW"])}),
    (Code.DELIVERY, {"delivered": Counter(["1-CT/TW", "2-CT/TW", "9-CT/TW"])}),
    (Code.LETTER_LOST, {"letters": {HUNG: frozenset({b"H"})}}),
    (Code.LETTER_LOST, {"letters_indexed": Counter([HUNG])}),
    (Code.LETTER_UNEXPECTED, {"letters": {**GOOD.letters, _OTHER: frozenset({b"A"})}}),
    (Code.LETTER_DOUBLED, {"letters_indexed": Counter([POISON, HUNG, HUNG])}),
    (Code.LETTER_BYTES, {"letters": {**GOOD.letters, POISON: frozenset({b""})}}),
    (Code.LETTER_BYTES, {"letters": {**GOOD.letters, HUNG: frozenset({b"h"})}}),
    (Code.STUCK, {"lags": {("enrich", "articles.raw", 0): 3}}),
    (Code.NOT_READY, {"ready": {"crawl": False}}),
    (Code.ORPHAN, {"orphans": ("4711 lane",)}),
    (Code.LEDGER, {"ledger_status": 1}),
    (Code.LEDGER, {"ledger": LEDGER | {"balanced": False, "missing": 1}}),
    (Code.LEDGER, {"ledger": LEDGER | {"discovered": 3}}),
    (Code.LEDGER, {"ledger": LEDGER | {"indexed": 1}}),
    (Code.LEDGER, {"ledger": LEDGER | {"under_way": {"in the outbox": 1}}}),
    (Code.LEDGER, {"ledger": {}}),
]


def test_a_kept_promise_gives_no_complaint() -> None:
    """Everything published is there once, and nothing else."""
    assert judge(EXPECTED, GOOD) == ()


@pytest.mark.parametrize(("code", "change"), WRONG, ids=lambda value: getattr(value, "name", None))
def test_what_is_wrong_is_seen(code: Code, change: dict[str, Any]) -> None:
    """Each single thing that differs is told, with what it is about."""
    complaints = judge(EXPECTED, replace(GOOD, **change))
    assert code in {complaint.code for complaint in complaints}


def test_every_kind_of_complaint_is_tried() -> None:
    """No check is in the judge that no test has seen fail."""
    assert {code for code, _ in WRONG} == set(Code)
