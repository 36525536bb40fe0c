"""Discount summary: what the discounts cost, by label or any other group."""

from __future__ import annotations

from typing import Unpack

from sessionkit.database import Source
from sessionkit.questions.asked import Common, shows_common
from sessionkit.questions.question import Question, answer
from sessionkit.questions.words import AMOUNT
from sessionkit.result import Result


@shows_common
def discount_summary(source: Source, **common: Unpack[Common]) -> Result:
    """Say what the discounts cost, label by label.

    The discounts of a session are summed under each label first. A discount that is known only as
    the single total of its session has the label null. Statistics cover sessions whose sum is not
    0. `discount_given` and `discount_reverted` are about sessions that were completed once,
    whatever the population; so a label can have a row with no session of the population in it.

    Args:
        source: Tables, a store, or a folder that `flatten` wrote.
        **common: What every question takes; see `sessionkit.questions.asked.Common`. Grouped by
            `label` unless `by` is given; `by=()` is one row for all.

    Returns:
        One row per group, null groups last; no row without a discount where labels group.

    Raises:
        UsageError: An argument cannot be, or names something that there is not.
        QueryError: A sum is past 38 digits.

    Example:
        >>> discount_summary({}).table.column_names[:3], len(discount_summary({}))
        (['label', 'discount_total', 'share'], 0)
    """
    return answer(DISCOUNT_SUMMARY, source, common)


DISCOUNT_SUMMARY = Question(
    name="discount_summary",
    function=discount_summary,
    summary="What the discounts cost, by label.",
    grain="label, or another group",
    by=("label",),
    labels_apart=True,
    discounts=True,
    reads=("discounts",),
    compares=True,
    rates=("share", "depth", "avg_depth"),
    columns={
        "discount_total": "Σ discounts over the sessions that carry them; null where no discounts "
        f"are known, and a lower bound where some are ambiguous. {AMOUNT}",
        "share": "discount_total / known_discount_total, 0 to 1.",
        "known_discount_total": "Σ all known discounts in the same currency, of whatever group: "
        f"what share is a share of. {AMOUNT}",
        "session_count": "Sessions that carry the discount, those in which it sums up to 0 too.",
        "row_count": "Discounts: rows of the sessions' maps, single totals, or, where only effects "
        "tell the discounts, names of effects.",
        "avg_discount": "discount_total / sessions in which the discount is not 0 (session_count − "
        f"zero_count). {AMOUNT}",
        "median_discount": f"The middle sum of a session, of sums that are not 0. {AMOUNT}",
        "p90_discount": "The sum that nine in ten sessions do not exceed, interpolated, of sums "
        f"that are not 0. {AMOUNT}",
        "min_discount": f"The least sum of a session, of sums that are not 0. {AMOUNT}",
        "max_discount": f"The largest sum of a session, of sums that are not 0. {AMOUNT}",
        "gross_total": "Σ total, before discounts, of the sessions that carry the discount, each "
        f"once. {AMOUNT}",
        "depth": "discount_total / gross_total; null where that is not more than 0.",
        "avg_depth": "The mean over depth_count sessions of discount / total.",
        "depth_count": "Sessions in which the discount is not 0 and the total is more than 0.",
        "zero_count": "Sessions in which the discount sums up to 0.",
        "negative_count": "Sessions in which the discount sums up to less than 0.",
        "discount_given": "Σ discounts on completed and revoked sessions, whatever the "
        "population; null where there are such sessions, and the discounts of none of them are "
        f"known. {AMOUNT}",
        "discount_reverted": "Σ discounts on revoked sessions (cancelled after closing), whatever "
        "the population; null where there are such sessions, and the discounts of none of them "
        f"are known. {AMOUNT}",
        "discount_known_count": "Sessions of the group whose discounts are known, with any label "
        "or none.",
        "discount_ambiguous_count": "Sessions of the group, with any label or none, that have an "
        "empty discount map that can mean none or not known.",
        "discount_unknown_count": "Sessions of the group, with any label or none, whose discounts "
        "are not known.",
    },
)
"""The question as data: what it is about, and what its columns mean."""
