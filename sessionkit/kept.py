"""What is there before a read: records that earlier reads left in a store, or nothing.

Layer: above `rejecting` and `staged`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import pyarrow as pa

from sessionkit.rejecting import contenders
from sessionkit.tables import EFFECTS

EFFECTS_KEPT = pa.schema(
    [
        *EFFECTS.arrow(),
        pa.field("tells_application", pa.bool_(), nullable=False),
        pa.field("tells_session", pa.bool_(), nullable=False),
        pa.field("told_in", pa.string(), nullable=False),
        pa.field("is_shown", pa.bool_(), nullable=False),
    ]
)
"""Effects as they are kept: whether they tell the two ids of their session, or have them from its
internal id; the lot that they are of, if it tells them under several names; and whether they stand
in the table, or tell an effect of it under another name."""

SESSION_IDS = pa.schema(
    [
        ("application_id", pa.int64()),
        ("integration_id", pa.string()),
        ("internal_id", pa.int64()),
    ]
)
"""Sessions and internal ids that something told of them."""

_IDS = pa.schema(list(SESSION_IDS)[2:])


class Kept(Protocol):
    """Records that were taken in before, each with a number below `first`."""

    compares: bool
    """Whether it knows what records said, so that those that say it again can be left out."""

    @property
    def first(self) -> int:
        """The number of the first record to come."""

    def rejected(self) -> pa.Table:
        """The rejected records of earlier reads, as `contenders` has them."""

    def known(self, keys: pa.Table) -> pa.Table:
        """The records of some sessions, as `resolve/known` has them.

        Args:
            keys: Hashes of the keys of sessions, as `key`.
        """

    def keep_sayings(self, said: Iterator[pa.Table]) -> None:
        """Keep what records of this read say, by `record` and `said`."""

    def take(self, keys: pa.Table) -> Iterator[tuple[str, pa.Table]]:
        """Hand over all that is kept of some sessions, for it will be written anew.

        Yields:
            The name of a table, and rows of it as staged.
        """

    def nameless(self) -> pa.Table:
        """Every `internal_id` by which an effect tells its session."""

    def ids(self, internal_ids: pa.Table) -> pa.Table:
        """All sessions of which anything kept tells one of these ids, as `SESSION_IDS`."""

    def effects(self, sessions: pa.Table, named: pa.Table) -> Iterator[pa.Table]:
        """Hand over effects, as `EFFECTS_KEPT`, for they will be written anew.

        Args:
            sessions: Keys of sessions whose effects are wanted.
            named: What internal ids stand for now, as `SESSION_IDS`, null where that is not known;
                effects that it gives or takes a session are wanted with all of that session.
        """

    def keep_ids(self, ids: pa.Table) -> None:
        """Keep that internal ids were told of sessions, as `SESSION_IDS`."""


class Nothing:
    """Nothing was there before.

    Example:
        >>> Nothing().first, Nothing().rejected().num_rows, Nothing().nameless().num_rows
        (0, 0, 0)
    """

    compares = False
    first = 0

    def rejected(self) -> pa.Table:
        """None."""
        return contenders([])

    def known(self, keys: pa.Table) -> pa.Table:
        """None of them."""
        return keys.slice(0, 0)

    def keep_sayings(self, said: Iterator[pa.Table]) -> None:
        """Keep nothing."""

    def take(self, keys: pa.Table) -> Iterator[tuple[str, pa.Table]]:
        """Nothing."""
        return iter(())

    def nameless(self) -> pa.Table:
        """None."""
        return _IDS.empty_table()

    def ids(self, internal_ids: pa.Table) -> pa.Table:
        """None."""
        return SESSION_IDS.empty_table()

    def effects(self, sessions: pa.Table, named: pa.Table) -> Iterator[pa.Table]:
        """Nothing."""
        return iter(())

    def keep_ids(self, ids: pa.Table) -> None:
        """Keep nothing."""
