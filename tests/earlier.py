"""Indices as an earlier program has left them: without versions in their names."""

from typing import Any

from elasticsearch import Elasticsearch

from connectors.elasticsearch import names
from connectors.elasticsearch.admin import present
from connectors.elasticsearch.copying import transfer
from connectors.elasticsearch.declared import declared


def months_as_before(client: Elasticsearch, prefix: str) -> list[str]:
    """Moves what is in the months' indices into `<prefix>-<kind>-<month>`, with another mapping: its
    outlets are text. Returns the new names."""
    made = []
    for kind in names.MONTHLY:
        alias = names.alias(prefix, kind)
        for found in list(present(client, prefix, kind)):
            old = f"{alias}-{found.month}"
            _copy(client, found.name, old, {alias: {}}, kind)
            client.indices.delete(index=found.name)
            made.append(old)
    return made


def single_as_before(client: Elasticsearch, prefix: str, kind: str) -> str:
    """Moves what is in a kind's only index into one with the alias's own name; returns it."""
    alias = names.alias(prefix, kind)
    ((found, _),) = present(client, prefix, kind).items()
    _copy(client, found.name, f"{alias}-between", {}, kind)
    client.indices.delete(index=found.name)
    _copy(client, f"{alias}-between", alias, {}, kind)
    client.indices.delete(index=f"{alias}-between")
    return alias


def _copy(client: Elasticsearch, old: str, new: str, aliases: dict[str, Any], kind: str) -> None:
    fields = declared(kind).mappings["properties"] | {"outlet": {"type": "text"}}
    client.indices.create(
        index=new,
        mappings={"dynamic": "strict", "properties": fields},
        settings={"number_of_replicas": 0, "refresh_interval": "500ms"},
        aliases=aliases,
    )
    client.indices.refresh(index=old)
    transfer(client, old, new)
