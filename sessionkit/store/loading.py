"""Loading dumps into a store: one transaction, whatever it is made of.

Layer: inside `store`, above `keeping`; imports `intake`, `flattening` and `assemble` from below.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict

import duckdb
import msgspec
import polars as pl
import pyarrow as pa

from sessionkit.assemble import doubts_of, loads_of, refuse_nothing
from sessionkit.audit import findings_query, parts_of
from sessionkit.database import Connection, quoted
from sessionkit.errors import FolderError, ReadError, StoreError
from sessionkit.flattening import flattened
from sessionkit.found import Found, sha256_of
from sessionkit.intake import Intake, Load
from sessionkit.lifecycle import STATES
from sessionkit.progress import Tell
from sessionkit.sql import text_of
from sessionkit.store.keeping import Held, InStore
from sessionkit.store.layout import LOADS_KEPT
from sessionkit.store.loaded import Loaded, files_told
from sessionkit.store.mending import Mending
from sessionkit.store.privacy import Pseudonyms, keep
from sessionkit.store.vocabulary import Vocabulary
from sessionkit.tables import MODEL, SNAPSHOTS
from sessionkit.told import Told
from sessionkit.values import Reading

AUDITED_AT_ONCE = 3_000_000
"""So many sessions and cart lines are audited together. Few, as a load holds much memory besides;
rows lie in the order of their records, so that the parts of all tables are soon found."""
_FEW = 50_000
"""So few records are audited together without counting their lines."""


def load_into(
    connection: Connection,
    found: Sequence[Found],
    reading: Reading,
    tell: Tell | None,
    pseudonyms: Pseudonyms | None = None,
) -> Loaded:
    """Load files into a store; all of it, or nothing. Pseudonyms stand for what is personal.

    Raises:
        ReadError: Nothing could be read, and nothing of it is known.
        StoreError: The disk is full, or the like; the store is as it was.
    """
    told_how = _words(reading) + (f" {pseudonyms.key_check}" if pseudonyms else "")
    fresh, known = _apart(connection, found, told_how)
    if known and all(each.skipped for each in fresh):
        skipped = [Load(e.name, "skipped", e.skipped, e.size) for e in fresh]
        return Loaded(None, files_told(skipped, Told(), known))
    connection.execute("begin transaction")
    try:
        loaded = _load(connection, fresh, reading, tell, told_how, known, pseudonyms)
        connection.execute("commit" if loaded.load else "rollback")
        return loaded
    except (duckdb.Error, FolderError, OSError) as error:
        _take_back(connection)
        cause = error.__cause__ if isinstance(error.__cause__, duckdb.Error) else error
        said = str(cause).partition("\n")[0]
        raise StoreError(f"not loaded, the store is as it was: {said}") from error
    except BaseException:
        _take_back(connection)
        raise


def _take_back(connection: Connection) -> None:
    with suppress(duckdb.Error):  # what went wrong may have rolled it back
        connection.execute("rollback")


def _load(
    connection: Connection,
    found: Sequence[Found],
    reading: Reading,
    tell: Tell | None,
    told_how: str,
    known: Sequence[Found],
    pseudonyms: Pseudonyms | None,
) -> Loaded:
    ((number,),) = connection.sql("select next_load from kept.about").fetchall()
    connection.execute("set variable states = $states", {"states": list(STATES)})
    held = Held(connection)
    intake = Intake(found, reading, tell, first=held.first)
    vocabulary = Vocabulary(connection)
    batches = pseudonyms.staged(intake.batches()) if pseudonyms else intake.batches()
    mending = Mending(connection, found, number)
    batches = mending.watch(vocabulary.noted(batches))
    told = flattened(batches, InStore(connection, number), held)
    if not known:
        refuse_nothing(intake.loads)
    again = _read_before(connection, intake.loads, told_how)
    loads = [load for load in intake.loads if not {load.source_file, load.copy_of} & again]
    if again and not any(load.status == "read" for load in loads):
        met = {load.source_file for load in loads}
        same = [each for each in found if each.name not in met]
        return Loaded(None, files_told(loads, told, [*known, *same]))
    met = _loads_kept(told, loads, number, told_how)
    _add(connection, "kept.loads", pseudonyms.rows("loads", met) if pseudonyms else met)
    doubts = _but_again(doubts_of(told, loads), again, held.first)
    _add_doubts(connection, doubts, held.first, pl.concat(told.dropped))
    _audit(connection, held.first, told.records.total())
    mended = mending.settle(told, intake.loads)
    vocabulary.keep(number, held.first, told)
    keep(connection, number, pseudonyms)
    _advance(connection, held.first + told.records.total())
    _check_law(connection, number)
    return Loaded(
        number, files_told(intake.loads, told, known), mended.resolved, tuple(mended.notes)
    )


def _apart(
    connection: Connection, found: Sequence[Found], told_how: str
) -> tuple[list[Found], list[Found]]:
    """Part files from those whose bytes were loaded before, read in the same way."""
    rows = _loaded_before(connection, told_how)
    sizes, sums = {size for size, _ in rows}, {sha256 for _, sha256 in rows}
    fresh: list[Found] = []
    known: list[Found] = []
    for each in found:
        on_disk = each.path is not None and not (each.skipped or each.fault)
        (known if on_disk and each.size in sizes and _sum(each) in sums else fresh).append(each)
    return fresh, known


def _loaded_before(connection: Connection, told_how: str) -> list[tuple[int, str]]:
    """Size and checksum of the files that were read in this way."""
    query = "select bytes, sha256 from kept.loads where status = 'read' and reading = $reading"
    return connection.execute(query, {"reading": told_how}).fetchall()


def _sum(found: Found) -> str | None:
    try:
        return sha256_of(found)
    except ReadError:
        return None  # reading it will say why


def _read_before(connection: Connection, loads: Sequence[Load], told_how: str) -> set[str]:
    """Files of which it showed only when they were read that their bytes were loaded before."""
    sums = {sha256 for _, sha256 in _loaded_before(connection, told_how)}
    return {load.source_file for load in loads if load.status == "read" and load.sha256 in sums}


def _but_again(doubts: pa.Table, again: set[str], first: int) -> pa.Table:
    """Leave out what was doubted of some files when they were loaded before.

    What resolving has just doubted anew of their earlier records stays.
    """
    if not again:
        return doubts
    rows = pl.DataFrame(pl.from_arrow(doubts))
    about = pl.col("source_file").is_in(sorted(again))
    rejected = pl.col("rule") == "newer-record-rejected"
    before = pl.col("record").fill_null(first) < first
    kept = [
        rows.filter(~about | (before & ~rejected)),
        rows.filter(about & rejected).unique(maintain_order=True),
    ]
    return pl.concat(kept).to_arrow().cast(doubts.schema)


def _words(reading: Reading) -> str:
    """How dumps are read, in words that are equal for equal readings."""
    told = asdict(reading)
    told["state_numbers"] = {str(number): state for number, state in reading.state_numbers.items()}
    return msgspec.json.encode(told, enc_hook=str, order="sorted").decode()


def _loads_kept(told: Told, loads: Sequence[Load], number: int, told_how: str) -> pa.Table:
    rows = loads_of(told, loads)
    changed = [told.fates[load.source_file, "changed"] for load in loads]
    beside = {"load": [number] * len(loads), "reading": [told_how] * len(loads), "changed": changed}
    columns = {name: rows[name] for name in rows.column_names} | beside
    return pa.table({name: columns[name] for name in LOADS_KEPT.names}, schema=LOADS_KEPT)


def _add(connection: Connection, table: str, rows: pa.Table) -> None:
    connection.register("arrived", rows)
    connection.execute(f"insert into {table} by name from arrived")
    connection.unregister("arrived")


def _add_doubts(
    connection: Connection, doubts: pa.Table, first: int, dropped: pl.DataFrame
) -> None:
    """Put in what reading and resolving doubted."""
    connection.register("dropped", dropped.to_arrow())
    for statement in ("move_sayings", "moved_doubts", "forget_doubts"):
        connection.execute(text_of(f"store/{statement}"))
    connection.unregister("dropped")
    connection.register("arrived", doubts)
    connection.execute(text_of("store/add_doubts"), {"first": first})
    connection.unregister("arrived")


def _audit(connection: Connection, first: int, records: int) -> None:
    """Put in what audits find in the sessions touched, some of them at a time."""
    _set(connection, first=first, beyond=first + records, parts=1, part=0)
    connection.execute(text_of("store/touched_part"))
    for table in (*MODEL, SNAPSHOTS):
        rows = "touched_snapshots" if table is SNAPSHOTS else "touched_rows"
        text = text_of(f"store/{rows}").format(
            name=table.name, columns=", ".join(quoted(name) for name in table.names)
        )
        connection.execute(f"create or replace temp view {quoted(table.name)} as\n{text}")
    query = findings_query(connection)
    parts = parts_of(connection, AUDITED_AT_ONCE) if records > _FEW else 1
    step = records // parts + 1
    for part in range(parts):
        start = first + part * step
        _set(connection, first=start, beyond=start + step, parts=parts, part=part)
        if parts > 1:
            connection.execute(text_of("store/touched_part"))
        connection.execute(
            f"insert into kept.findings by name select *, 'audit' as origin from (\n{query})"  # noqa: S608
        )
    for table in (SNAPSHOTS, *MODEL):
        connection.execute(f"drop view temp.{quoted(table.name)}")


def _set(connection: Connection, **variables: int) -> None:
    for name, value in variables.items():
        connection.execute(f"set variable {name} = $value", {"value": value})


def _advance(connection: Connection, next_record: int) -> None:
    connection.execute(
        "update kept.about set next_load = next_load + 1, next_record = $next",
        {"next": next_record},
    )


def _check_law(connection: Connection, number: int) -> None:
    """Hold the load to it that no record was lost."""
    for (file,) in connection.execute(text_of("store/lost"), {"load": number}).fetchall():
        raise StoreError(f"{file}: its records do not add up; nothing was loaded.")
