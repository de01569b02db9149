"""Pages out of web archives: WARC files, packed by gzip or not.

Taken are responses with status 200 that hold HTML. Every record is judged by itself; memory is
bounded by the largest page, whatever a record says of itself.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from warcio.archiveiterator import WARCIterator
from warcio.bufferedreaders import ChunkedDataReader
from warcio.limitreader import LimitReader

from connectors.crawler.page import Answer, find_trouble
from connectors.replay.found import Bad, Find, Other, Saved
from connectors.replay.members import Damaged, Members
from connectors.replay.unpack import unpack
from streams.errors import Invalid, Reason
from streams.topics import MAX_PAGE_BYTES

#: Bytes of the heads of one record, WARC's and HTTP's together; browsers take 256 KB of HTTP's.
MOST_HEAD = 1024 * 1024
_CHUNKS = 64 * 1024  # bytes that the marks between chunks may take
_BLOCK = 64 * 1024
_ZSTD = b"\x28\xb5\x2f\xfd"
_TYPES = (
    "warcinfo", "request", "metadata", "revisit", "resource", "conversion", "continuation",
)  # fmt: skip


class Archive:
    """One file. `position` tells how far it has been read, in bytes.

    Args:
        path: a `.warc` or `.warc.gz`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.position = 0

    def finds(self) -> Iterator[Find]:
        """What is in it, in its order. Raises OSError."""
        with self._path.open("rb") as file:
            if file.read(len(_ZSTD)) == _ZSTD:
                yield self._bad(0, "zstd", "packed by zstd: unpack it first (zstd -d)")
                return
            file.seek(0)
            members = Members(file)
            while self._advance(members):
                yield from self._member(members)

    def _advance(self, members: Members) -> bool:
        while True:
            try:
                return members.advance()
            except Damaged:  # behind the record, which has been told already
                continue

    def _member(self, members: Members) -> Iterator[Find]:
        members.limit(MOST_HEAD)
        met = 0
        try:
            for record in WARCIterator(members):
                met += 1
                members.limit(None)
                found = self._record(members.at, record)
                _drain(record.raw_stream)
                yield _whole(found, record)
                self.position = members.tell()
                members.limit(MOST_HEAD)
            if not met and members.size:
                yield self._bad(members.at, "damaged", "no whole record")
        # whatever odd bytes make the library raise is this record's fate, not the run's
        except Exception as error:  # noqa: BLE001
            rest = "" if members.packed else "; the rest of the file is left out"
            yield self._bad(members.at, "damaged", f"{type(error).__name__}: {error}{rest}")

    def _record(self, at: int, record: Any) -> Find:
        if record.rec_type != "response":
            return Other(kind=record.rec_type if record.rec_type in _TYPES else "another type")
        if record.http_headers is None:
            return Other(kind="not HTTP")
        status = str(record.http_headers.get_statuscode())
        if status != "200":
            return Other(kind=f"HTTP {status[0]}xx" if status.isascii() else "HTTP")
        url = str(record.rec_headers.get_header("WARC-Target-URI"))
        headers = {str(name).lower(): str(value) for name, value in record.http_headers.headers}
        return self._page(at, url, headers, record)

    def _page(self, at: int, url: str, headers: dict[str, str], record: Any) -> Find:
        where = self._where(at, url)
        body, cut = _body(record.raw_stream, headers)
        if cut:
            kind = headers.get("content-type", "").lower()
            if "html" not in kind:
                return Other(kind="not HTML")
            return Bad(where=where, reason=Reason.TOO_LARGE, detail=f"over {MAX_PAGE_BYTES} bytes")
        headers.pop("transfer-encoding", None)
        try:
            fetched_at = _moment(record.rec_headers.get_header("WARC-Date"))
            body = unpack(body, headers.pop("content-encoding", ""))
        except Invalid as error:
            return Bad(where=where, reason=error.reason, detail=error.detail)
        trouble = find_trouble(Answer(url=url, status=200, headers=headers, body=body))
        if trouble is not None:
            if trouble.reason is Reason.NOT_HTML:
                return Other(kind="not HTML")
            return Bad(where=where, reason=trouble.reason, detail=trouble.detail)
        return Saved(where=where, url=url, fetched_at=fetched_at, headers=headers, body=body)

    def _where(self, at: int, url: str = "") -> str:
        return " ".join(part for part in (f"{self._path}@{at}", url[:500]) if part)

    def _bad(self, at: int, reason: str, detail: str) -> Bad:
        return Bad(where=self._where(at), reason=reason, detail=detail[:500])


def _body(stream: Any, headers: dict[str, str]) -> tuple[bytes, bool]:
    """A response's bytes without its chunks' marks, and whether there are more than a page has."""
    chunked = headers.get("transfer-encoding", "").lower() == "chunked"
    limited = LimitReader(stream, MAX_PAGE_BYTES + (_CHUNKS if chunked else 0))
    source = ChunkedDataReader(limited) if chunked else limited
    parts = []
    while part := source.read(_BLOCK):
        parts.append(part)
    body = b"".join(parts)
    return body, len(body) > MAX_PAGE_BYTES or bool(stream.read(1))


def _drain(stream: Any) -> None:
    while stream.read(_BLOCK):
        pass


def _whole(found: Find, record: Any) -> Find:
    """The page, or that it is not whole."""
    if not isinstance(found, Saved):
        return found
    if not isinstance(record.raw_stream, LimitReader):
        return Bad(where=found.where, reason=Reason.BAD_RECORD, detail="no Content-Length")
    if left := record.raw_stream.limit:
        detail = f"breaks off {left} bytes before its end"
        return Bad(where=found.where, reason=Reason.BAD_RECORD, detail=detail)
    if cause := record.rec_headers.get_header("WARC-Truncated"):
        return Bad(where=found.where, reason=Reason.BAD_RECORD, detail=f"cut off: {cause}"[:200])
    return found


def _moment(text: str | None) -> datetime:
    """Raises Invalid."""
    try:
        moment = datetime.fromisoformat((text or "").strip())
    except ValueError:
        raise Invalid(Reason.BAD_RECORD, f"WARC-Date is no time: {str(text)[:100]!r}") from None
    return moment.replace(tzinfo=moment.tzinfo or UTC)
