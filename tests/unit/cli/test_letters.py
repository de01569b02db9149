"""What comes from outside is shown, and commands nobody's terminal."""

import pytest
from typer.testing import CliRunner

from connectors.cli.main import app
from connectors.cli.options import printable


def test_control_characters_are_shown_as_such() -> None:
    """An escape sequence in a page's address or bytes must not reach the terminal."""
    assert printable("Bài \x1b[31mđỏ\x07\n\tdòng") == "Bài \ufffd[31mđỏ\ufffd\n\tdòng"


@pytest.mark.parametrize(
    "words",
    [["retry"], ["retry", "an-id", "--reason", "gone"], ["drop"]],
)
def test_it_is_said_which_letters_are_meant(words: list[str]) -> None:
    """Ids or a reason, not both and not neither: exit status 2, before any server is asked."""
    answer = CliRunner().invoke(app, ["dead", *words])
    assert answer.exit_code == 2
