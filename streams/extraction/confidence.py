"""How far a mention can be trusted: how often its rule was right on hand-read articles."""

from functools import cache

from streams.extraction.vocabulary import DATA
from streams.tables import read_tsv

# what is believed of a rule before it was ever seen, and how many sightings that belief weighs
_BEFOREHAND = 0.9
_WEIGHT = 4


@cache
def _counted() -> dict[str, tuple[int, int]]:
    """rule -> how often it was right, and wrong.

    Raises:
        ConfigError: the data file is wrong.
    """
    rows = read_tsv(DATA / "confidence.tsv", ("rule", "right", "wrong"))
    return {row["rule"]: (int(row["right"]), int(row["wrong"])) for _, row in rows}


@cache
def confidence(rule: str) -> float:
    """The share of right keys to expect of a rule: its count, drawn towards its parent rule.

    `type+number+issuer` is drawn towards `type+number`, that towards `type`, that towards what is
    believed of any rule; so a rule that was seen twice does not claim certainty.
    """
    parent, _, last = rule.rpartition("+")
    expected = confidence(parent) if last and parent else _BEFOREHAND
    right, wrong = _counted().get(rule, (0, 0))
    return round((right + _WEIGHT * expected) / (right + wrong + _WEIGHT), 3)
