"""Reading dumps: files in, tables out, nothing lost.

    sources -> containers -> staging -> resolve  -> sinks -> audit
    files      records       rows       versions    rules    findings

`read` gives the tables in memory, `scan` batch by batch, `to_folder` on the disk. All go the way of
`flattening`.

Layer: above `assemble` and `audit`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pyarrow as pa

from sessionkit.assemble import findings_of, loads_of, refuse_nothing
from sessionkit.audit import audit, in_parts
from sessionkit.config import current
from sessionkit.database import connect_files
from sessionkit.dialects import DIALECTS
from sessionkit.errors import UsageError, shown, unknown_name
from sessionkit.filling import Filling, refuse_output
from sessionkit.flattening import flattened, memory_limit
from sessionkit.folder import rewrite
from sessionkit.found import Found
from sessionkit.intake import Intake, Load
from sessionkit.lifecycle import STATE_NUMBERS
from sessionkit.progress import Progress, telling
from sessionkit.session_tables import SessionTables
from sessionkit.sinks import InMemory, OnDisk, Sink
from sessionkit.sources import Source, find
from sessionkit.staged import Staged
from sessionkit.table_files import ROWS, Format
from sessionkit.told import Told
from sessionkit.values import Reading, Unfit, instant


def read(
    *sources: Source,
    dialect: str | None = None,
    assume_tz: str | tzinfo | None = None,
    date_format: str | None = None,
    state_numbers: str | None = None,
    dumped_at: str | datetime | None = None,
    progress: Progress = None,
) -> SessionTables:
    """Read dumps of customer sessions, in any dialect, into tables.

    Every record ends in one place: `records = sessions + repeats + older + rejects`. A record
    with any fault is rejected whole, with every reason, and costs its neighbours nothing. Several
    records of one session become one row: the latest, completed from the others. Neither order
    nor split nor repetition of the input changes the tables of the model.

    Args:
        sources: Paths, patterns, folders (searched in depth), URLs, `-` for standard input, open
            files, or lists of these. Compression and dialect are recognised from the content.
        dialect: The dialect of all files, instead of recognising it; one of `DIALECTS`. The only
            way to read C# dumps that leave out zeros (`csharp_v1`, `csharp_v2`).
        assume_tz: The time zone of times that name none; without it such a time is rejected.
        date_format: How times are written that are not RFC 3339, as for `strptime`.
        state_numbers: What integer states mean: `three` states or `four`.
        dumped_at: When dumps were taken whose records tell no update, such as list pages; it
            puts their records in order with others.
        progress: True for a bar on a terminal or in a notebook; or a function that is called now
            and then with what was read so far.

    Returns:
        The tables; without a row where a valid dump holds no session.

    Raises:
        ReadError: A source does not exist, or nothing could be read from any.
        UsageError: An argument that cannot be.

    Example:
        >>> import io
        >>> dump = io.BytesIO(
        ...     b'{"integrationId": "S-1", "applicationId": 1, "created": "2026-01-31T09:05:27Z",'
        ...     b' "total": 12.50, "discounts": {}}'
        ... )
        >>> tables = read(dump)
        >>> tables.sessions["total"].to_pylist(), tables.records
        ([Decimal('12.500000000000000000')], 1)
    """
    reading = reading_of(dialect, assume_tz, date_format, state_numbers, dumped_at)
    with telling(progress) as tell:
        intake = Intake(find(sources), reading, tell)
        return _in_memory(intake.batches(), intake.loads)


def scan(
    *sources: Source,
    dialect: str | None = None,
    assume_tz: str | tzinfo | None = None,
    date_format: str | None = None,
    state_numbers: str | None = None,
    dumped_at: str | datetime | None = None,
    progress: Progress = None,
) -> Iterator[SessionTables]:
    r"""Read dumps batch by batch, holding a few batches at a time.

    Arguments and errors are those of `read`. Within a batch a session is one row; a session that
    has records in several batches appears in each of them, so add up only what `read` gives.
    `loads` counts the records of the batch; files without any record, such as those that cannot be
    read, stand in the `loads` of a last part.

    Example:
        >>> import io
        >>> line = b'{"integrationId":"S-%d","applicationId":1,"created":"2026-01-31T09:05:27Z"}'
        >>> dump = io.BytesIO(b"".join(line % number + b"\n" for number in range(3)))
        >>> [part.sessions.num_rows for part in scan(dump)]
        [3]
    """
    reading = reading_of(dialect, assume_tz, date_format, state_numbers, dumped_at)
    return _parts(find(sources), reading, progress)


def _parts(found: Sequence[Found], reading: Reading, progress: Progress) -> Iterator[SessionTables]:
    with telling(progress) as tell:
        intake = Intake(found, reading, tell)
        told = set[str]()
        with closing(intake.batches()) as batches:
            for staged in batches:
                told |= set(staged.records)
                yield _in_memory([staged], intake.loads, whole=False)
        refuse_nothing(intake.loads)
        rest = [load for load in intake.loads if load.source_file not in told]
        if rest:
            yield SessionTables.of({"loads": loads_of(Told(), rest)})


def to_folder(
    *sources: Source,
    output: str | Path,
    format: Format = "parquet",
    dialect: str | None = None,
    assume_tz: str | tzinfo | None = None,
    date_format: str | None = None,
    state_numbers: str | None = None,
    dumped_at: str | datetime | None = None,
    progress: Progress = None,
) -> Path:
    r"""Read dumps into a folder of tables, as `read` and `write` would, however large they are.

    Memory holds a few batches; versions are resolved on the disk. Rows of the model tables stand
    in the order of their records, and behind them, by key, those of sessions with several records.

    Args:
        sources: As for `read`.
        output: The folder; it is made if it is not there.
        format: How the tables are written.
        dialect: As for `read`.
        assume_tz: As for `read`.
        date_format: As for `read`.
        state_numbers: As for `read`.
        dumped_at: As for `read`.
        progress: As for `read`.

    Returns:
        The folder. An older one of sessionkit's stands until the new one is whole.

    Raises:
        FolderError: The disk is full, or the like.
        ReadError: A source does not exist, or nothing could be read from any.
        UsageError: An argument that cannot be, or a folder that sessionkit did not write.

    Example:
        >>> import io
        >>> from tempfile import TemporaryDirectory
        >>> line = b'{"integrationId":"S-1","applicationId":1,"created":"2026-01-31T09:05:27Z"}'
        >>> with TemporaryDirectory() as home:
        ...     folder = to_folder(io.BytesIO(line), output=f"{home}/out")
        ...     len(list(folder.glob("*.parquet")))
        13
    """
    reading = reading_of(dialect, assume_tz, date_format, state_numbers, dumped_at)
    folder = Path(output)
    if format != "parquet":
        refuse_output(folder, format)
        with TemporaryDirectory(prefix="sessionkit-") as scratch:
            whole = _flatten(sources, Path(scratch) / "parquet", reading, progress)
            rewrite(whole, folder, format)
        return folder
    return _flatten(sources, folder, reading, progress)


def _flatten(sources: Sequence[Source], folder: Path, reading: Reading, progress: Progress) -> Path:
    found = find(sources)
    with telling(progress) as tell, Filling(folder, "parquet") as filling:
        intake = Intake(found, reading, tell)
        told = fill(filling, intake.batches(), intake.loads)
        refuse_nothing(intake.loads)
        _take(OnDisk(filling), "loads", loads := loads_of(told, intake.loads))
        filling.finish(loads)
    return folder


def fill(filling: Filling, batches: Iterable[Staged], loads: Sequence[Load]) -> Told:
    """Fill a folder with all that comes of some batches, but for the files that were met."""
    told = flattened(batches, sink := OnDisk(filling))
    files, folder = filling.unfinished_files(), filling.folder.absolute()
    with connect_files(folder, files, memory=memory_limit(times=2)) as connection:
        for query in in_parts(connection):
            for rows in connection.sql(query).to_arrow_reader(ROWS):
                sink.add("findings", pa.Table.from_batches([rows]))
    _take(sink, "findings", findings_of(told, loads))
    return told


def _take(sink: Sink, name: str, rows: pa.Table) -> None:
    sink.add(name, rows)
    sink.close(name)


def _in_memory(
    batches: Iterable[Staged], loads: Sequence[Load], *, whole: bool = True
) -> SessionTables:
    sink = InMemory()
    told = flattened(batches, sink)
    if whole:
        refuse_nothing(loads)
    tables = sink.tables()
    doubts = findings_of(told, loads, whole=whole)
    _take(sink, "findings", pa.concat_tables([audit(tables), doubts]))
    _take(sink, "loads", loads_of(told, loads, whole=whole))
    return SessionTables.of(tables | sink.tables(("findings", "rejects", "loads")))


def reading_of(
    dialect: str | None,
    assume_tz: str | tzinfo | None,
    date_format: str | None,
    state_numbers: str | None,
    dumped_at: str | datetime | None,
) -> Reading:
    """Check what the caller said of the dumps.

    What the caller did not say, settings may (see `config`).

    Raises:
        UsageError: A name that there is not, or a time that is none.
    """
    said = {
        "dialect": dialect,
        "assume_tz": assume_tz,
        "date_format": date_format,
        "state_numbers": state_numbers,
    }
    dialect, assume_tz, date_format, state_numbers = current().filled(said).values()
    if dialect is not None and dialect not in DIALECTS:
        raise UsageError(unknown_name("dialect", dialect, DIALECTS))
    if state_numbers is not None and state_numbers not in STATE_NUMBERS:
        raise UsageError(unknown_name("meaning of state numbers", state_numbers, STATE_NUMBERS))
    return Reading(
        dialect=dialect,
        assume_tz=_zone(assume_tz),
        date_format=_checked_format(date_format),
        state_numbers=STATE_NUMBERS[state_numbers] if state_numbers else {},
        dumped_at=_moment(dumped_at),
    )


def _zone(zone: str | tzinfo | None) -> tzinfo | None:
    if not isinstance(zone, str):
        return zone
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        expected = "a name such as UTC or Europe/Berlin"
        raise UsageError(f"unknown time zone {shown(zone)}: expected {expected}") from None


def _checked_format(date_format: str | None) -> str | None:
    """Refuse a format that cannot read what it writes itself."""
    if date_format is not None:
        now = datetime(2026, 1, 31, 9, 5, 27, tzinfo=UTC)
        try:
            datetime.strptime(now.strftime(date_format), date_format)
        except (ValueError, re.error) as error:
            given = f"date_format {shown(date_format)}"
            raise UsageError(f"{given}: expected one that strptime can read ({error})") from None
    return date_format


def _moment(moment: str | datetime | None) -> datetime | None:
    if isinstance(moment, str):
        try:
            return instant(moment, Reading())
        except Unfit as error:
            raise UsageError(f"dumped_at: expected {error.expected}, got {error.found}") from None
    if moment is not None and moment.tzinfo is None:
        raise UsageError(f"dumped_at: expected a time with its zone, got {moment.isoformat()}")
    return moment.astimezone(UTC) if moment else None
