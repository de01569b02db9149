"""Whether everything is as it must be: pure, over what was expected and what was found.

Each complaint has a code for its kind and names what it is about, so that a failed run can be read.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from streams.identity import alert_id
from tests.faults.world import Expected, Letter, World

_NAMED = 5


class Code(StrEnum):
    """What can be wrong."""

    LOST_BY_CRAWL = "an article that never came into articles.raw"
    LOST_BY_ENRICH = "an article of articles.raw that was neither enriched nor buried"
    LOST_BY_INDEX = "an enriched article that is not in the index"
    DOUBLED = "documents that are in the indices twice"
    UNEXPECTED = "articles that nobody published"
    MENTIONS = "mentions that are not those of the enriched articles"
    ALERT_LOST = "a document that is named and was not told"
    ALERT_DOUBLED = "an alert that is there twice"
    ALERT_UNEXPECTED = "an alert that should not be"
    UNTOLD = "documents of which the register does not know that they were told"
    DELIVERY = "alerts that were not delivered exactly once"
    LETTER_LOST = "a dead letter that is missing"
    LETTER_DOUBLED = "a dead letter that is indexed twice"
    LETTER_UNEXPECTED = "a dead letter about what should have gone on"
    LETTER_BYTES = "a dead letter without the bytes as they came"
    STUCK = "partitions with messages that nobody finishes"
    NOT_READY = "processes that are not ready"
    ORPHAN = "processes that outlived the one that started them"
    LEDGER = "the ledger says something else"


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """One thing that is wrong."""

    code: Code
    detail: str

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}"


def judge(expected: Expected, world: World) -> tuple[Complaint, ...]:
    """Everything that is wrong; nothing if the promise was kept."""
    found = (
        *_articles(expected, world),
        *_mentions(world),
        *_alerts(expected, world),
        *_letters(expected, world),
        *_rest(world),
        *_ledger(expected, world),
    )
    return tuple(complaint for complaint in found if complaint is not None)


def _complain(code: Code, items: Iterable[object]) -> Complaint | None:
    """A complaint about these, if there are any."""
    shown = sorted(str(item) for item in items)
    if not shown:
        return None
    more = f" and {len(shown) - _NAMED} more" if len(shown) > _NAMED else ""
    return Complaint(code=code, detail=f"{len(shown)}: {', '.join(shown[:_NAMED])}{more}")


def _twice(counts: Mapping[Any, int]) -> Iterator[object]:
    return (item for item, count in counts.items() if count > 1)


def _articles(expected: Expected, world: World) -> Iterator[Complaint | None]:
    wanted, buried = expected.articles, {letter.id for letter in world.letters}
    yield _complain(Code.LOST_BY_CRAWL, wanted - world.raw.keys())
    yield _complain(Code.LOST_BY_ENRICH, wanted & world.raw.keys() - world.enriched.keys() - buried)
    yield _complain(Code.LOST_BY_INDEX, wanted & world.enriched.keys() - world.articles.keys())
    yield _complain(Code.UNEXPECTED, world.articles.keys() - wanted)
    yield _complain(Code.DOUBLED, [*_twice(world.articles), *_twice(world.mentions)])


def _mentions(world: World) -> Iterator[Complaint | None]:
    """Those of the articles that are in the index; an article that is not is told of already."""
    wanted = {
        mention
        for article, mentions in world.enriched.items()
        if article in world.articles
        for mention in mentions
    }
    yield _complain(Code.MENTIONS, wanted ^ world.mentions.keys())


def _alerts(expected: Expected, world: World) -> Iterator[Complaint | None]:
    wanted = {alert_id("first-mention", key): key for key in expected.documents}
    told = Counter[str]()
    for (_, document), count in world.alerts.items():
        told[document] += count
    yield _complain(Code.ALERT_LOST, expected.documents - told.keys())
    yield _complain(Code.ALERT_LOST, wanted.keys() - world.alerts_sent)
    yield _complain(Code.ALERT_UNEXPECTED, world.alerts.keys() - wanted.items())
    yield _complain(Code.ALERT_UNEXPECTED, world.alerts_sent - wanted.keys())
    yield _complain(Code.ALERT_DOUBLED, _twice(told))
    registered = {key: world.documents.get(key, False) for key in expected.documents}
    yield _complain(Code.UNTOLD, (key for key, told in registered.items() if not told))
    yield _complain(Code.ALERT_UNEXPECTED, world.documents.keys() - expected.documents)
    delivered = ((key, world.delivered[key]) for key in expected.documents | world.delivered.keys())
    odd = (f"{key} x{n}" for key, n in delivered if n != int(key in expected.documents))
    yield _complain(Code.DELIVERY, odd)


def _letters(expected: Expected, world: World) -> Iterator[Complaint | None]:
    found = world.letters.keys()
    yield _complain(Code.LETTER_LOST, expected.letters - found)
    yield _complain(Code.LETTER_LOST, expected.letters & found - world.letters_indexed.keys())
    yield _complain(
        Code.LETTER_UNEXPECTED, (found | world.letters_indexed.keys()) - expected.letters
    )
    yield _complain(Code.LETTER_DOUBLED, _twice(world.letters_indexed))
    yield _complain(Code.LETTER_BYTES, _without_bytes(expected, world))


def _without_bytes(expected: Expected, world: World) -> Iterator[Letter]:
    """Enrich buries a message of `articles.raw` as it was; what was sent as poison is known."""
    for letter, contents in world.letters.items():
        wanted = expected.contents.get(letter)
        if (wanted is not None and contents != {wanted}) or (
            letter.stage == "enrich" and not contents <= world.raw.get(letter.id, frozenset())
        ):
            yield letter


def _rest(world: World) -> Iterator[Complaint | None]:
    yield _complain(Code.STUCK, (f"{place}: {lag}" for place, lag in world.lags.items() if lag))
    yield _complain(Code.NOT_READY, (name for name, ready in world.ready.items() if not ready))
    yield _complain(Code.ORPHAN, world.orphans)


def _ledger(expected: Expected, world: World) -> Iterator[Complaint | None]:
    told = world.ledger
    wanted = {
        "exit status": 0,
        "balanced": True,
        "discovered": len(expected.tracked),
        "indexed": len(expected.articles),
        "missing": 0,
        "under way": 0,
    }
    under_way = sum(told.get("under_way", {}).values())
    said = {**told, "exit status": world.ledger_status, "under way": under_way}
    yield _complain(
        Code.LEDGER,
        (
            f"{name} is {said.get(name)}, not {value}"
            for name, value in wanted.items()
            if said.get(name) != value
        ),
    )
