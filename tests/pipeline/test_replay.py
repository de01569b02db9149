"""The same articles again, with more workers than one: nothing new, nothing told twice."""

import signal
import subprocess
from pathlib import Path

import pytest
from kafka import KafkaProducer

from connectors.stack import runfiles
from streams import topics
from streams.settings import Kafka
from tests.pipeline.conftest import Flow
from tests.pipeline.running import DONGTIN, until
from tests.resting import all_delivered, at_rest

pytestmark = [pytest.mark.servers, pytest.mark.faults, pytest.mark.timeout(600)]


def _worker(flow: Flow, stage: str, folder: Path) -> subprocess.Popen[bytes]:
    """A second worker of a stage, as it would run on another machine."""
    told = flow.running.told()
    command = [*DONGTIN, stage, "--data-dir", str(folder / stage), "--kafka", told["kafka"]]
    if stage == "watch":
        command += ["--elasticsearch", told["elasticsearch"]]
    log = (folder / f"{stage}.log").open("wb")
    worker = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    until(
        lambda: bool(runfiles.read(folder / stage / "run" / f"{stage}.json")), f"{stage} to start"
    )
    return worker


def _send_again(address: str, messages: list[tuple[bytes, bytes]]) -> None:
    producer = KafkaProducer(
        bootstrap_servers=address,
        acks="all",
        compression_type="zstd",
        max_request_size=topics.MAX_MESSAGE_BYTES,
    )
    for sent in [producer.send(topics.RAW.name, key=k, value=v) for k, v in messages]:
        sent.get(60)
    producer.close()


def test_a_replay_and_a_second_worker_tell_nothing_twice(flow: Flow, tmp_path: Path) -> None:
    """All of articles.raw is sent again while second workers of enrich and watch join: the same
    alerts, the same articles and the same mentions as before; the workers end cleanly."""
    running, address = flow.running, flow.running.told()["kafka"]
    before = {
        "alerts": [alert["id"] for alert in running.alerts()],
        "articles": sorted(found["_id"] for found in running.search("articles")),
        "mentions": sorted(found["_id"] for found in running.search("mentions")),
        "documents": sorted(found["_id"] for found in running.search("documents")),
    }
    good = {message.key: message.value for message in running.messages(topics.RAW.name)}
    good.pop(b"poison-articles.raw", None)
    workers = [_worker(flow, stage, tmp_path) for stage in ("enrich", "watch")]
    try:
        _send_again(address, list(good.items()))
        until(lambda: at_rest(Kafka(bootstrap=address)), "the replay to be done")
        until(lambda: all_delivered(running.data_dir), "what it told, if it did, to be delivered")
    finally:
        for worker in workers:
            worker.send_signal(signal.SIGTERM)
        statuses = [worker.wait(60) for worker in workers]
    assert statuses == [0, 0]
    assert {
        "alerts": [alert["id"] for alert in running.alerts()],
        "articles": sorted(found["_id"] for found in running.search("articles")),
        "mentions": sorted(found["_id"] for found in running.search("mentions")),
        "documents": sorted(found["_id"] for found in running.search("documents")),
    } == before
