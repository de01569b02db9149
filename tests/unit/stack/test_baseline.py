"""The baseline: how long a new installation is silent."""

from datetime import timedelta
from pathlib import Path

import pytest

from connectors.stack.baseline import duration, quiet_until
from streams.errors import Fatal
from tests import make

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("text", "length"),
    [("90m", timedelta(minutes=90)), ("24h", DAY), ("3d", 3 * DAY)],
)
def test_a_time(text: str, length: timedelta) -> None:
    """Minutes, hours, days."""
    assert duration(text) == length


@pytest.mark.parametrize("text", ["", "24", "h", "1.5h", "-1h", "24 h", "99999d", "24H"])
def test_what_is_no_time(text: str) -> None:
    """It is told, and nobody guesses."""
    with pytest.raises(ValueError, match="is no time like"):
        duration(text)


def test_it_counts_from_the_first_start(tmp_path: Path) -> None:
    """A service that is started again every hour is not silent for ever."""
    assert quiet_until(tmp_path, DAY, make.MOMENT) == make.MOMENT + DAY
    assert quiet_until(tmp_path, DAY, make.MOMENT + 5 * DAY) == make.MOMENT + DAY
    assert quiet_until(tmp_path, 2 * DAY, make.MOMENT + 5 * DAY) == make.MOMENT + 2 * DAY


def test_a_note_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """It is named, and not taken for a first start."""
    (tmp_path / "baseline").write_text("hôm qua", encoding="utf-8")
    with pytest.raises(Fatal, match="baseline"):
        quiet_until(tmp_path, DAY, make.MOMENT)
