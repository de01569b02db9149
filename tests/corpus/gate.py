"""What a change to extraction gains and loses on the hand-read articles beside the project.

    python tests/corpus/gate.py             the table, and gains and losses since the last acceptance
    python tests/corpus/gate.py --errors 20 with the first errors of each kind, in words
    python tests/corpus/gate.py --accept    keep this result as the one to compare with

`accepted.json` holds counts and hashes only: which gold mentions are found, and which findings are
wrong, can be told from it only by someone who has the articles.
"""

import argparse
import hashlib
import importlib.util
import json
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from streams.extraction import extract
from streams.extraction.prediction import prediction
from streams.page.when import parse_when
from streams.records import Extraction
from streams.terminal import Console

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
GOLD = SHARED / "gold" / "dev.jsonl"
ACCEPTED = Path(__file__).with_name("accepted.json")
CONFIDENCE = ROOT / "streams" / "extraction" / "data" / "confidence.tsv"

_DRAWS = 1000
_SEED = 20201110

#: right, wrong and missed items of one kind in one article
Counts = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A gold mention or a finding: what it is called here, and what it looks like to a reader."""

    hash: str
    kind: str
    shown: str


@dataclass(slots=True, kw_only=True)
class Result:
    """How extraction did, article by article."""

    counts: dict[str, dict[str, Counts]] = field(default_factory=dict)  # article -> kind -> counts
    right: dict[str, Item] = field(default_factory=dict)
    missed: dict[str, Item] = field(default_factory=dict)
    wrong: dict[str, Item] = field(default_factory=dict)
    rules: Counter[tuple[str, bool]] = field(default_factory=Counter)

    def kinds(self) -> list[str]:
        return sorted({kind for kinds in self.counts.values() for kind in kinds})


def run(gold: Path = GOLD) -> Result:
    """Extract from every gold article and compare."""
    scorer = _scorer(gold.with_name("score.py"))
    result = Result()
    for line in gold.read_text(encoding="utf-8").splitlines():
        article = json.loads(line)
        published = article.get("published")
        extraction = extract(
            article["text"],
            title=article.get("title") or "",
            published=parse_when(published) if published else None,
        )
        _compare(scorer, article, extraction, result)
    return result


def _scorer(path: Path) -> ModuleType:
    """The scorer that belongs to the gold set: its rules of matching are the measure."""
    spec = importlib.util.spec_from_file_location("gold_scorer", path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(f"{path}: the gold set's scorer is missing")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _compare(
    scorer: ModuleType, article: dict[str, Any], extraction: Extraction, result: Result
) -> None:
    name = _hash(article["id"])
    found = prediction(article["id"], extraction)
    counts: dict[str, Counts] = {}
    for kind, pairs, missed, wrong in _matched(scorer, article, found):
        right = [gold for gold, _ in pairs]
        _note(result.right, article, kind, right)
        _note(result.missed, article, kind, missed)
        _note(result.wrong, article, kind, wrong)
        counts[kind] = (len(right), len(wrong), len(missed))
        _count_rules(result, extraction, pairs, wrong)
    counts["article keys"] = _keys(scorer, article, found)
    counts["titles"] = _titles(scorer, article, found)
    for credit in scorer.CREDITS:
        gold, told = scorer.credits(article.get(credit)), scorer.credits(found.get(credit))
        counts[f"credits:{credit}"] = (len(gold & told), len(told - gold), len(gold - told))
    result.counts[name] = counts


Matched = tuple[str, list[tuple[Any, Any]], list[Any], list[Any]]


def _matched(
    scorer: ModuleType, article: dict[str, Any], found: dict[str, Any]
) -> Iterator[Matched]:
    """Gold and findings in pairs, kind by kind: documents by tier, people, dates."""
    text = article["text"]
    documents = scorer.locate(text, article["documents"], overlap=True)
    pairs, missed, wrong = scorer.match(documents, found["documents"], _same_document(scorer))
    for tier in ("numbered", "law", "anaphor"):
        yield (
            f"documents:{tier}",
            [pair for pair in pairs if pair[0]["tier"] == tier],
            [one for one in missed if one["tier"] == tier],
            [one for one in wrong if one["tier"] == tier],
        )
    people = scorer.locate(text, article["people"])
    yield "people", *scorer.match(people, found["people"], _same_place)
    dates = scorer.locate(text, article["dates"])
    yield "dates", *scorer.match(dates, found["dates"], _same_date(scorer))


def _same_document(scorer: ModuleType) -> Any:
    return lambda a, b: (
        scorer.overlaps(a, b) and scorer.norm_key(a["key"]) == scorer.norm_key(b["key"])
    )


def _same_date(scorer: ModuleType) -> Any:
    return lambda a, b: scorer.overlaps(a, b) and scorer.same_date(a["iso"], b["iso"])


def _same_place(a: dict[str, Any], b: dict[str, Any]) -> bool:
    return (a["start"], a["end"]) == (b["start"], b["end"])


def _keys(scorer: ModuleType, article: dict[str, Any], found: dict[str, Any]) -> Counts:
    numbered = [e for e in article["documents"] if e["tier"] == "numbered"]
    asked = {scorer.norm_key(e["key"]) for e in numbered if not e.get("optional")}
    allowed = {scorer.norm_key(e["key"]) for e in numbered}
    told = {scorer.norm_key(e["key"]) for e in found["documents"] if e["tier"] == "numbered"}
    return len(asked & told), len(told - allowed), len(asked - told)


def _titles(scorer: ModuleType, article: dict[str, Any], found: dict[str, Any]) -> Counts:
    pairs, missed, _ = scorer.match(article["people"], found["people"], _same_place)
    right = wrong = lost = 0
    for gold, told in pairs:
        asked = {scorer.fold(title) for title in gold.get("titles", ())}
        given = {scorer.fold(title) for title in told.get("titles", ())}
        right += len(asked & given)
        wrong += len(given - asked)
        lost += len(asked - given)
    return right, wrong, lost + sum(len(gold.get("titles", ())) for gold in missed)


def _note(
    items: dict[str, Item], article: dict[str, Any], kind: str, entries: Iterable[dict[str, Any]]
) -> None:
    text = article["text"]
    for entry in entries:
        start, end = entry["start"], entry["end"]
        value = entry.get("key") or entry.get("iso") or ""
        name = _hash(article["id"], kind, str(start), str(end), value)
        around = f"{text[max(0, start - 40) : start]}[[{text[start:end]}]]{text[end : end + 40]}"
        shown = f"{article['id']} | {around} | {value}".replace("\n", " ")
        items[name] = Item(hash=name, kind=kind, shown=shown)


def _count_rules(
    result: Result,
    extraction: Extraction,
    pairs: Sequence[tuple[Any, Any]],
    wrong: Sequence[Any],
) -> None:
    """How often each rule of a document was right."""
    rules = {(m.start, m.end, m.key): m.rule for m in extraction.documents if m.field == "text"}
    for entries, right in (([told for _, told in pairs], True), (wrong, False)):
        for entry in entries:
            rule = rules.get((entry["start"], entry["end"], entry.get("key")))
            if rule:
                result.rules[rule, right] += 1


def _hash(*parts: str) -> str:
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()[:16]


# figures


def f1(right: int, wrong: int, missed: int) -> float:
    """The harmonic mean of precision and recall; 1 where there is nothing to find or to say."""
    asked = 2 * right + wrong + missed
    return 2 * right / asked if asked else 1.0


def totals(counts: Iterable[Counts]) -> Counts:
    right = wrong = missed = 0
    for r, w, m in counts:
        right, wrong, missed = right + r, wrong + w, missed + m
    return right, wrong, missed


def interval(articles: Sequence[Counts]) -> tuple[float, float]:
    """The 95 % bootstrap interval of F1, drawing articles with replacement."""
    draw = random.Random(_SEED)  # the same draws every time
    drawn = sorted(f1(*totals(draw.choices(articles, k=len(articles)))) for _ in range(_DRAWS))
    return drawn[int(0.025 * _DRAWS)], drawn[int(0.975 * _DRAWS) - 1]


def falls(before: dict[str, dict[str, Counts]], now: dict[str, dict[str, Counts]]) -> list[str]:
    """The kinds whose F1 fell by more than noise: in 95 % of the draws of articles it is lower."""
    fallen = []
    articles = sorted(before.keys() & now.keys())
    for kind in sorted({kind for kinds in now.values() for kind in kinds}):
        pairs = [(before[a].get(kind, (0, 0, 0)), now[a].get(kind, (0, 0, 0))) for a in articles]
        if all(old == new for old, new in pairs):
            continue
        draw = random.Random(_SEED)  # the same draws every time
        lower = 0
        for _ in range(_DRAWS):
            drawn = draw.choices(pairs, k=len(pairs))
            lower += f1(*totals(n for _, n in drawn)) < f1(*totals(o for o, _ in drawn))
        if lower >= 0.95 * _DRAWS:
            fallen.append(kind)
    return fallen


# the accepted result


def accepted(path: Path = ACCEPTED) -> dict[str, Any]:
    """The last accepted result; empty when there is none yet."""
    if not path.exists():
        return {"counts": {}, "right": [], "wrong": []}
    stored: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    stored["counts"] = {
        article: {kind: tuple(c) for kind, c in kinds.items()}
        for article, kinds in stored["counts"].items()
    }
    return stored


def accept(result: Result, path: Path = ACCEPTED) -> None:
    """Keep counts and hashes of a result."""
    stored = {
        "counts": {a: result.counts[a] for a in sorted(result.counts)},
        "right": sorted(result.right),
        "wrong": sorted(result.wrong),
    }
    path.write_text(json.dumps(stored, separators=(",", ":")) + "\n", encoding="utf-8")


def write_confidence(rules: Counter[tuple[str, bool]], path: Path = CONFIDENCE) -> None:
    """Renew the counts behind each rule's confidence; a rule's count holds its refinements'."""
    total: Counter[tuple[str, bool]] = Counter()
    for (rule, right), count in rules.items():
        parts = rule.split("+")
        for length in range(1, len(parts) + 1):
            total["+".join(parts[:length]), right] += count
    head = [line for line in path.read_text(encoding="utf-8").splitlines() if line[0] == "#"]
    rows = [
        f"{rule}\t{total[rule, True]}\t{total[rule, False]}"
        for rule in sorted({r for r, _ in total})
    ]
    path.write_text("\n".join([*head, "rule\tright\twrong", *rows]) + "\n", encoding="utf-8")


