"""The gate: no figure on the hand-read articles falls unseen, and nothing of them is kept here."""

import json
import re

import pytest

from tests.corpus import gate

needs_gold = pytest.mark.skipif(
    not gate.GOLD.exists(), reason="the hand-read articles (../shared/gold) are not here"
)


@pytest.fixture(scope="module")
def result() -> gate.Result:
    return gate.run()


@pytest.mark.shared
@needs_gold
def test_no_figure_fell_by_more_than_its_noise(result: gate.Result) -> None:
    """A change that loses mentions in article after article is refused."""
    before = gate.accepted()
    lost = [item.shown for item in gate.differences(result, before)["lost"]]
    assert gate.falls(before["counts"], result.counts) == [], lost


@pytest.mark.shared
@needs_gold
@pytest.mark.parametrize(
    ("kind", "goal"),
    [
        ("documents:numbered", 0.97),
        ("article keys", 0.97),
        ("documents:law", 0.95),
        ("documents:anaphor", 0.85),
    ],
)
def test_the_goals_for_documents_hold(result: gate.Result, kind: str, goal: float) -> None:
    """What the project promises of documents is true of the hand-read articles."""
    assert gate.f1(*gate.totals(kinds[kind] for kinds in result.counts.values())) >= goal


def test_the_accepted_result_holds_no_press_text() -> None:
    """Counts, names of kinds and hashes: no sentence, surface, key or article id."""
    stored = json.loads(gate.ACCEPTED.read_text(encoding="utf-8"))
    assert set(stored) == {"counts", "right", "wrong"}
    for name in (*stored["counts"], *stored["right"], *stored["wrong"]):
        assert re.fullmatch("[0-9a-f]{16}", name)
    for kinds in stored["counts"].values():
        assert all(re.fullmatch("[a-z_: ]+", kind) for kind in kinds)
        assert all(type(count) is int for counts in kinds.values() for count in counts)


def test_a_loss_in_many_articles_is_a_fall() -> None:
    """One lost mention may be noise; a tenth of all is none."""
    before = {str(n): {"laws": (2, 0, 0)} for n in range(60)}
    one_lost = {**before, "7": {"laws": (1, 0, 1)}}
    many_lost = {name: {"laws": (1, 0, 1) if int(name) < 6 else (2, 0, 0)} for name in before}
    assert gate.falls(before, before) == []
    assert gate.falls(before, one_lost) == []
    assert gate.falls(before, many_lost) == ["laws"]
    assert gate.falls(many_lost, before) == []


def test_the_interval_holds_the_figure_and_narrows_with_more_articles() -> None:
    """More articles, less noise."""
    few = [(3, 1, 0), (1, 0, 1), (2, 0, 0)] * 5
    many = few * 10
    low, high = gate.interval(few)
    assert low <= gate.f1(*gate.totals(few)) <= high
    assert gate.interval(many)[1] - gate.interval(many)[0] < high - low


def test_gains_and_losses_are_told_in_words() -> None:
    """What was right and is missed is lost; what is right and was not is gained."""
    kept, lost, new = (
        gate.Item(hash=name, kind="laws", shown=f"the {name} one") for name in ("a", "b", "c")
    )
    result = gate.Result(right={"a": kept, "c": new}, missed={"b": lost}, wrong={"d": new})
    told = gate.differences(result, {"counts": {}, "right": ["a", "b"], "wrong": []})
    assert told == {"gained": [new], "lost": [lost], "newly wrong": [new]}
