"""Totals: how many sessions there are, what they were worth, and what the discounts cost."""

from __future__ import annotations

from typing import Unpack

from sessionkit.database import Source
from sessionkit.questions.asked import Common, shows_common
from sessionkit.questions.question import Question, answer
from sessionkit.questions.words import AMOUNT, GROSS, KNOWLEDGE, SESSION_COUNT
from sessionkit.result import Result


@shows_common
def totals(source: Source, **common: Unpack[Common]) -> Result:
    """Say how many sessions there are, what they were worth, and what the discounts cost.

    About completed sessions unless `population` says otherwise. Lines, costs and discounts are
    summed to the session first, so `gross_total` is the same under every dimension that has one
    value per session.

    Args:
        source: Tables, a store, or a folder that `flatten` wrote.
        **common: What every question takes; see `sessionkit.questions.asked.Common`.

    Returns:
        One row per group, null groups last; one row in all without `by`, also where there is no
        session.

    Raises:
        UsageError: An argument cannot be, or names something that there is not.
        QueryError: A sum is past 38 digits.

    Example:
        >>> totals({}).table.select(["session_count", "gross_total"]).to_pylist()
        [{'session_count': 0, 'gross_total': Decimal('0E-18')}]
    """
    return answer(TOTALS, source, common)


TOTALS = Question(
    name="totals",
    function=totals,
    summary="What sessions were worth, before and after discounts.",
    grain="group",
    discounts=True,
    customers=True,
    reads=("cart_items", "additional_costs"),
    compares=True,
    rates=("discount_rate", "discount_penetration"),
    columns={
        "session_count": SESSION_COUNT,
        "customer_count": "Identified customers among them, each once; not additive over rows.",
        "gross_total": GROSS,
        "total_known_count": "Sessions whose total is known.",
        "items_total": f"Σ price × quantity over the sessions with every price known. {AMOUNT}",
        "priced_count": "Sessions with every price known; an empty cart is one.",
        "additional_cost_total": "Σ additional costs of the sessions and of their lines, each once "
        f"as listed. {AMOUNT}",
        "discount_total": "Σ discounts over the sessions whose discounts are known; null where "
        f"none are, and a lower bound where some are ambiguous. {AMOUNT}",
        **KNOWLEDGE,
        "discount_known_gross_total": "Σ total, before discounts, over the sessions whose "
        f"discounts are known. {AMOUNT}",
        "net_total": "discount_known_gross_total − discount_total: after discounts, before "
        f"returns; null where no discounts are known. {AMOUNT}",
        "returned_total": "Σ price × returned quantity, at list price; never subtracted from "
        f"another figure. {AMOUNT}",
        "returned_known_count": "Sessions that tell of every line what was returned, and its "
        "price if anything was.",
        "unit_count": "Units bought, before returns.",
        "line_count": "Lines of the carts.",
        "avg_session_value": f"gross_total / total_known_count. {AMOUNT}",
        "median_session_value": f"The middle total, before discounts, interpolated. {AMOUNT}",
        "avg_units_per_session": "unit_count / session_count.",
        "discounted_count": "Sessions with known discounts whose sum is not 0.",
        "discount_rate": "discount_total / discount_known_gross_total, 0 to 1; null where the "
        "group holds ambiguous sessions.",
        "discount_penetration": "discounted_count / discount_known_count, 0 to 1; null where the "
        "group holds ambiguous sessions.",
    },
)
"""The question as data: what it is about, and what its columns mean."""
