"""Moving the times of sessions forward, so that a period before falls on the one compared with it.

Layer: inside `questions`; imports nothing else from it.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from sessionkit.dimensions import first_day


class Move(NamedTuple):
    """How times are moved.

    Attributes:
        text: The select that gives the sessions with the local time that they move to, `moved`.
        way: The text in `sql/prepared` that moves them there.
        back: From the first day of a period, `{}`, to that of the period compared with it; null
            where there is none.
    """

    text: str
    way: str
    back: str


_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_DAYS = {"day": 1, "week": 7}


def forward(period: str, *, year: bool) -> Move:
    """Move by one period, or to the same period a year later.

    A time past the end of the next period stays within it. A 29 February falls on the end of the
    28th where months and longer periods are compared; as a day it falls on none. A week is the
    one of the same number; week 53 falls on none in a year without one.
    """
    if year or period == "year":
        moved, back = _BY_YEAR.get(period, (_A_YEAR, "({} - to_months(12))"))
    else:
        step = _step(period)
        start = f"date_trunc('{period}', local_time)"
        moved = (
            f"least({start} + {step} + (local_time - {start}), {start} + {step} + {step} - {_TICK})"
        )
        back = f"({{}} - {step})"
    return Move(_moved(moved), "moved", back)


def laid_over(period: str, before: datetime, now: datetime) -> Move:
    """Move periods by as many as lie between the first ones of two stretches of time."""
    first, second = (first_day(period, one.date()) for one in (before, now))
    step = _between(period, first, second)
    moved = f"date_trunc('{period}', local_time) + {step}"
    return Move(_moved(moved), "laid_over", f"({{}} - {step})")


def _between(period: str, first: date, second: date) -> str:
    if period in _DAYS:
        return f"interval '{(second - first).days}' day"
    months = (second.year - first.year) * 12 + second.month - first.month
    return f"interval '{months}' month"


def _step(period: str) -> str:
    if period in _DAYS:
        return f"interval '{_DAYS[period]}' day"
    return f"interval '{_MONTHS[period]}' month"


def _moved(moved: str) -> str:
    return f"select *, {moved} as moved\nfrom facts_in_time"


_TICK = "interval '0.000001' second"
_LEAP = "month({0}) = 2 and day({0}) = 29"
_A_YEAR = (
    f"if({_LEAP.format('local_time')}, "
    f"date_trunc('day', local_time) + interval '12' month + interval '1' day - {_TICK}, "
    "local_time + interval '12' month)"
)
_BY_YEAR = {
    "day": (
        f"if({_LEAP.format('local_time')}, null, local_time + interval '12' month)",
        "if(month({0}) = 2 and day({0}) = 29, null, {0} - to_months(12))",
    ),
    "week": (
        "local_time + interval '1' day * (case weekofyear(local_time) "
        "when weekofyear(local_time + interval '364' day) then 364 "
        "when weekofyear(local_time + interval '371' day) then 371 end)",
        "({0} - to_days(case weekofyear({0}) "
        "when weekofyear({0} - to_days(364)) then 364 "
        "when weekofyear({0} - to_days(371)) then 371 end))",
    ),
}
"""What is moved by a year, and back again, where it is not just the date with another year."""
