"""Going through the files: opening each, cutting its records into batches, keeping count.

A file that cannot be read costs only itself. A file with the same bytes as one before is not read
again; its records count as repeats. Small files share a batch, so that a thousand of them do not
cost a thousand times what one does.

Layer: above `sources`, `containers` and `staging`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sessionkit.containers import RawRecord, Recognised, recognise
from sessionkit.errors import ReadError
from sessionkit.sources import Found, copies, open_bytes
from sessionkit.staging import Staged, stage
from sessionkit.values import Reading

BATCH_RECORDS = 8_192
BATCH_BYTES = 32 * 2**20

_NO_SESSIONS = {
    "effects": "an export of effects: it holds no session",
    "campaign_analytics": "an export of campaign analytics: it holds no session",
}


class ReadSoFar(NamedTuple):
    """What was read so far: bytes as stored, of those known beforehand, records and rejects."""

    bytes: int
    bytes_known: int | None
    records: int
    rejects: int


@dataclass
class Load:
    """What became of one file. `pages` and `ended` tell of list pages in it."""

    source_file: str
    status: str = "read"
    message: str | None = None
    bytes: int | None = None
    sha256: str | None = None
    copy_of: str | None = None
    pages: int = 0
    ended: bool = False


class Intake:
    """One going through the files; `loads` tells of those met so far."""

    def __init__(
        self,
        found: Sequence[Found],
        reading: Reading,
        progress: Callable[[ReadSoFar], None] | None = None,
    ) -> None:
        self.loads: list[Load] = []
        self._read: dict[str, Load] = {}
        self._found = found
        self._reading = reading
        self._progress = progress
        self._copies = copies(found)
        self._bytes = self._records = self._rejects = 0
        sizes = [each.size for each in found if not (each.skipped or each.fault)]
        self._known = sum(size for size in sizes if size) if None not in sizes else None

    def batches(self) -> Iterator[Staged]:
        """Stage all records of all files, batch by batch; once only."""
        batch: list[tuple[str, RawRecord]] = []
        size = first = 0
        for file, record in self._all_records():
            batch.append((file, record))
            size += len(record.raw)
            if len(batch) >= BATCH_RECORDS or size >= BATCH_BYTES:
                yield self._staged(batch, first)
                first += len(batch)
                batch, size = [], 0
        if batch:
            yield self._staged(batch, first)

    def _staged(self, batch: list[tuple[str, RawRecord]], first: int) -> Staged:
        staged = stage(batch, self._reading, first)
        self._records += staged.records.total()
        self._rejects += len(staged.rejects)
        self._tell(0)
        return staged

    def _tell(self, more: int) -> None:
        self._bytes += more
        if self._progress is not None:
            self._progress(ReadSoFar(self._bytes, self._known, self._records, self._rejects))

    def _all_records(self) -> Iterator[tuple[str, RawRecord]]:
        for found in self._found:
            load = Load(found.name, bytes=found.size)
            self.loads.append(load)
            if found.skipped:
                load.status, load.message = "skipped", found.skipped
            elif found.name in self._copies:
                self._copy(load, self._copies[found.name])
            else:
                self._read[found.name] = load
                for record in self._records_of(found, load):
                    yield found.name, record

    def _copy(self, load: Load, original: str) -> None:
        first = self._read[original]
        if first.status != "read":
            load.status, load.message = first.status, first.message
            return
        load.status, load.copy_of, load.sha256 = "copy", original, first.sha256
        load.message = f"the same bytes as {original}: not read again, its records are repeats"

    def _records_of(self, found: Found, load: Load) -> Iterator[RawRecord]:
        try:
            with open_bytes(found, self._tell) as opened:
                file = recognise(opened, name=found.name)
                if file.export in _NO_SESSIONS:
                    load.status, load.message = "skipped", _NO_SESSIONS[file.export]
                else:
                    yield from file.records()
                    _note_pages(load, file)
                opened.finish()
                load.bytes, load.sha256 = opened.size, opened.sha256
        except ReadError as error:
            load.status = "unreadable"
            load.message = str(error).removeprefix(f"{found.name}: ")


def _note_pages(load: Load, file: Recognised) -> None:
    load.pages, load.ended = file.pages, file.ended
