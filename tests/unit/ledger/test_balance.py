"""The ledger's sum: every article in exactly one state, nothing lost without its name."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import Reason
from streams.ledger import (
    DROPPED,
    Balance,
    Fate,
    Place,
    Source,
    State,
    Trace,
    balance,
    judge,
    settle,
)

BEGAN = 1000.0
INDEXED, MISSING = Fate(state=State.INDEXED), Fate(state=State.MISSING)


def under_way(place: Place) -> Fate:
    """A fate that is none yet."""
    return Fate(state=State.UNDER_WAY, detail=place)


def store(state: str, id: str = "a", url: str = "") -> Trace:
    """A row of the crawler's store."""
    return Trace(id=id, source=Source.STORE, outlet="bao", day="2026-11-24", state=state, url=url)


def letter(reason: str, state: str = "", at: float = 1.0) -> Trace:
    """A dead letter in the index."""
    return Trace(id="a", source=Source.LETTER, reason=reason, state=state, at=at)


def seen(source: Source, id: str = "a", reason: str = "") -> Trace:
    """A trace that tells only where an article is."""
    return Trace(id=id, source=source, reason=reason)


@pytest.mark.parametrize(
    ("traces", "fate"),
    [
        ([store("discovered")], under_way(Place.FETCH)),
        ([store("fetched"), seen(Source.OUTBOX, reason="articles.raw")], under_way(Place.OUTBOX)),
        ([store("dead"), seen(Source.OUTBOX, reason="articles.dead")], under_way(Place.LETTER)),
        ([store("published"), seen(Source.RAW)], under_way(Place.RAW)),
        ([store("published"), seen(Source.ENRICHED)], under_way(Place.ENRICHED)),
        ([store("published"), seen(Source.DEAD)], under_way(Place.LETTER)),
        ([store("published"), seen(Source.INDEX)], INDEXED),
        ([store("discovered"), seen(Source.INDEX)], INDEXED),  # it moved on while we read
        ([store("unchanged")], Fate(state=State.UNCHANGED)),
        ([store("skipped"), letter("robots")], Fate(state=State.SKIPPED, detail="robots")),
        ([store("published"), letter("crash")], Fate(state=State.DEAD, detail="crash")),
        ([letter("of a newer program")], Fate(state=State.DEAD, detail="of a newer program")),
        ([seen(Source.INDEX)], INDEXED),  # come some other way than through this crawler
        ([seen(Source.INDEX), letter("rejected-by-index")], INDEXED),
        # what the store says must be borne out by what came of it
        ([store("published")], MISSING),
        ([store("fetched")], MISSING),
        ([store("dead")], MISSING),
        ([store("skipped")], MISSING),
        ([seen(Source.ARCHIVE)], MISSING),
        # retries
        ([store("discovered"), letter("http-status", "retried")], under_way(Place.FETCH)),
        ([store("published"), letter("crash", "retried"), seen(Source.RAW)], under_way(Place.RAW)),
        ([store("published"), letter("crash", "retried"), seen(Source.INDEX)], INDEXED),
        ([store("published"), letter("crash", "retried", 999.0)], MISSING),
        ([store("published"), letter("crash", "retried", 1001.0)], under_way(Place.AGAIN)),
        (
            [store("published"), letter("crash", "retried", 2.0), letter("deadline", at=3.0)],
            Fate(state=State.DEAD, detail="deadline"),
        ),
        ([store("dead"), letter("gone", DROPPED)], Fate(state=State.DEAD, detail=DROPPED)),
        (
            [letter("crash", DROPPED, at=9.0), letter("deadline", at=3.0)],
            Fate(state=State.DEAD, detail="deadline"),
        ),
    ],
)
def test_each_set_of_traces_means_one_state(traces: list[Trace], fate: Fate) -> None:
    """The farthest trace is the true one, in whatever order they are given."""
    assert judge(traces, began=BEGAN) == fate
    assert judge(traces[::-1], began=BEGAN) == fate


