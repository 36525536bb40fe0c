"""Why our figures differ from Talon.One's: what closes the gap when it is reckoned so, too.

Layer: inside `questions`; imports `analytics` from below.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any, NamedTuple

from sessionkit.analytics import COUNTS, FIGURES

EXACT = Context(prec=80, rounding=ROUND_HALF_EVEN)
"""Wide enough for any sum of sessions, and for ratios finer than anybody writes them."""

TOLERANCE = Decimal("0.005")
"""How far a figure may be off that is written with two decimals."""

MONEY = ("revenue", "average_session_value")
"""Those of them that have a basis: totals, or items alone."""

BASES = ("total", "items")

TOTAL = "total"
"""The row of the export that sessions alone can answer, without regard to case."""

_MOST = 3
_CODES = {
    ("basis", "items"): "items-basis",
    ("basis", "total"): "total-basis",
    ("partially_returned", "in"): "with-partially-returned",
    ("partially_returned", "out"): "without-partially-returned",
}
_CONCERNS = {
    "items-basis": MONEY,
    "total-basis": MONEY,
    "net-of-discounts": MONEY,
    "lines": ("average_items_per_session",),
}
"""The figures that a change can make differ, where it is not all of them."""

UNEXPLAINED = "unexplained"


class Way(NamedTuple):
    """One way to reckon: which revenue, which sessions, and what else is different."""

    basis: str
    partially_returned: str
    change: str


Figures = Mapping[str, Decimal | None]


def change_of(row: Mapping[str, Any]) -> str:
    """What a change is called; a zone and an application by which it is.

    Example:
        >>> change_of({"change": "zone", "number": -210}), change_of({"change": "none"})
        ('utc-03:30', 'none')
    """
    change: str = row["change"]
    if change == "application":
        return f"application-{row['number']}"
    if change != "zone":
        return change
    hours, minutes = divmod(abs(row["number"]), 60)
    return f"utc{'+' if row['number'] > 0 else '-'}{hours:02}:{minutes:02}"


def figures_of(row: Mapping[str, Any], way: Way) -> dict[str, Decimal | None]:
    """The figures in one way; averages to the 18th decimal, null of no session.

    Of all sessions Talon.One tells no coupons and no discounts.
    """
    count = row["session_count"]
    revenue = row["items_revenue" if way.basis == "items" else "revenue"]
    if way.change == "net-of-discounts":
        all_known = row["discount_known_count"] == count
        told = all_known and revenue is not None
        revenue = EXACT.subtract(revenue, row["discounts"]) if told else None
    units = row["line_count" if way.change == "lines" else "unit_count"]
    told = {
        "sessions": Decimal(count),
        "revenue": revenue,
        "average_session_value": _ratio(revenue, count),
        "average_items_per_session": _ratio(units, count),
    }
    if row["scope"] != TOTAL:
        told |= {"coupons": Decimal(row["coupon_count"]), "discounts": row["items_discounts"]}
    return told


def _ratio(above: Decimal | int | None, below: int) -> Decimal | None:
    if above is None or not below:
        return None
    return EXACT.divide(Decimal(above), Decimal(below))


def agrees(figure: str, ours: Decimal | None, theirs: Decimal | None) -> bool:
    """Whether two figures are the same as far as they are written.

    An average of no session is nothing to us, and may be 0 to them.
    """
    if ours is None or theirs is None:
        return ours is None and (theirs is None or (figure.startswith("average") and not theirs))
    apart = abs(EXACT.subtract(ours, theirs))
    return not apart if figure in COUNTS else apart <= TOLERANCE


def cause_of(figure: str, way: Way, theirs: Figures, ways: Mapping[Way, Figures]) -> str:
    """Name what closes the gap of a figure.

    Best is a way in which all figures of the row agree, with the fewest changes. Without one, a
    single change will do that closes the gap of this figure, if it is the only one that does;
    another zone is too vague for that.

    Args:
        figure: Which.
        way: The way in which it does not agree.
        theirs: All figures of the row.
        ways: All figures in every way.

    Returns:
        The codes of the changes with `+` between, alternatives with ` or `; `unexplained`.
    """
    told = [name for name in ways[way] if theirs[name] is not None]
    closing = [
        other
        for other, ours in ways.items()
        if all(agrees(name, ours[name], theirs[name]) for name in told)
    ]
    named = _fewest(_changes(figure, way, other) for other in closing)
    if not named:
        alone = [
            other
            for other, ours in ways.items()
            if agrees(figure, ours[figure], theirs[figure]) and not other.change.startswith("utc")
        ]
        named = _fewest(_changes(figure, way, other) for other in alone)
        named = named if len(named) == 1 and len(named[0]) == 1 else []
    return " or ".join("+".join(one) for one in named[:_MOST]) or UNEXPLAINED


def _changes(figure: str, way: Way, other: Way) -> tuple[str, ...]:
    """What must be different for the other way, as far as it concerns the figure."""
    codes = [
        _CODES[name, getattr(other, name)]
        for name in ("basis", "partially_returned")
        if getattr(way, name) != getattr(other, name)
    ]
    codes += [] if other.change == "none" else [other.change]
    return tuple(code for code in codes if figure in _CONCERNS.get(code, FIGURES))


def _fewest(several: Iterable[Sequence[str]]) -> list[Sequence[str]]:
    """The shortest of them, each once; none without a change."""
    found = [one for one in dict.fromkeys(tuple(each) for each in several) if one]
    least = min(map(len, found), default=0)
    return [one for one in found if len(one) == least]
