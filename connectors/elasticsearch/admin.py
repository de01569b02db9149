"""The search server's own state: templates, first indices, aliases, and what differs from them.

Everything here may be done again, and by several processes at once.
"""

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from elasticsearch import BadRequestError, Elasticsearch, NotFoundError

from connectors.elasticsearch.client import asking
from streams.errors import ConfigError
from streams.settings import Settings

_MAPPINGS = Path(__file__).parent / "mappings"

_CHANGE_SECONDS = 60.0  # a change of the cluster's state on a slow disk

#: Kinds of documents with an index a month behind an alias, and with one index.
MONTHLY = ("articles", "mentions")
SINGLE = ("documents", "alerts", "dead")
KINDS = (*MONTHLY, *SINGLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Something on the search server that is not as it is declared."""

    what: str
    mend: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What the search server says of itself."""

    version: str
    status: str  # `green`, `yellow`, `red`
    nodes: int


def template(kind: str, settings: Settings) -> dict[str, Any]:
    """The index template of one kind of documents, as it is put on the server."""
    declared = json.loads((_MAPPINGS / f"{kind}.json").read_text(encoding="utf-8"))
    name = f"{settings.elasticsearch.prefix}-{kind}"
    index = {**declared["settings"], "number_of_replicas": settings.elasticsearch.replicas}
    body: dict[str, Any] = {"settings": {"index": index}, "mappings": declared["mappings"]}
    if kind in MONTHLY:
        body["aliases"] = {name: {}}
    pattern = f"{name}-*" if kind in MONTHLY else name
    return {"index_patterns": [pattern], "priority": 200, "template": body}


def health(client: Elasticsearch) -> Health:
    """Asks `_cluster/health` and `_nodes`: the bare server does not answer `GET /`.

    Raises:
        Retry: the server can't be asked now.
    """
    with asking(client):
        cluster = client.cluster.health()
        nodes = client.nodes.info(metric="http")["nodes"].values()
        version = min((str(node["version"]) for node in nodes), default="")
        count = int(cluster["number_of_nodes"])
        return Health(version=version, status=str(cluster["status"]), nodes=count)


def ensure(client: Elasticsearch, settings: Settings) -> None:
    """Makes templates, aliases and the first indices, and adds fields that are missing.

    Raises:
        ConfigError: an index has a field with another type: it can't hold what is written.
        Retry: the server can't be asked now.
    """
    patient = client.options(request_timeout=_CHANGE_SECONDS)
    # at once: the server waits for its disk with each change, and does several with one wait
    with asking(client), ThreadPoolExecutor(len(KINDS)) as pool:
        for _ in pool.map(lambda kind: _ensure(patient, kind, settings), KINDS):
            pass


def differences(client: Elasticsearch, settings: Settings) -> tuple[Difference, ...]:
    """What is missing on the server or not as declared; empty when all is well.

    Raises:
        Retry: the server can't be asked now.
    """
    found: list[Difference] = []
    with asking(client):
        for kind in KINDS:
            wanted = template(kind, settings)
            name = f"{settings.elasticsearch.prefix}-{kind}"
            found += _template_differences(client, name, wanted)
            found += _index_differences(client, kind, name, wanted)
    return tuple(found)


def _ensure(client: Elasticsearch, kind: str, settings: Settings) -> None:
    wanted = template(kind, settings)
    name = f"{settings.elasticsearch.prefix}-{kind}"
    client.indices.put_index_template(name=name, **wanted)
    _add_fields(client, wanted)
    _create_first(client, kind, name)


def _add_fields(client: Elasticsearch, wanted: Mapping[str, Any]) -> None:
    mappings = wanted["template"]["mappings"]
    for index in _indices(client, wanted):
        try:
            client.indices.put_mapping(index=index, **mappings)
        except BadRequestError as error:
            raise ConfigError(
                f"index {index}", f"its fields differ from the declared ones; index anew: {error}"
            ) from error


def _create_first(client: Elasticsearch, kind: str, name: str) -> None:
    index = f"{name}-{datetime.now(UTC):%Y.%m}" if kind in MONTHLY else name
    if client.indices.exists(index=index):
        return
    try:
        client.indices.create(index=index)
    except BadRequestError as error:
        if error.error != "resource_already_exists_exception":  # else another process was first
            raise


def _template_differences(
    client: Elasticsearch, name: str, wanted: Mapping[str, Any]
) -> Iterator[Difference]:
    mend = "`dongtin index` puts it there when it starts"
    try:
        answer = client.indices.get_index_template(name=name, flat_settings=True)
    except NotFoundError:
        yield Difference(what=f"index template {name} is missing", mend=mend)
        return
    there = answer["index_templates"][0]["index_template"]
    settings = {f"index.{k}": str(v) for k, v in wanted["template"]["settings"]["index"].items()}
    same = (
        there["index_patterns"] == wanted["index_patterns"]
        and there["template"].get("mappings") == wanted["template"]["mappings"]
        and there["template"].get("settings") == settings
        and set(there["template"].get("aliases", {})) == set(wanted["template"].get("aliases", {}))
    )
    if not same:
        yield Difference(what=f"index template {name} differs", mend=mend)


def _index_differences(
    client: Elasticsearch, kind: str, name: str, wanted: Mapping[str, Any]
) -> Iterator[Difference]:
    mend = "`dongtin index` makes it when it starts"
    indices = _indices(client, wanted)
    if not indices:
        yield Difference(what=f"index {wanted['index_patterns'][0]} is missing", mend=mend)
    fields = wanted["template"]["mappings"]["properties"]
    for index, there in indices.items():
        own = there["mappings"].get("properties", {})
        for field, kind_of in fields.items():
            if field not in own:
                yield Difference(what=f"{index}: field {field} is missing", mend=mend)
            elif own[field].get("type") != kind_of["type"]:
                what = f"{index}: field {field} is {own[field].get('type')}, not {kind_of['type']}"
                yield Difference(what=what, mend="delete the index and replay its articles")
        if kind in MONTHLY and name not in there["aliases"]:
            what = f"{index} is not behind the alias {name}"
            yield Difference(what=what, mend=f"add it: POST _aliases, index {index}, alias {name}")


def _indices(client: Elasticsearch, wanted: Mapping[str, Any]) -> dict[str, Any]:
    pattern = wanted["index_patterns"]
    answer = client.indices.get(index=pattern, allow_no_indices=True, ignore_unavailable=True)
    return dict(answer.body)
