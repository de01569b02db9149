"""Three ways of finding the same things in the same texts, scored alike.

    python -m tests.benchmark.compare [--gold PATH] [--json]

One regular expression per kind; underthesea's entities (people only: it knows no documents and no
dates); dongtin's extraction; and what the entities would add to it. Each with its time.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import process_time
from typing import Any

from rich.table import Table

from streams.extraction import extract
from streams.extraction.prediction import prediction
from streams.terminal import Console
from tests.benchmark.articles import GOLD, Article, megabytes, read_articles
from tests.benchmark.entities import Entity, entities
from tests.benchmark.regexes import by_regex
from tests.benchmark.scoring import Scores, score, scorer

Found = dict[str, Any]
_WARM = Article(id="", text="Ngày 1/2/2020, ông Nguyễn Văn Nam nói về Chỉ thị 05-CT/TW.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way of finding, measured: `seconds` of processor time for all articles."""

    name: str
    scores: Scores
    seconds: float
    slowest: float  # seconds of processor time for the dearest article


def measured(name: str, gold: Path, find: Callable[[Article], Found]) -> tuple[Way, list[Found]]:
    """What a way finds in each article of a gold set, its scores and its time."""
    find(_WARM)  # data files and models are read before the clock starts
    found, times = [], []
    for article in read_articles(gold):
        start = process_time()
        found.append(find(article))
        times.append(process_time() - start)
    scores = score(gold, found)
    return Way(name=name, scores=scores, seconds=sum(times), slowest=max(times)), found


def by_dongtin(article: Article) -> Found:
    """This project's findings."""
    found = extract(article.text, title=article.title, published=article.published)
    return prediction(article.id, found)


def by_entities(article: Article) -> Found:
    """underthesea's persons."""
    return {"id": article.id, "people": [_person(each) for each in _persons(article)]}


def by_both(article: Article) -> Found:
    """This project's findings, and the persons that only underthesea sees."""
    found = by_dongtin(article)
    return {**found, "people": joined(article.text, found, _persons(article))}


def joined(text: str, found: Found, persons: Iterable[Entity]) -> list[dict[str, Any]]:
    """The people found, with the entities that are capitalised, of several syllables, and neither
    overlap anything found nor stand in a credit: the filter that loses least precision."""
    taken = [*found["people"], *found["documents"]]
    credits = [found["dateline"], found["byline"], found["source_credit"], *found["photo_credits"]]
    more = [
        _person(each)
        for each in persons
        if _like_a_name(text[each.start : each.end])
        and not any(one["start"] < each.end and each.start < one["end"] for one in taken)
        and not any(text[each.start : each.end] in credit for credit in credits if credit)
    ]
    return sorted([*found["people"], *more], key=lambda each: int(each["start"]))


def _like_a_name(surface: str) -> bool:
    syllables = surface.split()
    return len(syllables) > 1 and all(syllable[0].isupper() for syllable in syllables)


def _persons(article: Article) -> list[Entity]:
    return [each for each in entities(article.text) if each.label == "PER"]


def _person(entity: Entity) -> dict[str, Any]:
    return {"start": entity.start, "end": entity.end, "titles": []}


def called(gold: Path) -> Counter[str]:
    """What underthesea takes the numbered documents of a gold set for: the label over most of
    the mention, `whole` where one entity covers all of it; `nothing` where it sees none."""
    labels: Counter[str] = Counter()
    for line in gold.read_text(encoding="utf-8").splitlines():
        article = json.loads(line)
        seen, at = entities(article["text"]), 0
        for mention in article["documents"]:
            start = article["text"].find(mention["surface"], at)
            at = start + 1
            if mention["tier"] == "numbered":
                labels[label_over(seen, start, start + len(mention["surface"]))] += 1
    return labels


def label_over(seen: Sequence[Entity], start: int, end: int) -> str:
    """The label that covers most of a span."""
    covers: Counter[str] = Counter()
    for entity in seen:
        shared = min(end, entity.end) - max(start, entity.start)
        if shared > 0:
            covers[entity.label + " (whole)" * (shared == end - start)] += shared
    return covers.most_common(1)[0][0] if covers else "nothing"


def report(gold: Path) -> dict[str, Any]:
    """All figures of one run."""
    articles = read_articles(gold)
    size = megabytes(articles)
    ways = [
        measured(name, gold, find)[0]
        for name, find in (
            ("one regex per kind", by_regex),
            ("underthesea NER", by_entities),
            ("dongtin", by_dongtin),
            ("dongtin + NER persons", by_both),
        )
    ]
    return {
        "articles": len(articles),
        "megabytes": round(size, 3),
        "ways": {
            way.name: {
                "scores": way.scores,
                "seconds": round(way.seconds, 3),
                "MB/s": round(size / way.seconds, 4),
                "ms/article": round(1000 * way.seconds / len(articles), 2),
                "slowest ms": round(1000 * way.slowest, 1),
            }
            for way in ways
        },
        "numbered documents as entities": dict(called(gold).most_common()),
    }


def show(out: Console, told: dict[str, Any]) -> None:
    """The report as tables."""
    table = Table(title=f"F1 on {told['articles']} articles, {told['megabytes']} MB")
    table.add_column("kind")
    for name in told["ways"]:
        table.add_column(name, justify="right")
    for kind in next(iter(told["ways"].values()))["scores"]:
        cells = [_cell(way["scores"].get(kind)) for way in told["ways"].values()]
        table.add_row(kind, *cells)
    table.add_section()
    for figure in ("seconds", "MB/s", "ms/article", "slowest ms"):
        table.add_row(figure, *(f"{way[figure]:g}" for way in told["ways"].values()))
    out.print(table)
    seen = ", ".join(f"{n} {label}" for label, n in told["numbered documents as entities"].items())
    out.print(f"underthesea takes the numbered documents for: {seen}")


def _cell(figures: dict[str, float] | None) -> str:
    if figures is None or not figures["predicted"]:
        return "-"
    return f"{figures['f1']:.3f} ({figures['precision']:.2f}/{figures['recall']:.2f})"


def main() -> int:
    """Compare, or say what is missing."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--gold", type=Path, default=GOLD, help="hand-read articles, JSON Lines")
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    options = parser.parse_args()
    out = Console()
    for path in (options.gold, scorer(options.gold)):
        if not path.exists():
            out.print(f"compare: {path} is not there; nothing was compared")
            return 0
    told = report(options.gold)
    if options.json:
        out.print_json(json.dumps(told, ensure_ascii=False))
    else:
        show(out, told)
    return 0


if __name__ == "__main__":
    sys.exit(main())
