"""Servers in memory, for tests that need none of the real ones.

Each answers as the real one does as far as this project asks; tests/contract runs the same suite on
both.
"""

import json
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any, TypeVar

from streams.alerts import Claim, FirstMention

T = TypeVar("T")


class FakeRegister:
    """`streams.alerts.Register` in memory."""

    def __init__(self) -> None:
        self.first: dict[str, FirstMention] = {}
        self.told_alerts: dict[str, str] = {}

    async def claim(self, first: FirstMention) -> Claim:
        """As the real one: the first claim of a key stands."""
        known = self.first.get(first.key)
        if known is None:
            self.first[first.key] = first
            if first.quiet:
                self.told_alerts[first.key] = first.alert_id
            return Claim.NEW
        if first.key in self.told_alerts:
            return Claim.KNOWN
        return Claim.UNTOLD if known.article == first.article else Claim.CLAIMED

    async def told(self, key: str, alert: str) -> None:
        """As the real one: what was claimed is told now."""
        self.told_alerts[key] = alert

    async def there(self) -> bool:
        """It always is."""
        return True

    async def close(self) -> None:
        """Nothing to let go of."""


class FakeElasticsearch:
    """The few calls of `elasticsearch.Elasticsearch` with which the index stage writes."""

    def __init__(self) -> None:
        self.indices = SimpleNamespace(refresh=lambda **_: None)
        self._stored: dict[tuple[str, str], tuple[int, dict[str, Any]]] = {}
        self._versions: dict[tuple[str, str], int] = {}  # of what was deleted, too

    def bulk(self, operations: Sequence[bytes]) -> Any:
        """One answer for each operation."""
        return SimpleNamespace(body={"items": [self._one(body) for body in operations]})

    def msearch(self, searches: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """Hits of queries made of bool, term and range."""
        heads, queries = searches[::2], searches[1::2]
        return {
            "responses": [
                self._hits(head["index"], body) for head, body in zip(heads, queries, strict=True)
            ]
        }

    def documents(self, index: str) -> dict[str, dict[str, Any]]:
        """What an index holds, by id."""
        return {id: body for (at, id), (_, body) in self._stored.items() if at == index}

    def _one(self, operation: bytes) -> dict[str, Any]:
        head, _, body = operation.partition(b"\n")
        ((op, target),) = json.loads(head).items()
        place = (target["_index"], target["_id"])
        version = target.get("version", 1)
        if op == "create" and place in self._stored:
            return {op: {"status": 409, "error": {"type": "version_conflict_engine_exception"}}}
        if "version" in target and version < self._versions.get(place, 0):
            return {op: {"status": 409, "error": {"type": "version_conflict_engine_exception"}}}
        existed = place in self._stored
        self._versions[place] = version
        if op == "delete":
            self._stored.pop(place, None)
            result, status = ("deleted", 200) if existed else ("not_found", 404)
        else:
            self._stored[place] = (version, json.loads(body))
            result, status = ("updated", 200) if existed else ("created", 201)
        return {op: {"status": status, "result": result}}

    def _hits(self, index: str, body: dict[str, Any]) -> dict[str, Any]:
        hits = [
            {"_index": index, "_id": id}
            for id, document in self.documents(index).items()
            if _matches(body["query"], document)
        ]
        return {"_shards": {"failed": 0}, "hits": {"hits": hits[: body["size"]]}}


def _matches(query: dict[str, Any], document: dict[str, Any]) -> bool:
    ((kind, rest),) = query.items()
    if kind == "bool":
        return all(_matches(q, document) for q in rest.get("filter", ())) and not any(
            _matches(q, document) for q in rest.get("must_not", ())
        )
    ((field, wanted),) = rest.items()
    if kind == "term":
        return bool(document[field] == wanted)
    if kind == "range":
        return bool(document[field] <= wanted["lte"])
    raise NotImplementedError(kind)


class Patience:
    """Waits by noting the seconds; gives up where a test would wait for ever."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    def wait(self, seconds: float) -> None:
        """Notes a wait."""
        self.waits.append(seconds)
        assert len(self.waits) < 50, "it would wait for ever"

    def join(self, call: Callable[[], T]) -> T:
        """The call's result."""
        return call()
