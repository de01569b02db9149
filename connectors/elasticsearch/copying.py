"""An index with a new mapping in the place of an older one, behind the same alias."""

from collections.abc import Iterator
from typing import Any

from elasticsearch import BadRequestError, Elasticsearch
from elasticsearch.helpers import scan, streaming_bulk

from connectors.elasticsearch.verdict import Request, judge_request
from streams.errors import ConfigError, Retry

_KEEP = "5m"  # between two pages
_CONFLICT = 409


def copy(client: Elasticsearch, old: str, new: str, alias: str) -> None:
    """Copies `old` into `new` and puts the alias in front of that, in one step.

    Meanwhile `old` is read and takes no writes: writers are told that it is closed, and try again
    until the alias leads to `new`. Afterwards `old` stays as it was, but for one that has the alias's
    own name, which must go with the same step. Begun again, or by two at once, it ends the same:
    a document that is in `new` already, perhaps changed since, is left alone.

    Raises:
        ConfigError: a document does not fit the new mapping; `old` takes writes again.
        Retry: not all of it could be copied now.
        elasticsearch's errors: the server can't be asked now.
    """
    try:
        client.indices.create(index=new)
    except BadRequestError as error:
        if error.error != "resource_already_exists_exception":
            raise
    client.indices.add_block(index=old, block="write")
    client.indices.refresh(index=old)  # what was written just before is copied, too
    try:
        transfer(client, old, new)
    except ConfigError:
        client.indices.put_settings(index=old, settings={"index.blocks.write": None})
        raise
    before, after = (int(client.count(index=name)["count"]) for name in (old, new))
    if after < before:
        raise Retry(f"index {old}: {after} of {before} documents are in {new}")
    leave: dict[str, Any] = {"remove": {"index": old, "alias": alias}}
    if old == alias:
        leave = {"remove_index": {"index": old}}
    client.indices.update_aliases(
        actions=[leave, {"add": {"index": new, "alias": alias, "is_write_index": True}}]
    )


def transfer(client: Elasticsearch, old: str, new: str) -> None:
    """Writes every document of one index into another one, with its version; a document that is there
    with this version or a later one stays.

    In pages, by this process: a bare server has no `_reindex`.

    Raises:
        ConfigError: a document does not fit the mapping there.
        Retry: the server can't take one now.
        elasticsearch's errors: the server can't be asked now.
    """
    results = streaming_bulk(client, _documents(client, old, new), raise_on_error=False)
    for ok, item in results:
        ((_, answer),) = item.items()
        if ok or answer["status"] == _CONFLICT:
            continue
        told = f"{answer['_id']} can't be copied into {new}: {answer['error']}"[:1000]
        if judge_request(answer["status"]) is Request.AGAIN:
            raise Retry(f"index {old}: {told}")
        raise ConfigError(f"index {old}", told)
    client.indices.refresh(index=new)


def _documents(client: Elasticsearch, old: str, new: str) -> Iterator[dict[str, Any]]:
    for hit in scan(client, index=old, query={"version": True}, scroll=_KEEP):
        yield {
            "_index": new,
            "_id": hit["_id"],
            "_version": hit["_version"],
            "_version_type": "external",
            "_source": hit["_source"],
        }
