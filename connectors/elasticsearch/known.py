"""What the indices know of some articles: which capture, by which extractor, and what it mentions."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from elasticsearch import Elasticsearch

from connectors.elasticsearch.scan import moment, whole
from connectors.elasticsearch.versions import EXTRACTORS

_BY_ID = ({"id": "asc"},)
_IN_ORDER = ({"article": "asc"}, {"start": "asc"}, {"key": "asc"})


@dataclass(slots=True, kw_only=True)
class Known:
    """One article as it is indexed."""

    version: int  # `versions.version`
    people: frozenset[str]  # fullest names
    documents: Counter[str] = field(default_factory=Counter)  # canonical key -> mentions
    sentences: dict[str, str] = field(default_factory=dict)  # key -> around its first mention

    @property
    def fetched(self) -> int:
        """When the capture was fetched, in milliseconds since 1970."""
        return self.version // EXTRACTORS


def known(client: Elasticsearch, prefix: str, ids: Sequence[str]) -> dict[str, Known]:
    """Those of these articles that are indexed.

    Raises:
        Retry: the server can't be asked now, or not all of it.
    """
    found: dict[str, Known] = {}
    fields = ("text", "text_folded", "title_folded", "words", "terms", "lead")
    with moment(client, prefix, "articles") as point:
        query = {"terms": {"id": list(ids)}}
        for article in whole(client, point, query, sort=_BY_ID, without=fields):
            found[article["id"]] = Known(
                version=article["version"], people=frozenset(article["people"])
            )
    with moment(client, prefix, "mentions") as point:
        query = {"terms": {"article": list(found)}}
        for mention in whole(client, point, query, sort=_IN_ORDER, without=("sentence_folded",)):
            one = found[mention["article"]]
            one.documents[mention["key"]] += 1
            one.sentences.setdefault(mention["key"], mention["sentence"])
    return found
