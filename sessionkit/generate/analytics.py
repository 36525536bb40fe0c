"""Campaign analytics exports about the made-up sessions, as Talon.One would write them.

One that agrees with what the dumps tell, for each application; and, among defects, one of whose
rows each was reckoned in another way, or is wrong.

Only the CSV export tells when sessions were closed, so that without it there is nothing to export.

Layer: above `witness`; of the package, imports `lifecycle`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any, NamedTuple

from sessionkit.generate.calendar import END, START
from sessionkit.generate.facts import NOTHING, WIDE, as_read, items_total, plain
from sessionkit.generate.overlaps import Sighting
from sessionkit.generate.telling import CSV_EXPORT
from sessionkit.generate.witness import Told
from sessionkit.lifecycle import CANCELLED, CLOSED, OPEN, PARTIALLY_RETURNED

FOLDER = "campaign_analytics"
_HEADER = (
    "campaign_id,start_date,end_date,revenue,sessions,average_session_value,"
    "average_items_per_session,coupons,discounts"
)
_MONTHS = tuple(
    (datetime(2026, month, 1, tzinfo=UTC), datetime(2026, month + 1, 1, tzinfo=UTC))
    for month in (1, 2, 3, 4)
)
_WHOLE = (START, END)
_NONE, _WRONG = "none", "unexplained"
_WAYS = (
    "without-partially-returned",
    "items-basis",
    "with-cancelled",
    "created-at",
    "utc+02:00",
    "last-day-in",
    "net-of-discounts",
    "lines",
    _WRONG,
)
"""How the rows of the export that differs are reckoned, one after the other."""

_AMISS = Decimal("12.34")
_CENT = Decimal("0.01")

Window = tuple[datetime, datetime]


class Sums:
    """What the sessions of a window add up to."""

    def __init__(self) -> None:
        self.sessions = self.units = self.unknown = 0
        self.revenue = NOTHING

    def written(self) -> dict[str, Any]:
        """As JSON, exact."""
        revenue = plain(self.revenue)
        return {"sessions": self.sessions, "revenue": revenue, "units": self.units}


class _Counted(NamedTuple):
    """What counts of a session in some way."""

    instant: datetime | None
    revenue: Decimal | None
    units: int


class Ledger:
    """Adds sessions up, in every way and window, while they are written."""

    def __init__(self) -> None:
        self.sums: defaultdict[tuple[int, Window, str], Sums] = defaultdict(Sums)

    def add(self, told: Told, sightings: Sequence[Sighting]) -> None:
        """Add a session."""
        if told.version.state == OPEN:
            return
        closed_at = _closed_at(told, sightings)
        for way in (_NONE, *_WAYS):
            counted = _counted(told, closed_at, way)
            if counted is None or counted.instant is None:
                continue
            longer = timedelta(days=way == "last-day-in")
            for window in (_WHOLE, *_MONTHS):
                if window[0] <= counted.instant < window[1] + longer:
                    self._add(told, window, way, counted)

    def _add(self, told: Told, window: Window, way: str, counted: _Counted) -> None:
        sums = self.sums[told.session.application.number, window, way]
        sums.sessions += 1
        sums.units += counted.units
        sums.revenue = WIDE.add(sums.revenue, counted.revenue or NOTHING)
        sums.unknown += way == "net-of-discounts" and told.discount_total is None

    def write(self, out: Path, *, defects: bool) -> list[dict[str, Any]]:
        """Write the exports into a folder; give what is true of each row."""
        out.mkdir(parents=True, exist_ok=True)
        numbers = sorted({number for number, _, _ in self.sums})
        truth = [self._file(out, number, "", [(_WHOLE, _NONE)]) for number in numbers]
        if defects:
            rows = [(_MONTHS[place % 4], way) for place, way in enumerate(_WAYS)]
            truth += [self._file(out, number, "_differs", rows) for number in numbers]
        return truth

    def _file(
        self, out: Path, number: int, ending: str, rows: Sequence[tuple[Window, str]]
    ) -> dict[str, Any]:
        name = f"{number}{ending}.csv"
        lines, truth = [_HEADER], []
        for window, way in rows:
            theirs, ours = self.sums[number, window, way], self.sums[number, window, _NONE]
            lines.append(",".join(_cells(window, theirs, wrong=way == _WRONG)))
            truth.append(
                {"start_at": window[0].isoformat(), "end_at": window[1].isoformat()}
                | ours.written()
                | {"cause": _cause(way, theirs, ours)}
            )
        (out / name).write_bytes("".join(f"{line}\n" for line in lines).encode())
        return {"file": f"{FOLDER}/{name}", "application_id": number, "rows": truth}


def _closed_at(told: Told, sightings: Sequence[Sighting]) -> datetime | None:
    """When the session was closed, as far as any record tells it."""
    seen = (
        told.session.versions[sighting.place].closed_at
        for sighting in sightings
        if sighting.file.telling is CSV_EXPORT
    )
    return next((moment.replace(microsecond=0) for moment in seen if moment), None)


def _counted(told: Told, closed_at: datetime | None, way: str) -> _Counted | None:
    """What counts of a session in a way; None if it does not count."""
    version = told.version
    states = {CLOSED, PARTIALLY_RETURNED}
    states -= {PARTIALLY_RETURNED} if way == "without-partially-returned" else set()
    states |= {CANCELLED} if way == "with-cancelled" else set()
    if version.state not in states:
        return None
    instant = told.session.created if way == "created-at" else closed_at
    if instant and way.startswith("utc"):
        instant += timedelta(hours=2)
    total = None if version.total is None else as_read(version.total)
    revenue = items_total(version.lines) if way == "items-basis" else total
    if way == "net-of-discounts":
        revenue = WIDE.subtract(total or NOTHING, told.discount_total or NOTHING)
    lines = [1 if way == "lines" else line.quantity for line in version.lines]
    return _Counted(instant, revenue, sum(lines))


def _cause(way: str, theirs: Sums, ours: Sums) -> str | None:
    """Why the row differs; None where it does not after all."""
    if way != _WRONG and theirs.written() == ours.written():
        return None
    return _WRONG if theirs.unknown else way


def _cells(window: Window, sums: Sums, *, wrong: bool) -> Iterator[str]:
    count = sums.sessions + 7 * wrong
    revenue = WIDE.add(sums.revenue, _AMISS * wrong)
    yield "Total"
    yield from (moment.isoformat() for moment in window)
    yield _two_decimals(revenue)
    yield str(count)
    for above in (revenue, Decimal(sums.units)):
        yield _two_decimals(WIDE.divide(above, Decimal(count)) if count else NOTHING)
    yield from ("N/A", "N/A")


def _two_decimals(amount: Decimal) -> str:
    return str(amount.quantize(_CENT, rounding=ROUND_HALF_UP, context=WIDE))
