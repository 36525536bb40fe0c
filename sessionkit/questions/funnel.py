"""Funnel: how far sessions came: created, closed, kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Unpack

import pyarrow as pa

from sessionkit.database import Source
from sessionkit.questions.asked import Common, shows_common
from sessionkit.questions.moments import length_of
from sessionkit.questions.question import Own, Question, answer
from sessionkit.questions.workbench import Workbench
from sessionkit.result import Result


@shows_common
def funnel(
    source: Source, *, window: str | timedelta | None = None, **common: Unpack[Common]
) -> Result:
    """Say how far sessions came: created, closed, kept.

    The unit is the session. A session is kept when it was closed and is neither cancelled nor
    reopened; one that was returned in part is kept, and shown beside. A closing is observed by
    its time, by another version of the session that was closed, or by the event of an effect.
    What only the state implies is `inferred`; what nothing tells is `unknown`, so that
    `from_first` is a lower bound and `from_first_high` the upper one.

    For an earlier `as_of` the sessions created by then count, as the last version, time or event
    by then shows them; of every one of them there must be something to tell.

    Args:
        source: Tables, a store, or a folder that `flatten` wrote.
        window: Count who reached a step within so long of being created, such as `"7d"`; without
            it `matured` and `conversion_rate` are null.
        **common: What every question takes; see `sessionkit.questions.asked.Common`. The
            population is `all`.

    Returns:
        Three rows per group, in the order of the steps; null groups last.

    Raises:
        UsageError: An argument cannot be, or names something that there is not; or `as_of` is
            earlier than the data, and nothing tells how a session stood then.

    Example:
        >>> funnel({}).table.select(["step", "name", "reached"]).to_pylist()[1]
        {'step': 2, 'name': 'closed', 'reached': 0}
    """
    length = None if window is None else length_of("window", window)

    now = length is not None or common.get("as_of") is not None

    def keep(bench: Workbench) -> None:
        bench.keep("has_window", length is not None)
        bench.keep("window_us", None if length is None else length // timedelta(microseconds=1))
        if length:
            bench.prepared("before_window", once=True)
        bench.keep_from("matured_before", _BEFORE if length else "null")

    own = Own(keep=keep, notes=_notes if length else _no_notes, now=now)
    return answer(FUNNEL, source, common, own)


_BEFORE = "(select moment from before_window)"


def _notes(table: pa.Table) -> tuple[str, ...]:
    return (
        "conversion_rate counts only sessions whose closing time is known: where some are "
        "inferred or unknown it is a lower bound.",
    )


def _no_notes(table: pa.Table) -> tuple[str, ...]:
    return ()


FUNNEL = Question(
    name="funnel",
    function=funnel,
    summary="How far sessions came: created, closed, kept.",
    grain="step and group",
    population="all",
    money=False,
    all_states=True,
    witnesses=True,
    then="states",
    columns={
        "step": "The place of the step, from 1.",
        "name": "`created`; `closed`: closed at any time; `kept`: closed, and neither cancelled "
        "nor reopened by as_of.",
        "entered": "Sessions that reached step 1: all of the group.",
        "reached": "Sessions that reached the step: observed + inferred.",
        "unknown": "Sessions of which nothing tells whether they reached the step: cancelled, with "
        "no time, version or event to tell whether they were closed.",
        "from_previous": "reached / reached of the step before, 0 to 1.",
        "from_first": "reached / entered, 0 to 1; a lower bound where there are unknown ones.",
        "from_first_high": "(reached + unknown) / entered, 0 to 1: the upper bound.",
        "dropped": "Sessions that reached the step before and can no longer reach this one: "
        "reached of the step before − reached − in_progress − unknown.",
        "in_progress": "Sessions that reached the step before and can still reach this one.",
        "matured": "Sessions created at least the window before as_of; null without a window.",
        "conversion_rate": "Matured sessions that reached the step inside the window / matured, "
        "0 to 1; null without a window.",
        "median_seconds": "The middle time from created_at to the first known closing (at `kept`: "
        "to the last), of sessions that reached the step and tell it, in seconds; 0 at step 1.",
        "p90_seconds": "The time that nine in ten of them did not need longer than, interpolated, "
        "in seconds.",
        "observed": "Sessions that reached the step by a time, another version or an event.",
        "inferred": "Sessions that reached the step by what their last state implies: reached − "
        "observed.",
        "partially_returned": "Sessions returned in part among those kept; null at other steps.",
    },
)
"""The question as data: what it is about, and what its columns mean."""
