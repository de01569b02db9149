"""Verdicts: what a bulk answer means for each item."""

from typing import Any

import pytest

from connectors.elasticsearch.verdict import Request, judge, judge_request

BLOCKED = {"type": "cluster_block_exception", "reason": "index [x] blocked by: FORBIDDEN/8"}
STRICT = {"type": "strict_dynamic_mapping_exception", "reason": "[b] is not allowed"}


def answer(status: int, op: str = "index", **fields: Any) -> dict[str, Any]:
    """One entry of a bulk answer's items."""
    return {op: {"_index": "i", "_id": "1", "status": status} | fields}


@pytest.mark.parametrize(
    ("item", "outcome"),
    [
        (answer(201, result="created"), "written"),
        (answer(200, result="updated"), "written"),
        (answer(200, op="delete", result="deleted"), "written"),
        (answer(404, op="delete", result="not_found"), "written"),
        (answer(409, error={"type": "version_conflict_engine_exception", "reason": "r"}), "stale"),
        (answer(409, op="create", error={"type": "version_conflict_engine_exception"}), "stale"),
        (answer(429, error={"type": "es_rejected_execution_exception", "reason": "r"}), "again"),
        (answer(500, error={"type": "exception", "reason": "r"}), "again"),
        (answer(503, error={"type": "unavailable_shards_exception", "reason": "r"}), "again"),
        (answer(504, error="text"), "again"),
        (answer(403, error=BLOCKED), "again"),
        (answer(429, error=BLOCKED), "again"),
        (answer(401, error={"type": "security_exception", "reason": "r"}), "again"),
        (answer(404, error={"type": "index_not_found_exception", "reason": "r"}), "again"),
        (answer(400, error=STRICT), "dead"),
        (answer(400, error={"type": "document_parsing_exception", "reason": "r"}), "dead"),
        (answer(413, error="too large"), "dead"),
        ({}, "again"),
        ({"index": {}}, "again"),
        ({"index": {"status": "200"}}, "again"),
        ("a proxy's page", "again"),
        (None, "again"),
    ],
)
def test_outcome(item: Any, outcome: str) -> None:
    """Each answer has exactly one meaning; an unknown one is never taken for success."""
    assert judge(item).outcome == outcome


def test_only_an_update_existed_before() -> None:
    """What was there before decides whether old mentions must be looked for."""
    assert judge(answer(200, result="updated")).existed
    assert not judge(answer(201, result="created")).existed


def test_a_closed_index_is_not_hammered() -> None:
    """A block lasts: the item waits longer than after a full queue."""
    assert judge(answer(403, error=BLOCKED)).after > 0
    assert judge(answer(429, error={"type": "es_rejected_execution_exception"})).after == 0


def test_the_reason_names_its_cause() -> None:
    """A dead letter says what the server said, down to the cause."""
    cause = {"type": "illegal_argument_exception", "reason": "not a date"}
    error = {"type": "document_parsing_exception", "reason": "failed to parse", "caused_by": cause}
    detail = judge(answer(400, error=error)).detail
    assert "failed to parse" in detail
    assert "not a date" in detail


@pytest.mark.parametrize(
    ("status", "what"),
    [
        (400, "split"),
        (413, "split"),
        (401, "again"),
        (404, "again"),
        (429, "again"),
        (503, "again"),
    ],
)
def test_a_request_refused_as_a_whole(status: int, what: str) -> None:
    """Only where an item can be the trouble is the request taken apart."""
    assert judge_request(status) is Request(what)
