"""What a question is compared with: `previous`, `year`, or two periods as users write them.

Layer: inside `questions`, above `moments`; imports `errors` from below.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import MAXYEAR, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sessionkit.errors import UsageError, shown, unknown_name
from sessionkit.questions.moments import Instant, instant_of

PREVIOUS, YEAR = "previous", "year"
"""The ways to compare that need no periods: with the period before, with a year before."""

_MOST = timedelta(days=7)
_PERIOD = re.compile(
    r"(?P<year>[0-9]{4})(?:-Q(?P<quarter>[1-4])|-W(?P<week>[0-9]{2})"
    r"|-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2}))?)?",
    re.ASCII | re.IGNORECASE,
)


class Period(NamedTuple):
    """A stretch of time: since <= t < until; without a bound it is open there."""

    since: datetime | None
    until: datetime | None


Compare = str | Iterable[str | date | tuple[Instant, Instant]]
"""What can be given: `previous`, `year`, or two periods, the earlier one first."""

Compared = str | tuple[Period, Period]
"""The same, read."""


def compared_with(given: object, zone: ZoneInfo) -> Compared | None:
    """Read what a question is to be compared with.

    Args:
        given: `previous` or `year`, or two periods: that of the figures before, and that of the
            figures. A period is text (`2026`, `2026-Q1`, `2026-03`, `2026-W09`, `2026-03-01`, or
            `2026-03-01..2026-03-15`, the end not included), a day, or a pair of since and until.
        zone: Where days begin.

    Returns:
        The name, or the two periods; None for None.

    Raises:
        UsageError: It is none of these.

    Example:
        >>> before, now = compared_with(("2026-01", "2026-02"), ZoneInfo("UTC"))
        >>> before.until == now.since, now.until.isoformat()
        (True, '2026-03-01T00:00:00+00:00')
    """
    if given is None:
        return None
    if isinstance(given, str):
        if given in (PREVIOUS, YEAR):
            return given
        known = (PREVIOUS, YEAR)
        text = unknown_name("value of compare", given, known)
        raise UsageError(f"{text} Or two periods, such as 2026-01 and 2026-02.")
    pair = list(given) if isinstance(given, Iterable) else [given]
    if len(pair) != 2:
        raise UsageError(
            f"compare: expected previous, year, or two periods such as 2026-01 and 2026-02, got "
            f"{shown(given)}."
        )
    before, now = (_period(one, zone) for one in pair)
    return before, now


def complete_in(given: object, zone: ZoneInfo) -> Period | None:
    """Read in which stretch of time exports of effects are complete.

    Args:
        given: True or `all`; since and until, as a pair or as text with `..` between, either of
            which may be missing; None or False: in none.
        zone: Where days begin.

    Raises:
        UsageError: It is none of these.

    Example:
        >>> complete_in(True, ZoneInfo("UTC")), complete_in("2026-01-01..", ZoneInfo("UTC")).until
        (Period(since=None, until=None), None)
    """
    if given is None or given is False:
        return None
    if given is True or given == "all":
        return Period(None, None)
    pair = given.split("..") if isinstance(given, str) else given
    if not isinstance(pair, list | tuple) or len(pair) != 2:
        raise UsageError(
            "effects_complete: expected True, or since and until such as 2026-01-01 and "
            f"2026-02-01, got {shown(given)}."
        )
    bounds = (
        None if one in (None, "") else instant_of("effects_complete", one, zone) for one in pair
    )
    period = Period(*bounds)
    if period.since and period.until and period.since >= period.until:
        raise UsageError(f"effects_complete: what begins at {pair[0]} cannot end at {pair[1]}.")
    return period


def _period(given: object, zone: ZoneInfo) -> Period:
    """Read one period, with both its bounds."""
    if isinstance(given, str) and ".." in given:
        since, _, until = given.partition("..")
        return _bounded(since, until, zone)
    if isinstance(given, str):
        first, next_first = _named(given)
    elif isinstance(given, date) and not isinstance(given, datetime):
        first, next_first = given, given + timedelta(days=1)
    elif isinstance(given, list | tuple) and len(given) == 2:
        return _bounded(given[0], given[1], zone)
    else:
        raise _no_period(given)
    return _bounded(first, next_first, zone)


def _bounded(since: Instant, until: Instant, zone: ZoneInfo) -> Period:
    period = Period(instant_of("compare", since, zone), instant_of("compare", until, zone))
    if period.since >= period.until:  # type: ignore[operator]
        raise UsageError(f"compare: a period that begins at {since} cannot end at {until}.")
    return period


def _named(text: str) -> tuple[date, date]:
    """The first day of a period that is named, and that of the next."""
    found = _PERIOD.fullmatch(text.strip())
    if not found or int(found["year"]) in (0, MAXYEAR):
        raise _no_period(text)
    year = int(found["year"])
    try:
        if found["week"]:
            monday = date.fromisocalendar(year, int(found["week"]), 1)
            return monday, monday + _MOST
        if found["day"]:
            day = date(year, int(found["month"]), int(found["day"]))
            return day, day + timedelta(days=1)
        if found["month"]:
            return date(year, int(found["month"]), 1), month_after(year, int(found["month"]), 1)
    except ValueError as fault:
        raise _no_period(text) from fault
    if found["quarter"]:
        month = int(found["quarter"]) * 3 - 2
        return date(year, month, 1), month_after(year, month, 3)
    return date(year, 1, 1), date(year + 1, 1, 1)


def month_after(year: int, month: int, months: int) -> date:
    """The first day of the month so many months later, or earlier.

    Example:
        >>> month_after(2026, 1, -1)
        datetime.date(2025, 12, 1)
    """
    years, place = divmod(year * 12 + month - 1 + months, 12)
    return date(years, place + 1, 1)


def _no_period(given: object) -> UsageError:
    return UsageError(
        "compare: expected a period such as 2026, 2026-Q1, 2026-03, 2026-W09, 2026-03-01 or "
        f"2026-03-01..2026-03-15, got {shown(given)}."
    )
