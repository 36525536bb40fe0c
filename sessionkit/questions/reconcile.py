"""Reconcile: our figures against those of Talon.One's campaign analytics export."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Unpack

import pyarrow as pa

from sessionkit.analytics import FIGURES, AnalyticsSource, read_analytics
from sessionkit.columns import MONEY_TYPE
from sessionkit.database import Source
from sessionkit.errors import UsageError
from sessionkit.questions import causes
from sessionkit.questions.asked import Common, asked_of, shows_common
from sessionkit.questions.prepare import Needs, prepare, tables_of
from sessionkit.questions.workbench import open_bench
from sessionkit.result import Result

_TOLD = {
    "by": "its rows are those of the export",
    "population": "it tells closed sessions with partially returned ones, and without",
    "since": "the export says from when to when",
    "until": "the export says from when to when",
    "time_basis": "Talon.One counts sessions by closed_at",
    "tz": "Talon.One cuts days in UTC",
    "as_of": "the export says from when to when",
    "total_row": "the export has one of its own",
    "compare": "it lays our figures beside Talon.One's",
}
"""The common arguments that it does not take, and why."""

_FIXED = {"time_basis": "closed", "tz": "UTC"}
"""What it takes for granted, and does not mind being told."""

_ZONES = tuple(hours * 60 for hours in range(-12, 15) if hours)
_ZONE_MINUTES = (*_ZONES, -570, -210, 210, 270, 330, 345, 390, 570, 630)
"""How far the clocks of the world are from UTC."""

Sums = dict[tuple[str, int, int], list[Mapping[str, Any]]]
"""Rows of sums, by the row of the export that they are about."""

_INSTANT = pa.timestamp("us", "UTC")
_SCHEMA = pa.schema(
    [
        ("campaign_id", pa.string()),
        ("start_at", _INSTANT),
        ("end_at", _INSTANT),
        ("figure", pa.string()),
        ("basis", pa.string()),
        ("partially_returned", pa.string()),
        ("ours", MONEY_TYPE),
        ("theirs", MONEY_TYPE),
        ("difference", MONEY_TYPE),
        ("agrees", pa.bool_()),
        ("cause", pa.string()),
    ]
)
DEFINITION = {
    "campaign_id": "The row of the export: `Total`, `Influenced`, or a campaign.",
    "start_at": "When the time begins that the row is about: sessions closed from then on.",
    "end_at": "When it ends: sessions closed before then.",
    "figure": "The column of the export.",
    "basis": "What our revenue adds: `total` of sessions, before discounts, additional costs with "
    "it; or `items`, price × quantity. Null where the figure has none.",
    "partially_returned": "Whether partially returned sessions are `in` our figure or `out`. Null "
    "where there is none.",
    "ours": "Our figure: sessions closed in that time by closed_at, in UTC; neither open nor "
    "cancelled now. Of a campaign, those that it holds, and of `Influenced`, those that any holds: "
    "by an effect in their last evaluation that is no webhook, notification, rejection or error. "
    "Coupons: accepted, and not rolled back since. Discounts: by effects on cart items, not on "
    "additional costs, less what was rolled back. Null without effects in all rows but `Total`, "
    "of which Talon.One tells no coupons and discounts; and of money in several currencies. "
    "Averages are rounded to the 18th decimal. In the currency of the application where it is "
    "money.",
    "theirs": "Talon.One's figure; null where the export says N/A.",
    "difference": "ours − theirs.",
    "agrees": "Whether counts are equal, and other figures no further apart than rounding to two "
    "decimals explains (0.005). Null where either is null.",
    "cause": "What closes the gap when our figures are reckoned so: with-partially-returned, "
    "without-partially-returned, items-basis, total-basis, with-cancelled (cancelled after "
    "closing), created-at, updated-at (the last update, of sessions without closed_at), "
    "utc+02:00 and the like (days of that zone), last-day-in (a day longer), net-of-discounts, "
    "lines (not units), application-270 and the like (that one alone). `+`: both. `or`: cannot be "
    "told apart. `unexplained` where nothing does; null where nothing is to be explained.",
}
"""What its columns mean."""


@shows_common
def reconcile(
    source: Source, campaign_analytics: AnalyticsSource, **common: Unpack[Common]
) -> Result:
    r"""Hold our figures against Talon.One's, row by row of its campaign analytics export.

    The export is of one application: name it with `where={"application_id": 270}` where the source
    has several. The rows of campaigns and `Influenced` have a figure of ours where there are
    effects.

    Args:
        source: Tables, a store, or a folder that `flatten` wrote.
        campaign_analytics: The export: a path, a URL, an open file, or several.
        **common: What every question takes; but not what the export itself says: by, population,
            since, until, time_basis, tz, as_of, total_row and compare.

    Returns:
        Rows in the order of the export: one per figure, revenue basis, and with or without
        partially returned sessions. No row for an export without one.

    Raises:
        UsageError: An argument cannot be.
        ReadError: The export cannot be read.
        QueryError: A sum is past 38 digits.

    Example:
        >>> import io
        >>> head = "campaign_id,start_date,end_date,revenue,sessions"
        >>> export = io.StringIO(f"{head}\nTotal,2025-02-01,2025-02-08,0.00,1\n")
        >>> found = reconcile({}, export).table
        >>> found.select(["figure", "theirs", "ours"]).to_pylist()[0]
        {'figure': 'sessions', 'theirs': Decimal('1.000000000000000000'), 'ours': Decimal('0E-18')}
    """
    for name, why in _TOLD.items():
        if common.get(name) not in (None, False, _FIXED.get(name)):
            raise UsageError(f"reconcile takes no {name}: {why}.")
    asked = asked_of({**common, **_FIXED}, (), "all")
    export = read_analytics(campaign_analytics).to_pylist()
    needs = Needs(
        money=False, discounts=False, customers=False, labels_apart=False, now=False, effects=True
    )
    with open_bench(source, tables_of(asked, needs, ())) as bench:
        effects = prepare(bench, asked, needs).effects
        told = [row for row in export if effects or _scope(row) == causes.TOTAL]
        windows = sorted({(_scope(row), row["start_at"], row["end_at"]) for row in told})
        for place, name in enumerate(("window_scopes", "window_starts", "window_ends")):
            bench.keep(name, [window[place] for window in windows])
        bench.keep("zone_minutes", list(_ZONE_MINUTES))
        sums = bench.answer(bench.text_of("reconcile")).to_pylist()
        undated = bench.rows(_UNDATED)[0]["sessions"]
    by_window = _by_window(sums)
    rows = [row for one in export for row in _rows(one, _ways(one, by_window))]
    return Result(
        table=pa.Table.from_pylist(rows, _SCHEMA),
        question="reconcile",
        sql="\n\n".join(bench.said),
        definition=DEFINITION,
        notes=tuple(_notes(export, sums, undated, effects=effects)),
    )


_UNDATED = (
    "select count(*) as sessions from matching "
    "where state in ('closed', 'partially_returned') and closed_at is null"
)
_START = datetime(1970, 1, 1)


def _scope(row: Mapping[str, Any]) -> str:
    """What a row of the export is about: `total`, `influenced`, or the number of a campaign."""
    return str(row["campaign_id"]).strip().lower()


def _by_window(sums: Sequence[Mapping[str, Any]]) -> Sums:
    """The sums by what they are about, and from when to when."""
    found: Sums = defaultdict(list)
    for row in sums:
        which = row["scope"], row["start_microseconds"], row["end_microseconds"]
        found[which].append(row)
    return found


def _ways(one: Mapping[str, Any], sums: Sums) -> dict[causes.Way, Any]:
    """Our figures for a row of the export, in every way; none where they need effects."""
    which = _scope(one), _microseconds(one["start_at"]), _microseconds(one["end_at"])
    found = {}
    for row in sums.get(which, ()):
        for basis in causes.BASES:
            way = causes.Way(basis, row["partially_returned"], causes.change_of(row))
            found[way] = causes.figures_of(row, way)
    return found


def _microseconds(moment: datetime) -> int:
    return (moment.replace(tzinfo=None) - _START) // timedelta(microseconds=1)


def _rows(one: Mapping[str, Any], ways: Mapping[causes.Way, Any]) -> Iterator[dict[str, Any]]:
    """The rows of the answer for a row of the export."""
    head = {name: one[name] for name in ("campaign_id", "start_at", "end_at")}
    told = next(iter(ways.values()), ())
    theirs = {name: None if one[name] is None else Decimal(one[name]) for name in FIGURES}
    for figure in FIGURES:
        if figure not in told:
            yield {**head, "figure": figure, "theirs": theirs[figure]}
            continue
        for basis in causes.BASES if figure in causes.MONEY else (None,):
            for returned in ("in", "out"):
                way = causes.Way(basis or causes.BASES[0], returned, "none")
                shown = {"figure": figure, "basis": basis, "partially_returned": returned}
                yield {**head, **shown, **_held(figure, way, theirs, ways)}


def _held(
    figure: str, way: causes.Way, theirs: causes.Figures, ways: Mapping[causes.Way, Any]
) -> dict[str, Any]:
    """One figure of ours against theirs."""
    mine, its = ways[way][figure], theirs[figure]
    agrees = cause = difference = None
    if its is not None:
        agrees = causes.agrees(figure, mine, its)
        cause = None if agrees else causes.cause_of(figure, way, theirs, ways)
    if mine is not None:
        mine = mine.quantize(Decimal(1).scaleb(-18), context=causes.EXACT)
        difference = None if its is None else causes.EXACT.subtract(mine, its)
    elif not agrees:
        agrees = None
    return {
        "ours": mine,
        "theirs": its,
        "difference": difference,
        "agrees": agrees,
        "cause": cause,
    }


def _notes(
    export: Sequence[Mapping[str, Any]],
    sums: Sequence[Mapping[str, Any]],
    undated: int,
    *,
    effects: bool,
) -> Iterator[str]:
    applications = sorted({row["number"] for row in sums if row["change"] == "application"})
    if applications:
        listed = ", ".join(map(str, applications))
        yield (
            f"The source holds several applications ({listed}), and an export is of one: name it "
            f"with where, such as application_id={applications[0]}."
        )
    if undated:
        yield (
            f"{undated:,} completed session{'s have' if undated > 1 else ' has'} no closed_at: "
            "outside of all windows here, while Talon.One counts them."
        )
    plain = [
        row
        for row in sums
        if (row["scope"], row["change"], row["partially_returned"]) == (causes.TOTAL, "none", "in")
    ]
    for name, what in (("total_known_count", "total"), ("priced_count", "price of every line")):
        lost = sum(row["session_count"] - row[name] for row in plain)
        if lost:
            yield f"The {what} of {lost:,} sessions is not known: revenue is without them."
    if not effects and any(_scope(row) != causes.TOTAL for row in export):
        yield (
            "The rows of campaigns and `Influenced` need effects, of which the source holds none: "
            "they have no figure of ours."
        )
