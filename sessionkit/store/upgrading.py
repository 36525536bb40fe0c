"""Bringing a store that an older sessionkit made to the layout of this one.

Each version of the layout has a step to the next. A store is upgraded when it is opened to load,
all steps in one transaction; opened to be read, an older one is refused, as nothing may be written.

Layer: inside `store`, above `layout`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType

import duckdb

from sessionkit.database import Connection
from sessionkit.errors import StoreError
from sessionkit.store.layout import make_views
from sessionkit.store_file import SCHEMA_VERSION

Step = Callable[[Connection], None]

STEPS: Mapping[int, Step] = MappingProxyType({})
"""What brings a store of some version to the next one; its columns may come in any order."""


def upgrade(
    connection: Connection,
    path: Path,
    *,
    steps: Mapping[int, Step] = STEPS,
    to: int = SCHEMA_VERSION,
) -> None:
    """Bring a store to a version of the layout; one that has it is left alone.

    Args:
        connection: To the store, opened to load.
        path: Its file, for messages.
        steps: By the version that each begins with.
        to: The version it shall have.

    Raises:
        StoreError: There is no way from its version, or a step failed; the store is as it was.
    """
    ((version,),) = connection.sql("select schema_version from kept.about").fetchall()
    if version >= to:
        return
    if lacking := [number for number in range(version, to) if number not in steps]:
        raise StoreError(
            f"{path}: its layout has version {version}, which this sessionkit cannot upgrade "
            f"(no step from {lacking[0]}); load its dumps into a new store."
        )
    connection.execute("begin transaction")
    try:
        for number in range(version, to):
            steps[number](connection)
        make_views(connection)
        connection.execute("update kept.about set schema_version = $to", {"to": to})
        connection.execute("commit")
    except BaseException as error:
        with suppress(duckdb.Error):  # what went wrong may have rolled it back
            connection.execute("rollback")
        if isinstance(error, duckdb.Error):
            said = str(error).partition("\n")[0]
            raise StoreError(f"{path}: not upgraded, it is as it was: {said}") from error
        raise
