"""The file of a store: making it whole, opening it, and saying plainly why it cannot be opened.

A store is one DuckDB file. A new one is made under another name and moved into place, so that a
file of that name is always a whole store, if an empty one.

Within a process a file is opened once, and shared: to close a file lets go of every lock that the
process has on it, so no second handle on a store may ever be opened and closed beside the first.

Layer: above `foreign`.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory
from threading import Lock

import duckdb

from sessionkit.errors import StoreError
from sessionkit.foreign import check_parts, check_views
from sessionkit.held_files import Key, hold, is_held, key_of, let_go
from sessionkit.machine import cores

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

Connection = duckdb.DuckDBPyConnection

SCHEMA_VERSION = 2
"""The version of the layout; a store of a newer one cannot be opened, an older one is upgraded."""

_MAGIC = b"DUCK"
_MAGIC_AT = 8
_PATIENCE = 0.05
"""Seconds between two tries to open a store that another process has open."""
_SURELY = 600
"""Seconds after which a folder in which nothing is being made is certainly left over."""
_ROOM = 64 * 2**20
"""Bytes of memory for each core, and twice more, while a store is open to load: a load holds the
end of every column of every table until it is done."""

SCHEMAS = ("records_alone", "records_several", "resolved", "kept")
"""The parts of a store. DuckDB calls a database after its file, which must not be called so too."""


@dataclass
class _Opened:
    """A store that this process has open, for so many users."""

    connection: Connection
    held: ExitStack
    users: int = 0


_OPEN: dict[Key, _Opened] = {}
_GUARD = Lock()


class _InUse(StoreError):
    """Somebody has the store open, and may soon be done with it."""


_HOLDER = re.compile(r"held in (?P<program>\S+) \(PID (?P<pid>\d+)\)")


def is_store(path: str | Path) -> bool:
    """Whether a path is a DuckDB file; one that this process has open is not touched.

    Example:
        >>> is_store("no/such/file")
        False
    """
    with _GUARD:
        return is_held(Path(path)) or _looks_like_store(path)


def _looks_like_store(path: str | Path) -> bool:
    if not Path(path).is_file():
        return False  # nothing may be taken out of a pipe
    try:
        with Path(path).open("rb") as file:
            return file.read(_MAGIC_AT + len(_MAGIC))[_MAGIC_AT:] == _MAGIC
    except (OSError, ValueError):
        return False


@contextmanager
def opened_file(path: str | Path, *, read_only: bool, wait: float = 0.0) -> Iterator[Connection]:
    """Open the file of a store, which is there.

    Args:
        path: The file.
        read_only: Whether it is only read; several processes can then have it open at once. Where
            this process has it open already, that is shared.
        wait: For how many seconds to wait while somebody else has it open.

    Yields:
        A connection that reaches no other file and no network, with settings that are locked;
        closed afterwards.

    Raises:
        StoreError: There is no such file, it is no store, another process has it open, or a newer
            sessionkit made it.
    """
    file = Path(path).absolute()
    opened = _when_free(file, lambda: _shared(file, read_only), wait)
    try:
        with opened.connection.cursor() as own:
            _check_layout(own, file, read_only)
            yield own
    finally:
        with _GUARD:
            opened.users -= 1
            if not opened.users:
                opened.held.close()


def make_file(path: Path, lay_out: Callable[[Connection], None]) -> None:
    """Make a new store, unless there is one by then.

    Args:
        path: Where; an empty file there is replaced.
        lay_out: Makes its tables.

    Raises:
        StoreError: The folder is not there, or cannot be written.
    """
    try:
        with (
            TemporaryDirectory(prefix=f".{path.name}-", dir=path.parent) as scratch,
            _claimed(Path(scratch)),
        ):
            made = Path(scratch) / path.name
            with duckdb.connect(str(made)) as connection:
                _check_name(connection, path)
                lay_out(connection)
                connection.execute("checkpoint")
            if path.exists() and not path.stat().st_size:
                path.unlink()
            os.link(made, path)
    except FileExistsError:
        return  # another process was quicker
    except OSError as error:
        said = os.strerror(error.errno) if error.errno else str(error)
        raise StoreError(f"{path}: could not be made: {said}.") from error
    except duckdb.Error as error:
        raise StoreError(f"{path}: could not be made: {_first_line(error)}") from error


def clear_unfinished(path: Path) -> None:
    """Remove what is left of making a store, if whoever made it was killed."""
    named = re.compile(rf"\.{re.escape(path.name)}-\w{{8}}")
    with suppress(OSError):
        for left in path.parent.iterdir():
            if not named.fullmatch(left.name) or not left.is_dir() or left.is_symlink():
                continue
            files = {each.name for each in left.iterdir()}
            if files <= {path.name, f"{path.name}.wal"} and _is_abandoned(left, files):
                rmtree(left, ignore_errors=True)


def _is_abandoned(folder: Path, files: set[str]) -> bool:
    """Whether nobody makes a store in a folder; one without a file may not be claimed yet."""
    if not files or fcntl is None:
        return time.time() - folder.stat().st_mtime > _SURELY
    with suppress(BlockingIOError), _claimed(folder):
        return True
    return False


@contextmanager
def _claimed(folder: Path) -> Iterator[None]:
    """Hold a folder for oneself until one is done, or killed; where the system can do that.

    Raises:
        BlockingIOError: Somebody else holds it.
    """
    if fcntl is None:
        yield
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(number)


def _shared(file: Path, read_only: bool) -> _Opened:
    """Take part in what this process has open, or open it."""
    with _GUARD:
        key = key_of(file)
        opened = _OPEN.get(key) if key else None
        if opened is None:
            opened = _newly_opened(file, read_only)
        elif not read_only:
            raise _InUse(f"{file}: this process has this store open already; close it first.")
        opened.users += 1
        return opened


def _newly_opened(file: Path, read_only: bool) -> _Opened:
    if not file.is_file():
        raise StoreError(f"{file}: there is no such store; `sessionkit load` makes one.")
    if not _looks_like_store(file):
        raise StoreError(f"{file}: no store of sessionkit: it is no DuckDB file.")
    with ExitStack() as held:
        made = TemporaryDirectory(prefix="sessionkit-", ignore_cleanup_errors=True)
        connection = held.enter_context(_connected(file, read_only, held.enter_context(made)))
        _check_name(connection, file)
        connection.execute("set global TimeZone = 'UTC'")
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        check_parts(connection, file, SCHEMAS)
        key = key_of(file)
        assert key is not None
        hold(key)
        held.callback(let_go, key)
        opened = _OPEN[key] = _Opened(connection, held.pop_all())
        opened.held.callback(_OPEN.pop, key)
        return opened


def _connected(file: Path, read_only: bool, scratch: str) -> Connection:
    options: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "temp_directory": scratch,
        "python_enable_replacements": False,
    }
    if not read_only:
        options["memory_limit"] = f"{_ROOM * (2 + max(2, cores())) // 2**20}MiB"
    return duckdb.connect(str(file), read_only=read_only, config=options)


def _when_free(file: Path, open_it: Callable[[], _Opened], wait: float) -> _Opened:
    """Open a store, trying again for a while if somebody else has it open."""
    until = time.monotonic() + wait
    while True:
        try:
            return open_it()
        except _InUse:
            if time.monotonic() >= until:
                raise
        except duckdb.Error as error:
            if "Could not set lock" not in str(error):
                raise StoreError(f"{file}: cannot be opened: {_first_line(error)}") from error
            if time.monotonic() >= until:
                raise StoreError(_in_use(str(error))) from error
        time.sleep(_PATIENCE)


def _in_use(said: str) -> str:
    file, holder = re.search(r'lock on file "(.+?)":', said), _HOLDER.search(said)
    by = f" (process {holder['pid']})" if holder else ""
    return (
        f"{file[1] if file else 'the store'}: another process{by} has this store open. "
        "Try again when it is done, or wait for it with --wait SECONDS."
    )


def _check_name(connection: Connection, file: Path) -> None:
    ((name,),) = connection.sql("select current_database()").fetchall()
    if name.lower() in SCHEMAS:
        raise StoreError(f"{file}: a store cannot be called {name!r}, as a part of it is.")


def _check_layout(connection: Connection, file: Path, read_only: bool) -> None:
    try:
        ((version,),) = connection.sql("select schema_version from kept.about").fetchall()
    except (duckdb.Error, ValueError):
        raise StoreError(f"{file}: a DuckDB file, but no store of sessionkit.") from None
    if version > SCHEMA_VERSION:
        raise StoreError(
            f"{file}: made by a newer sessionkit: its layout has version {version}, "
            f"and this one knows up to {SCHEMA_VERSION}."
        )
    if version < SCHEMA_VERSION and read_only:
        raise StoreError(
            f"{file}: made by an older sessionkit: its layout has version {version}. "
            "Load something into it, or open it once with Store(path), and it is upgraded."
        )
    if version == SCHEMA_VERSION:
        check_views(connection, file)


def _first_line(error: duckdb.Error) -> str:
    words = str(error).strip().partition("\n")[0]
    heading, colon, message = words.partition(": ")
    return message if colon and heading.endswith("Error") else words
