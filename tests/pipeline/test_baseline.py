"""The baseline on the real servers: what is found in it is remembered and never told."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.elasticsearch.client import connect
from connectors.notify import notify
from connectors.stack.alerts import all_alerts
from tests import make, make_index
from tests.pipeline.indexing import Room, in_thread, room, until
from tests.resting import all_delivered

pytestmark = pytest.mark.servers


@pytest.fixture
def place(
    kafka_address: str, elasticsearch_url: str, fresh_prefix: str, tmp_path: Path
) -> Iterator[Room]:
    """An empty place."""
    with room(kafka_address, elasticsearch_url, fresh_prefix, tmp_path / "data") as place:
        yield place


def test_what_is_found_in_the_baseline_is_remembered_and_not_told(
    place: Room, fresh_prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A document of the baseline is no first mention later; one that comes after it is. One of the
    shipped catalogue counts like any other."""
    monkeypatch.setenv("DONGTIN_WATCH_QUIET_UNTIL", make.MOMENT.isoformat())
    early, late = make.MOMENT - timedelta(hours=1), make.MOMENT + timedelta(hours=1)
    old, new = f"1-{fresh_prefix}/TW", f"2-{fresh_prefix}/TW"
    watch = place.start("watch")
    place.send(replace(make_index.article("som", (old,)), discovered_at=early))
    until(lambda: place.finished("watch"), "the early article to be watched")
    place.send(replace(make_index.article("muon", (old, new, "05-CT/TW")), discovered_at=late))
    until(lambda: place.finished("watch"), "the late article to be watched")
    assert watch.end() == 0
    with in_thread(notify.run, place.settings):
        until(lambda: place.finished("notify"), "the alerts to be noted")
        until(lambda: all_delivered(place.settings.data_dir), "the alerts to be delivered")
    told = all_alerts(place.settings.data_dir / place.settings.notify.file)
    assert {alert["document"] for alert in told} == {new, "05-CT/TW"}
    with connect(place.settings.elasticsearch) as client:
        index = f"{fresh_prefix}-documents"
        client.indices.refresh(index=index)
        hits = client.search(index=index)["hits"]["hits"]
    quiet = {hit["_source"]["key"]: hit["_source"]["quiet"] for hit in hits}
    assert quiet == {old: True, new: False, "05-CT/TW": False}
