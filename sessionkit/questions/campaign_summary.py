"""Campaign summary: which sessions campaigns did something to, and what they took off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Unpack

from sessionkit.database import Source
from sessionkit.questions.asked import Common, shows_common
from sessionkit.questions.question import Own, Question, answer
from sessionkit.questions.standing_effects import without_effects
from sessionkit.questions.words import AMOUNT, GROSS
from sessionkit.questions.workbench import Workbench
from sessionkit.result import Result


@shows_common
def campaign_summary(source: Source, **common: Unpack[Common]) -> Result:
    """Say, campaign by campaign, what it took off, and what the sessions were worth.

    Needs effects, from exports or V2 responses. They are sent again at every update of a session,
    so of each session its last evaluation counts alone, less what was rolled back later. A campaign
    holds a session by at least one such effect, be it a discount or anything else but a webhook, a
    notification, a rejection or an error.

    Args:
        source: Tables, a store, or a folder that `flatten` wrote.
        **common: What every question takes; see `sessionkit.questions.asked.Common`.

    Returns:
        One row per group and campaign; no row for sessions that no campaign holds, which a note
        counts. A session stands in the row of each campaign that holds it.

    Raises:
        UsageError: An argument cannot be, or names something that there is not.
        QueryError: A sum is past 38 digits.

    Example:
        >>> campaign_summary({}).table.column_names[:2], len(campaign_summary({}))
        (['campaign_id', 'session_count'], 0)
    """
    told: list[str] = []

    def keep(bench: Workbench) -> None:
        told.extend(_notes(bench))

    return answer(CAMPAIGN_SUMMARY, source, common, Own(keep=keep, notes=lambda _: tuple(told)))


def _notes(bench: Workbench) -> Iterator[str]:
    lacking = without_effects(bench, "which campaigns did what")
    if lacking:
        yield from lacking
        return
    yield (
        "A session stands in the row of each campaign that holds it: discount_total, coupon_count "
        "and unmet add up over the rows, session_count, gross_total and residual do not; total_row "
        "adds the distinct figures."
    )
    (free,) = bench.rows(_FREE)
    if free["session_count"]:
        one = free["session_count"] == 1
        unseen = f" ({free['unseen_count']:,} without any effect)" if free["unseen_count"] else ""
        yield (
            f"{free['session_count']:,} session{' is' if one else 's are'} held by no campaign"
            f"{unseen} and {'has' if one else 'have'} no part in any row."
        )


_FREE = """
select
    count(*) as session_count,
    count(*) - count(turn) as unseen_count
from matching
anti join campaign_sessions using (application_id, integration_id)
left join (
    select application_id, integration_id, turn from evaluated where turn > 0
) as seen using (application_id, integration_id)
where in_window and in_population
"""

CAMPAIGN_SUMMARY = Question(
    name="campaign_summary",
    function=campaign_summary,
    summary="What each campaign took off, and from what.",
    grain="campaign and group; a session stands in several",
    customers=True,
    effects=True,
    compares=True,
    keys=("campaign_id",),
    columns={
        "campaign_id": "The campaign; null for effects of none.",
        "session_count": "Sessions of the population in the group that the campaign holds; not "
        "additive over campaigns.",
        "customer_count": "Identified customers among these sessions, each once; not additive over "
        "rows.",
        "gross_total": f"{GROSS} Not additive over campaigns.",
        "total_known_count": "Sessions whose total is known.",
        "discount_total": "Σ discounts by effects of the campaign, in the last evaluation of each "
        f"session, less what was rolled back later. {AMOUNT}",
        "coupon_count": "Coupons that the campaign accepted and that were not rolled back later: "
        "effects acceptCoupon, counted like its discounts.",
        "unmet": "Σ desired − granted over these discounts: what the rules wanted to take off and "
        f"could not; those rolled back entirely are left out. {AMOUNT}",
        "residual": "Σ discounts of the map, or the single total, less Σ discounts by effects of "
        "any campaign, over residual_count sessions: what no effect explains. Null where there is "
        f"no such session; not additive over campaigns. {AMOUNT}",
        "residual_count": "Sessions whose discounts a map or a single total tells, so that effects "
        "can be held against it.",
    },
)
"""The question as data: what it is about, and what its columns mean."""
