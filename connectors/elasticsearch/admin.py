"""The search server's own state: templates, indices and aliases, and how they come to be as declared.

Everything here may be done again, and by several processes at once.
"""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import wait
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from elasticsearch import BadRequestError, Elasticsearch, NotFoundError

from connectors.elasticsearch import names
from connectors.elasticsearch.client import asking
from connectors.elasticsearch.copying import copy
from connectors.elasticsearch.declared import declared, index, template
from connectors.elasticsearch.names import KINDS, MONTHLY, IndexName
from connectors.kafka.intake import background
from streams.errors import ConfigError, Denied
from streams.settings import Settings

_CHANGE_SECONDS = 60.0  # a change of the cluster's state on a slow disk
_SETUP = "dongtin setup"
#: Noted at a kind's template: the first day of which nothing has been pruned, ISO.
KEPT_FROM = "kept_from"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Something on the search server that is not as it is declared."""

    what: str
    mend: str
    #: Makes it as declared; None: that would lose something, and is for a person to decide.
    fix: Callable[[], object] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What the search server says of itself."""

    version: str
    status: str  # `green`, `yellow`, `red`
    nodes: int


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
    """Makes templates, indices and aliases as they are declared.

    A user who may not, as a stage's own should not, is content where nothing is missing.

    Raises:
        Denied: something is missing, and the user may not make it.
        ConfigError: an index can't hold what is written, and to change that would lose something.
        Retry: the server can't be asked now.
    """
    # at once: the server waits for its disk with each change, and does several with one wait
    made = [background(partial(_ensure, client, kind, settings)) for kind in KINDS]
    wait(made)
    for refused in made:
        for difference in refused.result():
            raise ConfigError(difference.what, difference.mend)


def differences(client: Elasticsearch, settings: Settings) -> tuple[Difference, ...]:
    """What is missing on the server or not as declared, in the order in which it is to be mended;
    empty when all is well.

    Raises:
        Retry: the server can't be asked now.
    """
    with asking(client):
        return tuple(d for kind in KINDS for d in _differences(client, kind, settings))


def mend(client: Elasticsearch, difference: Difference) -> None:
    """Makes one thing as it is declared; nothing where that is for a person to decide.

    Raises:
        Denied: the user may not.
        ConfigError: the server refuses it for good.
        Retry: the server can't be asked now.
    """
    if difference.fix is None:
        return
    try:
        with asking(client):
            _fix(difference)
    except Denied as error:
        told = f"{difference.what}; {_SETUP} makes it, as a user who may"
        raise Denied(f"{told}: {error}") from error


def older(client: Elasticsearch, prefix: str) -> dict[str, int]:
    """Months' indices of earlier versions that still hold documents, with how many.

    Raises:
        Retry: the server can't be asked now.
    """
    with asking(client):
        found = [
            name.name
            for kind in MONTHLY
            for name in present(client, prefix, kind)
            if name.version < declared(kind).version
        ]
        counts = {name: int(client.count(index=name)["count"]) for name in found}
    return {name: count for name, count in counts.items() if count}


def present(client: Elasticsearch, prefix: str, kind: str) -> dict[IndexName, dict[str, Any]]:
    """The indices of a kind with what the server says of each."""
    answer = client.indices.get(
        index=f"{names.alias(prefix, kind)}*", allow_no_indices=True, flat_settings=True
    )
    found = ((names.parse(prefix, kind, name), there) for name, there in answer.body.items())
    return {name: there for name, there in found if name}


def meta(client: Elasticsearch, prefix: str, kind: str) -> dict[str, Any]:
    """What is noted at a kind's template; empty where it has none."""
    try:
        answer = client.indices.get_index_template(name=names.alias(prefix, kind))
    except NotFoundError:
        return {}
    return dict(answer["index_templates"][0]["index_template"].get("_meta", {}))


def note(client: Elasticsearch, settings: Settings, kind: str, change: Mapping[str, Any]) -> None:
    """Notes something at a kind's template, where it outlives every index."""
    prefix = settings.elasticsearch.prefix
    _put_template(client, kind, settings, {**meta(client, prefix, kind), **change})


def _ensure(client: Elasticsearch, kind: str, settings: Settings) -> list[Difference]:
    """Mends what can be; returns what can't."""
    with asking(client):
        found = list(_differences(client, kind, settings))
    for difference in found:
        mend(client, difference)
    return [difference for difference in found if not difference.fix]


def _differences(client: Elasticsearch, kind: str, settings: Settings) -> Iterator[Difference]:
    patient = client.options(request_timeout=_CHANGE_SECONDS)
    prefix = settings.elasticsearch.prefix
    yield from _of_template(patient, kind, settings)
    there = present(client, prefix, kind)
    number = declared(kind).version
    for name in there:
        if name.version > number:
            yield Difference(
                what=f"index {name.name} is of version {name.version}, this program writes {number}",
                mend="a newer dongtin has made it: install that one",
            )
    if kind in MONTHLY:
        yield from _of_months(patient, kind, prefix, there)
    else:
        yield from _of_single(patient, kind, prefix, there)
    wanted = template(kind, settings)["template"]
    for name, found in there.items():
        if name.version == number:
            yield from _of_index(patient, name, found, wanted)


