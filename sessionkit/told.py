"""What the batches of a read tell beside their rows, added up.

Layer: above `staged`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import polars as pl
import pyarrow as pa

from sessionkit.doubts import Doubt
from sessionkit.rejecting import contenders
from sessionkit.rules import RULES
from sessionkit.staged import DOUBTS, Staged

DROPPED = pl.Schema({"record": pl.Int64, "survivor": pl.Int64, "is_older": pl.Boolean})
"""Records with the one that is kept and says the same; if it `is_older`, no doubt of it counts."""


@dataclass
class Told:
    """What there is to tell of a read.

    Attributes:
        lists: Which applications have sessions in which files.
        fates: How many records of a file became a `session` (`changed` where it was known before,
            in another version), a `repeat` or `older`.
        rejects: How many records of a file were rejected.
        effects: How many rows of effects were taken from an export of effects.
        contenders: The rejected records whose session is known.
        dropped: Records that are not of the current version, or not kept, as `DROPPED`.
        doubts: What was found in records and in choosing between them, as `DOUBTS`.
    """

    unknown: Counter[tuple[str, str]] = field(default_factory=Counter)
    sentinels: Counter[str] = field(default_factory=Counter)
    records: Counter[str] = field(default_factory=Counter)
    dialects: set[tuple[str, str]] = field(default_factory=set)
    beside: set[tuple[str, str]] = field(default_factory=set)
    effects: Counter[str] = field(default_factory=Counter)
    lists: set[tuple[str, int]] = field(default_factory=set)
    fates: Counter[tuple[str, str]] = field(default_factory=Counter)
    rejects: Counter[str] = field(default_factory=Counter)
    contenders: list[pa.Table] = field(default_factory=lambda: [contenders([])])
    dropped: list[pl.DataFrame] = field(default_factory=lambda: [pl.DataFrame(schema=DROPPED)])
    doubts: pa.Table = field(default_factory=DOUBTS.empty_table)

    def add(self, staged: Staged) -> None:
        """Take in what one batch told."""
        self.unknown.update(staged.unknown)
        self.sentinels.update(staged.sentinels)
        self.records.update(staged.records)
        self.dialects |= staged.dialects
        self.beside |= staged.beside
        self.effects.update(staged.effects)
        self.rejects.update(reject.source_file for reject in staged.rejects)
        if staged.rejects:
            self.contenders.append(contenders(staged.rejects))
        sessions = staged.tables["sessions"].select(["source_file", "application_id"])
        pairs = pl.DataFrame(pl.from_arrow(sessions)).unique()
        self.lists |= set(pairs.iter_rows())


_SAYS = ("record", "rule", "path", "expected", "seen")


def doubts_kept(doubts: pl.DataFrame, dropped: pl.DataFrame) -> pl.DataFrame:
    """The doubts of records that count, by the record that is kept.

    Of records that say the same one is kept, and has the doubts of all; one that several of them
    have once each it has once.

    Args:
        doubts: As `DOUBTS`, by the records that were read.
        dropped: As `DROPPED`.

    Example:
        >>> both = [Doubt("missing-total", "total", None, None, "a", record) for record in (4, 5)]
        >>> doubts = pl.DataFrame(pl.from_arrow(doubts_table(both)))
        >>> dropped = pl.DataFrame([(5, 4, False)], DROPPED, orient="row")
        >>> doubts_kept(doubts, dropped)["record"].to_list()
        [4]
    """
    if dropped.is_empty():
        return doubts
    shared = pl.concat([dropped["record"], dropped["survivor"]]).unique()
    concerned = pl.col("record").is_in(shared.implode()).fill_null(value=False)
    rest = doubts.filter(~concerned)
    some = doubts.filter(concerned).with_columns(time=pl.int_range(pl.len()).over(_SAYS))
    some = some.join(dropped, on="record", how="left", maintain_order="left")
    some = some.filter(~pl.col("is_older").fill_null(value=False))
    some = some.with_columns(record=pl.coalesce("survivor", "record"))
    some = some.unique([*_SAYS, "time"], keep="first", maintain_order=True)
    return pl.concat([rest, some.select(doubts.columns)])


def doubts_table(doubts: Sequence[Doubt]) -> pa.Table:
    """Doubts as Arrow, as `DOUBTS`.

    Example:
        >>> doubts_table([Doubt("missing-total", "total", None, None, "a.json")])["severity"][0]
        <pyarrow.StringScalar: 'warning'>
    """
    return pa.Table.from_pylist([_row(asdict(doubt)) for doubt in doubts], schema=DOUBTS)


def _row(doubt: dict[str, Any]) -> dict[str, Any]:
    known: dict[str, Any] = {name: doubt.get(name) for name in DOUBTS.names}
    return known | {"severity": RULES[doubt["rule"]].severity}
