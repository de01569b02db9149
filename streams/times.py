"""Times as records have them: what is foreign may have no zone."""

from datetime import UTC, datetime

from streams.errors import Invalid, Reason


def zoned(moment: datetime) -> datetime:
    """A time that can be compared with others: one without a zone is taken as UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def in_utc(moment: datetime) -> datetime:
    """A time in UTC; one without a zone is taken as UTC.

    Raises:
        Invalid: `bad-record`: it lies outside the calendar there.
    """
    try:
        return zoned(moment).astimezone(UTC)
    except OverflowError as error:
        raise Invalid(Reason.BAD_RECORD, f"not a time: {moment.isoformat()}") from error
