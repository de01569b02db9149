"""The press material beside the project, for measuring only: nothing of it is kept here."""

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from streams.page.when import parse_when

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
GOLD = SHARED / "gold" / "dev.jsonl"
CORPUS = SHARED / "corpus" / "articles.jsonl.gz"


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """What extraction is told of an article."""

    id: str
    text: str
    title: str = ""
    published: datetime | None = None


def read_articles(path: Path) -> list[Article]:
    """The articles of a JSON Lines file, gzipped or not.

    Raises:
        FileNotFoundError: the file is not there; the message says what is missing and where.
    """
    if not path.exists():
        raise FileNotFoundError(f"{path}: not there; the press material belongs beside the project")
    data = path.read_bytes()
    lines = (gzip.decompress(data) if path.suffix == ".gz" else data).decode().split("\n")
    return [_article(json.loads(line)) for line in lines if line.strip()]


def _article(row: dict[str, Any]) -> Article:
    published = row.get("published")
    return Article(
        id=row["id"],
        text=row["text"],
        title=row.get("title") or "",
        published=parse_when(published) if published else None,
    )


def megabytes(articles: Sequence[Article]) -> float:
    """The size of the texts in MB (10^6 bytes of UTF-8)."""
    return sum(len(article.text.encode()) for article in articles) / 1e6
