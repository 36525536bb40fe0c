"""Dates that no calendar names: before the year 1, or after 9999.

Talon.One and Python know none, but SQL works them out: a month before the first, a local time of
the very last instant. Python cannot show them.

Layer: beside `formats`; below `result`.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc


def local(moment: datetime, zone: tzinfo) -> datetime:
    """What the clock of a place shows, without its zone; the calendar's end where that is beyond.

    Example:
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
    if pa.types.is_date(kind):
        ends = [pa.scalar(each, kind) for each in (date.min, date.max)]
    elif pa.types.is_timestamp(kind) and kind.unit != "ns":  # those end in 2262
        zone = UTC if kind.tz else None
        last = datetime.max if kind.unit == "us" else datetime.max.replace(microsecond=0)
        ends = [pa.scalar(each.replace(tzinfo=zone), kind) for each in (datetime.min, last)]
    else:
        return None
    found = pc.or_(pc.less(column, ends[0]), pc.greater(column, ends[1]))
    return found if pc.any(found).as_py() else None


def without_nameless(table: pa.Table) -> pa.Table:
    """A table with null for what `nameless` finds."""
    for place, field in enumerate(table.schema):
        column = table.column(place)
        if (found := nameless(column)) is not None:
            nothing = pa.scalar(None, field.type)
            table = table.set_column(place, field, pc.if_else(found, nothing, column))
    return table
