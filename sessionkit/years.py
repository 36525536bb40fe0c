"""Dates that no calendar names: before the year 1, or after 9999.

Talon.One and Python know none, but SQL works them out: a month before the first, a local time of
the very last instant. Python cannot show them.

Layer: beside `formats`; below `result`.
"""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

_EPOCH = date(1970, 1, 1).toordinal()
_DAYS = (date.min.toordinal() - _EPOCH, date.max.toordinal() - _EPOCH)
_SECONDS = (_DAYS[0] * 86_400, (_DAYS[1] + 1) * 86_400)
_PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000}
"""Times in nanoseconds end in 2262."""


def local(moment: datetime, zone: tzinfo) -> datetime:
    """What the clock of a place shows, without its zone; the calendar's end where that is beyond.

    Example:
        >>> from datetime import UTC
        >>> from zoneinfo import ZoneInfo
        >>> str(local(datetime(2026, 1, 31, 23, tzinfo=UTC), ZoneInfo("Europe/Berlin")))
        '2026-02-01 00:00:00'
        >>> local(datetime.max.replace(tzinfo=UTC), ZoneInfo("Asia/Tokyo")) == datetime.max
        True
    """
    try:
        return moment.astimezone(zone).replace(tzinfo=None)
    except OverflowError:
        return datetime.max if moment.year > 1 else datetime.min


def nameless(column: pa.ChunkedArray | pa.Array) -> Any:
    """Where dates and times lie outside the years 1 to 9999; None where none does.

    Example:
        >>> nameless(pa.array([-800_000, None, 0], pa.date32())).to_pylist()
        [True, None, False]
        >>> nameless(pa.array([date.min, date.max]))
    """
    kind = column.type
    if pa.types.is_date32(kind):
        whole, first, last = column.cast(pa.int32()), *_DAYS
    elif pa.types.is_timestamp(kind) and kind.unit in _PER_SECOND:
        ticks = _PER_SECOND[kind.unit]
        whole, first, last = column.cast(pa.int64()), _SECONDS[0] * ticks, _SECONDS[1] * ticks - 1
    else:
        return None
    # NOTE: comparing with values of Python would make pyarrow import pandas, where there is one.
    ends = pc.min_max(whole).as_py()
    if ends["min"] is None or first <= ends["min"] <= ends["max"] <= last:
        return None
    return pc.or_(pc.less(whole, first), pc.greater(whole, last))


def without_nameless(table: pa.Table) -> pa.Table:
    """A table with null for what `nameless` finds."""
    for place, field in enumerate(table.schema):
        column = table.column(place)
        if (found := nameless(column)) is not None:
            nothing = pa.scalar(None, field.type)
            table = table.set_column(place, field, pc.if_else(found, nothing, column))
    return table
