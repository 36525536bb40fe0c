"""States: where sessions stand, and what they were worth."""

from __future__ import annotations

from typing import Unpack

from sessionkit.database import Source
from sessionkit.questions.asked import Common, shows_common
from sessionkit.questions.question import Question, answer
from sessionkit.questions.words import GROSS, GROUP_SESSION_COUNT, SESSION_COUNT
from sessionkit.result import Result


@shows_common
def states(source: Source, **common: Unpack[Common]) -> Result:
    """Say how many sessions are in each state, and what they were worth.

    An export holds the last state only: this counts where sessions stand, not who passed through.

    Args:
        source: Tables, a store, or a folder that `flatten` wrote.
        **common: What every question takes; see `sessionkit.questions.asked.Common`. The
            population is `all`; `state` in `by` changes nothing.

    Returns:
        One row per group and state, in the order of the life cycle; all four states, also those
        that no session is in.

    Raises:
        UsageError: An argument cannot be, or names something that there is not.
        QueryError: A sum is past 38 digits.

    Example:
        >>> states({}).table["state"].to_pylist()
        ['open', 'closed', 'partially_returned', 'cancelled']
    """
    return answer(STATES, source, common)


STATES = Question(
    name="states",
    function=states,
    summary="How many sessions are in each state.",
    grain="state and group; all four states, also with no session",
    population="all",
    own=("state",),
    all_states=True,
    compares=True,
    rates=("share",),
    columns={
        "state": "The state that the sessions are in.",
        "session_count": SESSION_COUNT,
        "group_session_count": GROUP_SESSION_COUNT,
        "share": "session_count / group_session_count, 0 to 1.",
        "gross_total": GROSS,
    },
)
"""The question as data: what it is about, and what its columns mean."""
