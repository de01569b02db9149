"""Which days are kept, and which have grown too old: pure."""

from datetime import date, timedelta


def kept_from(days: int, today: date) -> date:
    """The first day that is kept when so many days are, today's not counted."""
    return today - timedelta(days=days)


def month_kept_from(days: int, today: date) -> date:
    """The first day of the first month of which at least one day is kept: an index is removed whole."""
    return kept_from(days, today).replace(day=1)


def month_of(day: date) -> str:
    """A day's month as the names of indices have it, `2026.11`: they sort by time."""
    return f"{day:%Y.%m}"
