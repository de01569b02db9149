"""The register of documents ever mentioned, in Elasticsearch: what the `watch` stage asks."""

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

from elasticsearch import ConflictError

from connectors.elasticsearch import admin
from connectors.elasticsearch.client import FAILURES, connect, connect_async
from connectors.elasticsearch.documents import safe_id, stamp
from connectors.elasticsearch.names import alias
from streams.alerts import Claim, FirstMention
from streams.errors import Retry
from streams.settings import Elasticsearch, Settings

T = TypeVar("T")

_ASK_SECONDS = 5.0


class DocumentRegister:
    """`streams.alerts.Register` on the index `<prefix>-documents`: one document a key, made with
    `op_type=create`, so that among all workers exactly one makes it."""

    def __init__(self, server: Elasticsearch) -> None:
        """A register on this server. Nothing is asked of the server yet."""
        self._server = server
        self._client = connect_async(server)
        self._index = alias(server.prefix, "documents")
        self._made = False

    @classmethod
    def connect(cls, server: Elasticsearch) -> "DocumentRegister":
        """A register on this server. Nothing is asked of the server yet."""
        return cls(server)

    async def claim(self, first: FirstMention) -> Claim:
        """Notes `first` if its key is unknown.

        Raises:
            Retry: the server can't be asked now; asked again, the answer stays true.
            ConfigError: the indices that are there can't hold what is written.
        """
        if not self._made:  # the index stage may not have run yet; a claim would make an odd index
            await asyncio.to_thread(self._make)
            self._made = True
        id = safe_id(first.key)
        try:
            await _written(
                self._client.create(
                    index=self._index, id=id, document=body_of(first), require_alias=True
                )
            )
        except ConflictError:
            there = (await _asked(self._client.get(index=self._index, id=id)))["_source"]
            if there["told"]:
                return Claim.KNOWN
            return Claim.UNTOLD if there["article"] == first.article else Claim.CLAIMED
        return Claim.NEW

    async def told(self, key: str, alert: str) -> None:
        """Notes that the broker has the alert.

        Raises:
            Retry: the server can't be asked now.
        """
        change = {"told": True, "alert": alert}
        await _written(
            self._client.update(
                index=self._index,
                id=safe_id(key),
                doc=change,
                retry_on_conflict=3,
                require_alias=True,
            )
        )

    async def there(self) -> bool:
        """Whether the server answers a search within seconds."""
        client = self._client.options(request_timeout=_ASK_SECONDS)
        try:
            await client.count(index=self._index, terminate_after=1, ignore_unavailable=True)
        except FAILURES:
            return False
        return True

    async def close(self) -> None:
        """Lets go of connections."""
        await self._client.close()

    def _make(self) -> None:
        with connect(self._server) as client:
            admin.ensure(client, Settings(elasticsearch=self._server))


def body_of(first: FirstMention) -> dict[str, Any]:
    """What the register writes of a first mention."""
    return {
        "key": first.key,
        "type": first.type,
        "number": first.number,
        "year": first.year,
        "symbol": first.symbol,
        "issuer": first.issuer,
        "issued": first.issued,
        "title": first.title,
        "article": first.article,
        "outlet": first.outlet,
        "url": first.url,
        "article_title": first.article_title,
        "published": stamp(first.published),
        "first_seen": stamp(first.first_seen),
        "discovered_at": stamp(first.discovered_at),
        "sentence": first.sentence,
        "people": list(first.people),
        "alert": first.alert_id,
        "quiet": first.quiet,
        "told": first.quiet,  # there is nothing left to tell
    }


async def _written(answer: Awaitable[Any]) -> None:
    """Returns when the server says that it has written: something else than Elasticsearch (a proxy, a
    balancer) may answer 200 in its place, and would be believed to know what nobody wrote down."""
    body = (await _asked(answer)).body
    result = body.get("result") if isinstance(body, dict) else None
    if result not in ("created", "updated", "noop"):
        raise Retry("the register of documents: not the answer of an Elasticsearch")


async def _asked(answer: Awaitable[T]) -> T:
    try:
        return await answer
    except ConflictError:
        raise
    except FAILURES as error:
        raise Retry(f"the register of documents: {type(error).__name__}: {error}"[:500]) from error