IDS = st.text("ab\u1ea1", min_size=1, max_size=3)
TRACES = st.builds(
    Trace,
    id=IDS,
    source=st.sampled_from(Source),
    outlet=st.sampled_from(["", "bao", "tin"]),
    day=st.sampled_from(["", "2026-11-23", "2026-11-24"]),
    state=st.sampled_from(
        ["", "discovered", "fetched", "published", "unchanged", "skipped", "dead", "retried"]
    ),
    reason=st.sampled_from(["articles.raw", "articles.dead", *Reason]),
    at=st.floats(0, 2000),
)
SORTED = st.lists(TRACES, max_size=40).map(lambda all: sorted(all, key=lambda trace: trace.id))


@given(SORTED)
def test_every_article_is_in_exactly_one_state(traces: list[Trace]) -> None:
    """The states of all rows add up to what was discovered: the ids that have any trace."""
    found = balance(traces, began=BEGAN)
    assert found.discovered == len({trace.id for trace in traces})
    assert sum(found.fates.values()) == found.discovered
    for row in found.rows.values():
        assert sum(row.fates.values()) == row.discovered


@given(SORTED, st.sampled_from(["bao", "tin"]), st.sampled_from(["2026-11-23", "2026-11-24"]))
def test_parts_add_up_to_the_whole(traces: list[Trace], outlet: str, day: str) -> None:
    """The sum of one outlet, or one day, is the same as its rows in the whole."""
    whole = balance(traces, began=BEGAN)
    part = balance(traces, began=BEGAN, outlet=outlet, day=day)
    assert part.rows == {key: row for key, row in whole.rows.items() if key == (outlet, day)}


@given(SORTED, st.sampled_from(["", "2026-11-23", "2026-11-24", "2026-11-25"]))
def test_only_what_is_older_than_what_is_kept_expires(traces: list[Trace], first: str) -> None:
    """Of the missing those from before the first day of which nothing was pruned, and no others;
    what is not missing stays what it is."""
    whole, pruned = balance(traces, began=BEGAN), balance(traces, began=BEGAN, kept_from=first)
    missing, expired = Fate(state=State.MISSING), Fate(state=State.EXPIRED)
    assert pruned.rows.keys() == whole.rows.keys()
    for (outlet, day), row in whole.rows.items():
        told = Counter(row.fates)
        if day != "-" and day < first and told[missing]:
            told[expired] = told.pop(missing)
        assert pruned.rows[(outlet, day)].fates == told
    assert pruned.discovered == whole.discovered


@given(SORTED, IDS)
def test_a_missing_article_is_always_named(traces: list[Trace], lost: str) -> None:
    """One that was published, and of which nothing else is left, breaks the sum under its name."""
    left = [trace for trace in traces if trace.id != lost]
    found = balance(
        sorted([*left, store("published", id=lost)], key=lambda trace: trace.id), began=BEGAN
    )
    assert not found.balanced
    assert lost in {missing.id for missing in found.missing}
    assert len(found.missing) == found.count(State.MISSING)


@given(SORTED)
def test_the_second_look_replaces_the_first(traces: list[Trace]) -> None:
    """Suspects that have arrived meanwhile are no longer missing; all others count as before."""
    first = balance(traces, began=BEGAN)
    suspects = sorted(missing.id for missing in first.missing)
    arrived = balance([seen(Source.INDEX, id=id) for id in suspects], began=BEGAN)
    settled = settle(first, arrived)
    assert settled.balanced
    assert settled.missing == []
    assert settled.discovered == first.discovered
    assert settled.fates == first.fates - Counter({MISSING: len(suspects)}) + arrived.fates
    assert settle(first, _only(traces, suspects)).fates == first.fates


def _only(traces: list[Trace], ids: list[str]) -> Balance:
    return balance([trace for trace in traces if trace.id in ids], began=BEGAN)


def test_traces_out_of_order_are_refused() -> None:
    """An article whose traces come apart would count twice."""
    with pytest.raises(ValueError, match="come after"):
        balance([seen(Source.RAW, id="b"), seen(Source.RAW, id="a")], began=BEGAN)


def test_what_is_named_says_what_is_known() -> None:
    """Outlet, day, address and every trace of the article."""
    found = balance(
        [store("published", url="https://bao.example/1"), letter("crash", "retried")], began=BEGAN
    )
    (missing,) = found.missing
    assert (missing.outlet, missing.day, missing.url) == (
        "bao",
        "2026-11-24",
        "https://bao.example/1",
    )
    assert missing.known == (
        "crawler's store: published",
        "index of dead letters: retried crash",
    )
