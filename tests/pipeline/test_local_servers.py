"""The servers of this machine, for real: they answer, they keep what they have acknowledged."""

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPConnection
from ipaddress import ip_address
from itertools import chain
from pathlib import Path
from typing import Any

import psutil
import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic

from connectors.local import kafka as kafka_module
from connectors.local.errors import FolderInUse, PortTaken
from connectors.local.folder import DataFolder
from connectors.local.ports import free_port
from connectors.local.servers import Addresses, LocalServers
from streams.topics import MAX_MESSAGE_BYTES, RAW
from tests.local_servers import running_in
from tests.pipeline.running import until
from tests.processes import lives

OWNER = """
import sys, time
from pathlib import Path
from connectors.local.servers import LocalServers
servers = LocalServers(Path(sys.argv[1]))
addresses = servers.start()
print(addresses.kafka, addresses.elasticsearch, flush=True)
time.sleep(600)
"""


BY_HAND = """
import sys
from pathlib import Path
from tests.local_servers import serve
serve(Path(sys.argv[1]))
"""


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalServers]:
    """Servers of this module alone, which its tests may kill; each leaves them running."""
    local = LocalServers(tmp_path_factory.mktemp("máy chủ riêng"))
    local.start()
    yield local
    local.stop()


def search(url: str, method: str, path: str, body: object = None) -> dict[str, Any]:
    connection = HTTPConnection(url.removeprefix("http://"), timeout=30)
    try:
        sent = None if body is None else json.dumps(body)
        connection.request(method, path, sent, {"Content-Type": "application/json"})
        answer: dict[str, Any] = json.loads(connection.getresponse().read())
        return answer
    finally:
        connection.close()


def listening(process: psutil.Process | None = None) -> list[tuple[str, int]]:
    """Addresses and ports on which this process, or anybody on the machine, listens."""
    source = process.net_connections("inet") if process else psutil.net_connections("inet")
    found = [item.laddr for item in source if item.laddr and not item.raddr]
    addresses = [(ip_address(local.ip), local.port) for local in found]
    return [(str(getattr(ip, "ipv4_mapped", None) or ip), port) for ip, port in addresses]


def make_topic(address: str, name: str) -> None:
    admin = KafkaAdminClient(bootstrap_servers=address)
    try:
        made = NewTopic(name, num_partitions=1, replication_factor=1, topic_configs=RAW.config(0))
        admin.create_topics([made])
    finally:
        admin.close()


def produce(address: str, topic: str, *values: bytes) -> None:
    """Each acknowledged before this returns."""
    producer = KafkaProducer(
        bootstrap_servers=address, acks="all", max_request_size=MAX_MESSAGE_BYTES
    )
    try:
        for sent in [producer.send(topic, value) for value in values]:
            sent.get(timeout=60)
    finally:
        producer.close()


def consume(address: str, topic: str, count: int) -> list[bytes]:
    """The first `count` values of partition 0."""
    consumer = KafkaConsumer(
        bootstrap_servers=address,
        auto_offset_reset="earliest",
        consumer_timeout_ms=60_000,
        max_partition_fetch_bytes=MAX_MESSAGE_BYTES,
    )
    try:
        consumer.assign([TopicPartition(topic, 0)])
        return [record.value for _, record in zip(range(count), consumer, strict=False)]
    finally:
        consumer.close()


def test_both_servers_answer(servers: Addresses) -> None:
    """Whoever asks for the servers gets a Kafka and an Elasticsearch that answer."""
    admin = KafkaAdminClient(bootstrap_servers=servers.kafka)
    try:
        assert len(admin.describe_cluster()["brokers"]) == 1
    finally:
        admin.close()
    health = search(servers.elasticsearch, "GET", "/_cluster/health")
    assert health["status"] in {"green", "yellow"}


@pytest.mark.servers
def test_nothing_listens_beyond_loopback(own: LocalServers) -> None:
    """The servers listen on their four ports and no other, each on loopback alone."""
    configured = {
        int(port)
        for name in ("kafka/server.properties", "elasticsearch/config/elasticsearch.yml")
        for port in re.findall(
            r"(?://127\.0\.0\.1:|\.port: )(\d+)", (own.folder.path / name).read_text()
        )
    }
    assert len(configured) == 4
    whole_machine = [item for item in listening() if item[1] in configured]
    assert sorted(whole_machine) == [("127.0.0.1", port) for port in sorted(configured)]
    for process in chain.from_iterable(own.processes().values()):
        # in a container root may not look into a server that runs as nobody
        with suppress(psutil.AccessDenied):
            assert {port for _, port in listening(process)} <= configured


@pytest.mark.servers
def test_the_largest_message_passes(own: LocalServers, fresh_prefix: str) -> None:
    """Messages of nearly the project's largest size go in and come out, several at once."""
    topic = f"{fresh_prefix}large"
    make_topic(own.addresses.kafka, topic)
    values = [bytes([number]) * (MAX_MESSAGE_BYTES - 1000) for number in range(6)]
    produce(own.addresses.kafka, topic, *values)
    assert consume(own.addresses.kafka, topic, 6) == values


