"""`dongtin extract`: what the extraction finds in one article, or in many."""

import json
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from connectors.cli.marked import why
from streams.errors import DongtinError
from streams.records import DateMention, DocumentMention, Extraction, PersonMention
from streams.terminal import Console

_COLOURS = {"numbered": "bold cyan", "law": "bold green", "anaphor": "cyan"}


def extract(
    file: Annotated[
        Path | None,
        typer.Argument(
            help="A text file, or a saved page (.html). Without it, or with -: standard input.",
            show_default=False,
        ),
    ] = None,
    jsonl: Annotated[
        bool,
        typer.Option(
            "--jsonl",
            help="Many articles, one JSON object a line: id, text, and if known title, published, "
            "outlet. One line of results for each.",
        ),
    ] = False,
    title: Annotated[str, typer.Option(help="The article's title.")] = "",
    published: Annotated[
        datetime | None,
        typer.Option(help="When it was published: gives dates their missing year."),
    ] = None,
    outlet: Annotated[str, typer.Option(help="Who published it.")] = "",
    catalogue: Annotated[
        str,
        typer.Option(
            help="A file of known documents of your own, with the columns of "
            "streams/extraction/data/catalogue.tsv.",
            show_default=False,
        ),
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for a script.")] = False,
    as_html: Annotated[
        bool,
        typer.Option(
            "--html",
            help="The article with every mention marked, as one self-contained page: "
            "dongtin extract --html article.txt > article.html",
        ),
    ] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Tell with each mention which rule found it.")
    ] = False,
) -> None:
    """Print the documents, people, dates and credits of an article."""
    if jsonl:
        _many(file, catalogue)
        return
    text, title, published = _article(file, title, published)
    from streams.extraction import extract as find
    from streams.extraction.catalogue import named

    found = find(
        text,
        title=title,
        published=published,
        outlet=outlet,
        catalogue=named(catalogue),
    )
    if as_json:
        from streams.codec import encode

        sys.stdout.write(encode({"title": title, "text": text, "facts": found}).decode() + "\n")
        return
    if as_html:
        from connectors.cli.marked import page as marked_page

        sys.stdout.write(marked_page(title, text, found))
        return
    show(Console(), title, text, found, explain=explain)


def _read(file: Path | None) -> bytes:
    if file is None or str(file) == "-":
        return sys.stdin.buffer.read()
    try:
        return file.read_bytes()
    except OSError as error:
        raise DongtinError(f"{file}: {error.strerror}") from error


