"""The one door to DuckDB: private connections over the tables, and plain words when SQL fails.

A connection sees the tables that it is given by name and nothing else: not the caller's variables,
not the disk (but for the files of its own folder), not the network; and its settings are locked.
Values are always bound as parameters; an identifier is quoted by `quoted` and nowhere else.

Layer: above `tables`; `result`, `session_tables` and the questions stand on it.
"""

from __future__ import annotations

import glob
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Protocol, runtime_checkable

import duckdb
import pyarrow as pa

from sessionkit.errors import FolderError, UsageError, unknown_name
from sessionkit.given import as_told, check_columns, files_of
from sessionkit.machine import told_cores
from sessionkit.plain_words import in_plain_words
from sessionkit.store_file import is_store, opened_file
from sessionkit.tables import ALL

Connection = duckdb.DuckDBPyConnection


@runtime_checkable
class HoldsTables(Protocol):
    """Anything that gives its tables by name, such as `SessionTables`."""

    def as_dict(self) -> dict[str, pa.Table]:
        """The tables by name."""
        ...


@runtime_checkable
class HoldsConnection(Protocol):
    """Anything that keeps the tables in a DuckDB of its own, such as a store."""

    def connection(self) -> Connection:
        """The connection to that database."""
        ...


Source = HoldsTables | HoldsConnection | Mapping[str, pa.Table] | str | Path
"""What a question can be asked of."""

NAMES = frozenset(table.name for table in ALL)
"""The names of all tables."""


def quoted(name: str) -> str:
    """Quote an identifier for SQL; the only place where that is done.

    Example:
        >>> quoted('say "hi"; drop table x')
        '"say ""hi""; drop table x"'
    """
    return '"' + name.replace('"', '""') + '"'


@contextmanager
def open_source(source: Source, needed: Collection[str] = NAMES) -> Iterator[Connection]:
    """Open what a question is asked of.

    Args:
        source: Tables, a store, or the path of a store or of a folder that `flatten` wrote. The
            file of a store is let go of when the question is answered.
        needed: The tables that will be read; of a folder no others are opened, as opening a file
            costs about as much as a small query.

    Yields:
        A connection on which the tables can be read by name; it may make temporary views of its
        own, which are gone afterwards.

    Raises:
        UsageError: The source is none of these.
        FolderError: The path is no finished folder of tables.
        StoreError: The path is a store that cannot be opened.
    """
    if isinstance(source, HoldsConnection):
        opened = _at_one_moment(source.connection().cursor())
    elif isinstance(source, str | Path):
        opened = connect_store(source) if is_store(source) else connect_folder(source, needed)
    elif isinstance(source, HoldsTables):
        opened = connect(source.as_dict())
    elif isinstance(source, Mapping):
        opened = connect(source)
    else:
        raise UsageError(
            "a question is asked of SessionTables, a mapping of tables, a store, or the path of a "
            f"store or folder, not of a {type(source).__name__}; read dumps with sessionkit.read "
            "first."
        )
    with opened as connection:
        yield connection


@contextmanager
def connect(tables: Mapping[str, pa.Table]) -> Iterator[Connection]:
    """Open a private connection over tables in memory.

    Args:
        tables: The tables by name; those that are missing are empty.

    Yields:
        A connection with all tables of the model; it is closed afterwards.

    Raises:
        UsageError: There is no table of that name, or a table lacks a column.

    Example:
        >>> with connect({}) as connection:
        ...     connection.sql("select count(*) from sessions").fetchall()
        [(0,)]
    """
    known = {table.name: table for table in ALL}
    for name, rows in tables.items():
        if name not in known:
            raise UsageError(unknown_name("table", name, known))
        check_columns(known[name], rows.schema)
    with _private() as connection:
        for name, table in known.items():
            connection.register(name, tables.get(name, table.empty()))
        _lock(connection)
        yield connection


@contextmanager
def workspace(tables: Mapping[str, pa.Table], memory: str | None = None) -> Iterator[Connection]:
    """Open a private connection over tables of any name and shape, for the package's own steps.

    Args:
        tables: The tables by name.
        memory: How much it may hold before it spills to the disk, such as `512MB`.

    Yields:
        A connection on which temporary tables can be made; it is closed afterwards.
    """
    with _private() as connection:
        if memory is not None:
            connection.execute("set memory_limit = $memory", {"memory": memory})
        for name, table in tables.items():
            connection.register(name, table)
        _lock(connection)
        yield connection


def kept_open(source: Source) -> AbstractContextManager[object]:
    """Hold the file of a store for several questions, so that no load comes between them."""
    if isinstance(source, str | Path) and is_store(source):
        return opened_file(source, read_only=True)
    return nullcontext()


