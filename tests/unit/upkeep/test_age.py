"""Which days are kept."""

from datetime import date

import pytest

from connectors.kafka.admin import shortens
from connectors.upkeep.age import kept_from, month_kept_from, month_of


def test_a_month_is_kept_as_long_as_one_of_its_days() -> None:
    """Counted back from today."""
    today = date(2026, 3, 31)
    assert kept_from(30, today) == date(2026, 3, 1)
    assert month_kept_from(30, today) == date(2026, 3, 1)
    assert kept_from(31, today) == date(2026, 2, 28)
    assert month_kept_from(31, today) == date(2026, 2, 1)
    assert month_kept_from(365, today) == date(2025, 3, 1)
    assert month_of(date(2025, 3, 1)) == "2025.03"


@pytest.mark.parametrize(
    ("there", "wanted", "shorter"),
    [
        ("-1", "1000", True),
        ("2000", "1000", True),
        ("1000", "1000", False),
        ("1000", "2000", False),
        ("1000", "-1", False),
        ("-1", "-1", False),
    ],
)
def test_below_0_is_for_ever(there: str, wanted: str, shorter: bool) -> None:
    """As Kafka has it."""
    assert shortens(there, wanted) is shorter
