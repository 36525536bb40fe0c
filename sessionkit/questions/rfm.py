"""RFM: how recently, how often and for how much each customer bought, scored 1 to 5."""

from __future__ import annotations

from dataclasses import replace
from typing import Unpack

import pyarrow as pa

from sessionkit.database import Source
from sessionkit.errors import UsageError, unknown_name
from sessionkit.questions.asked import Common, shows_common
from sessionkit.questions.later import Later
from sessionkit.questions.question import Own, Question, answer
from sessionkit.questions.words import AMOUNT
from sessionkit.questions.workbench import Workbench
from sessionkit.result import Result

MONEY = ("gross", "net")
"""What a customer's money can be: before discounts, or after."""


@shows_common
def rfm(source: Source, *, money: str = "gross", **common: Unpack[Common]) -> Result:
    """Say of each customer how recently, how often and for how much they bought, scored 1 to 5.

    A score says how many customers of the group do worse: 5 when at least four fifths do, 4 when
    at least three fifths, and 1 when less than one fifth. So equal values score alike, and 1 is
    what the worst value always has. Anonymous sessions are nobody's.

    Args:
        source: Tables, a store, or a folder that `flatten` wrote.
        money: `gross`: Σ total, before discounts; `net`: after discounts, of the sessions whose
            discounts are known.
        **common: What every question takes; see `sessionkit.questions.asked.Common`. Sessions
            later than `as_of` are left out.

    Returns:
        One row per group and customer, the best first; no row without an identified customer. A
        score is null where there is nothing to score, and `rfm` with it.

    Raises:
        UsageError: An argument cannot be, or names something that there is not.
        QueryError: A sum is past 38 digits.

    Example:
        >>> rfm({}).table.column_names[:5]
        ['profile_id', 'profile_internal_id', 'last_at', 'recency_days', 'frequency']
    """
    if money not in MONEY:
        raise UsageError(unknown_name("money", money, MONEY))
    later = Later()

    def keep(bench: Workbench) -> None:
        bench.keep("money_is_net", money == "net")
        later.count(bench)

    def notes(table: pa.Table) -> tuple[str, ...]:
        return (*later.notes(), *_unknown_money(table, money))

    asked = replace(RFM, effects=money == "net")  # they tell discounts, too
    return answer(asked, source, common, Own(keep=keep, notes=notes, now=True))


def _unknown_money(table: pa.Table, money: str) -> tuple[str, ...]:
    known, every = table["money_known_count"].to_pylist(), table["frequency"].to_pylist()
    lacking = sum(some < all_of_them for some, all_of_them in zip(known, every, strict=True))
    if not lacking:
        return ()
    rows = "In 1 row" if lacking == 1 else f"In {lacking:,} rows"
    if money == "gross":
        return (f"{rows} the total of some sessions is not known: money covers the others.",)
    return (
        f"{rows} the discounts of some sessions are not known: money covers the others. Where an "
        "empty discount map means none, say so with empty_discounts.",
    )


_SCORE = "1 + the whole fifths of the group's customers {}: 5 is best, equal values score alike."

RFM = Question(
    name="rfm",
    function=rfm,
    summary="How recently, how often and for how much each customer bought, scored 1 to 5.",
    grain="customer and group",
    customers=True,
    columns={
        "profile_id": "The customer's integration id; null where only Talon.One's number is known.",
        "profile_internal_id": "Talon.One's number for the customer, where no integration id is "
        "known; else null.",
        "last_at": "The time of the customer's last session, by time_basis.",
        "recency_days": "Whole days of 24 hours from last_at to as_of, rounded down; null where "
        "no session has a time.",
        "frequency": "Sessions of the population (completed ones unless told otherwise), those "
        "without a time too.",
        "money": "Σ total, before discounts, over the sessions whose total is known; or with "
        "money=net Σ (total − discounts) over those whose discounts are known; null where none "
        f"is. {AMOUNT}",
        "money_known_count": "Sessions that money covers.",
        "recency_score": _SCORE.format("whose last session is more days ago"),
        "frequency_score": _SCORE.format("who have fewer sessions"),
        "money_score": _SCORE.format("with less money"),
        "rfm": "The three scores side by side, such as 545; null where one is null.",
    },
)
"""The question as data: what it is about, and what its columns mean."""
