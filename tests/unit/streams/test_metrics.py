"""Labels stay few whatever the topics hold."""

import pytest
from prometheus_client import REGISTRY

from streams import metrics
from streams.metrics import OutletLabels, account


def test_outlets_that_nobody_knows_are_folded() -> None:
    """Those of the settings keep their label; of others some do, and none that is absurdly long."""
    labels = OutletLabels()
    labels.know(["tienphong", "nhandan"])
    assert labels.label("x" * 65) == "other"
    found = {labels.label(f"made-up-{n}") for n in range(10_000)}
    assert len(found) == OutletLabels.MOST + 1
    assert "other" in found
    assert [labels.label(key) for key in ("nhandan", "tienphong", "")] == [
        "nhandan",
        "tienphong",
        "",
    ]
    assert labels.label("made-up-0") == "made-up-0"  # what had a label keeps it


def test_counting_makes_no_series_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """As bytes on a topic could."""
    monkeypatch.setattr(metrics, "OUTLETS", OutletLabels())

    def series() -> set[str]:
        return {
            sample.labels["outlet"]
            for family in REGISTRY.collect()
            for sample in family.samples
            if sample.name == "dongtin_articles_total"
        }

    before = series()
    for n in range(1_000):
        account("enrich", "ok", f"made-up-{n}")
    assert len(series() - before) <= OutletLabels.MOST + 1
