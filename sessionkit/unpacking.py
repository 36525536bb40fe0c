"""Unpacking compressed bytes as a stream: gzip, zstd, bzip2, xz.

What the bytes are is told by their beginning, never by a name. A stream that is cut off or damaged
hands out every byte that could be unpacked, and only then raises `BrokenStream`; members that
follow each other (`cat a.gz b.gz`) are read whole.

Layer: below `archives` and `sources`; imports nothing from the package.
"""

from __future__ import annotations

import bz2
import lzma
import re
import sys
import zlib
from collections.abc import Callable
from typing import Protocol

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

BLOCK = 1 << 20
"""How many bytes are read at a time."""

_HEAD = 10
"""How many bytes tell a packing."""

_BEGINNINGS = (
    ("gzip", re.compile(rb"\x1f\x8b")),
    ("zstd", re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18")),
    ("bzip2", re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)")),
    ("xz", re.compile(rb"\xfd7zXZ\x00")),
    ("zip", re.compile(rb"PK(?:\x03\x04|\x05\x06)")),
)


class BrokenStream(Exception):
    """A stream that cannot be read on: cut off, or damaged. What came before was handed out."""


class Readable(Protocol):
    """Anything that bytes can be read from; `b""` means the end, less than asked does not."""

    def read(self, size: int, /) -> bytes:
        """Give at most `size` bytes, and none only at the end."""


class _Decoder(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    @property
    def needs_input(self) -> bool: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


def packing(head: bytes) -> str | None:
    """Tell how bytes are packed from how they begin; None when they are not.

    Example:
        >>> packing(bytes.fromhex("1f8b08")), packing(b"PK" + bytes([3, 4])), packing(b"id,state")
        ('gzip', 'zip', None)
    """
    return next((name for name, begins in _BEGINNINGS if begins.match(head)), None)


def peeked(source: Readable) -> tuple[bytes, Readable]:
    """Read a stream's first bytes, and give them with a stream that still holds them.

    A stream that breaks within them raises nothing here: the stream given back does, in its place.
    """
    head, broken = b"", None
    try:
        while len(head) < _HEAD and (more := source.read(_HEAD - len(head))):
            head += more
    except BrokenStream as error:
        broken = error
    return head, _Again(head, source, broken)


class _Again:
    """A stream with bytes put back in front of it."""

    def __init__(self, head: bytes, source: Readable, broken: BrokenStream | None = None) -> None:
        self._head, self._source, self._broken = head, source, broken

    def read(self, size: int, /) -> bytes:
        if self._head:
            head, self._head = self._head[:size], self._head[size:]
            return head
        if self._broken:
            raise self._broken
        return self._source.read(size)


class _Inflater:
    """A `zlib` decoder with the manner of the others, exact up to the very byte of a fault."""

    def __init__(self, bits: int) -> None:
        self._zlib = zlib.decompressobj(bits)
        self._full = False

    @property
    def eof(self) -> bool:
        return self._zlib.eof

    @property
    def unused_data(self) -> bytes:
        return self._zlib.unused_data

    @property
    def needs_input(self) -> bool:
        return not (self.eof or self._full or self._zlib.unconsumed_tail)

    def decompress(self, data: bytes, max_length: int) -> bytes:
        given, before = self._zlib.unconsumed_tail + data, self._zlib.copy()
        try:
            out = self._zlib.decompress(given, max_length)
        except zlib.error:
            # NOTE: zlib drops what it had unpacked before the fault; once more, byte by byte.
            out = b""
            for at in range(len(given)):
                try:
                    out += before.decompress(given[at : at + 1])
                except zlib.error:
                    break
            if not out:
                raise
            self._zlib = _Failed()  # type: ignore[assignment]
        self._full = len(out) >= max_length
        return out


class _Failed:
    """Stands in for a decoder that has handed out its last good byte: the next call raises."""

    eof = False
    unused_data = b""
    unconsumed_tail = b"."

    def copy(self) -> _Failed:
        return self

    def decompress(self, data: bytes, max_length: int = 0) -> bytes:
        raise zlib.error("the checksum or the data is wrong")


_DECODERS: dict[str, Callable[[], _Decoder]] = {
    "gzip": lambda: _Inflater(31),
    "deflate": lambda: _Inflater(-15),
    "zstd": zstd.ZstdDecompressor,
    "bzip2": bz2.BZ2Decompressor,
    "xz": lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ),
}
_FAULTS = (zlib.error, lzma.LZMAError, zstd.ZstdError, OSError, EOFError, ValueError)
_STEP = 1 << 14
"""Packed bytes given to a decoder at a time: all but zlib lose a failing step's good bytes."""


class Unpacked:
    """The unpacked bytes of a packed stream, all its members.

    Example:
        >>> import gzip, io
        >>> stream = Unpacked(io.BytesIO(gzip.compress(b"one ") + gzip.compress(b"two")), "gzip")
        >>> stream.read(100) + stream.read(100)
        b'one two'
    """

    def __init__(self, source: Readable, kind: str) -> None:
        self._source, self._kind = source, kind
        self._decoder = _DECODERS[kind]()
        self._fed = False  # has this member had any byte?

    def read(self, size: int, /) -> bytes:
        """Give some unpacked bytes, at most `size`; none at the end.

        Raises:
            BrokenStream: The data is cut off or damaged here.
        """
        while True:
            if self._decoder.eof and not self._next_member():
                return b""
            data = self._source.read(_STEP) if self._decoder.needs_input else b""
            if self._decoder.needs_input and not data:
                if not self._fed:
                    return b""
                raise BrokenStream(f"the {self._kind} data is cut off")
            self._fed = True
            if out := self._decode(data, size):
                return out

    def _decode(self, data: bytes, size: int) -> bytes:
        try:
            return self._decoder.decompress(data, size)
        except _FAULTS as error:
            raise BrokenStream(f"the {self._kind} data is damaged ({error})") from error

    def _next_member(self) -> bool:
        """Go on to the member that follows the one just ended, over zero bytes between them."""
        rest = self._decoder.unused_data.lstrip(b"\0")
        while not rest and (more := self._source.read(_STEP)):
            rest = more.lstrip(b"\0")
        if not rest:
            return False
        self._source = _Again(rest, self._source)
        self._decoder, self._fed = _DECODERS[self._kind](), False
        return True
