"""Customer summary: new, returning and anonymous customers, and what they bought."""

from __future__ import annotations

from typing import Unpack

from sessionkit.database import Source
from sessionkit.questions.asked import Common, shows_common
from sessionkit.questions.question import Question, answer
from sessionkit.questions.words import AMOUNT, GROSS, GROUP_SESSION_COUNT, KNOWLEDGE
from sessionkit.result import Result


@shows_common
def customer_summary(source: Source, **common: Unpack[Common]) -> Result:
    """Say who bought: new, returning and anonymous customers, and what their sessions were worth.

    The type is the session's: a customer with a first and a later session stands in two rows. How
    often customers bought, and whether always at a discount, is told of all their completed
    sessions of the group, of whatever type.

    Args:
        source: Tables, a store, or a folder that `flatten` wrote.
        **common: What every question takes; see `sessionkit.questions.asked.Common`.
            `customer_type` in `by` changes nothing; the row that `total_row` adds has the type
            null, and each customer once.

    Returns:
        One row per group and customer type; all four types, also without a session.

    Raises:
        UsageError: An argument cannot be, or names something that there is not.
        QueryError: A sum is past 38 digits.

    Example:
        >>> customer_summary({}).table["customer_type"].to_pylist()
        ['new', 'returning', 'unknown', 'anonymous']
    """
    return answer(CUSTOMER_SUMMARY, source, common)


_CUSTOMERS = "Customers of the row with {} completed {} in the group, of whatever type."

CUSTOMER_SUMMARY = Question(
    name="customer_summary",
    function=customer_summary,
    summary="Who bought: new, returning and anonymous customers.",
    grain="customer type and group; all four types, also with no session",
    own=("customer_type",),
    discounts=True,
    customers=True,
    compares=True,
    rates=("share", "discount_rate", "discount_penetration", "repeat_rate"),
    columns={
        "customer_type": "`new`: sessions of identified customers that are their first (first "
        "session, not first order); `returning`: later ones; `unknown`: it is not told which; "
        "`anonymous`: nobody is named. Null in the total row.",
        "session_count": "Sessions of the population in the row.",
        "group_session_count": GROUP_SESSION_COUNT,
        "share": "session_count / group_session_count, 0 to 1.",
        "customer_count": "Identified customers with such a session, each once; one with sessions "
        "of two types stands in both rows.",
        "gross_total": GROSS,
        "total_known_count": "Sessions whose total is known.",
        "avg_session_value": f"gross_total / total_known_count. {AMOUNT}",
        "discount_total": "Σ discounts over the sessions whose discounts are known; null where "
        f"none are, and a lower bound where some are ambiguous. {AMOUNT}",
        **KNOWLEDGE,
        "discount_known_gross_total": "Σ total, before discounts, over the sessions whose "
        f"discounts are known. {AMOUNT}",
        "net_total": "discount_known_gross_total − discount_total: after discounts, before "
        f"returns; null where no discounts are known. {AMOUNT}",
        "discounted_count": "Sessions with known discounts whose sum is not 0.",
        "discount_rate": "discount_total / discount_known_gross_total, 0 to 1; null where the row "
        "holds ambiguous sessions.",
        "discount_penetration": "discounted_count / discount_known_count, 0 to 1; null where the "
        "row holds ambiguous sessions.",
        "customer_0_count": _CUSTOMERS.format("no", "session")
        + " There are some only where the population has other states.",
        "customer_1_count": _CUSTOMERS.format("one", "session"),
        "customer_2_count": _CUSTOMERS.format("two", "sessions"),
        "customer_3_plus_count": _CUSTOMERS.format("three or more", "sessions"),
        "repeat_rate": "(customer_2_count + customer_3_plus_count) / (customer_1_count + "
        "customer_2_count + customer_3_plus_count), 0 to 1.",
        "always_discounted_count": "Customers of the row whose completed sessions in the group "
        "are all known to be discounted.",
        "maybe_always_discounted_count": "Customers of the row of whom that cannot be told: no "
        "completed session is known to be without a discount, and of some it is not known.",
    },
)
"""The question as data: what it is about, and what its columns mean."""