def differences(result: Result, before: dict[str, Any]) -> dict[str, list[Item]]:
    """What was gained and lost since the accepted result, in words."""
    right, wrong = set(before["right"]), set(before["wrong"])
    return {
        "gained": [i for h, i in result.right.items() if h not in right],
        "lost": [i for h, i in result.missed.items() if h in right],
        "newly wrong": [i for h, i in result.wrong.items() if h not in wrong],
    }


# the table


def _table(result: Result, before: dict[str, Any]) -> Iterator[str]:
    head = ("kind", "precision", "recall", "F1", "95 %", "gold", "accepted F1")
    row = "{:<22} {:>9} {:>7} {:>6} {:>14} {:>5} {:>12}".format
    yield row(*head)
    for kind in result.kinds():
        articles = [kinds[kind] for kinds in result.counts.values()]
        right, wrong, missed = totals(articles)
        low, high = interval(articles)
        old = f1(*totals(k[kind] for k in before["counts"].values() if kind in k))
        yield row(
            kind,
            f"{right / (right + wrong) if right + wrong else 1:.3f}",
            f"{right / (right + missed) if right + missed else 1:.3f}",
            f"{f1(right, wrong, missed):.3f}",
            f"{low:.3f} - {high:.3f}",
            right + missed,
            f"{old:.3f}" if before["counts"] else "",
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--accept", action="store_true", help="keep this result to compare with")
    parser.add_argument("--errors", type=int, default=0, help="show so many errors of each kind")
    options = parser.parse_args()
    out = Console(soft_wrap=True)
    if not GOLD.exists():
        out.print("gate: the hand-read articles (../shared/gold) are not beside the project")
        return 0
    result, before = run(), accepted()
    for row in _table(result, before):
        out.print(row)
    if before["counts"]:
        for name, items in differences(result, before).items():
            out.print(f"{name}: {len(items)}")
            for item in items:
                out.print(f"  {item.kind}: {item.shown}")
    _show_errors(out, result, options.errors)
    if options.accept:
        accept(result)
        write_confidence(result.rules)
        out.print(f"accepted: {ACCEPTED.name} and {CONFIDENCE.name} are renewed")
        return 0
    fallen = falls(before["counts"], result.counts)
    if fallen:
        out.print(f"gate: fell by more than noise: {', '.join(fallen)}")
    return 1 if fallen else 0


def _show_errors(out: Console, result: Result, most: int) -> None:
    for how, items in (("missed", result.missed), ("wrong", result.wrong)):
        by_kind: dict[str, list[Item]] = defaultdict(list)
        for item in items.values():
            by_kind[item.kind].append(item)
        for kind in sorted(by_kind):
            for item in by_kind[kind][:most]:
                out.print(f"{how} {kind}: {item.shown}")


if __name__ == "__main__":
    sys.exit(main())
