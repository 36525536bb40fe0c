"""Coupon summary: what became of the sessions in which coupon codes were entered."""

from __future__ import annotations

from datetime import timedelta
from typing import Unpack

from sessionkit.database import Source
from sessionkit.questions.asked import Common, shows_common
from sessionkit.questions.codes import FIGURES, Codes, answer_codes
from sessionkit.questions.patterns import check_pattern, pattern_of
from sessionkit.questions.question import Question
from sessionkit.questions.workbench import Workbench
from sessionkit.result import Result


@shows_common
def coupon_summary(
    source: Source,
    *,
    coupon_pattern: str | None = None,
    timeout: str | timedelta | None = None,
    **common: Unpack[Common],
) -> Result:
    """Say, code by code, how the sessions ended in which it was entered, and their worth.

    A session with several codes stands in the row of each, with all its money. A code was entered;
    that does not prove that it was accepted.

    Args:
        source: Tables, a store, or a folder that `flatten` wrote.
        coupon_pattern: A regular expression, such as `"^SUMMER"`: the codes in which it matches
            the same text are one row, under that text; a session with several of them counts
            there once. A code in which it matches nothing keeps its own row.
        timeout: Open sessions untouched for so long before `as_of` are idle, such as `"30d"`.
        **common: What every question takes; see `sessionkit.questions.asked.Common`. The
            population is `all`; `coupon_code` in `by` changes nothing.

    Returns:
        One row per group and code; no row for sessions without a code, which a note counts.

    Raises:
        UsageError: An argument cannot be, or names something that there is not; or `as_of` is
            earlier than the data, which tell only how sessions stand now.
        QueryError: A sum is past 38 digits.

    Example:
        >>> coupon_summary({}).table.column_names[:2], len(coupon_summary({}))
        (['coupon_code', 'session_count'], 0)
    """
    pattern = pattern_of("coupon_pattern", coupon_pattern)

    def keep(bench: Workbench) -> None:
        bench.keep("coupon_pattern", pattern)
        check_pattern(bench, "coupon_pattern", pattern)
        bench.prepared("coupon_names")

    codes = Codes("coupon code", "entered_coupons", _WITHOUT, (_REPEATS,), keep)
    return answer_codes(COUPON_SUMMARY, source, common, codes, timeout)


_WITHOUT = (
    "select count(*) as session_count from matching anti join coupons "
    "using (application_id, integration_id) where in_window and in_population"
)
_REPEATS = (
    "A session with several coupon codes stands in the row of each, so the rows add up to more "
    "than there is; total_row adds the distinct figures."
)

COUPON_SUMMARY = Question(
    name="coupon_summary",
    function=coupon_summary,
    summary="How sessions ended in which a coupon code was entered.",
    grain="coupon code and group",
    population="all",
    own=("coupon_code",),
    all_states=True,
    discounts=True,
    customers=True,
    reads=("coupons",),
    witnesses=True,
    compares=True,
    effects=True,
    columns={
        "coupon_code": "The code as entered, or what coupon_pattern matches in it.",
        "session_count": "Sessions of the population in the group in which the code was entered, "
        "accepted or not.",
        "code_count": "Distinct codes in the row: 1 unless coupon_pattern brought several "
        "together, and those of all rows in the total row.",
        **FIGURES,
    },
)
"""The question as data: what it is about, and what its columns mean."""
