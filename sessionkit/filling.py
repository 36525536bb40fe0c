"""A folder of tables while it is being written.

Every file is first written under another name. Only when all are there do they take the places of
older ones, and the manifest comes last; so a folder is finished, or has no manifest.

Layer: above `placing` and `table_files`; below `folder`.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from hashlib import file_digest
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa

from sessionkit.columns import Table
from sessionkit.errors import FolderError, UsageError, unknown_name
from sessionkit.manifest import (
    Manifest,
    TableFile,
    manifest_of,
    read_manifest,
    text_of_manifest,
)
from sessionkit.placing import PENDING, UNFINISHED, plainly, put_in_place, sweep, write_through
from sessionkit.table_files import FORMATS, Format, TableWriter
from sessionkit.tables import ALL


class Filling:
    """A folder that is being filled with every table, in place of one that was there before.

    The older folder stands until all files of the new one are on disk. Leaving it with an error,
    or without `finish`, leaves the older one as it was; an interrupt in `finish` may leave the new
    one, whole.

    Attributes:
        folder: Where.
        format: How its tables are written.
        single_versions: What is to stand in the manifest, if whoever fills it knows.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as home, Filling(Path(home), "csv") as filling:
        ...     for table in ALL:
        ...         filling.close(table.name)
        ...     _ = filling.finish(pa.table({name: [] for name in ALL[-1].names}, ALL[-1].arrow()))
        ...     sorted(each.name for each in Path(home).iterdir())[0]
        'additional_costs.csv'
    """

    def __init__(
        self,
        folder: Path,
        format: Format,
        *,
        parted: Sequence[Table] = (),
        partitioned_by: tuple[str, ...] = (),
    ) -> None:
        """Fill a folder.

        Args:
            folder: Where; it is made if it is not there.
            format: How its tables are written.
            parted: Tables that are written in parts, with the columns that their parts have.
            partitioned_by: What these are parted by, for the manifest.
        """
        if format not in FORMATS:
            raise UsageError(unknown_name("format", format, FORMATS))
        self.folder, self.format = folder, format
        self._parted = {table.name: table for table in parted}
        self._partitioned_by = partitioned_by
        self._writers: dict[str, TableWriter] = {}
        self._files: dict[str, tuple[TableFile, ...]] = dict.fromkeys(self._parted, ())
        self._whole = [table for table in ALL if table.name not in self._parted]
        self._names = {table.name: f"{table.name}.{format}" for table in self._whole}
        self._unfinished = {name: self._place_of(name) for name in self._names.values()}
        self.single_versions = 0
        self._part = ""
        self._defused: dict[str, int] = {}
        self._older: set[str] = set()
        self._was_unfinished = self._was_made = False

    def __enter__(self) -> Self:
        with plainly(self.folder, "could not be written"):
            self._was_made = not self.folder.exists()
            self.folder.mkdir(parents=True, exist_ok=True)
            self._older = _own_files(self.folder)
            self._was_unfinished = (self.folder / PENDING).is_file()
            _refuse_to_overwrite(self.folder, set(self._names.values()) - self._older)
            try:
                for table in self._whole:
                    path = self._place_of(self._names[table.name])
                    path.unlink(missing_ok=True)
                    self._writers[table.name] = TableWriter(path, table, self.format)
            except BaseException:
                self._leave()
                raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._leave()

    def _leave(self) -> None:
        for writer in self._writers.values():
            writer.abandon()
        sweep(self.folder, but={PENDING} if self._was_unfinished else set())
        if self._was_made:
            with suppress(OSError):  # it is not empty once it is finished
                self.folder.rmdir()

    def write(self, name: str, rows: pa.Table) -> None:
        """Write more rows of a table, with exactly its declared schema."""
        with plainly(self.folder, "could not be written"):
            self._writers[name].write(rows)

    def write_part(self, name: str, part: str, rows: pa.Table) -> None:
        """Write more rows of a part of a table; when another part begins, this one is whole.

        Args:
            name: A table that is parted.
            part: The folder of the part below that of the table, such as `month=2026-11`.
            rows: With the columns that were given for it.
        """
        file = f"{name}/{part}/part-0.{self.format}"
        with plainly(self.folder, "could not be written"):
            if file != self._part:
                self.close_parts(name)
                path = self._place_of(f"part-{len(self._unfinished)}")
                self._writers[name] = TableWriter(path, self._parted[name], self.format)
                self._part, self._unfinished[file] = file, path
            self._writers[name].write(rows)

    def close_parts(self, name: str) -> None:
        """Bring the last part of a table, if there is one, down to the disk."""
        if self._part:
            self._close(name, self._part)
            self._part = ""

    def close(self, name: str) -> None:
        """Bring a table, which is whole now, down to the disk."""
        self._files[name] = ()
        self._close(name, self._names[name])

    def _close(self, name: str, file_name: str) -> None:
        with plainly(self.folder, "could not be written"):
            writer = self._writers[name]
            writer.close()
            self._defused[file_name] = writer.defused
            with self._unfinished[file_name].open("rb") as file:
                os.fsync(file.fileno())
                checksum = file_digest(file, "sha256").hexdigest()
                size = file.seek(0, os.SEEK_END)
            self._files[name] += (TableFile(file_name, writer.rows, size, checksum),)

    def unfinished_files(self) -> dict[str, list[Path]]:
        """The files of the tables that are closed, where they lie for now."""
        return {
            name: [self._unfinished[file.name].absolute() for file in files]
            for name, files in self._files.items()
        }

    def finish(self, loads: pa.Table) -> Manifest:
        """Let the new files take their places, once every table is closed.

        Args:
            loads: The files that were met, for the manifest.
        """
        with plainly(self.folder, "could not be written"):
            _refuse_to_overwrite(self.folder, set(self._unfinished) - self._older)
            files = {table.name: self._files[table.name] for table in ALL}
            manifest = manifest_of(
                loads,
                self.format,
                files,
                defused_cells=sum(self._defused.values()),
                partitioned_by=self._partitioned_by,
                single_versions=self.single_versions,
            )
            write_through(self.folder / PENDING, text_of_manifest(manifest))
            self._was_unfinished = True
            put_in_place(self.folder, self._unfinished, self._older)
            self._was_unfinished = False
            return manifest

    def _place_of(self, name: str) -> Path:
        return self.folder / f"{UNFINISHED}{name}"


def refuse_output(folder: Path, format: Format) -> None:
    """Refuse what a `Filling` would, before there is anything to write.

    Raises:
        UsageError: A format that there is not, or a folder that sessionkit did not write.
    """
    with Filling(folder, format):
        pass


def _own_files(folder: Path) -> set[str]:
    """The files that may be replaced; refuses a folder that somebody else filled."""
    if (folder / PENDING).is_file():
        return table_files_in(folder)
    there = sorted(each.name for each in folder.iterdir() if not each.name.startswith("."))
    if not there:
        return set()
    try:
        return {file.name for file in read_manifest(folder).files}
    except FolderError as error:
        shown = ", ".join(there[:3]) + (", …" if len(there) > 3 else "")
        raise UsageError(
            f"{folder}: holds files, and is no folder that sessionkit wrote and can replace "
            f"({shown}). Name an empty folder or a new one. {error}"
        ) from None


def _refuse_to_overwrite(folder: Path, names: set[str]) -> None:
    if taken := sorted(name for name in names if (folder / name).exists()):
        raise UsageError(
            f"{folder / taken[0]}: sessionkit did not write this file and does not replace it. "
            "Name an empty folder or a new one."
        )


def table_files_in(folder: Path) -> set[str]:
    """The files that stand where tables stand, by their names in the folder."""
    names = {f"{table.name}.{format}" for table in ALL for format in FORMATS}
    found = {name for name in names if (folder / name).is_file()}
    for table in ALL:
        home = folder / table.name
        for format in FORMATS:
            parts = [*home.glob(f"*.{format}"), *home.glob(f"**/*=*/part-*.{format}")]
            found |= {part.relative_to(folder).as_posix() for part in parts}
    return found
