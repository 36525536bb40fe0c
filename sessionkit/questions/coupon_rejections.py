"""Coupon rejections: why coupon codes were rejected, and whether the customers still bought."""

from __future__ import annotations

from datetime import timedelta
from typing import Unpack

from sessionkit.database import Source
from sessionkit.questions.asked import Common, shows_common
from sessionkit.questions.codes import FIGURES, Codes, answer_codes
from sessionkit.questions.question import Question
from sessionkit.questions.standing_effects import without_effects
from sessionkit.questions.workbench import Workbench
from sessionkit.result import Result


@shows_common
def coupon_rejections(
    source: Source, *, timeout: str | timedelta | None = None, **common: Unpack[Common]
) -> Result:
    """Say, reason by reason, how often coupons were rejected, and how those sessions ended.

    Needs effects, from exports or V2 responses. A rejection counts at whatever evaluation of a
    session it came, as customers take a rejected code out and go on; the same code rejected again
    for the same reason in the same session counts once.

    Args:
        source: Tables, a store, or a folder that `flatten` wrote.
        timeout: Open sessions untouched for so long before `as_of` are idle, such as `"30d"`.
        **common: What every question takes; see `sessionkit.questions.asked.Common`. The
            population is `all`.

    Returns:
        One row per group and reason; no row for sessions without a rejection.

    Raises:
        UsageError: An argument cannot be, or names something that there is not; or `as_of` is
            earlier than the data, which tell only how sessions stand now.
        QueryError: A sum is past 38 digits.

    Example:
        >>> coupon_rejections({}).table.column_names[:2], len(coupon_rejections({}))
        (['rejection_reason', 'rejection_count'], 0)
    """
    codes = Codes("rejected coupon", "entered_rejections", _WITHOUT, told=_told)
    return answer_codes(COUPON_REJECTIONS, source, common, codes, timeout)


_WITHOUT = (
    "select count(*) as session_count from matching anti join rejected_coupons "
    "using (application_id, integration_id) where in_window and in_population"
)


def _told(bench: Workbench, without: int) -> tuple[str, ...]:
    lacking = without_effects(bench, "which coupons were rejected")
    if lacking:
        return lacking
    told = [
        "A session with rejections for several reasons stands in the row of each, so the rows add "
        "up to more than there is; total_row adds the distinct figures."
    ]
    if without:
        sessions = "1 session has" if without == 1 else f"{without:,} sessions have"
        told.append(f"{sessions} no rejected coupon and no part in any row.")
    return tuple(told)


_SHARED = (
    "customer_count", "kept_whole", "partially_returned", "revoked", "cancelled_open",
    "cancelled_unknown", "idle", "in_progress",
)  # fmt: skip

COUPON_REJECTIONS = Question(
    name="coupon_rejections",
    function=coupon_rejections,
    summary="Why coupons were rejected, and whether the customers still bought.",
    grain="reason and group; a session stands in several",
    population="all",
    all_states=True,
    customers=True,
    witnesses=True,
    effects=True,
    compares=True,
    keys=("rejection_reason",),
    rates=("closed_share",),
    columns={
        "rejection_reason": "Why, in Talon.One's words; null where it is not told.",
        "rejection_count": "Rejected codes: the same code in the same session counts once for each "
        "reason, however often it was evaluated.",
        "session_count": "Sessions of the population in the group with such a rejection at any "
        "evaluation; not additive over reasons.",
        "code_count": "Distinct codes rejected.",
        **{name: FIGURES[name] for name in _SHARED},
        "closed_count": "Sessions that closed all the same: kept_whole + partially_returned + "
        "revoked.",
        "closed_share": "closed_count / session_count, 0 to 1; a lower bound where some are "
        "cancelled_unknown or in_progress.",
        "gross_total": FIGURES["gross_total"],
        "total_known_count": FIGURES["total_known_count"],
    },
)
"""The question as data: what it is about, and what its columns mean."""
