"""Code that is broken on purpose, and the suite that sees it: the same executor, the same judge."""

from pathlib import Path

import pytest

from connectors.local.servers import LocalServers
from tests.emptying import empty
from tests.faults.clock import DAY, compiler
from tests.faults.judge import Code
from tests.faults.plan import Fault, Plan, Step
from tests.faults.run import Report, run

pytestmark = [pytest.mark.servers, pytest.mark.faults, pytest.mark.timeout(1800)]

_ONE_OF_EACH = ("crawl", "enrich-1", "watch-1", "index-1", "notify")
_ARTICLES = 16
_POISON = Fault(kind="poison")


def _killed_at(stage: str, program: str) -> tuple[Fault, ...]:
    """A process is killed when it has acknowledged everything."""
    return Fault(kind="finished", target=stage), Fault(kind="kill", target=program)


def _plan(*faults: Fault) -> Plan:
    steps = tuple(
        Step(print=_ARTICLES if number == 0 else 0, fault=fault, pause=0.0)
        for number, fault in enumerate(faults)
    )
    return Plan(seed=0, articles=_ARTICLES, steps=steps)


@pytest.fixture
def kafka(new_servers: LocalServers) -> LocalServers:
    """A broker with nothing in it: topics have the same names in every run."""
    empty(new_servers.addresses.kafka)
    return new_servers


def _run(folder: Path, kafka: LocalServers, prefix: str, plan: Plan, **sabotage: str) -> Report:
    return run(
        folder,
        plan,
        kafka,
        sabotage=sabotage,
        prefix=prefix,
        programs=_ONE_OF_EACH,
        bad_pages=False,
    )


def test_unbroken_code_passes(tmp_path: Path, kafka: LocalServers, fresh_prefix: str) -> None:
    """All that is done to the broken stages below, done to sound ones, is not complained of."""
    crawl, enrich = _killed_at("crawl", "crawl"), _killed_at("enrich", "enrich-1")
    plan = _plan(*crawl, *enrich, *_killed_at("watch", "watch-1"), _POISON)
    report = _run(tmp_path, kafka, fresh_prefix, plan)
    assert report.rested, str(report)
    assert not report.complaints, str(report)


@pytest.mark.parametrize(
    ("sabotage", "faults", "codes"),
    [
        (
            {"crawl": "publish-late", "enrich": "drop-letters"},
            (*_killed_at("crawl", "crawl"), _POISON),
            {Code.LOST_BY_CRAWL, Code.LETTER_LOST},
        ),
        (
            {"enrich": "acknowledge-early", "index": "drop-items"},
            _killed_at("enrich", "enrich-1"),
            {Code.LOST_BY_ENRICH, Code.LOST_BY_INDEX},
        ),
        ({"watch": "tell-late"}, _killed_at("watch", "watch-1"), {Code.ALERT_LOST}),
        (
            {"watch": "forget-told,random-alerts"},
            _killed_at("watch", "watch-1"),
            {Code.UNTOLD, Code.ALERT_UNEXPECTED},
        ),
    ],
    ids=lambda value: "+".join(value.values()) if isinstance(value, dict) else "",
)
def test_broken_code_is_seen(
    tmp_path: Path,
    kafka: LocalServers,
    fresh_prefix: str,
    sabotage: dict[str, str],
    faults: tuple[Fault, ...],
    codes: set[Code],
) -> None:
    """What acknowledges, notes or drops what it must not is told, by the right name; those that are
    broken together in one run can't be taken for each other."""
    plan = _plan(*faults)
    report = _run(tmp_path, kafka, fresh_prefix, plan, **sabotage)
    assert codes <= {complaint.code for complaint in report.complaints}, str(report)


@pytest.mark.skipif(
    compiler() is None, reason="clocks are set with a library that a C compiler makes"
)
def test_a_wrong_clock_stops_nobody(tmp_path: Path, kafka: LocalServers, fresh_prefix: str) -> None:
    """Every process thinks that it is forty days later, and then forty days earlier: messages still
    pass, and each article stays one article."""
    ahead = [Fault(kind="clock", target=name, seconds=40 * DAY) for name in _ONE_OF_EACH]
    behind = [Fault(kind="clock", target=name, seconds=-40 * DAY) for name in _ONE_OF_EACH]
    steps = [Step(print=0, fault=fault, pause=0.0) for fault in ahead]
    steps += _plan(Fault(kind="finished", target="notify")).steps
    steps += [Step(print=0, fault=fault, pause=0.0) for fault in behind]
    steps.append(Step(print=_ARTICLES, fault=_POISON, pause=0.0))
    plan = Plan(seed=0, articles=2 * _ARTICLES, steps=tuple(steps))
    report = _run(tmp_path, kafka, fresh_prefix, plan)
    assert report.rested, str(report)
    assert not report.complaints, str(report)
