"""Bulk requests that don't end before each of their items has its verdict."""

import logging
from collections.abc import Iterator, Sequence
from typing import Any, get_args

import msgspec
from elasticsearch import ApiError, Elasticsearch, TransportError, UnsupportedProductError

from connectors.elasticsearch.documents import Action
from connectors.elasticsearch.patience import FIRST_WAIT, LONGEST_WAIT, Patience
from connectors.elasticsearch.verdict import Cause, Request, Verdict, cause_of, judge, judge_request
from streams.metrics import REFUSED, reach
from streams.settings import Elasticsearch as Server

log = logging.getLogger("dongtin")

_encode = msgspec.json.Encoder().encode


def lines(action: Action) -> bytes:
    """An action as one or two lines of a bulk request's body."""
    target: dict[str, Any] = {"_index": action.index, "_id": action.id}
    if action.version is not None:
        target |= {"version": action.version, "version_type": "external_gte"}
    if action.by_alias:
        target["require_alias"] = True
    head = _encode({action.op: target})
    return head + b"\n" if action.body is None else b"%b\n%b\n" % (head, _encode(action.body))


def requests(bodies: Sequence[bytes], most: int, most_bytes: int) -> Iterator[list[int]]:
    """Positions of `bodies` in groups of at most `most` and, where one alone fits, `most_bytes`."""
    group: list[int] = []
    size = 0
    for position, body in enumerate(bodies):
        if group and (len(group) >= most or size + len(body) > most_bytes):
            yield group
            group, size = [], 0
        group.append(position)
        size += len(body)
    if group:
        yield group


class Bulk:
    """Writes actions, however long the server is away."""

    def __init__(self, client: Elasticsearch, server: Server, patience: Patience) -> None:
        self._client = client
        self._server = server
        self._patience = patience
        for cause in get_args(Cause):
            REFUSED.labels(cause)  # at 0: see `streams.metrics.show_zeros`
        self._away = ""  # why the server does not take what it is given

    def write(self, actions: Sequence[Action]) -> list[Verdict]:
        """One verdict for each action, never `again`.

        Raises:
            Lost, Stopped: from the caller's patience; nothing is known of the actions then.
        """
        bodies = [lines(action) for action in actions]
        verdicts: dict[int, Verdict] = {}
        wait = FIRST_WAIT
        while len(verdicts) < len(actions):
            left = [position for position in range(len(actions)) if position not in verdicts]
            found = self._round(left, bodies)
            final = {p: v for p, v in found.items() if v.outcome != "again"}
            verdicts |= final
            if len(verdicts) < len(actions):
                wait = FIRST_WAIT if final else min(wait * 2, LONGEST_WAIT)
                self._patience.wait(max([wait, *(v.after for v in found.values())]))
        return [verdicts[position] for position in range(len(actions))]

    def _round(self, left: Sequence[int], bodies: Sequence[bytes]) -> dict[int, Verdict]:
        """Tries each once, up to the first request that the server does not answer at all."""
        found: dict[int, Verdict] = {}
        size = self._server.bulk_bytes
        # an article has several mentions, which are small: the bytes bound a request of them
        most = self._server.bulk_articles * 10
        for group in requests([bodies[p] for p in left], most, size):
            positions = [left[g] for g in group]
            found |= self._request(positions, bodies)
            if all(found[p].outcome == "again" for p in positions):
                break
        self._report(found)
        return found

    def _request(self, positions: Sequence[int], bodies: Sequence[bytes]) -> dict[int, Verdict]:
        body: Any = [bodies[p] for p in positions]  # typed as mappings, but takes encoded lines
        try:
            answer = self._patience.join(lambda: self._client.bulk(operations=body).body)
        except ApiError as error:
            if judge_request(error.status_code) is Request.AGAIN:
                detail = f"{error.status_code} {error}"[:1000]
                cause = cause_of(error.status_code)
                verdict = Verdict(outcome="again", detail=detail, cause=cause)
                return dict.fromkeys(positions, verdict)
            if len(positions) == 1:
                detail = f"{error.status_code} {error}"[:1000]
                return {positions[0]: Verdict(outcome="dead", detail=detail)}
            half = len(positions) // 2
            first = self._request(positions[:half], bodies)
            return first | self._request(positions[half:], bodies)
        except (TransportError, UnsupportedProductError) as error:
            detail = f"{type(error).__name__}: {error}"[:1000]
            verdict = Verdict(outcome="again", detail=detail, cause="unreachable")
            return dict.fromkeys(positions, verdict)
        return self._judged(positions, answer)

    @staticmethod
    def _judged(positions: Sequence[int], answer: Any) -> dict[int, Verdict]:
        items = answer.get("items") if isinstance(answer, dict) else None
        if not isinstance(items, list) or len(items) != len(positions):
            verdict = Verdict(outcome="again", detail="not the answer of an Elasticsearch")
            return dict.fromkeys(positions, verdict)
        return {p: judge(item) for p, item in zip(positions, items, strict=True)}

    def _report(self, found: dict[int, Verdict]) -> None:
        """Says once that the server does not take what it is given, and once that it does again."""
        again = [v for v in found.values() if v.outcome == "again"]
        for verdict in again:
            REFUSED.labels(verdict.cause).inc()
        reach("elasticsearch", "it takes no documents" if len(again) == len(found) else "")
        if again and not self._away:
            log.warning("index: Elasticsearch at %s: %s", self._server.url, again[0].detail)
        elif self._away and not again:
            log.warning("index: Elasticsearch at %s takes documents again", self._server.url)
        self._away = again[0].detail if again else ""
