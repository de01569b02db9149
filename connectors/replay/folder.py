"""Pages as HTML files in a folder, with a list that tells what they are, or by what they say."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from connectors.crawler.charset import decode
from connectors.replay.found import Bad, Find, Other, Saved
from connectors.replay.listed import Line, ListFile
from streams.errors import Invalid, Reason
from streams.page.dom import parse
from streams.topics import MAX_PAGE_BYTES

_SUFFIXES = (".html", ".htm", ".xhtml")
_HEADERS = {"content-type": "text/html"}


def all_files(folder: Path) -> list[Path]:
    """The files below a folder, in the order of their names; links to folders are not followed."""
    found = [Path(place) / name for place, _, names in os.walk(folder) for name in names]
    return sorted(found)


def by_themselves(paths: list[Path]) -> Iterator[Find]:
    """Each page at the address that it gives as its own (`<link rel="canonical">`, `og:url`), as of
    the time at which its file was last changed."""
    for path in paths:
        if path.suffix.lower() not in _SUFFIXES:
            yield Other(kind="another file")
            continue
        body = _read(path)
        if isinstance(body, Bad):
            yield body
            continue
        url = _own_address(body)
        if not url:
            detail = 'neither <link rel="canonical"> nor og:url with an http address; list it'
            yield Bad(where=str(path), reason=Reason.BAD_RECORD, detail=detail)
            continue
        yield Saved(
            where=str(path),
            url=url,
            fetched_at=datetime.fromtimestamp(path.stat().st_mtime, UTC),
            headers=_HEADERS,
            body=body,
        )


def by_list(folder: Path, listed: ListFile) -> Iterator[Find]:
    """Each page that a list names, at the address and of the time that the list gives.

    Raises:
        ConfigError: the list has no column of files.
        OSError: the list can't be read.
    """
    for line in listed.lines():
        yield line if isinstance(line, Bad) else _listed(folder, line)


def _listed(folder: Path, line: Line) -> Find:
    if not line.file:
        return Bad(where=line.where, reason=Reason.BAD_RECORD, detail="names no file")
    path = folder / line.file
    if not path.resolve().is_relative_to(folder.resolve()):
        detail = f"{line.file[:300]}: outside of {folder}"
        return Bad(where=line.where, reason=Reason.BAD_RECORD, detail=detail)
    body = _read(path)
    if isinstance(body, Bad):
        return Bad(where=f"{line.where} {path}", reason=body.reason, detail=body.detail)
    url = line.url or _own_address(body)
    if not url:
        return Bad(
            where=line.where, reason=Reason.BAD_RECORD, detail="no address, in the page neither"
        )
    return Saved(
        where=f"{line.where} {path}",
        url=url,
        outlet=line.outlet,
        fetched_at=line.fetched_at or datetime.fromtimestamp(path.stat().st_mtime, UTC),
        headers=_HEADERS,
        body=body,
        entry=line.entry,
    )


def _read(path: Path) -> bytes | Bad:
    try:
        if not path.is_file():  # a pipe would be waited for
            return Bad(where=str(path), reason=Reason.BAD_RECORD, detail="no such file")
        with path.open("rb") as file:
            body = file.read(MAX_PAGE_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a zero byte in a name
        return Bad(where=str(path), reason=Reason.BAD_RECORD, detail=str(error)[:500])
    if len(body) > MAX_PAGE_BYTES:
        return Bad(where=str(path), reason=Reason.TOO_LARGE, detail=f"over {MAX_PAGE_BYTES} bytes")
    return body


def _own_address(body: bytes) -> str:
    """What the page says that its address is; empty where it says nothing that is one."""
    try:
        text, _charset = decode(body)
    except Invalid:
        return ""
    root = parse(text)
    if root is None:
        return ""
    told = [
        link.get("href") or ""
        for link in root.iter("link")
        if "canonical" in (link.get("rel") or "").lower().split()
    ]
    told += [m.get("content") or "" for m in root.iter("meta") if m.get("property") == "og:url"]
    return next(
        (url.strip() for url in told if url.strip().startswith(("http://", "https://"))), ""
    )
