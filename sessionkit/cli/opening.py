"""From what was typed as SOURCE to something that questions can be asked of.

Layer: inside `cli`, above `shell` and `summary`; imports `reading`, `folder` and `page` from below.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sessionkit.cli.shell import DONE, FAULTS, say
from sessionkit.errors import UsageError

if TYPE_CHECKING:
    from sessionkit.page.facts import Facts
    from sessionkit.reading import Progress
    from sessionkit.session_tables import SessionTables

_READING = ("dialect", "assume_tz", "date_format", "state_numbers", "dumped_at")


class Opened(NamedTuple):
    """What SOURCE turned out to be.

    Attributes:
        source: Tables just read, or the path of a folder that `flatten` wrote.
        facts: How its reading went.
        is_folder: Whether it is such a folder; its rejects are past.
    """

    source: SessionTables | Path
    facts: Facts
    is_folder: bool

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
    from sessionkit.page.facts import facts_of

    folders = [source for source in sources if is_flattened(source)]
    if folders and len(sources) > 1:
        raise UsageError(
            f"{folders[0]}: a folder that flatten wrote is opened by itself; "
            "flatten all dumps into one folder, or name the dumps."
        )
    source = open_folder(folders[0]) if folders else read_dumps(sources, values)
    found = facts_of(source)
    if not found.span["session_count"]:
        say("There is no session in what was read.")
    return Opened(source, found, bool(folders))


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


def read_dumps(sources: Sequence[str], values: Mapping[str, Any]) -> SessionTables:
    """Read dumps, showing progress on a terminal."""
    from sessionkit.reading import read

    given = {name: values[name] for name in _READING}
    with _progress(quiet=values["quiet"]) as progress:
        return read(*sources, progress=progress, **given)


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


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Progress | None]:
    """What to call while reading; nothing unless a person watches."""
    from rich.console import Console

    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield None
        return
    from sessionkit.cli.progress import shown

    with shown(console) as progress:
        yield progress
