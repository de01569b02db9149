"""The sample outlet's articles, and what a careful human reads in each of them.

One file an article in `articles/`: TOML front matter between two lines `+++`, then the body, its
blocks parted by empty lines. The number that a file's name begins with is the order of publication.
Every sentence was written for this project and every event, person and place in it is invented; the
Party and State documents named are real. Keys of documents are spelt as in the gold guide: official
spelling, law names with their year where the article gives it.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

from streams.errors import ConfigError
from streams.text import nfc

FOLDER = Path(__file__).with_name("articles")

#: Section name -> its part of the address.
SECTIONS = {
    "Thời sự": "thoi-su",
    "Chính trị": "chinh-tri",
    "Pháp luật": "phap-luat",
    "Kinh tế": "kinh-te",
    "Giáo dục": "giao-duc",
    "Y tế": "y-te",
    "Văn hóa": "van-hoa",
    "Xã hội": "xa-hoi",
    "Thể thao": "the-thao",
}

_FILE_NAME = re.compile(r"(\d{3})-[a-z0-9-]+\.md")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)+")
_FENCE = "+++\n"

BlockKind = Literal["paragraph", "heading", "photo", "quote"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A piece of the body: a paragraph, a heading, a photo's caption or a quotation box."""

    kind: BlockKind
    text: str


class FrontMatter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands between the fences. From `documents` on: expectations, read by hand."""

    slug: str
    title: str
    lead: str
    section: str
    author: str = ""  # as the outlet's CMS knows it; the byline is what stands in the text
    tags: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()  # complete keys, each once, title and lead included
    incomplete_documents: tuple[str, ...] = ()  # without the year, or the province of a UBND
    people: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)  # fullest name: titles
    dateline: str | None = None
    byline: str | None = None
    photo_credits: tuple[str, ...] = ()
    source_credit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One article of the sample outlet: `front` as written, `body` in blocks."""

    order: int  # 0 is published first
    front: FrontMatter
    body: tuple[Block, ...]

    @property
    def path(self) -> str:
        """Where the outlet serves it: `/thoi-su/<slug>-post<number>.html`."""
        section = SECTIONS[self.front.section]
        return f"/{section}/{self.front.slug}-post{100100 + self.order}.html"

    @property
    def captions(self) -> tuple[str, ...]:
        """The photos' captions in reading order, credits included."""
        return tuple(block.text for block in self.body if block.kind == "photo")

    def is_byline(self, block: Block) -> bool:
        """Whether this block only names who wrote the article: `HÀ VY`, `HÀ VY (thực hiện)`."""
        byline = self.front.byline
        return bool(byline) and re.sub(r" \([^()]*\)$", "", block.text) == byline

    @property
    def text(self) -> str:
        """What a reader sees below the title: lead and body, one paragraph a line."""
        return "\n".join((self.front.lead, *(block.text for block in self.body)))


def parse(source: str, path: Path, order: int) -> Article:
    """One article file's content as an `Article`.

    Raises:
        ConfigError: names the file and the key that is wrong, and says how.
    """
    head, fence, rest = source.removeprefix(_FENCE).partition("\n" + _FENCE)
    if not source.startswith(_FENCE) or not fence:
        raise ConfigError(path, "front matter: must stand between two lines `+++`", line=1)
    try:
        front = msgspec.convert(tomllib.loads(head), FrontMatter)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            path, f"front matter: {error} (counted from the line after `+++`)"
        ) from None
    except msgspec.ValidationError as error:
        raise ConfigError(path, f"front matter: {error}") from None
    article = Article(order=order, front=front, body=tuple(_blocks(rest)))
    for key, problem in _problems(article):
        raise ConfigError(path, f"{key}: {problem}")
    return article


def _blocks(source: str) -> Iterator[Block]:
    for part in re.split(r"\n\s*\n", source.strip()):
        text = " ".join(part.split())
        if text.startswith("## "):
            yield Block(kind="heading", text=text.removeprefix("## "))
        elif text.startswith("> "):
            yield Block(kind="quote", text=text.removeprefix("> "))
        elif text.startswith("![") and text.endswith("]"):
            yield Block(kind="photo", text=text[2:-1])
        elif text:
            yield Block(kind="paragraph", text=text)


def _problems(article: Article) -> Iterator[tuple[str, str]]:
    front = article.front
    if not _SLUG.fullmatch(front.slug):
        yield "slug", f"{front.slug!r} must be lower-case words joined by hyphens"
    if front.section not in SECTIONS:
        yield "section", f"{front.section!r} is none of {', '.join(SECTIONS)}"
    if not article.body:
        yield "body", "is empty"
    for name in ("title", "lead"):
        if not getattr(front, name).strip():
            yield name, "is empty"
    if (whole := f"{front.title}\n{article.text}") != nfc(whole):
        yield "text", "is not in NFC, or carries invisible characters"
    keys = Counter((*front.documents, *front.incomplete_documents))
    yield from (("documents", f"{key} stands twice") for key, times in keys.items() if times > 1)
    yield from _absent(article)


def _absent(article: Article) -> Iterator[tuple[str, str]]:
    """Expectations that the text can't meet."""
    front, text = article.front, f"{article.front.title}\n{article.text}"
    if front.dateline and front.dateline not in article.text[: len(front.dateline) + 3]:
        yield "dateline", f"{front.dateline!r} does not open the lead"
    if front.byline and not any(map(article.is_byline, article.body)):
        yield "byline", f"{front.byline!r} is no paragraph of the body"
    if front.source_credit and front.source_credit not in article.body[-1].text:
        yield "source_credit", f"{front.source_credit!r} does not stand in the last line"
    captions = "\n".join(article.captions)
    for credit in front.photo_credits:
        if credit not in captions:
            yield "photo_credits", f"{credit!r} stands in no caption"
    for person, titles in front.people.items():
        for part in (person, *titles):
            if part not in text:
                yield "people", f"{part!r} does not stand in the text"


@cache
def load_articles(folder: Path = FOLDER) -> tuple[Article, ...]:
    """All articles of a folder, in the order of their publication.

    Raises:
        ConfigError: a file is wrong, is not named `NNN-slug.md`, or a slug stands twice.
    """
    articles: dict[str, Article] = {}
    for order, path in enumerate(sorted(folder.glob("*.md"))):
        if not _FILE_NAME.fullmatch(path.name):
            raise ConfigError(path, "file name: must read NNN-slug.md")
        article = parse(path.read_text(encoding="utf-8"), path, order)
        if article.front.slug in articles:
            raise ConfigError(path, f"slug: {article.front.slug!r} stands in another file too")
        articles[article.front.slug] = article
    if not articles:
        raise ConfigError(folder, "no article (NNN-slug.md) lies here")
    return tuple(articles.values())


def expected_documents(folder: Path = FOLDER) -> frozenset[str]:
    """The complete keys over all articles: each must be told as a first mention exactly once."""
    return frozenset(key for article in load_articles(folder) for key in article.front.documents)
