"""Outcomes: how sessions ended, or did not."""

from __future__ import annotations

from datetime import timedelta
from typing import Unpack

from sessionkit.database import Source
from sessionkit.questions.asked import Common, shows_common
from sessionkit.questions.moments import length_of
from sessionkit.questions.question import Own, Question, answer
from sessionkit.questions.words import GROSS, GROUP_SESSION_COUNT, SESSION_COUNT
from sessionkit.questions.workbench import Workbench
from sessionkit.result import Result


@shows_common
def outcomes(
    source: Source, *, timeout: str | timedelta | None = None, **common: Unpack[Common]
) -> Result:
    """Say how sessions ended: kept, returned, revoked, cancelled, or not yet.

    Whether a cancelled session was closed before is told by its times, by older versions of it,
    and by the events of its effects. For an earlier `as_of` the sessions created by then count,
    as the last version, time or event by then shows them; every one of them must have a version
    from then, as its amounts are those of that version.

    Args:
        source: Tables, a store, or a folder that `flatten` wrote.
        timeout: Open sessions untouched for so long before `as_of` are idle, such as `"30d"`;
            without it there is no such outcome, and `abandoned` is null.
        **common: What every question takes; see `sessionkit.questions.asked.Common`. The
            population is `all`.

    Returns:
        One row per group and outcome, the best first; all outcomes, also with no session.

    Raises:
        UsageError: An argument cannot be, or names something that there is not; or `as_of` is
            earlier than the data, and nothing tells how a session stood then.
        QueryError: A sum is past 38 digits.

    Example:
        >>> outcomes({}).table["outcome"].to_pylist()[:3]
        ['kept_whole', 'partially_returned', 'revoked']
    """
    length = None if timeout is None else length_of("timeout", timeout)

    def keep(bench: Workbench) -> None:
        bench.keep("has_timeout", length is not None)
        bench.keep("timeout_us", None if length is None else length // timedelta(microseconds=1))
        bench.prepared("before_timeout", once=True)
        bench.keep_from("idle_before", "(select moment from before_timeout)")
        bench.prepared("ends")

    return answer(OUTCOMES, source, common, Own(keep=keep, now=True))


OUTCOMES = Question(
    name="outcomes",
    function=outcomes,
    summary="How sessions ended: kept, returned, revoked, cancelled, or not yet.",
    grain="outcome and group",
    population="all",
    all_states=True,
    witnesses=True,
    then="amounts",
    columns={
        "outcome": "`kept_whole`: closed; `partially_returned`; `revoked`: cancelled after "
        "closing, by a time, an older version or an event; `cancelled_open`: cancelled, never "
        "closed; `cancelled_unknown`: cancelled, and nothing tells whether it was closed; `idle`: "
        "open and untouched since the timeout, by updated_at, else created_at; `in_progress`: "
        "open.",
        "session_count": SESSION_COUNT,
        "group_session_count": GROUP_SESSION_COUNT,
        "share": "session_count / group_session_count, 0 to 1.",
        "gross_total": GROSS,
        "median_age_seconds": "The middle time from created_at to as_of, in seconds.",
        "abandoned": "Sessions cancelled_open or idle in the group, the same in each of its rows; "
        "null without a timeout.",
    },
)
"""The question as data: what it is about, and what its columns mean."""
