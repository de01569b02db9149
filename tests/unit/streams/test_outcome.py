"""What became of a message: counted, and as a dead letter always small enough for the broker."""

from types import SimpleNamespace

from streams import codec
from streams.errors import Reason
from streams.outcome import Outcome, dead_letter, fitting, note
from streams.topics import MAX_MESSAGE_BYTES
from tests import make, make_index


def test_an_ordinary_letter_is_left_as_it_is() -> None:
    """The bytes are the original ones."""
    letter = make_index.dead_letter()
    assert fitting(letter) == letter


def test_a_letter_about_the_largest_message_fits() -> None:
    """What is cut off is said; a letter that the broker refuses would stop the stage for ever."""
    long = "ố" * 10**6
    letter = fitting(
        make_index.dead_letter(
            id=long, detail=long, outlet=long, url=long, content=b"\x00" * MAX_MESSAGE_BYTES
        )
    )
    headers = sum(len(name) + len(value) for name, value in codec.dead_headers(letter).items())
    assert len(letter.content) + headers + len(letter.id.encode()) < MAX_MESSAGE_BYTES
    assert f"of {MAX_MESSAGE_BYTES} bytes" in letter.detail


def test_the_largest_message_makes_a_letter_that_fits() -> None:
    """Of any stage: a letter that the broker refuses would stop the stage at that message for ever."""
    message = SimpleNamespace(topic="articles.raw", partition=0, offset=1)
    event = SimpleNamespace(key=b"k" * 10_000, value=b"\xff" * MAX_MESSAGE_BYTES, message=message)
    letter = dead_letter("enrich", event, Outcome(reason=Reason.BAD_RECORD, detail="no record"))
    assert letter == fitting(letter)
    assert letter.detail == f"no record (cut to {len(letter.content)} of {MAX_MESSAGE_BYTES} bytes)"


def test_a_time_without_a_zone_is_counted() -> None:
    """It is taken as UTC: the article is finished by then, and its stage must not die of it."""
    for moment in (make.MOMENT, make.MOMENT.replace(year=1, month=1, day=1, hour=0)):
        note("watch", Outcome(discovered_at=moment.replace(tzinfo=None)))
