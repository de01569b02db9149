"""A pipeline at work as a real Prometheus sees it, and a real Alertmanager that tells when a part fails."""

import json
import os
import re
import signal
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from connectors.local.ports import free_port
from connectors.local.servers import LocalServers
from connectors.sample.server import SampleOutlet
from connectors.sample.trouble import trouble_server
from connectors.stack.figures import STAGES, Samples, total
from streams import metrics
from streams.errors import Reason
from streams.ledger import State
from tests.emptying import empty
from tests.pipeline.prometheus import TOKEN, Monitoring, monitoring
from tests.pipeline.running import Running, figures, outlet, until

pytestmark = [pytest.mark.servers, pytest.mark.faults, pytest.mark.timeout(600)]

DASHBOARD = Path(__file__).resolve().parents[2] / "deploy/grafana/dashboards/dongtin.json"
OUTLETS = {"mau", "hong"}
TRIALS = {"Later": "warning", "Trial": "critical"}
#: What each label may be: the values, or how many of them there can be at most.
_OUTCOMES = {str(reason) for reason in Reason} | {"ok", "unchanged"}
LABELS: dict[str, set[str]] = {
    "stage": set(STAGES),
    "group": set(STAGES),
    "outlet": OUTLETS | {""},
    "server": {"kafka", "elasticsearch"},
    "process": {*STAGES, "kafka", "elasticsearch"},
    "topic": {"articles.raw", "articles.enriched", "articles.dead", "alerts"},
    "partition": {str(number) for number in range(64)},
    "kind": {"documents", "people", "dates", "document", "person", "date", "words"},
    "state": {"idle", "busy", "starting"} | {str(state) for state in State},
    "reason": _OUTCOMES,
    "outcome": _OUTCOMES
    | {"new", "nothing-new", "not-modified", "same", "not-a-feed"}
    | {"first-mention", "delivered", "failed", "known", "quiet"},
    "cause": {"died", "not-live", "crash", "deadline", "start", "cancelled"}
    | {"busy", "closed", "error", "unreachable"},
}


@dataclass(kw_only=True)
class Watched:
    """A pipeline that has done some work, and who watches it."""

    running: Running
    monitoring: Monitoring

    def addresses(self) -> dict[str, str]:
        """Where each process serves its figures, as `dongtin status --json` tells it."""
        told = json.loads(self.running.command("status", "--json").stdout)
        found = {name: stage["metrics"] for name, stage in told["stages"].items()}
        return found | {"up": told["metrics"]}

    def scraped(self) -> dict[str, str]:
        """Where Prometheus reaches each process, as far as it does."""
        targets = self.monitoring.ask("targets")["activeTargets"]
        assert {target["labels"]["job"] for target in targets} == {"dongtin"}
        up = [target for target in targets if target["health"] == "up"]
        return {target["labels"]["instance"]: target["scrapeUrl"] for target in up}

    def samples(self) -> dict[str, Samples]:
        """The figures of each process."""
        return {name: figures(url) for name, url in self.addresses().items()}


@pytest.fixture(scope="module")
def watched(
    tmp_path_factory: pytest.TempPathFactory, new_servers: LocalServers
) -> Iterator[Watched]:
    """`dongtin up` on an outlet that publishes and one whose pages fail, with Prometheus and Alertmanager."""
    folder = tmp_path_factory.mktemp("watched")
    config = folder / "outlets.toml"
    with SampleOutlet(initial=10, interval=1.0) as sample, trouble_server() as trouble:
        tables = outlet("mau", f"{sample.base_url}/rss.xml")
        tables += outlet("hong", f"{trouble}/feed/500.xml")
        settings = "[crawler]\npoll = 1.0\npause = 0.02\nattempts = 1\n[ledger]\nevery = 2.0\n"
        port = free_port()
        settings += f"[metrics]\nport = {port}\n"
        settings += '[elasticsearch]\nprefix = "watched"\n'
        config.write_text(settings + tables, encoding="utf-8")
        empty(new_servers.addresses.kafka)
        running = Running(config, folder / "data", new_servers.addresses)
        try:
            running.wait_for_stages()
            made = folder / "monitoring"
            made.mkdir()
            watched = Watched(running=running, monitoring=None)  # type: ignore[arg-type]  # made next
            with monitoring(made, port) as watched.monitoring:
                until(lambda: _worked(watched), "articles and alerts, to the end", pause=1.0)
                yield watched
        finally:
            running.process.terminate()
            running.process.wait(120)


