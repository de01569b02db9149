"""Bulk requests: how they are cut, and that each item gets its verdict."""

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest
from elastic_transport import ApiResponseMeta, HttpHeaders, NodeConfig
from elasticsearch import ApiError, ConnectionTimeout, Elasticsearch

from connectors.elasticsearch.bulk import Bulk, lines, requests
from connectors.elasticsearch.documents import Action
from streams import settings
from streams.metrics import REFUSED
from tests.fakes import Patience

Answer = Callable[[list[str]], list[int]]


class Server:
    """Answers bulk requests by a script: for each request the items' statuses, or an error."""

    def __init__(self, *script: Answer | Exception) -> None:
        self.script = list(script)
        self.asked: list[list[str]] = []

    def bulk(self, operations: list[bytes]) -> Any:
        ids = [json.loads(body.split(b"\n")[0])["index"]["_id"] for body in operations]
        self.asked.append(ids)
        step = self.script.pop(0) if self.script else lambda ids: [201] * len(ids)
        if isinstance(step, Exception):
            raise step
        items = [{"index": {"status": status}} for status in step(ids)]
        return SimpleNamespace(body={"items": items})


def refused(status: int) -> ApiError:
    """A request answered with an HTTP error."""
    node = NodeConfig(scheme="http", host="127.0.0.1", port=1)
    meta = ApiResponseMeta(
        status=status, http_version="1.1", headers=HttpHeaders(), duration=0.0, node=node
    )
    return ApiError("refused", meta=meta, body={})


def write(server: Server, count: int = 3, **server_settings: Any) -> tuple[list[str], Patience]:
    """The outcomes of writing `count` actions, and the waits that it took."""
    patience = Patience()
    limits = settings.Elasticsearch(**server_settings)
    bulk = Bulk(cast(Elasticsearch, server), limits, patience)
    actions = [Action(op="index", index="i", id=str(n), body={"n": n}) for n in range(count)]
    return [verdict.outcome for verdict in bulk.write(actions)], patience


def test_lines() -> None:
    """One line says what, under which version, the other one is the body; a deletion has none."""
    head, body = lines(Action(op="index", index="i", id="1", version=7, body={"a": "ố"})).split(
        b"\n"
    )[:2]
    assert json.loads(head)["index"]["version_type"] == "external_gte"
    assert json.loads(body) == {"a": "ố"}
    assert lines(Action(op="delete", index="i", id="1", version=7)).count(b"\n") == 1


@pytest.mark.parametrize(
    ("sizes", "most", "most_bytes", "groups"),
    [
        ([], 3, 10, []),
        ([1, 1, 1, 1], 3, 10, [[0, 1, 2], [3]]),
        ([6, 6, 2], 3, 10, [[0], [1, 2]]),
        ([99, 1], 3, 10, [[0], [1]]),
    ],
)
def test_requests_are_bounded(
    sizes: list[int], most: int, most_bytes: int, groups: list[list[int]]
) -> None:
    """By count and by bytes; what is larger alone goes alone."""
    assert list(requests([b"x" * size for size in sizes], most, most_bytes)) == groups


def test_only_what_the_server_could_not_take_is_sent_again() -> None:
    """A full queue for one item is no reason to write the others twice."""
    server = Server(lambda ids: [201, 429, 201])
    assert write(server)[0] == ["written"] * 3
    assert server.asked == [["0", "1", "2"], ["1"]]


def test_one_bad_document_holds_back_nobody() -> None:
    """It is dead, the rest is written."""
    assert write(Server(lambda ids: [201, 400, 201]))[0] == ["written", "dead", "written"]


def test_a_server_that_is_away_is_waited_for_longer_and_longer() -> None:
    """Back-off doubles up to a bound, and everything is written in the end."""
    away = [ConnectionTimeout("slow"), refused(503), refused(429), refused(401)] * 3
    outcomes, patience = write(Server(*away))
    assert outcomes == ["written"] * 3
    assert patience.waits[:3] == [0.2, 0.4, 0.8]
    assert max(patience.waits) == 5.0


def test_a_request_that_is_refused_as_a_whole_is_taken_apart() -> None:
    """The item that makes it unreadable is found; the others are written."""

    def picky(ids: list[str]) -> list[int]:
        if "1" in ids:
            raise refused(400)
        return [201] * len(ids)

    assert write(Server(*[picky] * 9), count=4)[0] == ["written", "dead", "written", "written"]


def test_an_answer_of_something_else_is_no_success() -> None:
    """Fewer answers than items, as from a proxy, are asked for again."""
    server = Server(lambda ids: [201])
    assert write(server)[0] == ["written"] * 3
    assert len(server.asked) == 2


def _refused_so_far() -> dict[str, float]:
    (family,) = REFUSED.collect()
    samples = [each for each in family.samples if each.name.endswith("_total")]
    return {sample.labels["cause"]: sample.value for sample in samples}


def test_what_is_not_taken_is_counted_by_why() -> None:
    """Each try of each write, as busy, closed, error or unreachable; nothing of what is taken."""
    before = _refused_so_far()
    server = Server(
        lambda ids: [201, 429, 503], refused(401), ConnectionTimeout("no answer"), lambda ids: [201, 403]
    )  # fmt: skip
    outcomes, _ = write(server)
    assert outcomes == ["written"] * 3
    grown = {cause: value - before.get(cause, 0.0) for cause, value in _refused_so_far().items()}
    assert grown == {"busy": 1.0, "error": 1.0, "closed": 3.0, "unreachable": 2.0}
