"""From what was typed as SOURCE to something that questions can be asked of.

Layer: inside `cli`, above `shell` and `summary`; imports `reading`, `folder` and `page` from below.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from sessionkit.cli.shell import DONE, FAULTS, say
from sessionkit.errors import UsageError

if TYPE_CHECKING:
    from sessionkit.page.facts import Facts
    from sessionkit.session_tables import SessionTables
    from sessionkit.store import Store

_READING = ("dialect", "assume_tz", "date_format", "state_numbers", "dumped_at")


@dataclass(frozen=True)
class Opened:
    """What SOURCE turned out to be.

    Attributes:
        source: The path of a folder of tables, or its tables where they are no Parquet files; or a
            store, open until the command ends.
        is_past: Whether it was read before: a folder or a store, whose rejects are past.
    """

    source: SessionTables | Store | Path
    is_past: bool

    @cached_property
    def facts(self) -> Facts:
        """How its reading went; asked when it is first wanted, as a question wants it not."""
        from sessionkit.page.facts import facts_of

        return facts_of(self.source)

    def status(self, values: Mapping[str, Any]) -> int:
        """The exit status that reading asks for, said on standard error when it is not 0."""
        return DONE if self.is_past else _reading_status(self.facts, values["allow_rejects"])


def opened(sources: Sequence[str], values: Mapping[str, Any]) -> Opened:
    """Read dumps, or open the one folder that `flatten` wrote, or the one store.

    Args:
        sources: What was typed.
        values: The reading options.

    Returns:
        The source. A dump without any session is one too, and is said.

    Raises:
        ReadError: Nothing could be read.
        StoreError: The store cannot be opened.
        UsageError: A folder that `flatten` wrote, or a store, stands beside another source.
    """
    say_settings(values)
    folders = [source for source in sources if is_flattened(source)]
    stores = [source for source in sources if is_stored(source)]
    if len(sources) > 1 and folders:
        raise UsageError(
            f"{folders[0]}: a folder that flatten wrote is opened by itself; "
            "flatten all dumps into one folder, or name the dumps."
        )
    if len(sources) > 1 and stores:
        raise UsageError(
            f"{stores[0]}: a store is opened by itself; load all dumps into it, or name the dumps."
        )
    source: SessionTables | Store | Path
    if stores:
        source = open_store(stores[0], values["wait"])
    else:
        source = open_folder(folders[0]) if folders else read_dumps(sources, values)
    found = read_facts(source, is_past=bool(folders or stores))
    if values["verbose"] and not found.is_past:
        for row in found.facts.files:
            say(_of_file(row))
    return found


def say_settings(values: Mapping[str, Any]) -> None:
    """Say which settings hold, as figures depend on them."""
    from sessionkit.config import current

    settings = current()
    if settings.file and not values["quiet"]:
        told = [f"{name} = {_plain(value)}" for name, value in settings.values.items()]
        named = "; ".join(told) if values["verbose"] else ", ".join(settings.values)
        say(f"settings: {settings.file} ({named or 'nothing'})")


def _plain(value: object) -> str:
    return str(dict(value)) if isinstance(value, Mapping) else repr(value)


def _of_file(row: Mapping[str, Any]) -> str:
    """What became of one file."""
    dialects = ", ".join(row["dialects"] or ())
    counts = ("records", "sessions", "repeats", "older", "effects", "rejects")
    told = ", ".join(f"{name} {row[name]:,}" for name in counts if row[name])
    parts = [row["status"], dialects, told, row["message"]]
    return f"  {row['source_file']}: {'; '.join(part for part in parts if part)}"


def read_facts(source: SessionTables | Store | Path, *, is_past: bool = False) -> Opened:
    """Take what was read, and say so when there is no session."""
    from sessionkit.database import open_source

    with open_source(source, {"sessions"}) as connection:
        found = connection.execute("select 1 from sessions limit 1").fetchall()
    if not found:
        say("There is no session in what was read.")
    return Opened(source, is_past)


def is_flattened(source: str) -> bool:
    """Whether a source is a folder that `flatten` wrote."""
    from sessionkit.folder import is_folder

    return "://" not in source and is_folder(source)


def is_stored(source: str) -> bool:
    """Whether a source is a store."""
    from sessionkit.store_file import is_store

    return "://" not in source and is_store(source)


def open_store(path: str, wait: float) -> Store:
    """Open a store to be read, until the command ends."""
    from sessionkit.store import Store

    return click.get_current_context().with_resource(Store.open_readonly(path, wait=wait))


def open_folder(folder: str) -> SessionTables | Path:
    """The folder itself, or its tables where they are not written as Parquet."""
    from sessionkit.folder import read, read_manifest
    from sessionkit.session_tables import SessionTables

    parquet = read_manifest(folder).format == "parquet"
    return Path(folder) if parquet else SessionTables.of(read(folder))


def read_dumps(sources: Sequence[str], values: Mapping[str, Any]) -> Path:
    """Read dumps into a folder of tables that is gone when the command ends."""
    scratch = TemporaryDirectory(prefix="sessionkit-", ignore_cleanup_errors=True)
    home = click.get_current_context().with_resource(scratch)
    return flatten_dumps(sources, Path(home) / "tables", values)


def flatten_dumps(sources: Sequence[str], output: Path, values: Mapping[str, Any]) -> Path:
    """Read dumps into a folder of Parquet tables, showing progress on a terminal."""
    from sessionkit.reading import to_folder

    return to_folder(
        *sources, output=output, progress=not values["quiet"], **reading_options(values)
    )


def reading_options(values: Mapping[str, Any]) -> dict[str, Any]:
    """The options that say how dumps are read, as arguments."""
    return {name: values[name] for name in _READING}


def _reading_status(found: Facts, allowed: int) -> int:
    unreadable = 0 if found.loads is not None else len(found.with_status("unreadable"))
    return status_of_reading(found.open_rejects, unreadable, allowed)


def status_of_reading(rejects: int, unreadable: int, allowed: int) -> int:
    """The exit status that rejects and unreadable files ask for, said when it is not 0."""
    if rejects > allowed:
        records = "1 record was" if rejects == 1 else f"{rejects:,} records were"
        say(f"{records} rejected; --allow-rejects {rejects} would let that pass.")
    if unreadable:
        files = "1 file was" if unreadable == 1 else f"{unreadable:,} files were"
        say(f"{files} not readable.")
    return FAULTS if rejects > allowed or unreadable else DONE
