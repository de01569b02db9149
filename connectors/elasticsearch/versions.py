"""Which of two writes of one article is the newer one: a number that Elasticsearch compares.

The later capture wins, whatever extracted it; of one capture, the newer extractor wins. So a replay
with a better extractor improves what is there, and never brings an old text back.
"""

from datetime import UTC, datetime, timedelta

from streams.errors import Invalid, Reason
from streams.times import in_utc

#: Extractor versions go from 0 to 999.
EXTRACTORS = 1000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def milliseconds(moment: datetime) -> int:
    """Milliseconds since 1970, exact.

    Raises:
        Invalid: `bad-record`: before 1970, which Elasticsearch does not take for a version.
    """
    passed = (in_utc(moment) - _EPOCH) // _MILLISECOND
    if passed < 0:
        raise Invalid(Reason.BAD_RECORD, f"a version before 1970: {moment.isoformat()}")
    return passed


def version(fetched_at: datetime, extractor: int) -> int:
    """The external version of an article's and its mentions' documents.

    Below 2**53 until the year 2255, so that JavaScript reads it exactly.

    Raises:
        Invalid: `bad-record`: the extractor's number or the time can't be compared.
    """
    if not 0 <= extractor < EXTRACTORS:
        raise Invalid(Reason.BAD_RECORD, f"extractor {extractor} is not in 0..{EXTRACTORS - 1}")
    return milliseconds(fetched_at) * EXTRACTORS + extractor


#: Milliseconds since 1970 stay below it until the year 2248.
_LATEST = 2**43


def first_version(fetched_at: datetime, extractor: int) -> int:
    """The external version of a capture's document: of one extractor's the earliest fetch stays, and
    a newer extractor's replaces it.

    Below 2**53, as `version`.

    Raises:
        Invalid: `bad-record`: the extractor's number or the time can't be compared.
    """
    version(fetched_at, extractor)  # refuses what is out of range
    return extractor * _LATEST + max(0, _LATEST - 1 - milliseconds(fetched_at))
