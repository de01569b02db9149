"""What is deployed names what exists: stages, settings, metrics, sizes."""

import re
from pathlib import Path

from prometheus_client import REGISTRY

from streams import metrics
from streams.settings import load
from streams.topics import MAX_MESSAGE_BYTES

ROOT = Path(__file__).resolve().parents[1]
COMPOSE = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
RULES = (ROOT / "deploy" / "prometheus" / "rules.yml").read_text(encoding="utf-8")
SCRAPED = (ROOT / "deploy" / "prometheus" / "prometheus.yml").read_text(encoding="utf-8")


def test_compose_runs_every_stage_and_prometheus_asks_it() -> None:
    """The same five stages as `dongtin up`, and the ledger."""
    from connectors.stack.figures import STAGES

    assert re.findall(r"^    command: \[(\w+)\]", COMPOSE, re.MULTILINE) == list(STAGES)
    assert re.findall(r"(\w+):9100", SCRAPED) == [*STAGES, "ledger"]


def test_compose_sets_only_settings_that_exist() -> None:
    """A misspelt variable would stop every container at its start."""
    variables = dict(re.findall(r"(DONGTIN_\w+): \"?([^\s\"]+)", COMPOSE))
    assert variables
    variables["DONGTIN_NOTIFY_URLS"] = ""
    settings = load(environment=variables)
    assert settings.kafka.bootstrap == "kafka:9092"
    assert settings.notify.urls == ()


def test_the_broker_takes_what_producers_send() -> None:
    """One largest message on producer, topic and broker."""
    assert (
        re.findall(r"KAFKA_(?:MESSAGE_MAX|REPLICA_FETCH_MAX)_BYTES: (\d+)", COMPOSE)
        == [str(MAX_MESSAGE_BYTES)] * 2
    )


def test_rules_name_metrics_that_exist() -> None:
    """An alert on a metric that nobody shows would never come."""
    declared = {family.name for family in REGISTRY.collect()}
    assert metrics.UP._name in declared
    for name in re.findall(r"dongtin_\w+", RULES):
        assert name.removesuffix("_total") in declared, name
