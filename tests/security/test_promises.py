"""SECURITY.md promises nothing that no test holds."""

import re
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]


def test_every_promise_names_a_test_that_is_there() -> None:
    """Each line of the promises names at least one, and each that is named exists."""
    text = (_ROOT / "SECURITY.md").read_text(encoding="utf-8")
    promises = text.partition("## What is promised")[2].partition("## What is not promised")[0]
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", promises)
    assert len(named) >= promises.count("\n- ")
    for promise in promises.split("\n- ")[1:]:
        assert re.search(r"`tests/[\w/]+\.py::\w+`", promise), promise
    for path, name in named:
        assert f"def {name}(" in (_ROOT / path).read_text(encoding="utf-8"), f"{path}::{name}"