@contextmanager
def connect_store(path: str | Path) -> Iterator[Connection]:
    """Open the file of a store to read it, beside others that do likewise.

    Yields:
        A connection that sees the tables as they are now; it is closed afterwards.

    Raises:
        StoreError: It is no store, or a process has it open to load.
    """
    with opened_file(path, read_only=True) as connection, _at_one_moment(connection):
        yield connection


@contextmanager
def connect_folder(path: str | Path, needed: Collection[str] = NAMES) -> Iterator[Connection]:
    """Open a private connection over a folder that `flatten` wrote.

    A table is one file, `<table>.parquet`, or all Parquet files of a folder `<table>/`. Nothing is
    read into memory before it is asked for; but a folder of CSV or Arrow files is read whole.

    Args:
        path: The folder.
        needed: The tables that will be read; by default all.

    Yields:
        A connection with these tables; it is closed afterwards.

    Raises:
        FolderError: It is no folder, is not finished, or lacks a table or a column.
    """
    folder = Path(path).absolute()
    if any((folder / f"sessions.{ending}").exists() for ending in ("csv", "arrow")):
        from sessionkit.folder import read  # imported late: few are written so

        with connect(read(folder)) as connection:
            yield connection
        return
    with connect_files(folder, files_of(folder), needed) as connection:
        yield connection


@contextmanager
def connect_files(
    folder: Path,
    files: Mapping[str, list[Path]],
    needed: Collection[str] = NAMES,
    memory: str | None = None,
) -> Iterator[Connection]:
    """Open a private connection over Parquet files in a folder; otherwise as `connect_folder`.

    Args:
        folder: The folder, beyond which nothing can be read.
        files: The files of each table by its name; a table without any is empty.
        needed: The tables that will be read.
        memory: How much it may hold before it spills to the disk, such as `512MB`.
    """
    with _private() as connection:
        if memory is not None:
            connection.execute("set memory_limit = $memory", {"memory": memory})
        connection.execute("set parquet_metadata_cache = true")
        for table in ALL:
            if table.name not in needed:
                continue
            if paths := [glob.escape(str(file)) for file in files.get(table.name, ())]:
                with in_plain_words(FolderError, f"{folder}: table {table.name}: "):
                    view = connection.read_parquet(paths)
                    view.create_view(table.name)
                    if list(zip(view.columns, map(str, view.types), strict=True)) != as_told(table):
                        check_columns(table, view.limit(0).to_arrow_table().schema, folder)
            else:
                connection.register(table.name, table.empty())
        allowed = {"folders": [str(folder), glob.escape(str(folder))]}
        connection.execute("set allowed_directories = $folders", allowed)
        _lock(connection)
        yield connection


def run(
    connection: Connection, sql: str, parameters: Mapping[str, object] | None = None
) -> pa.Table:
    """Run one statement that gives rows.

    Args:
        connection: Where.
        sql: The statement, a text of the package's own.
        parameters: The values of its `$names`.

    Returns:
        The rows, in the statement's order.

    Raises:
        QueryError: It failed; the message is one line without DuckDB's own terms.
    """
    with in_plain_words():
        return connection.sql(sql, params=dict(parameters or {})).to_arrow_table()


@contextmanager
def _private() -> Iterator[Connection]:
    """A database in memory that picks nothing up and spills into a folder of its own."""
    with (
        tempfile.TemporaryDirectory(prefix="sessionkit-", ignore_cleanup_errors=True) as scratch,
        duckdb.connect(":memory:") as connection,
    ):
        connection.execute("set python_enable_replacements = false")
        _without_bar(connection)
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("set temp_directory = $scratch", {"scratch": scratch})
        if threads := told_cores():
            connection.execute("set threads = $threads", {"threads": threads})
        yield connection


def _without_bar(connection: Connection) -> None:
    """Draw no bar, DuckDB would in a notebook; one without widgets minds being told."""
    ((drawn,),) = connection.sql("select current_setting('enable_progress_bar')").fetchall()
    if drawn:
        connection.execute("set enable_progress_bar = false")


@contextmanager
def _at_one_moment(connection: Connection) -> Iterator[Connection]:
    """Have all statements see the tables as they are now, whatever is loaded meanwhile."""
    with connection, in_plain_words():
        ((zone,),) = connection.sql("select current_setting('TimeZone')").fetchall()
        if zone != "UTC":  # the settings of a store are locked
            connection.execute("set TimeZone = 'UTC'")
        connection.execute("begin transaction read only")
        try:
            yield connection
        finally:
            with suppress(duckdb.Error):  # it may have been ended
                connection.execute("rollback")


def _lock(connection: Connection) -> None:
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")
