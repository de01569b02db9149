"""The ledger's watch: it says what changed, once."""

import threading
import time

from prometheus_client import REGISTRY

from connectors.ledger.snapshot import Account
from connectors.ledger.watch import Watch
from streams.errors import Retry
from streams.ledger import Balance, Source, Trace, balance
from streams.settings import Settings


def of(*missing: str) -> Balance:
    """A balance of one indexed article and these missing ones."""
    traces = [Trace(id="0", source=Source.INDEX)]
    traces += [Trace(id=id, source=Source.STORE, state="published", outlet="bao") for id in missing]
    return balance(traces, began=0.0)


def said(answers: list[Balance | Exception]) -> list[str]:
    """What a watch says that is given these answers one after the other."""
    lines: list[str] = []
    left = iter(answers)

    def account(_: Settings) -> Account:
        answer = next(left)
        if isinstance(answer, Exception):
            raise answer
        return Account(balance=answer, notes=(), seconds=0.1)

    watch = Watch(Settings(), lines.append, account)
    for _ in answers:
        watch.look()
    return lines


def test_it_speaks_only_when_the_answer_changes() -> None:
    """Nothing while all is well; each other set of missing articles once; and that they are back."""
    lines = said([of(), of("a"), of("a"), of("a", "b"), of(), of()])
    assert len(lines) == 3
    assert "1 articles are missing: a (bao)" in lines[0]
    assert "2 articles are missing" in lines[1]
    assert "again" in lines[2]


def test_a_server_away_is_said_and_survived() -> None:
    """Trouble of any kind is told, and the next look is made."""
    lines = said([Retry("no Kafka at x"), ValueError("strange"), of("a")])
    assert "no Kafka at x" in lines[0]
    assert "strange" in lines[1]
    assert "missing" in lines[2]


def test_figures_follow_the_last_look() -> None:
    """Prometheus is shown the count of each state, and of those that are missing."""
    said([of("a", "b")])
    assert REGISTRY.get_sample_value("dongtin_ledger_unbalanced") == 2
    assert REGISTRY.get_sample_value("dongtin_ledger_articles", {"state": "indexed"}) == 1
    said([of()])
    assert REGISTRY.get_sample_value("dongtin_ledger_unbalanced") == 0
    assert REGISTRY.get_sample_value("dongtin_ledger_articles", {"state": "missing"}) == 0


def test_it_ends_when_it_is_asked_to() -> None:
    """At once, and with an interval of 0 before the first look."""
    looks: list[int] = []
    stop = threading.Event()

    def account(_: Settings) -> Account:
        looks.append(1)
        if len(looks) == 2:
            stop.set()
        return Account(balance=of(), notes=(), seconds=0.1)

    watch = Watch(Settings(), lambda line: None, account)
    watch.run(stop, every=0.001)
    assert len(looks) == 2
    watch.run(threading.Event(), every=0)
    assert len(looks) == 2


def test_prometheus_is_told_when_it_was_added_up() -> None:
    """A look that fails leaves the time of the last one that did not."""
    name = "dongtin_ledger_last_success_timestamp_seconds"
    began = time.time()
    said([of()])
    at = REGISTRY.get_sample_value(name)
    assert at is not None
    assert at >= began
    said([Retry("no Kafka at x")])
    assert REGISTRY.get_sample_value(name) == at
