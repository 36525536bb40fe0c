"""Discount stacks: which discounts occur together in a session."""

from __future__ import annotations

from dataclasses import replace
from typing import Unpack

import pyarrow as pa

from sessionkit.database import Source
from sessionkit.errors import UsageError, shown
from sessionkit.questions.asked import Common, shows_common
from sessionkit.questions.limits import cut
from sessionkit.questions.question import Own, Question, answer
from sessionkit.questions.words import AMOUNT
from sessionkit.questions.workbench import Workbench
from sessionkit.result import Result

LIMIT = 100
"""How many stacks a group shows unless told otherwise."""


@shows_common
def discount_stacks(
    source: Source, *, limit: int | None = LIMIT, **common: Unpack[Common]
) -> Result:
    """Say which discounts occur together in a session, and what they cost together.

    A session is in the row of all its base labels together, so `["A", "B"]` does not count the
    sessions of `["A"]`. A label counts where the session's map names it, with an amount of 0 too.
    Sessions whose discounts are known to be none have no row.

    Args:
        source: Tables, a store, or a folder that `flatten` wrote.
        limit: Show so many stacks per group, the most frequent; None shows all. With `compare`
            these are the most frequent of now, and None shows those of before only, too. A note
            says how many are left out.
        **common: What every question takes; see `sessionkit.questions.asked.Common`.

    Returns:
        One row per group and stack, the most frequent first; no row without a discount.

    Raises:
        UsageError: An argument cannot be, or names something that there is not.
        QueryError: A sum is past 38 digits.

    Example:
        >>> discount_stacks({}).table.column_names[:2], len(discount_stacks({}))
        (['labels', 'session_count'], 0)
    """
    whole = isinstance(limit, int) and not isinstance(limit, bool)
    if limit is not None and not (whole and limit > 0):
        raise UsageError(f"limit: expected a whole number from 1, or None, got {shown(limit)}.")

    compared = common.get("compare") is not None

    def keep(bench: Workbench) -> None:
        bench.keep("stack_limit", None if compared else limit)
        bench.prepared("discount_rows")

    result = answer(DISCOUNT_STACKS, source, common, Own(keep=keep))
    left = 0 if compared else _left_out(result.table)
    if compared and limit is not None:
        result, left = cut(result, limit)
    return result if not left else replace(result, notes=(*result.notes, _told(left)))


def _left_out(table: pa.Table) -> int:
    """How many stacks the limit left out; `place` is 1 once in every group."""
    rows = zip(table["place"].to_pylist(), table["stack_count"].to_pylist(), strict=True)
    return int(sum(count for place, count in rows if place == 1) - table.num_rows)


def _told(left: int) -> str:
    stands = "1 rarer stack is" if left == 1 else f"{left:,} rarer stacks are"
    return f"{stands} not shown; a higher limit shows more."


DISCOUNT_STACKS = Question(
    name="discount_stacks",
    function=discount_stacks,
    summary="Which discounts occur together in a session.",
    grain="set of base labels, and group",
    discounts=True,
    reads=("discounts",),
    compares=True,
    keys=("labels", "stack_depth"),
    rates=("share", "avg_depth"),
    of_group=(
        "carrying_count",
        "stack_count",
        "discount_known_count",
        "discount_ambiguous_count",
        "discount_unknown_count",
    ),
    columns={
        "labels": "The base labels (without the number of the item that a discount is about) of "
        "the session, all of them, sorted; null where the discounts are told as a single total.",
        "session_count": "Sessions of the population in the group with just these base labels.",
        "stack_depth": "How many labels these are; null where they are not told.",
        "share": "session_count / carrying_count, 0 to 1.",
        "carrying_count": "Sessions of the group that carry a discount, in whatever row, also one "
        "that is not shown: what share is a share of.",
        "discount_total": f"Σ discounts of these sessions, of all their labels. {AMOUNT}",
        "gross_total": f"Σ total, before discounts, of these sessions. {AMOUNT}",
        "avg_depth": "The mean over depth_count sessions of discounts / total.",
        "depth_count": "Sessions with discounts that are not 0 in sum and a total of more than 0.",
        "place": "The place of the row in its group, from 1: by session_count, discount_total, "
        "labels; 0 in a comparison for a stack of before only.",
        "stack_count": "How many stacks the group has, shown or not.",
        "discount_known_count": "Sessions of the group whose discounts are known, with any label "
        "or none.",
        "discount_ambiguous_count": "Sessions of the group that have an empty discount map that "
        "can mean none or not known.",
        "discount_unknown_count": "Sessions of the group whose discounts are not known.",
    },
)
"""The question as data: what it is about, and what its columns mean."""