def _decode(file: Path | None, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DongtinError(
            f"{file or 'standard input'}: not UTF-8 at byte {error.start}: convert it first, "
            "for example with iconv"
        ) from None


def _article(
    file: Path | None, title: str, published: datetime | None
) -> tuple[str, str, datetime | None]:
    """Text, title and time; of a saved page what its reader sees."""
    text = _decode(file, _read(file))
    if file is None or file.suffix.lower() not in (".html", ".htm"):
        return text, title, published
    from streams import page

    seen = page.read(text, file.resolve().as_uri())
    return seen.text, title or seen.title, published or seen.published


def _lines(file: Path | None) -> Iterator[tuple[int, bytes]]:
    if file is None or str(file) == "-":
        yield from enumerate(sys.stdin.buffer, 1)
        return
    try:
        with file.open("rb") as opened:
            yield from enumerate(opened, 1)
    except OSError as error:
        raise DongtinError(f"{file}: {error.strerror}") from error


def _many(file: Path | None, catalogue: str) -> None:
    from rich.progress import track

    from streams.extraction import extract as find
    from streams.extraction.catalogue import named
    from streams.extraction.prediction import prediction

    known = named(catalogue)
    name = file or "standard input"
    errors = Console(stderr=True)
    lines: Iterable[tuple[int, bytes]] = _lines(file)
    if errors.is_terminal and not sys.stdout.isatty():
        lines = track(lines, description="Extracting", console=errors)
    for number, line in lines:
        if not line.strip():
            continue
        given = _given(f"{name}:{number}", line)
        found = find(
            given["text"],
            title=given.get("title") or "",
            published=_time(given.get("published")),
            outlet=given.get("outlet") or "",
            catalogue=known,
        )
        sys.stdout.write(json.dumps(prediction(given["id"], found), ensure_ascii=False) + "\n")


def _given(where: str, line: bytes) -> dict[str, Any]:
    try:
        given = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise DongtinError(f"{where}: not a JSON object in UTF-8: {error}") from None
    if not isinstance(given, dict):
        raise DongtinError(f"{where}: a JSON object is wanted, with id and text")
    for key in ("id", "text"):
        if not isinstance(given.get(key), str):
            raise DongtinError(f"{where}: {key}: a string is wanted")
    for key in ("title", "published", "outlet"):
        if given.get(key) is not None and not isinstance(given[key], str):
            raise DongtinError(f"{where}: {key}: a string or null is wanted")
    return {key: _whole(value) for key, value in given.items()}


def _whole(value: Any) -> Any:
    """A text without halves of characters (`\\ud800`), which JSON can hold and no file can."""
    if not isinstance(value, str):
        return value
    return value.encode("utf-8", "replace").decode()


def _time(text: str | None) -> datetime | None:
    from streams.page.when import parse_when

    return parse_when(text) if text else None


def show(console: Console, title: str, text: str, found: Extraction, *, explain: bool) -> None:
    """Prints an extraction as tables under the marked text."""
    if title:
        console.print(Text(title, style="bold"))
    console.print(_marked(text, found))
    console.print()
    if found.documents:
        console.print(_documents(found, explain))
    if found.people:
        console.print(_people(found, explain))
    if found.dates:
        console.print(_dates(found, explain))
    credit = {
        "dateline": found.dateline,
        "byline": found.byline,
        "photo": ", ".join(found.photo_credits),
        "source": found.source_credit,
    }
    console.print("  ".join(f"{name}: {value}" for name, value in credit.items() if value))
    if not (found.documents or found.people or found.dates):
        console.print("nothing found")


def _marked(text: str, found: Extraction) -> Text:
    marked = Text(text)
    for mention in found.documents:
        if mention.field == "text":
            marked.stylize(_COLOURS[mention.tier], mention.start, mention.end)
    for person in found.people:
        marked.stylize("bold magenta", person.start, person.end)
    for date in found.dates:
        marked.stylize("yellow", date.start, date.end)
    return marked


def _table(title: str, explain: bool, *columns: str) -> Table:
    return Table(*columns, *(["Why"] if explain else []), title=title, title_justify="left")


def _why(mention: DocumentMention | PersonMention | DateMention, explain: bool) -> list[str]:
    return [why(mention.rule, mention.confidence)] if explain else []


def _documents(found: Extraction, explain: bool) -> Table:
    table = _table("Documents", explain, "As written", "Key", "Issuer", "Date", "Title")
    for mention in found.documents:
        key = mention.key + (" ?" if mention.ambiguous or not mention.complete else "")
        table.add_row(
            Text(mention.surface, style=_COLOURS[mention.tier]),
            key,
            mention.issuer or "",
            mention.issued or "",
            mention.title or "",
            *_why(mention, explain),
        )
    return table


def _dates(found: Extraction, explain: bool) -> Table:
    table = _table("Dates", explain, "Date", "ISO")
    for date in found.dates:
        table.add_row(Text(date.surface, style="yellow"), date.iso, *_why(date, explain))
    return table


def _people(found: Extraction, explain: bool) -> Table:
    table = _table("People", explain, "Person", "Who", "Titles here")
    for person in found.people:
        name = Text(person.surface, style="bold magenta")
        table.add_row(name, person.person, "; ".join(person.titles), *_why(person, explain))
    return table
