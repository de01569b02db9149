"""What word segmentation gives a searcher, and what it costs.

    python -m tests.benchmark.words [--articles N] [--json]

For common words of two syllables, over articles beside the project: how often both syllables stand
in an article at all (a search without quotation marks), side by side (a phrase), and as a word of
the segmentation. A pair side by side that the segmentation cuts (`hành_chính trị_giá`) is what
segmentation spares a searcher; a pair inside a longer word (`bộ_chính_trị`) is what it hides.
"""

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise
from time import process_time
from typing import Any

from rich.table import Table

from streams.terminal import Console
from streams.words import segment
from tests.benchmark.articles import CORPUS, Article, megabytes, read_articles

QUERIES = (
    "an ninh", "bảo hiểm", "bí thư", "bộ trưởng", "cán bộ", "chính trị", "công an", "công nhân",
    "công ty", "dân tộc", "đại học", "đất đai", "đầu tư", "địa phương", "giáo dục", "giao thông",
    "hành chính", "học sinh", "hội nghị", "hợp tác", "kinh tế", "kỷ luật", "luật sư",
    "môi trường", "ngân hàng", "nghị quyết", "nhà nước", "nhân dân", "pháp luật", "quan hệ",
    "quân đội", "quốc hội", "quyết định", "sinh học", "sinh viên", "tài chính", "tham nhũng",
    "thanh tra", "thành công", "thể thao", "thủ tướng", "trung ương", "văn hóa", "xã hội", "y tế",
)  # fmt: skip
_WORD = re.compile(r"\w+")


def occurrences(segmented: str) -> Iterator[tuple[str, str]]:
    """Each pair of neighbouring syllables, and how the segmentation reads it: `word`, `inside` a
    longer word, or `cut`."""
    syllables = [
        (syllable, place, word)
        for place, word in enumerate(_WORD.findall(segmented.lower()))
        for syllable in word.split("_")
        if syllable
    ]
    for (first, here, word), (second, there, _) in pairwise(syllables):
        if here != there:
            yield f"{first} {second}", "cut"
        else:
            yield f"{first} {second}", "word" if word == f"{first}_{second}" else "inside"


def count(segmented: Iterable[str]) -> dict[str, Counter[str]]:
    """For each query: mentions by how they are read, and articles by how they would be found."""
    told: dict[str, Counter[str]] = {query: Counter() for query in QUERIES}
    for text in segmented:
        pairs = Counter(pair for pair in occurrences(text) if pair[0] in told)
        syllables = set(re.findall(r"[^\W_]+", text.lower()))
        for query, counts in told.items():
            here = {reading: pairs[query, reading] for reading in ("word", "inside", "cut")}
            counts.update(here)
            counts["articles, any order"] += set(query.split()) <= syllables
            counts["articles, phrase"] += any(here.values())
            counts["articles, truly"] += bool(here["word"] or here["inside"])
            counts["articles, word"] += bool(here["word"])
    return told


def report(articles: list[Article]) -> dict[str, Any]:
    """Figures of each query and of all, and the price."""
    segment("Bộ Chính trị họp.")  # the model is read before the clock starts
    texts, times = [], []
    for article in articles:
        start = process_time()
        texts.append(segment(article.text))
        times.append(process_time() - start)
    told = count(texts)
    return {
        "articles": len(articles),
        "ms/article": round(1000 * sum(times) / len(times), 1),
        "slowest ms": round(1000 * max(times), 1),
        "MB/s": round(megabytes(articles) / sum(times), 3),
        "all": dict(sum(told.values(), Counter())),
        "queries": {query: dict(counts) for query, counts in told.items()},
    }


def show(out: Console, told: dict[str, Any]) -> None:
    """The figures as a table, the query that the segmentation hides most first."""
    names = list(told["all"])
    table = Table("query", *names, title=f"{told['articles']} articles")
    rows = sorted(told["queries"].items(), key=lambda row: -row[1].get("inside", 0))
    for query, counts in [*rows, ("all", told["all"])]:
        table.add_row(query, *(str(counts.get(name, 0)) for name in names))
    out.print(table)
    out.print({name: told[name] for name in ("ms/article", "slowest ms", "MB/s")})


def main() -> int:
    """Measure, or say what is missing."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--articles", type=int, default=500, help="how many, evenly spread")
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    options = parser.parse_args()
    out = Console()
    if not CORPUS.exists():
        out.print(f"words: {CORPUS} is not there; nothing was measured")
        return 0
    articles = read_articles(CORPUS)
    told = report(articles[:: max(1, len(articles) // options.articles)])
    if options.json:
        out.print_json(json.dumps(told, ensure_ascii=False))
    else:
        show(out, told)
    return 0


if __name__ == "__main__":
    sys.exit(main())
