"""Messages as traces: what a stage has taken but not finished, or has not taken yet."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from connectors.kafka.intake import Message
from streams import codec, topics
from streams.errors import Invalid
from streams.ledger import Source, Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What raw and enriched articles have in common, without their pages."""

    outlet: str
    url: str
    first_seen: datetime


def article_traces(messages: Iterable[Message], source: Source) -> Iterator[Trace]:
    """Messages of `articles.raw` or `articles.enriched`; bytes that are no record have their key."""
    for message in messages:
        id = (message.key or b"").decode(errors="replace")
        try:
            head = codec.decode(Head, message.value)
        except Invalid:
            yield Trace(id=id, source=source)
        else:
            day = f"{head.first_seen:%Y-%m-%d}"
            yield Trace(id=id, source=source, outlet=head.outlet, day=day, url=head.url)


def letter_traces(messages: Iterable[Message]) -> Iterator[Trace]:
    """Messages of `articles.dead` that tell of an article."""
    for message in messages:
        letter = codec.decode_dead(message.key, message.value, message.headers)
        if tells(letter.stage, letter.source):
            yield Trace(
                id=letter.id,
                source=Source.DEAD,
                outlet=letter.outlet,
                day=f"{letter.at:%Y-%m-%d}",
                url=letter.url,
            )


def tells(stage: str, source: str) -> bool:
    """Whether a dead letter of this stage and source ends an article's way: one of `watch` or
    `notify`, or one about an alert, says nothing of whether the article is indexed."""
    if stage == "index":
        return source.startswith(f"{topics.ENRICHED.name}/")
    return stage in ("crawl", "enrich")
