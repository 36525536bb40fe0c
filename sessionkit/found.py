"""One file that was met, and opening it: unpacked bytes out, checksum and size on the side.

Layer: above `archives`, `remote` and `unpacking`; below `sources`.
"""

from __future__ import annotations

import hashlib
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from zipfile import ZipInfo

from sessionkit.archives import content, stored
from sessionkit.errors import ReadError
from sessionkit.remote import open_url
from sessionkit.unpacking import BLOCK, BrokenStream, Readable, Unpacked, packing, peeked

STDIN = "-"


@dataclass(frozen=True)
class Found:
    """One file that was met: how it is called, where its bytes are, or why it is not read.

    At most one of `path`, `url` and `handle` is set; `member` goes with the archive that holds it.
    """

    name: str
    """As shown to people and unique among the files found; `archive.zip!name` in an archive."""
    path: Path | None = None
    url: str | None = None
    handle: Any = None
    """An open file of the caller's, binary or text; `-` is standard input."""
    member: ZipInfo | None = None
    size: int | None = None
    """Its bytes as stored (packed, if it is packed), where they are known beforehand."""
    skipped: str | None = None
    """Why it is left alone: it was met in a folder or an archive, and is no dump by its name."""
    fault: str | None = None
    """Why it cannot be read, where that is known already; `open_bytes` raises it."""

    def __post_init__(self) -> None:
        # A path may hold bytes that are no text; no table could keep such a name.
        told = self.name.encode("utf-8", "backslashreplace").decode("utf-8")
        object.__setattr__(self, "name", told)


class Opened:
    """A file being read. `read` gives unpacked bytes; `size` and `sha256` tell of the stored ones.

    Both are complete once `read` gave `b""` or `finish` was called.
    """

    def __init__(
        self, stream: Readable, raw: _Counted, packed: tuple[str, ...], held: ExitStack
    ) -> None:
        self.packed = packed
        """How it is packed, from the outside in: `()`, `("gzip",)`, `("zip", "gzip")`."""
        self._stream, self._raw, self._held = stream, raw, held

    def read(self, size: int = BLOCK, /) -> bytes:
        """Give some unpacked bytes, at most about `size`; none at the end.

        Raises:
            BrokenStream: It is cut off or damaged here; all that came before was given.
        """
        return self._stream.read(size)

    def finish(self) -> None:
        """Read what is left of the stored bytes, so that `size` and `sha256` hold for all."""
        try:
            while self._raw.read(BLOCK):
                pass
        except BrokenStream:
            return  # it was told when the content was read, or the content ended before

    @property
    def size(self) -> int:
        """How many stored bytes were read so far."""
        return self._raw.size

    @property
    def sha256(self) -> str:
        """The checksum of the stored bytes read so far, in hex."""
        return self._raw.digest.hexdigest()

    def close(self) -> None:
        """Close what `open_bytes` opened; an open file of the caller's stays open."""
        self._held.close()

    def __enter__(self) -> Opened:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_bytes(found: Found, progress: Callable[[int], None] | None = None) -> Opened:
    """Open a file, and unpack it as a stream: by what it begins with, not by its name.

    Args:
        found: What to open.
        progress: Called with the number of stored bytes at each read of them.

    Raises:
        ReadError: It cannot be opened; the message names it.

    Example:
        >>> import gzip, io
        >>> with open_bytes(Found("a dump", handle=io.BytesIO(gzip.compress(b"[]")))) as opened:
        ...     opened.read(), opened.read(), opened.size, opened.packed
        (b'[]', b'', 22, ('gzip',))
    """
    if found.fault or found.skipped:
        raise ReadError(f"{found.name}: {found.fault or found.skipped}")
    with ExitStack() as held:
        try:
            file, size = _raw(found, held)
            part = stored(file, found.member) if found.member else file
            raw = _Counted(part, size, progress)
            stream = content(found.member, raw) if found.member else raw
            stream, kinds = _unpacked(stream, ("zip",) if found.member else ())
        except (OSError, ValueError, BrokenStream) as error:
            raise ReadError(_named(found.name, error)) from error
        return Opened(stream, raw, kinds, held.pop_all())


