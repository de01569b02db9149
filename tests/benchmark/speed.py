"""How fast extraction is, whether its memory stays, and whether its time grows with the length.

    python -m tests.benchmark.speed [--json] [--largest MB] [--only WORD]

Times are of the processor, of one process on one core; the article texts are those beside the
project. `--only` runs the adversarial texts whose name contains the word, and nothing else.
"""

import argparse
import gc
import json
import sys
from collections.abc import Iterator, Sequence
from itertools import count
from statistics import median
from time import process_time
from typing import Any

import psutil
from rich.table import Table

from streams.extraction import extract
from streams.terminal import Console
from tests.benchmark.adversarial import MAKERS
from tests.benchmark.articles import CORPUS, Article, megabytes, read_articles

_PASSES = 5
_NEW_TEXTS = 2000
_STEPS = (500, 125, 32, 8, 2, 1)  # the largest size, divided: 10 KB to 5 MB
_LARGEST = 5.0  # MB
_PART = 8  # an adversarial text is measured at its full size and at an eighth


def seconds(text: str, *, repeats: int = 1) -> float:
    """Processor time of one extraction: the best of several."""
    times = []
    for _ in range(repeats):
        gc.collect()  # what earlier texts left is not this text's doing
        start = process_time()
        extract(text)
        times.append(process_time() - start)
    return min(times)


def resident() -> float:
    """Memory of this process in MB."""
    return float(psutil.Process().memory_info().rss) / 1e6


def throughput(articles: Sequence[Article]) -> dict[str, Any]:
    """Speed over all articles, pass by pass, and memory after each pass."""
    size = megabytes(articles)
    times, memory = [], [resident()]
    for _ in range(_PASSES):
        start = process_time()
        for article in articles:
            extract(article.text, title=article.title, published=article.published)
        times.append(process_time() - start)
        memory.append(resident())
    return {
        "articles": len(articles),
        "megabytes": round(size, 3),
        "MB/s": {"best": round(size / min(times), 3), "median": round(size / median(times), 3)},
        "articles/s": {
            "best": round(len(articles) / min(times), 1),
            "median": round(len(articles) / median(times), 1),
        },
        "resident MB before and after each pass": [round(each, 1) for each in memory],
    }


def memory_of_the_new() -> list[float]:
    """Memory in MB before and after each of several passes over texts that never came before."""
    memory = [resident()]
    fresh = _never_seen()
    for _ in range(_PASSES):
        for _ in range(_NEW_TEXTS):
            extract(next(fresh))
        memory.append(resident())
    return [round(each, 1) for each in memory]


def _never_seen() -> Iterator[str]:
    for i in count(1):
        yield (
            f"Ông Nguyễn Văn N{i}, Giám đốc Công ty C{i}, nêu Nghị định {i}/2020/NĐ-CP, Quyết định"
            f" số {i}-QĐ/TW ngày {i % 28 + 1}/{i % 12 + 1}/2019 và Luật số {i}/2015/QH13. Ảnh: P{i}"
        )


def lengths(articles: Sequence[Article], largest: float) -> list[dict[str, float]]:
    """Seconds per MB for texts of growing length, made of articles one after another."""
    joined = "\n".join(article.text for article in articles)
    told = []
    for step in _STEPS:
        text = cut(joined, largest * 1e6 / step)
        size = len(text.encode()) / 1e6
        taken = seconds(text, repeats=5 if size < 1 else 2)
        told.append(
            {"MB": round(size, 3), "seconds": round(taken, 3), "seconds/MB": round(taken / size, 3)}
        )
    return told


def cut(text: str, size: float) -> str:
    """The start of a text, `size` bytes of UTF-8 long."""
    return text.encode()[: int(size)].decode(errors="ignore")


def adversarial(name: str, largest: float) -> dict[str, Any]:
    """Seconds at an eighth of the size and at all of it; in proportion when the ratio is 1."""
    sample = MAKERS[name](10_000)
    width = len(sample.encode(errors="surrogatepass")) / len(sample)  # bytes of a character
    length = int(largest * 1e6 / width)
    part = seconds(MAKERS[name](length // _PART), repeats=2)
    whole = seconds(MAKERS[name](length))
    return {
        "text": name,
        "seconds, an eighth": round(part, 3),
        "seconds": round(whole, 3),
        "seconds/MB": round(whole / largest, 3),
        "ratio": round(whole / (_PART * part), 2),
    }


def report(largest: float, only: str) -> dict[str, Any]:
    """All figures; those of articles are left out where there are none."""
    told: dict[str, Any] = {}
    if not only:
        told["never seen before: resident MB"] = memory_of_the_new()
    if not only and CORPUS.exists():
        articles = read_articles(CORPUS)
        told["articles"] = throughput(articles)
        told["lengths"] = lengths(articles, largest)
    told["adversarial"] = [adversarial(name, largest) for name in MAKERS if only in name]
    return told


def show(out: Console, told: dict[str, Any]) -> None:
    """The figures, then the adversarial texts with the worst ratio first."""
    if not CORPUS.exists():
        out.print(f"speed: {CORPUS} is not there; only made-up texts are measured")
    for name, figures in told.items():
        if name != "adversarial":
            out.print(name, figures)
    table = Table("text", "an eighth, s", "whole, s", "s/MB", "ratio", title="adversarial texts")
    for row in sorted(told["adversarial"], key=lambda row: -float(row["ratio"])):
        table.add_row(*(str(value) for value in row.values()))
    out.print(table)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    parser.add_argument("--largest", type=float, default=_LARGEST, help="MB of the longest text")
    parser.add_argument("--only", default="", help="only adversarial texts named so")
    options = parser.parse_args()
    out = Console()
    extract("Ngày 1/2/2020, ông Nguyễn Văn Nam nói về Chỉ thị 05-CT/TW.")  # the data files are read
    told = report(options.largest, options.only)
    if options.json:
        out.print_json(json.dumps(told, ensure_ascii=False))
    else:
        show(out, told)
    return 0


if __name__ == "__main__":
    sys.exit(main())
