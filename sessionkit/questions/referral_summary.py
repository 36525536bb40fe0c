"""Referral summary: what became of the sessions in which referral codes were entered."""

from __future__ import annotations

from datetime import timedelta
from typing import Unpack

from sessionkit.database import Source
from sessionkit.questions.asked import Common, shows_common
from sessionkit.questions.codes import FIGURES, Codes, answer_codes
from sessionkit.questions.question import Question
from sessionkit.result import Result


@shows_common
def referral_summary(
    source: Source, *, timeout: str | timedelta | None = None, **common: Unpack[Common]
) -> Result:
    """Say, referral code by code, how the sessions ended in which it was entered, and their worth.

    A session has one referral code at most. A code was entered; that does not prove that it was
    accepted.

    Args:
        source: Tables, a store, or a folder that `flatten` wrote.
        timeout: Open sessions untouched for so long before `as_of` are idle, such as `"30d"`.
        **common: What every question takes; see `sessionkit.questions.asked.Common`. The
            population is `all`.

    Returns:
        One row per group and code; no row for sessions without a code, which a note counts.

    Raises:
        UsageError: An argument cannot be, or names something that there is not; or `as_of` is
            earlier than the data, which tell only how sessions stand now.
        QueryError: A sum is past 38 digits.

    Example:
        >>> referral_summary({}).table.column_names[:2], len(referral_summary({}))
        (['referral_code', 'session_count'], 0)
    """
    codes = Codes("referral code", "entered_referrals", _WITHOUT)
    return answer_codes(REFERRAL_SUMMARY, source, common, codes, timeout)


_WITHOUT = (
    "select count(*) as session_count from matching "
    "where in_window and in_population and referral_code is null"
)

REFERRAL_SUMMARY = Question(
    name="referral_summary",
    function=referral_summary,
    summary="How sessions ended in which a referral code was entered.",
    grain="referral code and group",
    population="all",
    all_states=True,
    discounts=True,
    customers=True,
    witnesses=True,
    compares=True,
    effects=True,
    keys=("referral_code",),
    columns={
        "referral_code": "The code as entered.",
        "session_count": "Sessions of the population in the group in which the code was entered, "
        "accepted or not.",
        **FIGURES,
    },
)
"""The question as data: what it is about, and what its columns mean."""