def open_from(found: Found, place: int) -> Opened:
    """Open a file that is not packed, from one of its bytes on.

    Raises:
        ReadError: It cannot be opened there; the message names it.
    """
    with ExitStack() as held:
        try:
            file, _ = _raw(found, held)
            file.seek(place)
        except (OSError, ValueError) as error:
            raise ReadError(_named(found.name, error)) from error
        raw = _Counted(file, None, None)
        return Opened(raw, raw, (), held.pop_all())


def sha256_of(found: Found | str | Path) -> str:
    """Give the checksum of a file's stored bytes, in hex, without unpacking them.

    Raises:
        ReadError: It cannot be read, or is no file on disk.
    """
    found = found if isinstance(found, Found) else Found(str(found), path=Path(found))
    if found.path is None:
        raise ReadError(f"{found.name}: is no file on disk")
    digest = hashlib.sha256()
    try:
        with found.path.open("rb") as file:
            part = stored(file, found.member) if found.member else file
            while data := part.read(BLOCK):
                digest.update(data)
    except OSError as error:
        raise ReadError(_named(found.name, error)) from error
    return digest.hexdigest()


def of_like_size(files: Iterable[Found]) -> list[Found]:
    """Give the files on disk that are as large as another one."""
    alike: dict[int, list[Found]] = defaultdict(list)
    for found in files:
        if found.path and found.size and not (found.skipped or found.fault):
            alike[found.size].append(found)
    return [found for group in alike.values() if len(group) > 1 for found in group]


def copies(files: Iterable[Found], checksum: Callable[[Found], str] = sha256_of) -> dict[str, str]:
    """Find the files on disk that hold the same bytes as an earlier one; read only like sizes.

    Args:
        files: The files.
        checksum: Gives that of a file, or raises a `ReadError`.

    Returns:
        The name of each copy, and the name of the first file with its bytes. A file that cannot
        be read is no copy.
    """
    originals: dict[str, str] = {}
    result: dict[str, str] = {}
    for found in of_like_size(files):
        try:
            first = originals.setdefault(checksum(found), found.name)
        except ReadError:
            continue
        if first != found.name:
            result[found.name] = first
    return result


def _raw(found: Found, held: ExitStack) -> tuple[Any, int | None]:
    """Open the stored bytes; tell their number where a shorter stream would be a broken one."""
    if found.path is not None:
        return held.enter_context(found.path.open("rb")), None
    if found.url is not None:
        file, size = open_url(found.url)
        return held.enter_context(file), size
    return sys.stdin.buffer if found.handle == STDIN else found.handle, None


def _unpacked(stream: Readable, kinds: tuple[str, ...]) -> tuple[Readable, tuple[str, ...]]:
    """Unpack a stream, and once more what was packed twice."""
    for _ in range(2):
        head, stream = peeked(stream)
        kind = packing(head)
        if kind is None:
            break
        if kind == "zip":
            where = "inside another archive" if kinds else "on a stream"
            raise ValueError(f"is a zip archive {where}: unpack it first")
        stream, kinds = Unpacked(stream, kind), (*kinds, kind)
    return stream, kinds


def _named(name: str, error: Exception) -> str:
    why = (isinstance(error, OSError) and error.strerror) or str(error)
    return why if why.startswith(name) else f"{name}: {_in_words(why)}"


def _in_words(why: str) -> str:
    return f"cannot be read ({why[:1].lower()}{why[1:]})" if why[:1].isupper() else why


class _Counted:
    """Stored bytes, counted and digested as they go by; text is taken as UTF-8."""

    def __init__(
        self,
        source: IO[Any] | Readable,
        expected: int | None,
        progress: Callable[[int], None] | None,
    ) -> None:
        self._source, self._expected, self._progress = source, expected, progress
        self.size = 0
        self.digest = hashlib.sha256()

    def read(self, size: int, /) -> bytes:
        try:
            given: bytes | str | None = self._source.read(size)
        except MemoryError:
            raise
        except Exception as error:  # servers and file systems behind URLs have each their own
            raise BrokenStream(f"it cannot be read on ({error})") from error
        data = given.encode("utf-8", "surrogatepass") if isinstance(given, str) else given or b""
        if not data and self._expected is not None and self.size < self._expected:
            raise BrokenStream(f"only {self.size} of {self._expected} bytes came")
        self.size += len(data)
        self.digest.update(data)
        if self._progress is not None and data:
            self._progress(len(data))
        return data
