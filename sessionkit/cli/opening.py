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

_READING = ("dialect", "assume_tz", "date_format", "state_numbers", "dumped_at")


@dataclass(frozen=True)
class Opened:
    """What SOURCE turned out to be.

    Attributes:
        source: The path of a folder of tables, or its tables where they are no Parquet files.
        is_folder: Whether it is such a folder; its rejects are past.
    """

    source: SessionTables | Path
    is_folder: bool

    @cached_property
    def facts(self) -> Facts:
        """How its reading went; asked when it is first wanted, as a question wants it not."""
        from sessionkit.page.facts import facts_of

        return facts_of(self.source)

    def status(self, values: Mapping[str, Any]) -> int:
        """The exit status that reading asks for, said on standard error when it is not 0."""
        return DONE if self.is_folder else _reading_status(self.facts, values["allow_rejects"])


def opened(sources: Sequence[str], values: Mapping[str, Any]) -> Opened:
    """Read dumps, or open the one folder that `flatten` wrote.

    Args:
        sources: What was typed.
        values: The reading options.

    Returns:
        The source. A dump without any session is one too, and is said.

    Raises:
        ReadError: Nothing could be read.
        UsageError: A folder that `flatten` wrote stands beside another source.
    """
    folders = [source for source in sources if is_flattened(source)]
    if folders and len(sources) > 1:
        raise UsageError(
            f"{folders[0]}: a folder that flatten wrote is opened by itself; "
            "flatten all dumps into one folder, or name the dumps."
        )
    source = open_folder(folders[0]) if folders else read_dumps(sources, values)
    return read_facts(source, is_folder=bool(folders))


def read_facts(source: SessionTables | Path, *, is_folder: bool = False) -> Opened:
    """Take what was read, and say so when there is no session."""
    from sessionkit.database import open_source

    with open_source(source, {"sessions"}) as connection:
        found = connection.execute("select 1 from sessions limit 1").fetchall()
    if not found:
        say("There is no session in what was read.")
    return Opened(source, is_folder)


def is_flattened(source: str) -> bool:
    """Whether a source is a folder that `flatten` wrote."""
    from sessionkit.folder import is_folder

    return "://" not in source and is_folder(source)


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

    given = {name: values[name] for name in _READING}
    return to_folder(*sources, output=output, progress=not values["quiet"], **given)


def _reading_status(found: Facts, allowed: int) -> int:
    rejects = found.total("rejects")
    unreadable = len(found.with_status("unreadable"))
    if rejects > allowed:
        records = "1 record was" if rejects == 1 else f"{rejects:,} records were"
        say(f"{records} rejected; --allow-rejects {rejects} would let that pass.")
    if unreadable:
        files = "1 file was" if unreadable == 1 else f"{unreadable:,} files were"
        say(f"{files} not readable.")
    return FAULTS if rejects > allowed or unreadable else DONE
