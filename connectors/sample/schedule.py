"""When each article is published: a function of the start and the clock, so a restart forgets nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.sample.articles import Article


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """An article and the moment at which it appeared."""

    article: Article
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """The first `initial` articles appear at `started`, the others one by one every `interval`."""

    articles: Sequence[Article]
    started: datetime  # aware
    initial: int
    interval: timedelta

    def __post_init__(self) -> None:
        if self.started.tzinfo is None:
            raise ValueError(
                "started: a time with its zone is needed, e.g. 2026-11-24T10:00:00+07:00"
            )
        if self.initial < 0 or self.interval < timedelta(0):
            raise ValueError("initial and interval: must not be negative")

    def appears(self, position: int) -> datetime:
        """When the article at this position (from 0) appears."""
        return self.started + max(0, position - self.initial + 1) * self.interval

    def published(self, now: datetime) -> tuple[Published, ...]:
        """What has appeared by `now`, oldest first."""
        return tuple(
            Published(article=article, at=self.appears(position))
            for position, article in enumerate(self.articles)
            if self.appears(position) <= now
        )

    @property
    def complete_at(self) -> datetime:
        """When the last article appears."""
        return self.appears(len(self.articles) - 1)
