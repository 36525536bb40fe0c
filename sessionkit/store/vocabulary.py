"""The words that a load brings, noted as its batches pass, so that drift can be told afterwards.

A key of a record is noted where it holds something: JSON may write a member that is null, or leave
it out, and a column of a CSV file may be empty.

Layer: inside `store`, above `layout`; imports `staged` and `told` from below.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from sessionkit.columns import Column, Kind, Table
from sessionkit.database import Connection
from sessionkit.lifecycle import OPEN
from sessionkit.sql import text_of
from sessionkit.staged import Staged
from sessionkit.tables import ATTRIBUTES, CART_ITEMS, DISCOUNTS, SESSIONS
from sessionkit.told import Told

LINES = "cartItems[]"
"""Where the lines of a cart stand in a record."""

_WORDS = pl.Schema(
    {
        "what": pl.String,
        "application_id": pl.Int64,
        "dialect": pl.String,
        "name": pl.String,
        "type": pl.String,
        "count": pl.Int64,
    }
)
_PERIODS = pl.Schema(
    {
        "application_id": pl.Int64(),
        "dialect": pl.String(),
        "record_count": pl.Int64(),
        "line_count": pl.Int64(),
        "first_created_at": pl.Datetime("us", "UTC"),
        "last_created_at": pl.Datetime("us", "UTC"),
    }
)
_WHOSE = ("application_id", "dialect")
_LIFE = ("integration_id", "state", "created_at")


def _told(table: Table, before: str = "") -> dict[str, Column]:
    """The columns for the keys that a row may lack."""
    return {
        f"{before}{column.path}": column
        for column in table.columns
        if column.path and column.path[0] not in "^#$" and column.kind is not Kind.JSON
        if column.nullable or column.kind is Kind.TEXTS
    }


_OF_SESSIONS = _told(SESSIONS)
_OF_LINES = _told(CART_ITEMS, f"{LINES}.")


class Vocabulary:
    """What the batches of one load hold, as they pass."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection
        self._words = [pl.DataFrame(schema=_WORDS)]
        self._periods = [pl.DataFrame(schema=_PERIODS)]
        connection.execute(text_of("store/seen_open"))

    def noted(self, batches: Iterable[Staged]) -> Iterator[Staged]:
        """The batches, unchanged; what they hold is noted."""
        for staged in batches:
            self._note(staged.tables)
            yield staged

    def keep(self, load: int, first: int, told: Told) -> None:
        """Put what was noted into the store.

        Args:
            load: The number of the load.
            first: The number of its first record.
            told: What else its batches told.
        """
        words = pl.concat([*self._words, _unknown(told)])
        words = words.group_by([name for name in _WORDS if name != "count"]).agg(pl.sum("count"))
        self._add("vocabulary", load, words.filter(pl.col("count") > 0).sort(list(_WORDS)))
        self._add("periods", load, _summed(pl.concat(self._periods)))
        for statement in ("new_labels", "new_coupons"):
            self._db.execute(text_of(f"store/{statement}"), {"load": load, "first": first})
        self._db.execute(text_of("store/forget_seen"))
        self._db.execute(text_of("store/add_seen"), {"load": load})

    def _add(self, name: str, load: int, rows: pl.DataFrame) -> None:
        self._db.register("arrived", rows.with_columns(load=pl.lit(load)).to_arrow())
        self._db.execute(f"insert into kept.{name} by name from arrived")
        self._db.unregister("arrived")

    def _note(self, tables: dict[str, pa.Table]) -> None:
        sessions = _marked(tables, SESSIONS, _OF_SESSIONS, ("record", *_WHOSE, *_LIFE))
        if sessions.is_empty():
            return
        discounts = _marked(tables, DISCOUNTS, {}, ("record",))
        sessions = sessions.with_columns(
            discounts=pl.col("record").is_in(discounts["record"].unique().implode())
        )
        lines = _marked(tables, CART_ITEMS, _OF_LINES, ("record",))
        lines = lines.join(sessions.select("record", *_WHOSE), on="record")
        self._words += [
            _counted(sessions, [*_OF_SESSIONS, "discounts"]),
            _counted(lines, list(_OF_LINES)),
            _attributes(
                _marked(tables, ATTRIBUTES, {}, ("application_id", "line", "name", "kind"))
            ),
            _states(sessions),
        ]
        self._periods.append(_period(sessions, lines))
        keys = sessions.filter(pl.col("state") == OPEN).select("application_id", "integration_id")
        self._db.register("arrived", keys.to_arrow())
        self._db.execute("insert into seen_open from arrived")
        self._db.unregister("arrived")


