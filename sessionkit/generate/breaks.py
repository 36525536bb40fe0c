"""Files that break off: an array without its end, a gzip cut short, a quote never closed.

Layer: above nothing; of the package, imports nothing.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

_HALF = b'{"integrationId":"cut-off","created":"2026-02-01T10:00:00Z","applicat'
_HALF_ROW = b'1,true,cut-off,270,0,,2026-02-01T10:00:00Z,open,"[{""sku"": ""A"", ""qua'


class CutGzip:
    """A gzip file that ends in the middle: what was written can be read, its end never comes."""

    def __init__(self, path: Path) -> None:
        self.file = path.open("wb")
        self.file.write(b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff")
        self.deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS)

    def write(self, data: bytes) -> None:
        """Compress bytes."""
        self.file.write(self.deflate.compress(data))

    def close(self) -> None:
        """Flush what there is, without the end of the stream, and cut the next block."""
        with self.file:
            self.file.write(self.deflate.flush(zlib.Z_SYNC_FLUSH))


def _cut_array(sink: Any) -> None:
    sink.write(b"," + _HALF)


def _cut_line(sink: Any) -> None:
    sink.write(_HALF)


def _open_quote(sink: Any) -> None:
    sink.write(_HALF_ROW + b"\n2,true,swallowed\n")


BREAKS: dict[str, Callable[[Any], None]] = {
    "array": _cut_array,
    "gzip": _cut_line,
    "quote": _open_quote,
}
"""What is written in place of the end of a container."""
