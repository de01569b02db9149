"""From an enriched article to what is worth telling: pure rules, and the memory they ask.

What was ever mentioned is remembered outside (`Register`), under the document's key: the first to
claim a key has its first mention. Claiming and telling are two steps, so that a crash between them
neither loses the alert nor tells it twice.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Protocol

from streams.errors import Invalid, Reason
from streams.identity import alert_id
from streams.records import Alert, DocumentMention, EnrichedArticle, Novelty, PersonMention
from streams.text import sentence_span
from streams.times import zoned

#: Days for which a document counts as newly issued. Our own rule: documents are gazetted, and the
#: press explains them, within some weeks of their date.
NEW_DAYS = 30
_ISO = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")


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
    quiet: bool = False  # remembered, and never told


class Claim(Enum):
    """What the register says of a first mention."""

    NEW = "new"  # nobody knew the document until now: tell it
    UNTOLD = "untold"  # this very article claimed it before, and a crash came before the telling
    CLAIMED = "claimed"  # another article claimed it, and has yet to tell it
    KNOWN = "known"  # told


class Register(Protocol):
    """Remembers every document ever mentioned, for all workers together."""

    async def claim(self, first: FirstMention) -> Claim:
        """Notes `first` if its key is unknown, a quiet one as told; atomic among workers.

        Raises:
            Retry: the server that remembers can't be asked now.
        """
        ...

    async def told(self, key: str, alert: str) -> None:
        """Notes that the broker has the alert. Raises Retry as `claim` does."""
        ...

    async def there(self) -> bool:
        """Whether the server that remembers answers now; never raises."""
        ...

    async def close(self) -> None:
        """Lets go of connections."""
        ...


def check_spans(article: EnrichedArticle) -> None:
    """Raises Invalid: `bad-record`: a document's mention lies outside its text."""
    for mention in article.facts.documents:
        length = len(article.title if mention.field == "title" else article.text)
        if not 0 <= mention.start <= mention.end <= length:
            place = f"{mention.field}[{mention.start}:{mention.end}]"
            detail = f"{mention.key}: {place} is outside its {length} chars"
            raise Invalid(Reason.BAD_RECORD, detail)


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


def first_mentions(
    article: EnrichedArticle, *, quiet_before: datetime | None = None
) -> tuple[FirstMention, ...]:
    """One for each document that the article names by a key that identifies it, in reading order.

    Anaphors only point at what is named elsewhere in the article, and an incomplete key (`24/NĐ-CP`
    without its year) may be any of several documents: neither is a first mention.

    Args:
        quiet_before: articles that were found before then are quiet: the baseline of a new
            installation. By when they were found, not by the clock: a restart changes nothing.

    Raises:
        Invalid: `bad-record`: a mention lies outside its text.
    """
    check_spans(article)
    early = quiet_before is not None and zoned(article.discovered_at) < quiet_before
    quiet = article.quiet or early
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
            quiet=quiet,
        )
    return tuple(found.values())


def is_told(first: FirstMention, claim: Claim) -> bool:
    """Whether a claim leads to an alert.

    A quiet mention that is new is only remembered. One that finds its own article's claim untold is
    told all the same: a replayed copy comes after the live one, whose telling a crash cut off.
    """
    return claim is Claim.UNTOLD or (claim is Claim.NEW and not first.quiet)


def novelty_of(issued: str | None, published: datetime | None) -> Novelty:
    """Whether a document was issued in the `NEW_DAYS` days before an article was published, or is
    older and only new to us.

    Args:
        issued: ISO date, month or year; where it is a month or a year, every day of it (up to the
            article's own) must give the same answer.

    Returns:
        `unknown` without a date on either side, where the days of a month or year disagree, and
        for a date so long after the article that it must have been misread.
    """
    days = _days_of(issued or "")
    if days is None or published is None:
        return "unknown"
    day = published.date()
    earliest, latest = ((day - end).days for end in days)  # ages, in days
    if latest > NEW_DAYS:
        return "new-to-us"
    return "newly-issued" if -NEW_DAYS <= earliest <= NEW_DAYS else "unknown"


def _days_of(iso: str) -> tuple[date, date] | None:
    """The first and the last day of an ISO date, month or year."""
    found = _ISO.fullmatch(iso)
    if found is None:
        return None
    year, month, day = (int(part) if part else None for part in found.groups())
    try:
        first = date(year or 0, month or 1, day or 1)
        last_month = month or 12
        last_day = day or calendar.monthrange(first.year, last_month)[1]
        return first, date(first.year, last_month, last_day)
    except ValueError:  # 2024-02-30, year 0
        return None


def alert_of(first: FirstMention, *, now: datetime, outlet_name: str = "") -> Alert:
    """The alert that tells of a first mention.

    Args:
        outlet_name: as people know the outlet.
    """
    issued = first.issued or (str(first.year) if first.year else None)
    return Alert(
        id=first.alert_id,
        kind="first-mention",
        document=first.key,
        type=first.type,
        issuer=first.issuer,
        issued=first.issued,
        document_title=first.title,
        novelty=novelty_of(issued, first.published),
        article=first.article,
        outlet=first.outlet,
        outlet_name=outlet_name,
        url=first.url,
        title=first.article_title,
        published=first.published,
        sentence=first.sentence,
        people=first.people,
        discovered_at=first.discovered_at,
        created_at=now,
    )
