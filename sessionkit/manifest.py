"""The manifest of a folder of tables: what was read, and what each file must be.

It is written last, so that a folder without one is known to be unfinished, and it carries its own
checksum beside those of the files.

Layer: above `tables` and `table_files`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from sessionkit.errors import FolderError, shown
from sessionkit.table_files import FORMATS, Format
from sessionkit.tables import ALL

MANIFEST = "manifest.json"
NOWHERE = "__HIVE_DEFAULT_PARTITION__"
"""What Hive calls the part of a table whose rows have no value."""

SCHEMA_VERSION = 1
"""The version of the tables' columns; a newer one cannot be read by this sessionkit."""

_COUNTED = ("records", "sessions", "repeats", "older", "effects", "rejects")
_TABLE = "|".join(table.name for table in ALL)
_PART = r"(/\w+=[^/\\\x00-\x1f\x7f]{1,255})*/part-[\w-]{1,255}"
_FILE_NAME = re.compile(rf"({_TABLE})({_PART})?\.({'|'.join(FORMATS)})")


@dataclass(frozen=True)
class SourceFile:
    """A file that was met: its name, what became of it, its size and checksum."""

    name: str
    status: str
    bytes: int | None
    sha256: str | None


@dataclass(frozen=True)
class TableFile:
    """A file of a table: its name in the folder, rows, size and checksum."""

    name: str
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a folder holds. `counts` are those of the records read; `tables` go by name.

    `defused_cells` counts the cells of CSV files that have an apostrophe before them, so that no
    spreadsheet runs them as formulas. `partitioned_by` names what files are parted by.
    `single_versions` counts the rows that `sessions` and `snapshots` each begin with that are of
    sessions with one version; 0 where that is not known.
    """

    schema_version: int
    format: Format
    counts: dict[str, int]
    sources: tuple[SourceFile, ...]
    tables: dict[str, tuple[TableFile, ...]]
    defused_cells: int = 0
    partitioned_by: tuple[str, ...] = ()
    single_versions: int = 0
    checksum: str = ""
    written_by: str = "sessionkit"

    @property
    def files(self) -> tuple[TableFile, ...]:
        """The files of all tables."""
        return tuple(file for files in self.tables.values() for file in files)


def manifest_of(
    loads: pa.Table,
    format: Format,
    files: Mapping[str, tuple[TableFile, ...]],
    *,
    defused_cells: int = 0,
    partitioned_by: tuple[str, ...] = (),
    single_versions: int = 0,
) -> Manifest:
    """Make the manifest of the files of some tables, from the files that were met."""
    met = loads.select(["source_file", "status", "bytes", "sha256"]).to_pylist()
    return Manifest(
        schema_version=SCHEMA_VERSION,
        format=format,
        counts={name: pc.sum(loads[name]).as_py() or 0 for name in _COUNTED},
        sources=tuple(
            SourceFile(each["source_file"], each["status"], each["bytes"], each["sha256"])
            for each in met
        ),
        tables=dict(files),
        defused_cells=defused_cells,
        partitioned_by=partitioned_by,
        single_versions=single_versions,
    )


def text_of_manifest(manifest: Manifest) -> bytes:
    """Write a manifest as JSON, with its own checksum in it."""
    return _sealed(msgspec.to_builtins(manifest))


def _sealed(told: dict[str, Any]) -> bytes:
    """The text of a manifest, from what it tells; another sessionkit may tell more, or less."""
    blank = msgspec.json.encode(told | {"checksum": ""})
    sealed = msgspec.json.encode(told | {"checksum": sha256(blank).hexdigest()})
    return msgspec.json.format(sealed, indent=2) + b"\n"


def read_manifest(path: str | Path) -> Manifest:
    """Read the manifest of a folder that `flatten` wrote.

    Raises:
        FolderError: There is no such folder or manifest, the manifest is damaged, or a newer
            sessionkit wrote it.
    """
    folder = Path(path)
    if not folder.is_dir():
        raise FolderError(f"{folder}: there is no such folder.")
    try:
        text = (folder / MANIFEST).read_bytes()
    except FileNotFoundError:
        raise FolderError(
            f"{folder}: no {MANIFEST}: the folder is not finished, or not one that sessionkit "
            "wrote. Write it again."
        ) from None
    except OSError as error:
        raise FolderError(f"{folder / MANIFEST}: {error.strerror}.") from error
    return decoded(text, folder)


def decoded(text: bytes, folder: object) -> Manifest:
    """Read the text of the manifest of a folder; otherwise as `read_manifest`."""
    damaged = f"{folder}/{MANIFEST}: damaged, or no manifest of sessionkit"
    try:
        manifest, every = msgspec.json.decode(text, type=Manifest), msgspec.json.decode(text)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise FolderError(f"{damaged} ({error}).") from None
    if manifest.schema_version > SCHEMA_VERSION:
        raise FolderError(
            f"{folder}: written by a newer sessionkit: schema version "
            f"{shown(manifest.schema_version)}, and this one knows up to {SCHEMA_VERSION}."
        )
    if any(not _FILE_NAME.fullmatch(file.name) for file in manifest.files):
        raise FolderError(f"{damaged} (it names files that no table has).")
    if text != _sealed(every):
        raise FolderError(f"{damaged} (its checksum is not that of its text).")
    return manifest
