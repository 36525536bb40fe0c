"""Staged tables on their way through the disk, since they may be more than memory holds.

Layer: above `staged`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

import pyarrow as pa
import pyarrow.ipc

from sessionkit.errors import FolderError
from sessionkit.staged import SPILLED


class Spill:
    """What a read stages, in files of its own that are gone when it is closed.

    Written batch by batch, then read back likewise, in the same order.
    """

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._writers: dict[str, pa.ipc.RecordBatchStreamWriter] = {}
        self.folder = Path()

    def __enter__(self) -> Self:
        scratch = TemporaryDirectory(prefix="sessionkit-", ignore_cleanup_errors=True)
        self.folder = Path(self._stack.enter_context(scratch))
        for name, schema in SPILLED.items():
            file = self._stack.enter_context(pa.OSFile(str(self._file(name)), "wb"))
            self._writers[name] = pa.ipc.new_stream(file, schema)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def add(self, tables: Mapping[str, pa.Table]) -> None:
        """Write one batch; a table that is missing has no rows in it.

        Raises:
            FolderError: The disk for temporary files is full, or the like.
        """
        try:
            for name, rows in tables.items():
                if rows.num_rows:
                    self._writers[name].write_table(rows)
        except OSError as error:
            raise FolderError(f"{self.folder}: temporary files: {error}.") from error

    def finish(self) -> None:
        """End writing; from here on it can be read."""
        for writer in self._writers.values():
            writer.close()

    def batches(self, name: str) -> Iterator[pa.Table]:
        """Read a table back, batch by batch."""
        with pa.OSFile(str(self._file(name)), "rb") as file, pa.ipc.open_stream(file) as reader:
            for batch in reader:
                yield pa.Table.from_batches([batch])

    def table(self, name: str) -> pa.Table:
        """Read a table back as a whole."""
        return pa.concat_tables([SPILLED[name].empty_table(), *self.batches(name)])

    def size(self, name: str) -> int:
        """How many bytes a table takes."""
        return self._file(name).stat().st_size

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}.staged"
