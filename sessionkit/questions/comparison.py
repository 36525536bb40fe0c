"""Which sessions are those before: the stretch of time, or how their times move to those of now.

All is reckoned on the local clock of `tz`. What is not over by `as_of` is compared with as much of
the period before (equal elapsed time).

Without a period in `by` there are two stretches of time. With one, each row is compared with the
row of the period before it, or of the same period a year before: a session's time is moved forward
by one period, or a year, and must then lie in the time asked for and not past `as_of`. Two given
periods with a period in `by` are laid over each other, first period on first period.

Layer: inside `questions`, above `periods` and `workbench`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sessionkit.dimensions import Dimension
from sessionkit.errors import UsageError
from sessionkit.questions import moves
from sessionkit.questions.asked import Asked
from sessionkit.questions.periods import YEAR, Period, month_after
from sessionkit.questions.workbench import Workbench
from sessionkit.years import local

_TICK = timedelta(microseconds=1)
_LAST = datetime.max.replace(tzinfo=UTC)
_NOT_TOLD = (
    "compare: {!r} needs to know of which period: give since (and until), or a period such as "
    "month in by, or compare two periods, such as 2026-01 and 2026-02."
)


@dataclass(frozen=True)
class Comparison:
    """What is compared with what.

    Attributes:
        now: When the sessions are from.
        before: When those before are from, or would be if their times were moved.
        as_of: Now.
        earliest: The first instant in the data, by the time asked by.
        period: The period in `by`, if there is one.
        move: How times are moved; None where they are not.
    """

    now: Period
    before: Period
    as_of: datetime | None
    earliest: datetime | None
    period: str | None
    move: moves.Move | None

    def keep_facts(self, bench: Workbench) -> None:
        """Let times be moved later; `facts` is there."""
        if self.move is not None:
            facts = bench.views.pop("facts")
            bench.view("facts_in_time", facts)
            bench.view("facts_to_move", self.move.text)
            bench.view("facts", "select * from facts_in_time")

    def turn(self, bench: Workbench, *, back: bool) -> None:
        """Let the views be about the sessions before, or about those of now again."""
        for name, moment in zip(("since", "until"), self.before if back else self.now, strict=True):
            if moment is None:
                bench.keep_from(name, "null")
            else:
                bench.keep(name, moment)
        if self.move is not None:
            moved = bench.text_of(f"prepared/{self.move.way}")
            bench.view("facts", moved if back else "select * from facts_in_time")


def comparison_of(
    bench: Workbench, asked: Asked, by: Sequence[Dimension], where: Sequence[Dimension]
) -> Comparison | None:
    """Work out what is compared with what; None where nothing is to be.

    Args:
        bench: Where the variable `as_of` is kept.
        asked: What was asked.
        by: The dimensions of the rows.
        where: The dimensions that sessions are filtered by.

    Returns:
        The comparison.

    Raises:
        UsageError: No period can be told, or several could be meant.
    """
    if asked.compare is None:
        return None
    periods = [one.name for one in by if one.is_period]
    if len(periods) > 1:
        raise UsageError(
            f"compare: the rows of one kind of period are compared, by names {len(periods)}: "
            f"{', '.join(periods)}."
        )
    for one in where:
        if one.is_period:
            raise UsageError(
                f"where: {one.name}: what is compared is told by since, until, by and compare; "
                "leave the period out of where."
            )
    period = periods[0] if periods else None
    if period is None and asked.since is None:
        raise UsageError(_NOT_TOLD.format(asked.compare))
    # as numbers, since instants of DuckDB need a package more to become Python's
    found = bench.rows(bench.text_of("prepared/bounds"))[0]
    try:
        return _told(asked, period, _instant(found["as_of"]), _instant(found["earliest"]))
    except UsageError:
        raise
    except (OverflowError, ValueError) as error:
        raise UsageError(
            "compare: expected periods of the years 1 to 9999, got one that goes beyond. Ask for "
            "less with since and until."
        ) from error


def _instant(microseconds: int | None) -> datetime | None:
    if microseconds is None:
        return None
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)


def _told(
    asked: Asked, period: str | None, as_of: datetime | None, earliest: datetime | None
) -> Comparison:
    now = Period(asked.since, asked.until)
    end = None if as_of is None else min(as_of, _LAST - _TICK) + _TICK
    if isinstance(asked.compare, tuple):
        before = asked.compare[0]
        move = None
        if period is not None:
            first, second = (_local(one.since, asked) for one in asked.compare)
            move = moves.laid_over(period, first, second)
        return Comparison(now, before, as_of, earliest, period, move)
    if asked.as_of is not None and end is not None and (now.until is None or end < now.until):
        now = Period(now.since, end)
    if period is not None:
        until = min((one for one in (asked.until, end) if one is not None), default=None)
        bounds = (None if one is None else _bare(one, asked) for one in (asked.since, until))
        move = moves.forward(period, year=asked.compare == YEAR)
        return Comparison(now, Period(*bounds), as_of, earliest, period, move)
    return Comparison(now, _stretch_before(asked, end), as_of, earliest, None, None)


def _stretch_before(asked: Asked, end: datetime | None) -> Period:
    """The stretch of time before, as far as the one asked for is over by `end`."""
    since = _local(asked.since, asked)
    over = since if end is None else max(_local(end, asked), since)
    until = None if asked.until is None else _local(asked.until, asked)
    if asked.compare == YEAR:
        begin = _year_before(since)
        finish = _year_before(over if until is None else min(over, until))
    elif until is None:
        begin, finish = since - (over - since), since
    else:
        begin = _same_length_before(since, until)
        finish = since if over >= until else min(begin + (over - since), since)
    return Period(begin.replace(tzinfo=asked.zone), finish.replace(tzinfo=asked.zone))


def _same_length_before(since: datetime, until: datetime) -> datetime:
    """When a stretch of the same length begins that ends at `since`: whole months are months."""
    midnight = datetime.min.time()
    if all(one.day == 1 and one.time() == midnight for one in (since, until)):
        months = (until.year - since.year) * 12 + until.month - since.month
        return datetime.combine(month_after(since.year, since.month, -months), midnight)
    return since - (until - since)


def _year_before(moment: datetime) -> datetime:
    """The same moment a year before; a 29 February that there is not is the end of the 28th."""
    if (moment.month, moment.day) == (2, 29):
        return datetime(moment.year - 1, 3, 1)
    return moment.replace(year=moment.year - 1)


def _local(moment: datetime | None, asked: Asked) -> datetime:
    """What the local clock shows."""
    assert moment is not None
    return local(moment, asked.zone)


def _bare(moment: datetime, asked: Asked) -> datetime:
    """What the local clock shows, as if it were UTC: moved times are told so."""
    return _local(moment, asked).replace(tzinfo=UTC)
