"""From an enriched article to what is worth telling: pure rules, and the memory they ask.

What was ever mentioned is remembered outside (`Register`), under the document's key: the first to
claim a key has its first mention. Claiming and telling are two steps, so that a crash between them
neither loses the alert nor tells it twice.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol

from streams.identity import alert_id
from streams.records import Alert, DocumentMention, EnrichedArticle, PersonMention
from streams.text import sentence_span


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstMention:
    """A document's mention in an article, as the register keeps it if it is the first ever."""

    key: str
    alert_id: str
    type: str
    number: str
    year: int | None
    symbol: str
    issuer: str | None
    issued: str | None
    title: str | None  # of the document
    article: str  # article id
    outlet: str
    url: str
    article_title: str
    published: datetime | None
    first_seen: datetime
    discovered_at: datetime
    sentence: str
    people: tuple[str, ...]


class Claim(Enum):
    """What the register says of a first mention."""

    NEW = "new"  # nobody knew the document until now: tell it
    UNTOLD = "untold"  # this very article claimed it before, and a crash came before the telling
    KNOWN = "known"  # told, or another article's


class Register(Protocol):
    """Remembers every document ever mentioned, for all workers together."""

    async def claim(self, first: FirstMention) -> Claim:
        """Notes `first` if its key is unknown; atomic among workers.

        Raises:
            Retry: the server that remembers can't be asked now.
        """
        ...

    async def told(self, key: str, alert: str) -> None:
        """Notes that the broker has the alert. Raises Retry as `claim` does."""
        ...

    async def close(self) -> None:
        """Lets go of connections."""
        ...


def sentence_of(article: EnrichedArticle, mention: DocumentMention) -> tuple[str, tuple[str, ...]]:
    """The sentence around a mention, and the people named in it (fullest form, in order)."""
    if mention.field == "title":
        return article.title, ()
    start, end = sentence_span(article.text, mention.start, mention.end)
    people = (p.person or p.surface for p in people_between(article.facts.people, start, end))
    return article.text[start:end], tuple(dict.fromkeys(people))


def people_between(
    people: tuple[PersonMention, ...], start: int, end: int
) -> tuple[PersonMention, ...]:
    """The person mentions whose span lies between two offsets of the text."""
    return tuple(p for p in people if start <= p.start and p.end <= end)


def first_mentions(article: EnrichedArticle) -> tuple[FirstMention, ...]:
    """One for each document that the article names by a key that identifies it, in reading order.

    Anaphors only point at what is named elsewhere in the article, and an incomplete key (`24/NĐ-CP`
    without its year) may be any of several documents: neither is a first mention.
    """
    found: dict[str, FirstMention] = {}
    for mention in sorted(article.facts.documents, key=lambda m: (m.field != "title", m.start)):
        if mention.tier == "anaphor" or not mention.complete or mention.key in found:
            continue
        sentence, people = sentence_of(article, mention)
        found[mention.key] = FirstMention(
            key=mention.key,
            alert_id=alert_id("first-mention", mention.key),
            type=mention.type,
            number=mention.number,
            year=mention.year,
            symbol=mention.symbol,
            issuer=mention.issuer,
            issued=mention.issued,
            title=mention.title,
            article=article.id,
            outlet=article.outlet,
            url=article.url,
            article_title=article.title,
            published=article.published,
            first_seen=article.first_seen,
            discovered_at=article.discovered_at,
            sentence=sentence,
            people=people,
        )
    return tuple(found.values())


def alert_of(first: FirstMention, *, now: datetime) -> Alert:
    """The alert that tells of a first mention."""
    return Alert(
        id=first.alert_id,
        kind="first-mention",
        document=first.key,
        type=first.type,
        issuer=first.issuer,
        issued=first.issued,
        document_title=first.title,
        article=first.article,
        outlet=first.outlet,
        url=first.url,
        title=first.article_title,
        published=first.published,
        sentence=first.sentence,
        people=first.people,
        discovered_at=first.discovered_at,
        created_at=now,
    )
