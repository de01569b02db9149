"""The captures of an article that the index keeps, in the order in which they were fetched."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from elasticsearch import Elasticsearch

from connectors.elasticsearch.scan import moment, whole
from streams.changes import Change, change

_IN_TIME = ({"fetched_at": "asc"}, {"id": "asc"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """One wording of an article, and what it says that the one before did not."""

    id: str
    article: str
    url: str
    outlet: str
    fetched_at: datetime  # first
    title: str
    documents: Change  # against the capture before; all of the first one's are gained
    people: Change


def captures(client: Elasticsearch, prefix: str, article: str) -> tuple[Capture, ...]:
    """Those of one article; none where it is not known.

    Raises:
        Retry: the server can't be asked now, or not all of it.
    """
    with moment(client, prefix, "captures") as point:
        query = {"term": {"article": article}}
        found = list(whole(client, point, query, sort=_IN_TIME, without=["text"]))
    before: dict[str, Any] = {"documents": [], "people": []}
    told: list[Capture] = []
    for body in found:
        told.append(
            Capture(
                id=body["id"],
                article=body["article"],
                url=body["url"],
                outlet=body["outlet"],
                fetched_at=datetime.fromisoformat(body["fetched_at"]),
                title=body["title"],
                documents=change(before["documents"], body["documents"]),
                people=change(before["people"], body["people"]),
            )
        )
        before = body
    return tuple(told)
