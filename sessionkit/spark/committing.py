"""Putting the tables that many tasks wrote into their folder, all at once.

Layer: above `place`.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Protocol, Self

import pyarrow as pa

from sessionkit.errors import UsageError
from sessionkit.filling import Filling
from sessionkit.manifest import MANIFEST, Manifest, TableFile, decoded, manifest_of
from sessionkit.manifest import text_of_manifest as text_of
from sessionkit.remote import is_url
from sessionkit.spark.place import Place
from sessionkit.table_files import TableWriter
from sessionkit.tables import ALL, Table

STAGING = ".spark-"
"""What the names of folders begin with in which tasks leave their files."""


class Committing(Protocol):
    """A folder that is filled with files that tasks left in `staging`, a folder in it.

    Leaving it removes `staging`, and leaves an older folder as it was, unless it was finished.
    """

    staging: Place

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def adopt(self, table: str, file: TableFile) -> None:
        """Take in a file of `staging` as the next part of a table."""

    def finish(self, loads: pa.Table) -> Manifest:
        """Let the files take their places, and write the manifest."""

    @property
    def files(self) -> dict[str, tuple[TableFile, ...]]:
        """The files of each table so far."""


def committing(output: str | Path) -> Committing:
    """A folder to be filled, by its path or URL."""
    return OnStore(str(output)) if is_url(str(output)) else OnDisk(Path(output))


class OnDisk(Filling):
    """A folder on a disk that all machines share."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "parquet", parted=ALL)
        self.staging = Place(str(folder.absolute() / f"{STAGING}{token_hex(8)}"))

    def __enter__(self) -> Self:
        super().__enter__()
        _sweep(Place(str(self.folder.absolute())))
        Path(self.staging.root).mkdir()
        return self

    def _leave(self) -> None:
        self.staging.remove()
        super()._leave()

    @property
    def files(self) -> dict[str, tuple[TableFile, ...]]:
        """The files of each table so far."""
        return self._files

    def adopt(self, table: str, file: TableFile) -> None:
        """Take in a file of `staging` as the next part of a table."""
        adopted = _next_part(table, file, self._files)
        self._unfinished[adopted.name] = Path(self.staging.root, file.name)
        self._files[table] += (adopted,)


class OnStore:
    """A folder on an object store, where nothing can be made to happen at once but one file.

    So the older manifest goes first, and the new one comes last; what is between is unfinished.
    """

    def __init__(self, url: str) -> None:
        self.staging = Place(url).below(f"{STAGING}{token_hex(8)}")
        self.files: dict[str, tuple[TableFile, ...]] = {table.name: () for table in ALL}
        self._place = Place(url)
        self._staged: dict[str, str] = {}
        self._older: list[str] = []

    def __enter__(self) -> Self:
        there = [name for name in self._place.there() if not name.startswith(".")]
        if MANIFEST in there:
            with self._place.reading(MANIFEST) as file:
                manifest = decoded(file.read(), self._place)
            self._older = [file.name for file in manifest.files]
        elif there:
            raise UsageError(
                f"{self._place}: holds files, and is no folder that sessionkit wrote and can "
                f"replace ({there[0]}). Name an empty folder or a new one."
            )
        _sweep(self._place)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.staging.remove()

    def adopt(self, table: str, file: TableFile) -> None:
        """Take in a file of `staging` as the next part of a table."""
        adopted = _next_part(table, file, self.files)
        self._staged[adopted.name] = file.name
        self.files[table] += (adopted,)

    def finish(self, loads: pa.Table) -> Manifest:
        """Let the files take their places, and write the manifest."""
        manifest = manifest_of(loads, "parquet", self.files)
        if self._older:
            self._place.drop(MANIFEST)
        for name in self._older:
            self._place.drop(name)
        staging = self.staging.root.rpartition("/")[2]
        for name, staged in self._staged.items():
            self._place.move(f"{staging}/{staged}", name)
        with self._place.writing(MANIFEST) as file:
            file.write(text_of(manifest))
        return manifest


def _sweep(place: Place) -> None:
    """Remove what jobs have left in a folder that were killed."""
    for name in place.there():
        if name.startswith(STAGING):
            place.below(name).remove()


def _next_part(table: str, file: TableFile, files: dict[str, tuple[TableFile, ...]]) -> TableFile:
    name = f"{table}/part-{len(files[table]):05}.parquet"
    return TableFile(name, file.rows, file.bytes, file.sha256)


def add(folder: Committing, table: Table, rows: pa.Table) -> None:
    """Write rows as the next part of a table."""
    with TemporaryDirectory(prefix="sessionkit-") as scratch:
        path = Path(scratch, "rows")
        writer = TableWriter(path, table, "parquet")
        writer.write(rows)
        writer.close()
        data = path.read_bytes()
    name = f"{token_hex(16)}.parquet"
    with folder.staging.writing(name) as file:
        file.write(data)
    folder.adopt(table.name, TableFile(name, rows.num_rows, len(data), sha256(data).hexdigest()))


def add_empty(folder: Committing) -> None:
    """Write a part without rows for each table that has none."""
    for table in ALL:
        if not folder.files[table.name]:
            add(folder, table, table.empty())
