"""The word lists behind people and titles, read once from the data files."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from streams.tables import read_tsv

_DATA = Path(__file__).parent / "data"
_WORD = re.compile(r"[^\W_]+(?:['’&][^\W_]+)*")

Phrase = tuple[str, ...]
# first (or last) word -> the phrases that begin (end) with it, the longest first
Phrases = Mapping[str, tuple[tuple[Phrase, str], ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """Everything known about the words around names; all words in lower case but names."""

    surnames: Mapping[str, str]  # `Nguyễn` -> sure | likely | rare
    first_names: frozenset[str]
    honorifics: Phrases  # by last word
    titles: Phrases  # by first word
    units: Phrases  # by first word
    naming: Phrases  # by last word
    places: Phrases  # places and papers by first word, as written
    compounds: frozenset[str]  # `phát triển`
    starters: frozenset[str]
    verbs: frozenset[str]
    foreign: frozenset[str]


def _rows(name: str, *columns: str) -> list[dict[str, str]]:
    return [row for _, row in read_tsv(_DATA / name, columns)]


def _phrases(rows: Iterable[tuple[str, str]], *, by: int, lower: bool = True) -> Phrases:
    found: dict[str, list[tuple[Phrase, str]]] = {}
    for text, value in rows:
        words = tuple(_WORD.findall(text.lower() if lower else text))
        found.setdefault(words[by], []).append((words, value))
    return {
        key: tuple(sorted(phrases, key=lambda each: -len(each[0])))
        for key, phrases in found.items()
    }


def _places() -> list[tuple[str, str]]:
    places = [(row["name"], row["kind"]) for row in _rows("places.tsv", "name", "kind")]
    papers = [(row["name"], "paper") for row in _rows("agencies.tsv", "name")]
    return places + [paper for paper in papers if " " in paper[0]]


@cache
def lexicon() -> Lexicon:
    """The lexicon of the shipped data files.

    Raises:
        ConfigError: a data file is missing or malformed.
    """
    stops: dict[str, list[str]] = {}
    for row in _rows("name_stops.tsv", "word", "kind"):
        stops.setdefault(row["kind"], []).append(row["word"])
    return Lexicon(
        surnames={
            row["name"]: row["strength"] for row in _rows("surnames.tsv", "name", "strength")
        },
        first_names=frozenset(row["name"] for row in _rows("first_names.tsv", "name")),
        honorifics=_phrases(
            ((r["word"], r["kind"]) for r in _rows("honorifics.tsv", "word", "kind")), by=-1
        ),
        titles=_phrases(
            ((r["title"], r["kind"]) for r in _rows("titles.tsv", "title", "kind")), by=0
        ),
        units=_phrases(((r["words"], "") for r in _rows("unit_words.tsv", "words")), by=0),
        naming=_phrases(
            ((word, kind) for kind in ("naming", "label") for word in stops[kind]), by=-1
        ),
        places=_phrases(_places(), by=0, lower=False),
        compounds=frozenset(row["words"] for row in _rows("compounds.tsv", "words")),
        starters=frozenset(stops["starter"]),
        verbs=frozenset(stops["verb"]),
        foreign=frozenset(stops["foreign"]),
    )
