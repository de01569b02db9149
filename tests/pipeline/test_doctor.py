"""`dongtin doctor`: what is missing, what differs, how to mend it."""

import json
import subprocess
from pathlib import Path

from connectors.kafka import admin
from connectors.upkeep.setup import setup
from streams import topics
from streams.settings import Elasticsearch, Kafka, Settings
from tests.pipeline.running import DONGTIN
from tests.retention import set_retention


def _doctor(
    kafka: str, elasticsearch: str, folder: Path, *more: str
) -> tuple[int, list[dict[str, str]]]:
    command = [*DONGTIN, "doctor", "--json", "--data-dir", str(folder)]
    command += ["--kafka", kafka, "--elasticsearch", elasticsearch, *more]
    done = subprocess.run(command, capture_output=True, text=True)
    return done.returncode, json.loads(done.stdout)


def test_servers_that_are_away_are_told(tmp_path: Path) -> None:
    """Both are named, with what to do; exit status 1, no traceback."""
    status, found = _doctor("127.0.0.1:9", "http://127.0.0.1:9", tmp_path)
    bad = {finding["what"]: finding["mend"] for finding in found if not finding["fine"]}
    assert status == 1
    assert bad == {
        "Kafka": "start it (dongtin up), or give its address: --kafka",
        "Elasticsearch": "start it (dongtin up), or give its address: --elasticsearch",
    }


def test_nothing_is_wrong_with_what_setup_makes(
    kafka_address: str, elasticsearch_url: str, tmp_path: Path
) -> None:
    """All topics, templates and indices are as declared."""
    settings = Settings(
        kafka=Kafka(bootstrap=kafka_address), elasticsearch=Elasticsearch(url=elasticsearch_url)
    )
    list(setup(settings, acls=None, dry_run=False))
    status, found = _doctor(kafka_address, elasticsearch_url, tmp_path)
    assert [finding for finding in found if not finding["fine"]] == []
    assert status == 0


def test_a_topic_that_differs_is_told(
    kafka_address: str, elasticsearch_url: str, tmp_path: Path
) -> None:
    """A topic that would forget what must be kept is found, with both values and the way back."""
    admin.ensure(Settings(kafka=Kafka(bootstrap=kafka_address)))
    set_retention(Kafka(bootstrap=kafka_address), topics.DEAD, 60_000)
    try:
        status, found = _doctor(kafka_address, elasticsearch_url, tmp_path)
        (finding,) = [f for f in found if "retention.ms" in f["detail"]]
        assert finding["detail"] == "topic articles.dead: retention.ms is 60000, -1 is declared"
        assert finding["mend"] == "dongtin setup"
        assert status == 1
    finally:
        set_retention(Kafka(bootstrap=kafka_address), topics.DEAD, topics.FOREVER_MS)
    assert not [
        d
        for d in admin.differences(Settings(kafka=Kafka(bootstrap=kafka_address)))
        if "articles.dead" in d.what
    ]
