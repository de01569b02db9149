"""Findings scored by the gold set's own program: its rules of matching are the measure."""

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

#: kind -> precision, recall, f1, gold, predicted
Scores = dict[str, dict[str, float]]


def score(gold: Path, found: Iterable[dict[str, Any]]) -> Scores:
    """The figures of one way of finding, by kind.

    Raises:
        subprocess.CalledProcessError: the scorer refuses the findings; it has said why.
    """
    with TemporaryDirectory() as folder:
        predicted = Path(folder) / "predicted.jsonl"
        with predicted.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(each, ensure_ascii=False) + "\n" for each in found)
        told = subprocess.run(
            [sys.executable, str(scorer(gold)), str(gold), str(predicted), "--json"],
            check=True,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
    scores: Scores = json.loads(told.stdout)["scores"]
    return scores


def scorer(gold: Path) -> Path:
    """The scorer that lies beside a gold set."""
    return gold.with_name("score.py")
