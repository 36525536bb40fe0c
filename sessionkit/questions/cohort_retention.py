"""Cohort retention: of the customers who began together, how many came back, and when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Unpack

import pyarrow as pa

from sessionkit.database import Source
from sessionkit.errors import UsageError, unknown_name
from sessionkit.questions.asked import Common, shows_common
from sessionkit.questions.later import Later
from sessionkit.questions.question import Own, Question, answer
from sessionkit.questions.words import GROSS
from sessionkit.questions.workbench import Workbench
from sessionkit.result import Result

COHORTS = {"week": (0, 7), "month": (1, 0), "quarter": (3, 0), "year": (12, 0)}
"""The periods that cohorts can be cut in, with their length in months and days."""

BEGAN = "first_discounted"
"""What stands in `by` to compare cohorts that began at a discount."""


@shows_common
def cohort_retention(source: Source, *, period: str = "month", **common: Unpack[Common]) -> Result:
    """Say of the customers who began in the same period how many were there in each one after.

    A customer's cohort is the period of their first completed session among all that meet `where`,
    in the row's group, whatever `since`, `until` and `population` say: these only choose the
    sessions that are counted. A customer whose earliest session in the whole source is told not
    to be their first belongs to the cohort `earlier`. Anonymous sessions belong to no cohort.

    Args:
        source: Tables, a store, or a folder that `flatten` wrote.
        period: What cohorts are cut in: `week`, `month`, `quarter` or `year`, in `tz`.
        **common: What every question takes; see `sessionkit.questions.asked.Common`. With
            `first_discounted` in `by`, cohorts that began at a discount stand apart.

    Returns:
        One row per group, cohort and period, in their order: of a cohort from its own period on,
        of `earlier` from the first period of all, as many periods for each cohort of a group.
        Figures of periods after `as_of`, or outside `since` and `until`, are null. Customers
        without a dated completed session, of other populations, stand in the cohort null.

    Raises:
        UsageError: An argument cannot be, or names something that there is not.
        QueryError: A sum is past 38 digits.

    Example:
        >>> cohort_retention({}, period="week").table.column_names[:4]
        ['first_discounted', 'cohort', 'period', 'age']
    """
    if period not in COHORTS:
        raise UsageError(unknown_name("period", period, COHORTS))
    by, began = _without_began(common.get("by"))
    arguments: dict[str, Any] = {**common, "by": by}
    later, nobody = Later(), [0]

    def keep(bench: Workbench) -> None:
        bench.keep("period", period)
        bench.keep("period_months", COHORTS[period][0])
        bench.keep("period_days", COHORTS[period][1])
        bench.keep("tell_began", began)
        later.count(bench)
        nobody[0] = bench.rows(_ANONYMOUS)[0]["anonymous"]

    def notes(_: pa.Table) -> tuple[str, ...]:
        return (*later.notes(), *_told(nobody[0]))

    asked = replace(COHORT_RETENTION, effects=began)  # they tell discounts, too
    return answer(asked, source, arguments, Own(keep=keep, notes=notes, now=True))


_ANONYMOUS = (
    "select count(*) as anonymous from matching where in_population and in_window "
    "and customer_type = 'anonymous'"
)


def _without_began(by: object) -> tuple[object, bool]:
    """Take `first_discounted` out of the dimensions, as it is one of customers."""
    if isinstance(by, str):
        by = (by,)
    if not isinstance(by, Iterable):
        return by, False
    names = list(by)
    return [name for name in names if name != BEGAN], BEGAN in names


def _told(anonymous: int) -> tuple[str, ...]:
    if not anonymous:
        return ()
    one = anonymous == 1
    sessions = "1 session is" if one else f"{anonymous:,} sessions are"
    return (f"{sessions} anonymous and in no cohort.",)


COHORT_RETENTION = Question(
    name="cohort_retention",
    function=cohort_retention,
    summary="Of the customers who began together, how many came back, and when.",
    grain="cohort, period and group",
    customers=True,
    columns={
        "first_discounted": "Whether the first completed session of the cohort's customers was "
        "discounted: `yes`, `no` or `unknown` (of `earlier` ones always); where several are "
        "equally early, the first of these that one of them has. Null unless `by` names it.",
        "cohort": "The first local day of the period of the customers' first completed session; "
        "`earlier`: their first session was before the data; null: they have no completed session "
        "with a time.",
        "period": "The first local day of the period that the figures are about; null for "
        "sessions without a time.",
        "age": "Periods from the cohort to the period, from 0; null for `earlier`. Less than 0 "
        "only where the population has sessions that were not completed.",
        "is_current": "Whether as_of lies in the period, so that it is not over.",
        "left_censored": "Whether it is the first cohort, and of some of its customers it is not "
        "told whether they came before.",
        "first_unknown_count": "Customers of the cohort of whose earliest session it is not told "
        "whether it is their first.",
        "customer_count": "Customers of the cohort: what retention is a share of.",
        "active_count": "Customers of the cohort with a session of the population in the period.",
        "retention": "active_count / customer_count, 0 to 1.",
        "session_count": "Sessions of the population in the period, of the cohort's customers.",
        "gross_total": GROSS,
        "total_known_count": "Sessions whose total is known.",
    },
)
"""The question as data: what it is about, and what its columns mean."""
