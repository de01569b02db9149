"""A file of gzip members, one after the other, in bounded memory and past damaged ones.

In a `.warc.gz` each record is a member of its own (WARC 1.1, annex D), so a damaged one costs
nothing but itself. A file that is not packed is taken as one member.
"""

import zlib
from typing import BinaryIO

_BLOCK = 64 * 1024
_MAGIC = b"\x1f\x8b\x08"  # RFC 1952, 2.3.1; deflate is the only method
_GZIP = 16 + zlib.MAX_WBITS


class Damaged(Exception):  # it is no error of ours
    """What stands in the file can't be unpacked, or has no end."""


class Members:
    """The bytes of one member at a time, as a stream that can only be read.

    Args:
        file: at its beginning.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._input = file.read(_BLOCK)  # read, and not unpacked yet
        self.packed = self._input.startswith(_MAGIC)
        self._unpacker = zlib.decompressobj(_GZIP)
        self._begun = self._broken = False
        self._left: int | None = None
        self.size = 0  # bytes read of the present member
        self.at = 0  # offset in the file at which the present member begins

    def limit(self, most: int | None) -> None:
        """Lets at most so many bytes be read from now on; None: any number."""
        self._left = most

    def advance(self) -> bool:
        """Goes to the next member; False at the end of the file. Raises Damaged."""
        if not self.packed:
            first, self._begun = not self._begun, True
            return first and bool(self._input)
        self.limit(None)
        while self._begun and not self._broken and self.read(_BLOCK):
            pass
        self._begun, self._broken = True, False
        while (found := self._input.find(_MAGIC)) < 0:
            block = self._file.read(_BLOCK)
            if not block:
                return False
            self._input = self._input[-len(_MAGIC) + 1 :] + block
        self._input = self._input[found:]
        self.at, self.size = self._file.tell() - len(self._input), 0
        self._unpacker = zlib.decompressobj(_GZIP)
        return True

    def read(self, size: int = _BLOCK) -> bytes:
        """At most `size` bytes of the member; nothing at its end.

        Raises:
            Damaged: it can't be unpacked, it breaks off, or more is read than `limit` allows.
        """
        found = self._unpack(size) if self.packed else self._take(size)
        self.size += len(found)
        if self._left is not None:
            self._left -= len(found)
            if self._left < 0:
                self._broken = True
                raise Damaged("a head without an end")
        return found

    def tell(self) -> int:
        """How far the file has been read."""
        return self._file.tell()

    def _take(self, size: int) -> bytes:
        found, self._input = self._input[:size], self._input[size:]
        return found or self._file.read(size)

    def _unpack(self, size: int) -> bytes:
        found = b""
        while not found and not self._unpacker.eof:
            self._input = self._input or self._file.read(_BLOCK)
            if not self._input:
                self._broken = True
                raise Damaged("the file ends within a packed record")
            try:
                found = self._unpacker.decompress(self._input, size)
            except zlib.error as error:
                self._input, self._broken = self._input[1:], True
                raise Damaged(f"can't be unpacked: {error}") from error
            done = self._unpacker.eof
            self._input = self._unpacker.unused_data if done else self._unpacker.unconsumed_tail
        return found
