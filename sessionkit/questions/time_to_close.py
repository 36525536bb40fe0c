"""Time to close: how long sessions took from being created to being closed."""

from __future__ import annotations

from typing import Unpack

import pyarrow as pa
import pyarrow.compute as pc

from sessionkit.database import Source
from sessionkit.questions.asked import Common, shows_common
from sessionkit.questions.question import Own, Question, answer
from sessionkit.questions.words import SESSION_COUNT
from sessionkit.result import Result


@shows_common
def time_to_close(source: Source, **common: Unpack[Common]) -> Result:
    """Say how long sessions took to close, and how many closed within an hour, a day, a month.

    A session that was closed more than once took until it was first closed, as far as its times,
    its versions and the events of its effects tell.

    Args:
        source: Tables, a store, or a folder that `flatten` wrote.
        **common: What every question takes; see `sessionkit.questions.asked.Common`. The
            population is `all`.

    Returns:
        One row per group, null groups last; one row in all without `by`, also where there is no
        session.

    Raises:
        UsageError: An argument cannot be, or names something that there is not; or `as_of` is
            earlier than the data, and nothing tells how a session stood then.

    Example:
        >>> time_to_close({}).table.select(["closed_count", "median_seconds"]).to_pylist()
        [{'closed_count': 0, 'median_seconds': None}]
    """
    return answer(TIME_TO_CLOSE, source, common, Own(notes=_notes, now=True))


def _notes(table: pa.Table) -> tuple[str, ...]:
    untimed = pc.sum(pc.subtract(table["closed_count"], table["timed_count"])).as_py() or 0
    if not untimed:
        return ()
    return (
        "Of some closed sessions the time of closing is not known: the median and the 90th "
        "percentile leave them out, and the shares are lower bounds.",
    )


def _shares() -> dict[str, str]:
    """What the three columns of each length of time mean."""
    told: dict[str, str] = {}
    for name, words in _LENGTHS.items():
        told |= {
            f"closed_within_{name}_count": f"Of those in matured_{name}_count, sessions known to "
            f"have closed within {words} of being created.",
            f"matured_{name}_count": f"Sessions created at least {words} before as_of.",
            f"closed_within_{name}_share": f"closed_within_{name}_count / matured_{name}_count, 0 "
            "to 1; a lower bound where closing times are not known.",
        }
    return told


_LENGTHS = {
    "1_hour": "1 hour",
    "1_day": "1 day (24 hours)",
    "3_days": "3 days",
    "7_days": "7 days",
    "30_days": "30 days",
}

TIME_TO_CLOSE = Question(
    name="time_to_close",
    function=time_to_close,
    summary="How long sessions took to close.",
    grain="group",
    population="all",
    money=False,
    all_states=True,
    witnesses=True,
    then="states",
    columns={
        "session_count": SESSION_COUNT,
        "closed_count": "Sessions that were closed at any time, also if cancelled or reopened "
        "since, by a time, a version, an event or what their state implies.",
        "open_count": "Sessions that are open, and of which nothing tells that they were closed.",
        "cancelled_count": "Sessions that were cancelled, and of which nothing tells that they "
        "were closed; closed_count + open_count + cancelled_count = session_count.",
        "timed_count": "Sessions whose first closing has a time.",
        "median_seconds": "The middle time from created_at to the first closing, of timed_count "
        "sessions, in seconds.",
        "p90_seconds": "The time that nine in ten of them did not need longer than, interpolated, "
        "in seconds.",
        **_shares(),
    },
)
"""The question as data: what it is about, and what its columns mean."""
