"""Lists of addresses: one a line, or with more columns as TSV or JSON lines.

Columns (keys): `url`; `file` where pages lie on disk; `fetched` and `published`, times; `title`;
`outlet`, its key.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import msgspec

from connectors.replay.found import Bad
from streams.errors import ConfigError, Reason
from streams.page.when import parse_when
from streams.records import FeedEntry
from streams.text import nfc

_LONGEST = 64 * 1024  # bytes of a line
_TOO_LONG = b"(a line of more than 64 KB)"  # stands for it; no address, no JSON
COLUMNS = ("url", "file", "fetched", "published", "title", "outlet")


class _Fields(msgspec.Struct, frozen=True):
    """A line."""

    url: str = ""
    file: str = ""
    fetched: str = ""
    published: str = ""
    title: str = ""
    outlet: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a list."""

    where: str  # file and line
    url: str = ""
    file: str = ""
    fetched_at: datetime | None = None
    outlet: str = ""
    entry: FeedEntry


class ListFile:
    """A list. `position` tells how far it has been read, in bytes.

    Args:
        path: `.tsv` begins with a line of column names, `.jsonl` holds an object a line; any other
            file an address a line. Empty lines, and in the first and last kind those that begin
            with `#`, count for nothing.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kind = path.suffix.lower()
        self.position = 0

    def lines(self) -> Iterator[Line | Bad]:
        """What is in it.

        Raises:
            ConfigError: a `.tsv` without a column that is known.
            OSError: it can't be read.
        """
        head: list[str] | None = None
        with self._path.open("rb") as file:
            for number, text in self._texts(file):
                self.position = file.tell()
                if not text or (text.startswith("#") and self._kind != ".jsonl"):
                    continue
                if self._kind == ".tsv" and head is None:
                    head = self._head(text, number)
                    continue
                yield self._line(text, head, f"{self._path}:{number}")

    @staticmethod
    def _texts(file: BinaryIO) -> Iterator[tuple[int, str]]:
        number = 0
        while line := file.readline(_LONGEST):
            number += 1
            while not line.endswith(b"\n") and (more := file.readline(_LONGEST)):
                line = _TOO_LONG + more[-1:]
            yield number, line.decode("utf-8-sig", "replace").strip("\r\n ")

    def _head(self, text: str, number: int) -> list[str]:
        names = [name.strip() for name in text.split("\t")]
        unknown = [name for name in names if name not in COLUMNS]
        if unknown or not {"url", "file"} & set(names):
            raise ConfigError(
                self._path,
                f"columns are {names}; known: {', '.join(COLUMNS)}; url or file must be there",
                line=number,
            )
        return names

    def _line(self, text: str, head: list[str] | None, where: str) -> Line | Bad:
        try:
            if self._kind == ".jsonl":
                fields = msgspec.json.decode(text, type=_Fields)
            elif head is None:
                fields = _Fields(url=text)
            else:
                cells = [cell.strip() for cell in text.split("\t")]
                fields = _Fields(**dict(zip(head, cells, strict=True)))
            fetched = _moment("fetched", fields.fetched)
            published = _moment("published", fields.published)
        except (ValueError, msgspec.DecodeError, RecursionError) as error:
            return Bad(where=where, reason=Reason.BAD_RECORD, detail=str(error)[:500])
        return Line(
            where=where,
            url=fields.url,
            file=fields.file,
            fetched_at=fetched,
            outlet=fields.outlet,
            entry=FeedEntry(title=nfc(fields.title), published=published),
        )


def _moment(name: str, text: str) -> datetime | None:
    """A time; one without a zone is UTC. Raises ValueError."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        found = parse_when(text)
        if found is None:
            raise ValueError(f"{name}: no time: {text[:100]!r}") from None
        moment = found
    return moment.replace(tzinfo=moment.tzinfo or UTC)