def _worked(watched: Watched) -> bool:
    """Whether alerts were delivered, a page has died, the ledger was added up, and Prometheus knows."""
    ask = watched.monitoring.query
    wanted = (
        'sum(dongtin_alerts_total{stage="notify",outcome="delivered"}) > 0',
        "sum(dongtin_dead_letters_total) > 0",
        'sum(dongtin_articles_total{stage="index",outcome="ok"}) > 5',
        "max(dongtin_ledger_last_success_timestamp_seconds) > 0",
        'rate(dongtin_latency_seconds_count{stage="notify"}[10s]) >= 0',
    )
    return all(ask(expr) for expr in wanted)


def test_every_process_is_scraped_and_nothing_is_wrong(watched: Watched) -> None:
    """Each process of `dongtin status` is a target that is up, each rule is evaluated, none fires."""
    until(lambda: watched.scraped() == watched.addresses(), "all to be scraped where they are")
    rules = [rule for group in watched.monitoring.ask("rules")["groups"] for rule in group["rules"]]
    assert {rule["health"] for rule in rules} == {"ok"}

    def quiet() -> bool:
        return all(a["alertname"] in TRIALS for a in watched.monitoring.alerts())

    until(quiet, "nothing to fire")


def test_every_query_of_the_dashboard_finds_something(watched: Watched) -> None:
    """Grafana's variables as they are at first: all outlets. Rates over as long a time as Prometheus looks
    back for a single value: a machine that stood still for some scrapes says nothing of the queries."""
    panels = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    queries = [target["expr"] for panel in panels for target in panel.get("targets", ())]
    assert len(queries) > 20
    for query in queries:
        expr = query.replace("$__rate_interval", "5m").replace("$outlet", ".*")
        assert "$" not in expr
        assert watched.monitoring.query(expr), query


def test_labels_are_few_and_known(watched: Watched) -> None:
    """After real work each process shows only declared metrics, with their labels, of a closed list of
    values: no address, id or key is one. So the number of its time series has an end."""
    declared = {metric._name: set(metric._labelnames) for metric in metrics.all_metrics()}
    for process, samples in watched.samples().items():
        assert total(samples, "process_start_time_seconds") > 0, process
        values: dict[str, set[str]] = defaultdict(set)
        for name, labels in samples:
            base = re.sub(r"_(total|created|bucket|sum|count)$", "", name)
            if not name.startswith("dongtin_"):
                continue
            named = dict(labels)
            assert set(named) - {"le"} == declared[base], (process, name)
            for label in declared[base]:
                values[label].add(named[label])
        for label, found in values.items():
            assert found <= LABELS[label], (process, label)
        assert len(samples) < 2000


def test_a_stage_that_is_started_again_is_scraped_again(watched: Watched) -> None:
    """At its new port, as the same instance: so its restarts can be counted."""
    before = watched.addresses()["notify"]
    watched.running.kill("notify")
    until(lambda: watched.scraped() == watched.addresses(), "the new process to be scraped")
    assert watched.addresses()["notify"] != before
    for what in (
        'changes(process_start_time_seconds{instance="notify"}[10m]) > 0',
        'rate(dongtin_alerts_total{instance="notify",outcome="delivered"}[10s]) >= 0',
    ):
        until(lambda what=what: bool(watched.monitoring.query(what)), what)  # type: ignore[misc]


def test_a_stage_that_stops_is_told_and_so_is_its_return(watched: Watched) -> None:
    """Its alert becomes active in Alertmanager, reaches whom it wakes, with the token from the file,
    and is over when the stage is back."""
    pid = watched.running.pid("watch")

    def down() -> bool:
        return any(
            alert["alertname"] == "DongtinProcessDown" and alert["instance"] == "watch"
            for alert in watched.monitoring.alerts()
        )

    pager = watched.monitoring.pager
    os.kill(pid, signal.SIGSTOP)
    try:
        until(down, "the alert")
        until(lambda: "firing" in pager.told("DongtinProcessDown"), "the message")
    finally:
        with suppress(ProcessLookupError):  # Alertmanager was slow: the supervisor has replaced it
            os.kill(pid, signal.SIGCONT)
    until(lambda: not down(), "its end")
    until(lambda: "resolved" in pager.told("DongtinProcessDown"), "the message of its end")
    assert {authorization for authorization, _ in pager.calls} == {f"Bearer {TOKEN}"}


def test_an_alert_on_trial_reaches_whom_it_would_wake(watched: Watched) -> None:
    """The operator's first look at a new alertmanager.yml; one for the morning wakes nobody."""
    pager = watched.monitoring.pager
    for alert, severity in TRIALS.items():
        watched.monitoring.try_out(alert, severity)
    until(lambda: "firing" in pager.told("Trial"), "the message")
    assert pager.told("Later") == []
