"""The servers of this machine, for real."""

import json
from http.client import HTTPConnection

from kafka.admin import KafkaAdminClient

from connectors.local.servers import Addresses


def test_both_servers_answer(servers: Addresses) -> None:
    """Whoever asks for the servers gets a Kafka and an Elasticsearch that answer."""
    admin = KafkaAdminClient(bootstrap_servers=servers.kafka)
    try:
        assert len(admin.describe_cluster()["brokers"]) == 1
    finally:
        admin.close()
    host = servers.elasticsearch.removeprefix("http://")
    connection = HTTPConnection(host)
    connection.request("GET", "/_cluster/health")
    assert json.loads(connection.getresponse().read())["status"] in {"green", "yellow"}
