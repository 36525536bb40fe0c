"""What a reader of a comparison must know: what is compared with what, and what the data lack.

Layer: inside `questions`, above `comparison`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sessionkit.questions.asked import Asked
from sessionkit.questions.comparison import Comparison
from sessionkit.questions.periods import YEAR, Period
from sessionkit.years import local


def notes_of_comparison(comparison: Comparison, asked: Asked) -> Iterator[str]:
    """Say what is compared with what, and what of it the data do not hold.

    Args:
        comparison: What was worked out.
        asked: What was asked.

    Yields:
        Sentences.
    """
    as_of, period, earliest = comparison.as_of, comparison.period, comparison.earliest
    now, before = comparison.now, comparison.before
    if isinstance(asked.compare, tuple):
        laid = f"; each {period} with the one in its place" if period else ""
        yield f"Compared: {_told(now, asked)}, with {_told(before, asked)}{laid}."
    elif period is None:
        now = now._replace(until=now.until or as_of)
        yield f"Compared: {_told(now, asked)}, with {_told(before, asked)}."
    elif asked.compare == YEAR:
        yield f"Each {period} is compared with the same {period} a year before.{_odd(period)}"
    else:
        yield f"Each {period} is compared with the {period} before it."
    open_end = period is not None or now.until is None or (as_of and as_of < now.until)
    if as_of and open_end and not isinstance(asked.compare, tuple):
        yield (
            f"What is not over by {_moment(as_of, asked)} is compared with as much of what was "
            "before: equal elapsed time, by the clock of tz."
        )
    elif as_of and now.until and as_of < now.until and isinstance(asked.compare, tuple):
        yield f"The data go up to {_moment(as_of, asked)}: the later period is not whole in them."
    if earliest and (period is not None or (before.since and earliest > before.since)):
        yield (
            f"The data begin at {_moment(earliest, asked)}: they hold nothing earlier to compare "
            "with."
        )


def _odd(period: str) -> str:
    odd = {"day": " A 29 February", "week": " A week 53"}.get(period)
    return f"{odd} stands beside none in a year without one." if odd else ""


def _told(period: Period, asked: Asked) -> str:
    return f"since {_moment(period.since, asked)} until {_moment(period.until, asked)}"


def _moment(moment: datetime | None, asked: Asked) -> str:
    if moment is None:
        return "the end"
    text = local(moment, asked.zone).isoformat(sep=" ", timespec="seconds")
    return text.removesuffix(" 00:00:00")
