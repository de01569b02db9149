"""What one reading of an article has that another has not: documents, people. Pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Mentions gained and lost, each with how many."""

    gained: Counter[str]
    lost: Counter[str]

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self.gained or self.lost)


def change(before: Iterable[str], after: Iterable[str]) -> Change:
    """Two lists of keys, or two counters, compared as bags: one mention more is a gain, too."""
    old, new = Counter(before), Counter(after)
    return Change(gained=new - old, lost=old - new)
