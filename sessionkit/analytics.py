"""Reading the campaign analytics export: Talon.One's own figures, to hold ours against.

The reader of sessions passes the export over, as it holds none.

Layer: above `sources`, `containers` and `values`; imports nothing that knows of sessions.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import IO, Any, TypeAlias

import pyarrow as pa

from sessionkit.columns import MONEY_TYPE
from sessionkit.containers import recognise
from sessionkit.errors import ReadError, shown
from sessionkit.records import RawRecord
from sessionkit.sources import Found, find, open_bytes
from sessionkit.spellings import folded
from sessionkit.unpacking import BrokenStream
from sessionkit.values import Reading, Unfit, instant, money, whole

AnalyticsSource: TypeAlias = (
    str | os.PathLike[str] | IO[Any] | pa.Table | Iterable[str | os.PathLike[str] | IO[Any]]
)
"""Where the export is: a path, a URL, an open file, or several; or what `read_analytics` gave."""

FIGURES = (
    "sessions",
    "revenue",
    "average_session_value",
    "average_items_per_session",
    "coupons",
    "discounts",
)
"""The figures of the export, as its columns are called."""

COUNTS = ("sessions", "coupons")
"""Those of them that are whole numbers."""

_INSTANT = pa.timestamp("us", "UTC")
SCHEMA = pa.schema(
    [
        ("campaign_id", pa.string()),
        ("start_at", _INSTANT),
        ("end_at", _INSTANT),
        *((name, pa.int64() if name in COUNTS else MONEY_TYPE) for name in FIGURES),
    ]
)
"""The columns that `read_analytics` gives."""

_NAMES = {folded(name): name for name in ("campaign_id", "start_date", "end_date", *FIGURES)}
_NOT_TOLD = ("", "n/a")


def read_analytics(source: AnalyticsSource) -> pa.Table:
    r"""Read campaign analytics exports.

    Args:
        source: Where they are; compressed or not. A table that this function gave is given back.

    Returns:
        One row per row of the exports, in their order; `Total` and `Influenced` are rows among
        those of campaigns. `N/A` is null. Figures are exact.

    Raises:
        ReadError: There is no such file, it is another one, or a cell holds what it cannot.

    Example:
        >>> import io
        >>> head = "campaign_id,start_date,end_date,revenue,sessions,average_session_value,"
        >>> text = head + "average_items_per_session,coupons,discounts\n" + (
        ...     "Total,2025-02-01T00:00:00+00:00,2025-02-07T00:00:00+00:00,20.50,2,10.25,3,N/A,N/A"
        ... )
        >>> read_analytics(io.StringIO(text)).select(["campaign_id", "sessions"]).to_pylist()
        [{'campaign_id': 'Total', 'sessions': 2}]
    """
    if isinstance(source, pa.Table):
        if source.schema.names != SCHEMA.names:
            raise ReadError("campaign analytics: expected what read_analytics gives.")
        return source
    rows = [row for found in find(source) for row in _rows(found)]
    return pa.Table.from_pylist(rows, SCHEMA)


def _rows(found: Found) -> Iterator[dict[str, Any]]:
    with open_bytes(found) as opened:
        try:
            file = recognise(opened, name=found.name)
            if file.export != "campaign_analytics":
                what = f"a {file.export} export" if file.export else "JSON"
                raise ReadError(f"{found.name}: expected a campaign analytics export, got {what}")
            for record in file.records():
                yield _row(record, found.name)
        except BrokenStream as fault:
            raise ReadError(f"{found.name}: {fault}") from fault


def _row(record: RawRecord, name: str) -> dict[str, Any]:
    """One row, by the names of the columns."""
    where = f"{name}, row {record.number}"
    if record.fault is not None or record.cells is None:
        raise ReadError(f"{where}: {record.fault}")
    cells = {_NAMES.get(folded(key.strip())): value for key, value in record.cells.items()}
    row: dict[str, Any] = {"campaign_id": _needed(cells, "campaign_id", where)}
    for column, of in (("start_date", "start_at"), ("end_date", "end_at")):
        row[of] = _moment(_needed(cells, column, where), f"{where}: {column}")
    if row["start_at"] >= row["end_at"]:
        raise ReadError(f"{where}: start_date is not before end_date")
    for figure in FIGURES:
        row[figure] = _figure(figure, (cells.get(figure) or "").strip(), where)
    return row


def _needed(cells: Mapping[str | None, str], column: str, where: str) -> str:
    text = (cells.get(column) or "").strip()
    if not text:
        raise ReadError(f"{where}: {column}: expected a value, got nothing")
    return text


def _moment(text: str, where: str) -> datetime:
    """An instant; without an offset, and as a day, in UTC."""
    written = f"{text}T00:00:00Z" if len(text) == len("2025-02-01") else text
    try:
        found = instant(written, Reading(assume_tz=UTC))
    except Unfit as fault:
        raise ReadError(f"{where}: expected {fault.expected}, got {shown(text)}") from fault
    if found is None:
        raise ReadError(f"{where}: expected a time, got {shown(text)}")
    return found


def _figure(figure: str, text: str, where: str) -> int | Decimal | None:
    if text.lower() in _NOT_TOLD:
        return None
    try:
        return whole(text) if figure in COUNTS else money(text).amount
    except Unfit as fault:
        message = f"{where}: {figure}: expected {fault.expected}, got {shown(text)}"
        raise ReadError(message) from fault
