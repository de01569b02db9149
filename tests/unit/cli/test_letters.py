"""Which letters are meant."""

import pytest
from typer.testing import CliRunner

from connectors.cli.main import app


@pytest.mark.parametrize(
    "words",
    [["retry"], ["retry", "an-id", "--reason", "gone"], ["drop"]],
)
def test_it_is_said_which_letters_are_meant(words: list[str]) -> None:
    """Ids or a reason, not both and not neither: exit status 2, before any server is asked."""
    answer = CliRunner().invoke(app, ["dead", *words])
    assert answer.exit_code == 2
