"""What is there before a read: records that earlier reads left in a store, or nothing.

Layer: above `rejecting`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import pyarrow as pa

from sessionkit.rejecting import contenders


class Kept(Protocol):
    """Records that were taken in before, each with a number below `first`."""

    @property
    def first(self) -> int:
        """The number of the first record to come."""

    def rejected(self) -> pa.Table:
        """The rejected records of earlier reads, as `contenders` has them."""

    def known(self, keys: pa.Table) -> pa.Table:
        """Those of some sessions, by their keys, of which there is a record."""

    def take(self, keys: pa.Table) -> Iterator[tuple[str, pa.Table]]:
        """Hand over all that is kept of some sessions, for it will be written anew.

        Yields:
            The name of a table, and rows of it as staged.
        """

    def effects(self, sessions: pa.Table) -> Iterator[pa.Table]:
        """Hand over the effects of some sessions, by `application_id` and `session`.

        Args:
            sessions: `session` is the integration id, or `#` and the internal id.
        """


class Nothing:
    """Nothing was there before.

    Example:
        >>> Nothing().first, Nothing().rejected().num_rows
        (0, 0)
    """

    first = 0

    def rejected(self) -> pa.Table:
        """None."""
        return contenders([])

    def known(self, keys: pa.Table) -> pa.Table:
        """None of them."""
        return keys.slice(0, 0)

    def take(self, keys: pa.Table) -> Iterator[tuple[str, pa.Table]]:
        """Nothing."""
        return iter(())

    def effects(self, sessions: pa.Table) -> Iterator[pa.Table]:
        """Nothing."""
        return iter(())