@pytest.mark.servers
def test_a_second_start_is_refused(own: LocalServers) -> None:
    """The second one on the same folder learns who holds it, and the first runs on."""
    with pytest.raises(FolderInUse, match="in use by process"):
        LocalServers(own.folder.path).start()
    own.check()
    holder = running_in(own.folder.path)
    assert holder is not None
    assert holder.kafka == own.addresses.kafka
    assert holder.elasticsearch == own.addresses.elasticsearch


@pytest.mark.servers
def test_a_taken_port_is_refused(own: LocalServers, tmp_path: Path) -> None:
    """Somebody's port is not given to us, and nothing is left running."""
    port = int(own.addresses.elasticsearch.rsplit(":", 1)[1])
    other = LocalServers(tmp_path, elasticsearch_port=port)
    with pytest.raises(PortTaken, match=f"Port {port} was asked for Elasticsearch"):
        other.start()
    assert other.folder.left_over() == []
    assert running_in(tmp_path) is None


@pytest.mark.servers
def test_a_lost_race_for_a_port_is_run_again(
    own: LocalServers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A port that was free when looked for and taken when used costs a second attempt only."""
    taken = int(own.addresses.elasticsearch.rsplit(":", 1)[1])
    found = iter([taken])

    def too_late(**_: int) -> int:
        return next(found, None) or free_port()

    monkeypatch.setattr(kafka_module, "free_port", too_late)
    own.restart(own.kafka, same_port=False)
    assert not own.addresses.kafka.endswith(f":{taken}")
    own.check()


@pytest.mark.servers
@pytest.mark.faults
def test_a_killed_kafka_keeps_what_it_acknowledged(own: LocalServers, fresh_prefix: str) -> None:
    """After kill -9 in mid-flow and a restart on the same port, every acknowledged record is there."""
    topic = f"{fresh_prefix}kept"
    make_topic(own.addresses.kafka, topic)
    values = [f"bài số {number}".encode() for number in range(500)]
    produce(own.addresses.kafka, topic, *values)
    before = own.addresses.kafka
    own.restart(own.kafka, kill=True)
    assert own.addresses.kafka == before
    assert consume(before, topic, 500) == values


@pytest.mark.servers
@pytest.mark.faults
def test_left_over_servers_are_stopped_and_their_data_kept(
    tmp_path: Path, fresh_prefix: str
) -> None:
    """When owner and guards were all killed, the next start stops the servers and has their data."""
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert owner.stdout is not None
    old_kafka, old_search = owner.stdout.readline().split()
    make_topic(old_kafka, fresh_prefix)
    produce(old_kafka, fresh_prefix, "Nghị quyết".encode())
    search(old_search, "PUT", f"/{fresh_prefix}/_doc/1", {"title": "Nghị quyết"})

    guards = psutil.Process(owner.pid).children()
    for guard in guards:
        guard.suspend()  # else it would notice that its owner is gone, and the owner that it is
    owner.kill()
    for guard in guards:
        guard.kill()
    owner.communicate()
    until(lambda: not any(lives(guard) for guard in guards), "the guards to be gone")

    local = LocalServers(tmp_path)
    orphans = local.folder.left_over()
    assert len(orphans) == 3  # Kafka, and Elasticsearch with its launcher
    steps: list[str] = []
    addresses = local.start(steps.append)
    try:
        assert "left over" in steps[0]
        assert not any(orphan.is_running() for orphan in orphans)
        assert consume(addresses.kafka, fresh_prefix, 1) == ["Nghị quyết".encode()]
        found = search(addresses.elasticsearch, "GET", f"/{fresh_prefix}/_doc/1")
        assert found["_source"] == {"title": "Nghị quyết"}
    finally:
        local.stop()
    assert local.folder.left_over() == []


@pytest.mark.servers
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_start_that_is_interrupted_leaves_nothing(tmp_path: Path, number: int) -> None:
    """Ctrl-C or SIGTERM while the servers come up ends quietly, with everything stopped."""
    command = subprocess.Popen(
        [sys.executable, "-c", BY_HAND, str(tmp_path)], stderr=subprocess.PIPE, text=True
    )
    folder = DataFolder(tmp_path)
    deadline = time.monotonic() + 60
    while not (folder.logs.is_dir() and folder.left_over()):
        assert time.monotonic() < deadline, "no server came up"
        time.sleep(0.05)
    command.send_signal(number)
    _, said = command.communicate(timeout=60)
    assert command.returncode == 0, said
    assert "Traceback" not in said
    assert folder.left_over() == []
    assert running_in(tmp_path) is None


@pytest.mark.servers
@pytest.mark.faults
def test_a_killed_elasticsearch_keeps_what_it_acknowledged(
    own: LocalServers, fresh_prefix: str
) -> None:
    """After kill -9 and a restart on the same port, a document acknowledged before is there."""
    url = own.addresses.elasticsearch
    search(url, "PUT", f"/{fresh_prefix}/_doc/1", {"title": "Quyết định"})
    own.restart(own.elasticsearch, kill=True)
    assert own.addresses.elasticsearch == url
    assert search(url, "GET", f"/{fresh_prefix}/_doc/1")["found"] is True
