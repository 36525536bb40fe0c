"""Going through the files: opening each, cutting its records into batches, keeping count.

A file that cannot be read costs only itself. A file with the same bytes as one before is not read
again; its records count as repeats. Small files share a batch, so that a thousand of them do not
cost a thousand times what one does.

Batches are staged by as many threads as there are cores, while the next ones are cut; they come
back in the order of the files.

Layer: above `sources`, `containers` and `staging`.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field

from sessionkit.bulk import Outlines
from sessionkit.containers import Recognised, recognise
from sessionkit.crew import Crew
from sessionkit.errors import ReadError
from sessionkit.progress import ReadSoFar, Tell
from sessionkit.sources import Found, copies, open_bytes
from sessionkit.staged import Staged
from sessionkit.staging import Batch, Part, stage
from sessionkit.values import Reading

BATCH_RECORDS = 24_576
BATCH_BYTES = 24 * 2**20

NO_SESSIONS = {
    "campaign_analytics": "an export of campaign analytics: it holds no session",
}


Headers = list[tuple[int, bytes]]
"""Headers as they are written, each with the number of the first row below it."""


@dataclass
class Load:
    """What became of one file.

    `pages` and `ended` tell of list pages in it; `headers` of the headers of a CSV file, each with
    the number of the first row below it.
    """

    source_file: str
    status: str = "read"
    message: str | None = None
    bytes: int | None = None
    sha256: str | None = None
    copy_of: str | None = None
    pages: int = 0
    ended: bool = False
    headers: Headers = field(default_factory=list)


class Intake:
    """One going through the files; `loads` tells of those met so far."""

    def __init__(
        self,
        found: Sequence[Found],
        reading: Reading,
        progress: Tell | None = None,
        first: int = 0,
        copied: Mapping[str, str] | None = None,
    ) -> None:
        """Go through the files; the records are numbered from `first` on.

        Args:
            found: The files.
            reading: What the caller said of the dumps.
            progress: Told now and then what was read so far.
            first: The number of the first record.
            copied: Which files are copies of which; they are compared if it is not told.
        """
        self.loads: list[Load] = []
        self._first = first
        self._read: dict[str, Load] = {}
        self._found = found
        self._reading = reading
        self._progress = progress
        self._copies = copies(found) if copied is None else copied
        self._outlines = Outlines()
        self._bytes = self._records = self._rejects = 0
        met = [each for each in found if each.name not in self._copies]
        sizes = [each.size for each in met if not (each.skipped or each.fault)]
        self._known = sum(size for size in sizes if size) if None not in sizes else None

    def batches(self) -> Generator[Staged, None, None]:
        """Stage all records of all files, batch by batch; once only."""
        with Crew() as crew, closing(crew.map(self._stage, self._cut())) as done:
            for staged in done:
                self._records += staged.records.total()
                self._rejects += len(staged.rejects)
                self._tell(0)
                yield staged

    def _stage(self, crew: Crew, batch: Batch) -> Staged:
        return stage(batch, self._reading, self._outlines, crew.db)

    def _cut(self) -> Iterator[Batch]:
        batch = Batch(self._first)
        for file, part in self._parts():
            batch.add(file, part)
            if batch.records >= BATCH_RECORDS or batch.size >= BATCH_BYTES:
                yield batch
                batch = Batch(batch.first + batch.records)
        if batch.parts:
            yield batch

    def _tell(self, more: int) -> None:
        self._bytes += more
        if self._progress is not None:
            self._progress(ReadSoFar(self._bytes, self._known, self._records, self._rejects))

    def _parts(self) -> Iterator[tuple[str, Part]]:
        for found in self._found:
            load = Load(found.name, bytes=found.size)
            self.loads.append(load)
            if found.skipped:
                load.status, load.message = "skipped", found.skipped
            elif found.name in self._copies:
                note_copy(load, self._read[self._copies[found.name]])
            else:
                self._read[found.name] = load
                for part in self.parts_of(found, load):
                    yield found.name, part

    def parts_of(self, found: Found, load: Load) -> Iterator[Part]:
        """Give what a file holds, and note what becomes of it."""
        try:
            with open_bytes(found, self._tell) as opened:
                file = recognise(opened, name=found.name)
                load.headers = file.headers
                if file.export in NO_SESSIONS:
                    load.status, load.message = "skipped", NO_SESSIONS[file.export]
                else:
                    yield from file.parts()
                    _note_pages(load, file)
                opened.finish()
                load.bytes, load.sha256 = opened.size, opened.sha256
        except ReadError as error:
            load.status = "unreadable"
            load.message = str(error).removeprefix(f"{found.name}: ")


def note_copy(load: Load, first: Load) -> None:
    """Note that a file holds the bytes of one before it."""
    if first.status != "read":
        load.status, load.message = first.status, first.message
        return
    original = first.source_file
    load.status, load.copy_of, load.sha256 = "copy", original, first.sha256
    load.message = f"the same bytes as {original}: not read again, its records are repeats"


def _note_pages(load: Load, file: Recognised) -> None:
    load.pages, load.ended = file.pages, file.ended
