"""The bodies of archived answers, unpacked within bounds."""

import zlib
from collections.abc import Callable, Iterator
from io import BytesIO

import brotli
import zstandard

from streams.errors import Invalid, Reason
from streams.topics import MAX_PAGE_BYTES

_BLOCK = 64 * 1024
_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS


def unpack(body: bytes, encoding: str) -> bytes:
    """A body as it was before `Content-Encoding: encoding`.

    A gzip that is none was unpacked by whoever wrote the archive: it is as it should be.

    Raises:
        Invalid: `bad-encoding`; `too-large` for what grows beyond the largest page.
    """
    name = encoding.strip().lower()
    if name in ("", "identity") or ("gzip" in name and not body.startswith(b"\x1f\x8b")):
        return body
    if name not in _WAYS:
        raise Invalid(Reason.BAD_ENCODING, f"content-encoding {name[:100]}")
    parts, size = [], 0
    try:
        for part in _WAYS[name](body):
            parts.append(part)
            size += len(part)
            if size > MAX_PAGE_BYTES:
                raise Invalid(Reason.TOO_LARGE, f"over {MAX_PAGE_BYTES} bytes once unpacked")
    except (zlib.error, brotli.error, zstandard.ZstdError) as error:
        raise Invalid(Reason.BAD_ENCODING, f"content-encoding {name}: {error}") from error
    return b"".join(parts)


def _inflate(body: bytes) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(_GZIP_OR_ZLIB)
    try:
        part = unpacker.decompress(body, _BLOCK)
    except zlib.error:  # some servers send deflate without its head
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
        part = unpacker.decompress(body, _BLOCK)
    while part:
        yield part
        part = unpacker.decompress(unpacker.unconsumed_tail, _BLOCK)
    if not unpacker.eof:
        raise zlib.error("breaks off")


def _unbrotli(body: bytes) -> Iterator[bytes]:
    unpacker = brotli.Decompressor()
    part = unpacker.process(body, output_buffer_limit=_BLOCK)
    while part:
        yield part
        part = unpacker.process(b"", output_buffer_limit=_BLOCK)
    if not unpacker.is_finished():
        raise brotli.error("breaks off")


def _unzstd(body: bytes) -> Iterator[bytes]:
    with zstandard.ZstdDecompressor(max_window_size=2**27).stream_reader(BytesIO(body)) as reader:
        while part := reader.read(_BLOCK):
            yield part


_WAYS: dict[str, Callable[[bytes], Iterator[bytes]]] = {
    "gzip": _inflate,
    "x-gzip": _inflate,
    "deflate": _inflate,
    "br": _unbrotli,
    "zstd": _unzstd,
}