def _of_template(client: Elasticsearch, kind: str, settings: Settings) -> Iterator[Difference]:
    name = names.alias(settings.elasticsearch.prefix, kind)
    wanted = template(kind, settings)
    try:
        answer = client.indices.get_index_template(name=name, flat_settings=True)
    except NotFoundError:
        put = partial(_put_template, client, kind, settings, {})
        yield Difference(what=f"index template {name} is missing", mend=_SETUP, fix=put)
        return
    there = answer["index_templates"][0]["index_template"]
    own = {f"index.{k}": str(v) for k, v in wanted["template"]["settings"]["index"].items()}
    same = (
        there["index_patterns"] == wanted["index_patterns"]
        and there["template"].get("mappings") == wanted["template"]["mappings"]
        and there["template"].get("settings") == own
        and set(there["template"].get("aliases", {})) == set(wanted["template"].get("aliases", {}))
    )
    if not same:
        put = partial(_put_template, client, kind, settings, there.get("_meta", {}))
        yield Difference(what=f"index template {name} differs", mend=_SETUP, fix=put)


def _of_months(
    client: Elasticsearch, kind: str, prefix: str, there: Mapping[IndexName, Any]
) -> Iterator[Difference]:
    month = f"{datetime.now(UTC):%Y.%m}"
    if not any(name.version == declared(kind).version for name in there):
        name = index(prefix, kind, month)
        make = partial(_create, client, name)
        yield Difference(what=f"index {name} is missing", mend=_SETUP, fix=make)
    alias = names.alias(prefix, kind)
    for found, told in there.items():
        if alias not in told["aliases"]:
            put = partial(client.indices.put_alias, index=found.name, name=alias)
            what = f"index {found.name} is not behind the alias {alias}"
            yield Difference(what=what, mend=_SETUP, fix=put)


def _of_single(
    client: Elasticsearch, kind: str, prefix: str, there: Mapping[IndexName, Any]
) -> Iterator[Difference]:
    alias, name = names.alias(prefix, kind), index(prefix, kind)
    # an index from before there were versions has the alias's name
    serving = [i for i, told in there.items() if i.name == alias or alias in told["aliases"]]
    if not serving:
        make = partial(_create, client, name, alias)
        yield Difference(what=f"index {name} is missing", mend=_SETUP, fix=make)
    elif all(found.version < declared(kind).version for found in serving):
        move = partial(copy, client, serving[0].name, name, alias)
        what = f"index {serving[0].name} is of version {serving[0].version}, {name} is declared"
        yield Difference(what=what, mend=_SETUP, fix=move)


def _of_index(
    client: Elasticsearch, name: IndexName, there: Mapping[str, Any], wanted: Mapping[str, Any]
) -> Iterator[Difference]:
    fields = wanted["mappings"]["properties"]
    own = there["mappings"].get("properties", {})
    changed = {field: told for field, told in fields.items() if own.get(field) != told}
    for field, told in list(changed.items()):
        if field in own and own[field].get("type") != told["type"]:
            changed.pop(field)
            yield Difference(
                what=f"index {name.name}: field {field} is {own[field].get('type')}, "
                f"not {told['type']}",
                mend=f"raise version in mappings/{name.kind}.json; or, if nothing but dongtin "
                "replay's articles is in it, delete the index and replay them",
            )
    if changed:
        add = partial(client.indices.put_mapping, index=name.name, properties=changed)
        what = f"index {name.name}: fields are missing or differ: {', '.join(changed)}"
        yield Difference(what=what, mend=_SETUP, fix=add)
    change = {
        key: value
        for key, value in wanted["settings"]["index"].items()
        if key != "number_of_shards"  # fixed when an index is made; the next month has it
        and there["settings"].get(f"index.{key}") != str(value)
    }
    if change:
        put = partial(client.indices.put_settings, index=name.name, settings={"index": change})
        told = ", ".join(f"{key} is not {value}" for key, value in change.items())
        what = f"index {name.name}: {told}"
        yield Difference(what=what, mend=_SETUP, fix=put)


def _fix(difference: Difference) -> None:
    try:
        if difference.fix:
            difference.fix()
    except BadRequestError as error:
        raise ConfigError(difference.what, f"the server refuses it: {error}") from error


def _put_template(
    client: Elasticsearch, kind: str, settings: Settings, noted: Mapping[str, Any]
) -> None:
    name = names.alias(settings.elasticsearch.prefix, kind)
    client.indices.put_index_template(name=name, **template(kind, settings), meta=noted)


def _create(client: Elasticsearch, name: str, alias: str = "") -> None:
    try:
        client.indices.create(index=name, aliases={alias: {}} if alias else None)
    except BadRequestError as error:
        if error.error != "resource_already_exists_exception":  # else another process was first
            raise
        if alias:
            client.indices.put_alias(index=name, name=alias)
