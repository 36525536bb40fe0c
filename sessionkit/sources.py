"""Finding the files to read: paths, patterns, folders, archives, URLs, open files, `-`.

Whatever is named comes out as a list of `Found`, one per file met, each file once, in an order
that depends on the names alone. Files that are not read are listed too, with the reason.

Layer: above `found`, `archives` and `remote`; below `containers`.
"""

from __future__ import annotations

import glob
import os
import re
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import IO, Any, TypeAlias

from sessionkit.archives import fault_of, members
from sessionkit.errors import ReadError, UsageError, shown
from sessionkit.found import STDIN, Found, Opened, copies, open_bytes, sha256_of
from sessionkit.held_files import is_held
from sessionkit.remote import expand, is_url, open_url, shown_url
from sessionkit.unpacking import BrokenStream, packing

__all__ = [
    "BrokenStream",
    "Found",
    "Opened",
    "Source",
    "copies",
    "find",
    "is_dump_name",
    "open_bytes",
    "sha256_of",
]

Source: TypeAlias = str | os.PathLike[str] | IO[Any] | Iterable[str | os.PathLike[str] | IO[Any]]

_DUMP = re.compile(r".*\.(json|jsonl|ndjson|csv)(\.(gz|zst|zstd|bz2|xz|zip))?", re.I | re.S)
_NO_DUMP = "not a dump by its name"
_ENDINGS = "names end in .json, .jsonl, .ndjson or .csv, compressed or not"


def find(sources: Source | Iterable[Source]) -> list[Found]:
    """Find every file that the sources name.

    A file named by itself, or by a pattern, is read whatever it is called. In a folder, which is
    searched in depth, and in a zip archive only names that end as dumps do are read; the others
    are listed as skipped. A file that two sources name is there once, at its first place.

    Args:
        sources: Paths, patterns (`**` too), folders, URLs, `-` for standard input, open files.

    Raises:
        UsageError: A source of another kind, say a number.
        ReadError: A source that names nothing: no such file, a pattern that nothing fits, a
            folder without a dump, a file that may not be read.
    """
    return _named_apart(_once(found for source in _each(sources) for found in _met(source)))


def is_dump_name(name: str) -> bool:
    """Tell whether a name ends as dumps do.

    Example:
        >>> is_dump_name("sessions.JSONL.gz"), is_dump_name("notes.txt"), is_dump_name("dumps.zip")
        (True, False, False)
    """
    last = name.rpartition("/")[2]
    return _DUMP.fullmatch(last) is not None and not last.startswith("._")


def _each(sources: Any) -> Iterator[Any]:
    """One source, or those of a list, and of lists in it."""
    if isinstance(sources, str | bytes | os.PathLike) or hasattr(sources, "read"):
        yield sources
    elif isinstance(sources, Iterable):
        for source in sources:
            yield from _each(source)
    else:
        wanted = "expected a path, a pattern, a folder, a URL, an open file, or a list of such"
        raise UsageError(f"a source of sessions: {wanted}, got {shown(sources)}")


def _met(source: Any) -> list[Found]:
    if hasattr(source, "read"):
        return _handle(source)
    name = os.fsdecode(source)
    if name == STDIN:
        return [Found("<stdin>", handle=STDIN)]
    if is_url(name):
        return _remote(name)
    path = Path(name)
    with suppress(RuntimeError):  # no such user
        path = path.expanduser()
    mode = _mode(path) if name else None
    if mode is not None:
        return _folder(path) if stat.S_ISDIR(mode) else _file(path, alone=True)
    if glob.has_magic(name):
        return _pattern(str(path))
    raise ReadError(_missing(name, path))


def _mode(path: Path) -> int | None:
    """What a path leads to; None for nothing."""
    try:
        return path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise ReadError(f"{path}: cannot be read ({error})") from error


def _missing(name: str, path: Path) -> str:
    near: list[str] = []
    with suppress(OSError):
        near = get_close_matches(path.name, [entry.name for entry in path.parent.iterdir()], n=1)
    hint = f" Did you mean {str(path.with_name(near[0]))!r}?" if near else ""
    return f"{name or repr(name)}: there is no such file or folder.{hint}"


def _pattern(pattern: str) -> list[Found]:
    """What a pattern fits, as a shell would expand it: files are read, folders are searched."""
    matches = sorted({Path(match) for match in glob.glob(pattern, recursive=True)})  # noqa: PTH207
    found = [each for path in matches if path.is_file() for each in _file(path)]
    if "**" not in pattern:  # which goes into the folders by itself
        found += [each for path in matches if path.is_dir() for each in _walk(path)]
    if all(each.skipped for each in found):
        raise ReadError(f"{pattern}: no file fits this pattern")
    return found


def _folder(folder: Path) -> list[Found]:
    found = list(_walk(folder))
    if all(each.skipped for each in found):
        there = f"only {len(found)} other" if found else "nothing at all"
        raise ReadError(f"{folder}: the folder holds no dump ({there}); {_ENDINGS}")
    return found


