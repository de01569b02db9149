"""What a back-fill took, what it knew, and what it could not read. Pure."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from connectors.replay.found import Bad

#: Things named, of each kind; all are counted.
MOST_NAMED = 200


@dataclass(slots=True, kw_only=True)
class Tally:
    """The account of one back-fill; grows while it runs, and stays small."""

    read: int = 0  # articles' pages or addresses
    new: int = 0
    known: int = 0
    elsewhere: int = 0  # of no outlet of ours
    others: Counter[str] = field(default_factory=Counter)  # by kind: what is no article's page
    reasons: Counter[str] = field(default_factory=Counter)  # of what could not be read
    bad: list[Bad] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)  # addresses of no outlet of ours

    def fail(self, bad: Bad) -> None:
        """Notes what could not be read."""
        self.reasons[str(bad.reason)] += 1
        if len(self.bad) < MOST_NAMED:
            self.bad.append(bad)

    def foreign(self, where: str, url: str) -> None:
        """Notes an article of no outlet of ours."""
        self.elsewhere += 1
        if len(self.strangers) < MOST_NAMED:
            self.strangers.append(f"{where}: {url}")

    def told(self) -> dict[str, Any]:
        """The account as JSON has it."""
        return {
            "read": self.read,
            "new": self.new,
            "known": self.known,
            "elsewhere": {"count": self.elsewhere, "named": self.strangers},
            "others": dict(self.others.most_common()),
            "bad": {
                "reasons": dict(self.reasons.most_common()),
                "named": [
                    {"where": bad.where, "reason": str(bad.reason), "detail": bad.detail}
                    for bad in self.bad
                ],
            },
        }