def _marked(
    tables: dict[str, pa.Table], table: Table, told: dict[str, Column], beside: Sequence[str]
) -> pl.DataFrame:
    """Rows of a table: whether each key holds something, and some columns beside."""
    rows = tables[table.name]
    marks = {name: _holds(rows[column.name], column) for name, column in told.items()}
    marked = pa.table({name: rows[name] for name in beside} | marks)
    return pl.DataFrame(pl.from_arrow(marked))


def _holds(values: pa.ChunkedArray, column: Column) -> pa.ChunkedArray:
    if column.kind is Kind.TEXTS:
        return pc.greater(pc.fill_null(pc.list_value_length(values), 0), 0)
    return pc.is_valid(values)


def _counted(rows: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    counts = rows.group_by(_WHOSE).agg(pl.sum(*names))
    words = counts.unpivot(index=list(_WHOSE), variable_name="name", value_name="count")
    return _as_words("member", words)


def _attributes(rows: pl.DataFrame) -> pl.DataFrame:
    on_line = pl.col("line").is_not_null()
    words = rows.group_by("application_id", "name", "kind", line=on_line).len("count")
    place = pl.when("line").then(pl.lit(f"{LINES}.attributes.")).otherwise(pl.lit("attributes."))
    return _as_words("attribute", words.with_columns(name=place + pl.col("name"), type="kind"))


def _states(sessions: pl.DataFrame) -> pl.DataFrame:
    words = sessions.group_by("application_id", name="state").len("count")
    return _as_words("state", words)


def _as_words(what: str, rows: pl.DataFrame) -> pl.DataFrame:
    missing = [name for name in _WORDS if name not in rows.columns and name != "what"]
    full = rows.with_columns(pl.lit(None).alias(name) for name in missing)
    return full.select(pl.lit(what).alias("what"), *list(_WORDS)[1:]).cast(_WORDS)


def _period(sessions: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    counted = lines.group_by(_WHOSE).len("line_count")
    periods = sessions.group_by(_WHOSE).agg(
        record_count=pl.len(),
        first_created_at=pl.min("created_at"),
        last_created_at=pl.max("created_at"),
    )
    joined = periods.join(counted, on=_WHOSE, how="left").with_columns(
        pl.col("line_count").fill_null(0)
    )
    return joined.select(*_PERIODS).cast(_PERIODS)


def _summed(periods: pl.DataFrame) -> pl.DataFrame:
    return (
        periods.group_by(_WHOSE)
        .agg(
            pl.sum("record_count", "line_count"),
            pl.min("first_created_at"),
            pl.max("last_created_at"),
        )
        .sort(_WHOSE)
    )


def _unknown(told: Told) -> pl.DataFrame:
    """The keys that the model does not know, by dialect where a file has one."""
    dialects: dict[str, set[str]] = {}
    for file, dialect in told.dialects:
        dialects.setdefault(file, set()).add(dialect)
    rows = [
        {
            "dialect": next(iter(found)) if len(found := dialects.get(file, set())) == 1 else None,
            "name": path,
            "count": count,
        }
        for (file, path), count in told.unknown.items()
    ]
    return _as_words(
        "member", pl.DataFrame(rows, {key: _WORDS[key] for key in ("dialect", "name", "count")})
    )
