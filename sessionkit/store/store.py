"""The store: one file that grows by loading dumps, where the history of sessions lives.

Layer: inside `store`, above `loading`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime, tzinfo
from pathlib import Path
from threading import Lock, get_ident
from types import TracebackType
from typing import Self

from sessionkit.config import current
from sessionkit.database import Connection, open_source, run
from sessionkit.errors import StoreError, UsageError
from sessionkit.overview import overview_html
from sessionkit.progress import Progress, telling
from sessionkit.reading import reading_of
from sessionkit.result import Result, free_query
from sessionkit.sources import Source, find
from sessionkit.sql import text_of
from sessionkit.store.drift import drift_of
from sessionkit.store.exporting import Exported, export_to
from sessionkit.store.layout import check_tables, lay_out
from sessionkit.store.loaded import Loaded
from sessionkit.store.loading import load_into
from sessionkit.store.privacy import agree, pseudonyms_of
from sessionkit.store.upgrading import upgrade
from sessionkit.store.writing import Written, is_index, write_rejects
from sessionkit.store_file import clear_unfinished, make_file, opened_file
from sessionkit.table_files import Format


class Store:
    """An embedded store of sessions: load dumps into it again and again, then ask it.

    Loading is idempotent, and the tables of the model do not depend on the order, the split or the
    repetition of what is loaded. One load is one transaction: it is there as a whole, or not at
    all. While it is open for loading, no other process can open the file; any number can have it
    open with `open_readonly`.

    Example:
        >>> import io
        >>> from tempfile import TemporaryDirectory
        >>> line = b'{"integrationId":"S-1","applicationId":1,"created":"2026-01-31T09:05:27Z"}'
        >>> with TemporaryDirectory() as home, Store(f"{home}/sessions.duckdb") as store:
        ...     store.load(io.BytesIO(line)), store.load(io.BytesIO(line))
        (Loaded(1 files: 1 new, 0 changed, 0 repeated, 0 older, 0 rejected), Loaded(1 files: ...
    """

    def __init__(self, path: str | Path, *, wait: float = 0.0, read_only: bool = False) -> None:
        """Open a store; one that is not there is made.

        Args:
            path: Its file.
            wait: For how many seconds to wait while another process has it open.
            read_only: Whether it is only to be read; then it must be there.

        Raises:
            StoreError: It cannot be made or opened, or another process has it open.
        """
        self.path = Path(path).absolute()
        self._held = ExitStack()
        if not read_only:
            clear_unfinished(self.path)
        if not read_only and (not self.path.exists() or not self.path.stat().st_size):
            make_file(self.path, lay_out)
        opened = opened_file(self.path, read_only=read_only, wait=wait)
        self._connection: Connection | None = self._held.enter_context(opened)
        self._read_only = read_only
        self._one_by_one = Lock()
        self._loader: int | None = None
        if not read_only:
            self._upgrade()

    def _upgrade(self) -> None:
        try:
            upgrade(self.connection(), self.path)
            check_tables(self.connection(), self.path)
        except BaseException:
            self.close()
            raise

    @classmethod
    def open_readonly(cls, path: str | Path, *, wait: float = 0.0) -> Self:
        """Open a store that is there, beside other processes that do likewise.

        Raises:
            StoreError: There is no such store, or another process has it open to load.
        """
        return cls(path, wait=wait, read_only=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file; a second time does nothing."""
        self._connection = None
        self._held.close()

    def connection(self) -> Connection:
        """The DuckDB connection, for any SQL; it reaches no other file.

        Take a `cursor()` of it for each thread. Readers beside a load see the store as it was; each
        statement by itself, so that two of them may stand before and after a load. To see one
        moment through several, put them between `begin transaction read only` and `rollback`.

        Raises:
            StoreError: The store is closed.
        """
        if self._connection is None:
            raise StoreError(f"{self.path}: this store is closed.")
        return self._connection

    def load(
        self,
        *sources: Source,
        dialect: str | None = None,
        assume_tz: str | tzinfo | None = None,
        date_format: str | None = None,
        state_numbers: str | None = None,
        dumped_at: str | datetime | None = None,
        pseudonymise: str | bytes | None = None,
        pseudonymise_attributes: Collection[str] = (),
        another_key: bool = False,
        progress: Progress = None,
    ) -> Loaded:
        """Load dumps: all of them, or nothing.

        A file whose bytes were loaded before, read in the same way, is left alone.

        Args:
            sources: As for `read`, and so are the other arguments.
            dialect: See `read`.
            assume_tz: See `read`.
            date_format: See `read`.
            state_numbers: See `read`.
            dumped_at: See `read`.
            pseudonymise: A key, of at least 16 characters: customers, their identifiers, loyalty
                cards and referral codes are kept as hashes under it (see `store.privacy`), and
                the bytes of rejects are not kept. Each load must be given the same one.
            pseudonymise_attributes: The names of attributes that are personal too.
            another_key: Whether to load even so with another key than before, or without.
            progress: See `read`.

        Returns:
            What was new, changed, repeated, older and rejected, file by file.

        Raises:
            ReadError: A source does not exist, or nothing could be read from any.
            StoreError: The disk is full, or the like; the store is as it was.
            UsageError: An argument that cannot be, a store that was opened to be read, or a load
                from within a load, such as in `progress`.
        """
        if self._read_only:
            raise UsageError(f"{self.path}: opened to be read; open it with Store(path) to load.")
        reading = reading_of(dialect, assume_tz, date_format, state_numbers, dumped_at)
        found = [each for each in find(sources) if not is_index(each)]
        pseudonyms = pseudonyms_of(pseudonymise, pseudonymise_attributes)
        with self._loading(), telling(progress) as tell, self.connection().cursor() as own:
            if not another_key:
                agree(own, pseudonyms, str(self.path))
            return load_into(own, found, reading, tell, pseudonyms)

    @contextmanager
    def _loading(self) -> Iterator[None]:
        """One load at a time: other threads wait, but nothing waits for itself."""
        if self._loader == get_ident():
            raise UsageError(f"{self.path}: a load is under way here; begin the next one after it.")
        with self._one_by_one:
            self._loader = get_ident()
            try:
                yield
            finally:
                self._loader = None

    def export(
        self,
        folder: str | Path,
        format: Format = "parquet",
        partition_by: Sequence[str] = (),
        *,
        pseudonymise: str | bytes | None = None,
        pseudonymise_attributes: Collection[str] = (),
    ) -> Exported:
        """Write all tables into a folder, as of one moment.

        In CSV, a text that a spreadsheet would run as a formula (it begins with `=`, `+`, `-`,
        `@`, a tab or a carriage return) has an apostrophe before it; the manifest counts these
        cells, and reading the folder with sessionkit takes the apostrophes away.

        Args:
            folder: In place of one that sessionkit wrote there before; otherwise empty or new.
            format: `parquet`, `csv` or `arrow`. Without parts, it is what `flatten` writes.
            partition_by: For Parquet: what the tables of the model are parted by, outermost
                first, in the Hive way (`sessions/month=2026-11/part-0.parquet`): of
                `application_id`, `store_id`, `state`, `dialect`, and, of the creation in UTC,
                `day`, `week`, `month`, `quarter`, `year`. Such a column is in the names of the
                folders alone; readers that guess types take `store_id=007` for a number.
            pseudonymise: A key, as for `load`.
            pseudonymise_attributes: The names of attributes that are personal too.

        Returns:
            The folder, and how many files, rows and defused cells there are.

        Raises:
            UsageError: An argument that cannot be, or a folder that somebody else filled.
            FolderError: The disk is full, or the like; an older export stands as it was.
        """
        pseudonyms = pseudonyms_of(pseudonymise, pseudonymise_attributes)
        with self.connection().cursor() as own:
            return export_to(own, Path(folder), format, partition_by, pseudonyms)

    def drift(self, since_load: int | None = None) -> Result:
        """Tell what changed between the latest load and those before it.

        New and vanished keys and attributes, other types, new states, labels and coupon codes,
        days without a session, open sessions that did not come again. `drift_lines` puts it in
        plain words.

        Args:
            since_load: The last load that counts as before; by default the one before the latest.

        Returns:
            One row per change; none where nothing was loaded before, or nothing changed.

        Raises:
            UsageError: There is no such load.
        """
        with self.connection().cursor() as own:
            return drift_of(own, since_load)

    def write_rejects(self, folder: str | Path) -> Written:
        """Write the bytes of the rejects that are open, so that they can be mended.

        One file per dialect, a CSV file with its header; records that cannot stand in a line have
        a file of their own. Loading the mended files resolves the rejects, by what is noted in
        `rejects.index` beside them.

        Args:
            folder: A folder that is empty, or not there.

        Returns:
            The files, and how to load them.

        Raises:
            StoreError: The folder cannot be written.
            UsageError: There is something in the folder.
        """
        with self.connection().cursor() as own:
            return write_rejects(own, Path(folder))

    def reject_trail(self) -> Result:
        """Every record that was ever rejected, and what became of it.

        Returns:
            One row per reject, in the order in which they came: whether it is `open`, was
            `replaced` by a later reject of the same record, or `resolved` by a load. The bytes
            and reasons are in `kept.rejects`.
        """
        with self.connection().cursor() as own:
            return Result(run(own, text_of("store/reject_trail")), "rejects")

    def sql(self, query: str) -> Result:
        """Ask anything of the tables in DuckDB's SQL; one statement that reads.

        Raises:
            QueryError: The statement is wrong, or would do more than read.
        """
        with self.connection().cursor() as own:
            return free_query(own, query)

    def _repr_html_(self) -> str | None:
        if self._connection is None:
            return None
        with open_source(self) as own:
            loads = run(own, text_of("reading/store"))["load_count"][0].as_py()
            return overview_html(own, f"Store {self.path}", current().applications, loads)

    def __repr__(self) -> str:
        return f"Store({str(self.path)!r}{', closed' if self._connection is None else ''})"