def _walk(folder: Path) -> Iterator[Found]:
    """Go through a folder in depth, in the order of the names; each real folder once."""
    visited = set()
    closed: list[OSError] = []
    written: set[Path] = set()
    files = []
    for here, folders, names in os.walk(folder, onerror=closed.append, followlinks=True):
        if (real := os.path.realpath(here)) in visited:
            folders.clear()  # a link that leads back
            continue
        visited.add(real)
        files += [Path(here) / name for name in names]
        if _holds_tables(Path(here)):
            written.add(Path(here))
    for path in sorted(files):
        if path.parent in written:
            yield _left_alone(path, "in a folder of tables that sessionkit wrote")
        else:
            yield from _file(path) if is_dump_name(path.name) else [_left_alone(path, _NO_DUMP)]
    for error in closed:
        name = str(error.filename)
        yield Found(name, path=Path(name), fault=f"the folder cannot be read ({error.strerror})")


def _holds_tables(folder: Path) -> bool:
    """Whether sessionkit wrote a folder: its manifest says so."""
    manifest = folder / "manifest.json"
    with suppress(OSError):
        return manifest.is_file() and b'"written_by": "sessionkit"' in manifest.read_bytes()
    return False


def _file(path: Path, *, alone: bool = False) -> list[Found]:
    """One file, or the members of one archive. Pipes are read when named alone, never peeked."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            return [Found(str(path), path=path) if alone else _left_alone(path, "no regular file")]
        if is_held(path):
            return [_left_alone(path, "a store that is open")]
        with path.open("rb") as file:
            if packing(file.read(4)) == "zip":
                return _archive(file, Found(str(path), path=path))
        return [Found(str(path), path=path, size=status.st_size)]
    except OSError as error:
        fault = f"cannot be read ({(error.strerror or str(error)).lower()})"
        if alone:
            raise ReadError(f"{path}: {fault}") from error
        return [Found(str(path), path=path, fault=fault)]


def _left_alone(path: Path, why: str) -> Found:
    size = None
    with suppress(OSError):
        size = path.stat().st_size
    return Found(str(path), path=path, size=size, skipped=why)


def _archive(file: IO[bytes], archive: Found) -> list[Found]:
    """The members of an archive; the archive itself, with a fault, if none can be read."""
    try:
        found = [
            replace(
                archive,
                name=f"{archive.name}!{member.filename}",
                member=member,
                size=member.compress_size,
                skipped=None if _is_dump_member(member.filename) else _NO_DUMP,
                fault=fault_of(member) if _is_dump_member(member.filename) else None,
            )
            for member in members(file)
        ]
    except ReadError as error:
        return [replace(archive, fault=str(error))]
    if all(each.skipped for each in found):
        return [replace(archive, fault=f"the archive holds no dump; {_ENDINGS}"), *found]
    return found


def _is_dump_member(name: str) -> bool:
    return is_dump_name(name) and not name.startswith("__MACOSX/")


def _handle(handle: Any) -> list[Found]:
    """An open file of the caller's; the members of an archive, if it can be searched for them."""
    name = getattr(handle, "name", None)
    found = Found(name if isinstance(name, str) else "<stream>", handle=handle)
    with suppress(OSError, ValueError, AttributeError, TypeError):
        place = handle.tell()
        head = handle.read(4)
        handle.seek(place)
        if isinstance(head, bytes) and packing(head) == "zip":
            return _archive(handle, found)
    return [found]


def _remote(url: str) -> list[Found]:
    files, searched = expand(url)
    found = [
        each if not searched or is_dump_name(each.name) else replace(each, skipped=_NO_DUMP)
        for file in files
        for each in [Found(shown_url(file.url), url=file.url, size=file.size)]
    ]
    if all(each.skipped for each in found):
        raise ReadError(f"{shown_url(url)}: there is no dump; {_ENDINGS}")
    return [part for each in found for part in _remote_members(each)]


def _remote_members(found: Found) -> list[Found]:
    """Look into an archive behind a URL; told by its name, so as to fetch nothing twice."""
    if found.skipped or not found.name.lower().endswith(".zip"):
        return [found]
    file, _ = open_url(found.url or "")
    with file:
        return _archive(file, found) if file.seekable() else [found]


def _once(files: Iterable[Found]) -> list[Found]:
    """Each file once; one that some source wants read is read."""
    kept: dict[object, Found] = {}
    for found in files:
        if (known := kept.get(key := _identity(found))) is None or (
            known.skipped and not found.skipped
        ):
            kept[key] = found
    return list(kept.values())


def _identity(found: Found) -> object:
    member = found.member.header_offset if found.member else None
    if found.path is not None:
        return os.path.realpath(found.path), member
    return found.url or (STDIN if found.handle is STDIN else id(found.handle)), member


def _named_apart(files: list[Found]) -> list[Found]:
    """Number the names that several files have, such as those of nameless streams."""
    taken: set[str] = set()
    result = []
    for found in files:
        name, number = found.name, 1
        while name in taken:
            number += 1
            name = f"{found.name} ({number})"
        taken.add(name)
        result.append(replace(found, name=name))
    return result
