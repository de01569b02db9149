"""Whether the stages have finished what there is, as the broker and the record of deliveries tell it."""

from contextlib import closing
from pathlib import Path

from connectors.kafka.admin import lags
from connectors.notify.delivered import RECORD, Book
from streams.errors import Retry
from streams.settings import Kafka


def at_rest(kafka: Kafka, *groups: str) -> bool:
    """Whether these groups, without any all of them, have finished all that they read.

    A stage's own figure would not do: it is seconds old, and 0 before the stage has partitions.
    """
    try:
        left = lags(kafka)
    except Retry:  # a broker that has just started, or made its topic of groups, loads that topic
        return False
    return not any(left[group] for group in groups or left)


def all_delivered(data_dir: Path) -> bool:
    """Whether notify has delivered all that it has noted: it commits what is noted, and delivers then."""
    if not (data_dir / RECORD).exists():
        return False
    with closing(Book(data_dir / RECORD)) as book:
        return book.backlog()[0] == 0
