"""Bringing a store that an older sessionkit made to the layout of this one.

Each version of the layout has a step to the next. A store is upgraded when it is opened to load,
all steps in one transaction; opened to be read, an older one is refused, as nothing may be written.

Layer: inside `store`, above `keeping`; imports `evaluations` from below.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType

import duckdb

from sessionkit.database import Connection, quoted, workspace
from sessionkit.errors import StoreError
from sessionkit.evaluations import put_together
from sessionkit.sql import text_of
from sessionkit.store.keeping import Held, InStore
from sessionkit.store.layout import ADDED, make_views
from sessionkit.store_file import SCHEMA_VERSION
from sessionkit.tables import EFFECTS

Step = Callable[[Connection], None]


def _from_1(connection: Connection) -> None:
    """Note of effects which of their session's ids they tell, and who knows what else was told."""
    for name in ADDED:
        connection.execute(text_of(f"store/{name}"))
    connection.execute("drop view effects")
    for column in ("tells_application", "tells_session", "is_shown"):
        connection.execute(f"alter table kept.effects add column {column} boolean default true")
    connection.execute("alter table kept.effects add column told_in varchar default ''")
    by_id = "from kept.effects where application_id is null or integration_id is null"
    names = ", ".join(quoted(name) for name in EFFECTS.names)
    nameless = connection.sql(
        f"select {names}, row_number() over () as record {by_id}"
    ).to_arrow_table()
    connection.execute(f"delete {by_id}")
    with workspace({}) as db:
        sink = InStore(connection, 0)
        put_together([nameless], [], db, Held(connection), sink)
        sink.close(EFFECTS.name)


STEPS: Mapping[int, Step] = MappingProxyType({1: _from_1})
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
