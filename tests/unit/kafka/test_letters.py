"""Dead letters: always small enough for the broker."""

from connectors.kafka.letters import fitting
from streams import codec
from streams.topics import MAX_MESSAGE_BYTES
from tests import make_index


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
