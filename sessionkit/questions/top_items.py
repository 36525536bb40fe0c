"""Top items: what was bought most, by sku, category or product."""

from __future__ import annotations

from dataclasses import replace
from typing import Unpack

import pyarrow as pa

from sessionkit.database import Source
from sessionkit.errors import UsageError, shown, unknown_name
from sessionkit.questions.asked import Common, shows_common
from sessionkit.questions.limits import cut
from sessionkit.questions.question import Own, Question, answer
from sessionkit.questions.words import AMOUNT, KNOWLEDGE
from sessionkit.questions.workbench import Workbench
from sessionkit.result import Result

ITEMS = ("sku", "category", "product")
"""What lines can be told apart by."""

RANKS = ("money", "units")
"""What items can be ordered by."""


@shows_common
def top_items(
    source: Source,
    *,
    of: str = "sku",
    rank_by: str = "money",
    limit: int | None = 20,
    **common: Unpack[Common],
) -> Result:
    """Say which items were bought most.

    About every line of the sessions: with `sku` or `category` in `where`, of the sessions that
    hold one, so that the others show what was bought along with it.

    Args:
        source: Tables, a store, or a folder that `flatten` wrote.
        of: What an item is: `sku`, `category` or `product` (the product's name).
        rank_by: What they are ordered by, the most first: `money` or `units`.
        limit: How many items of each group are shown; None for all. With `compare` these are the
            top ones of now; what was bought before only is shown where there is no limit.
        **common: What every question takes; see `sessionkit.questions.asked.Common`.

    Returns:
        One row per group and item. Items of equal rank are in the order of the other figure, then
        of their names; those without a known price come last by money.

    Raises:
        UsageError: An argument cannot be, or names something that there is not.
        QueryError: A sum is past 38 digits.

    Example:
        >>> top_items({}, of="category", limit=None).table.column_names[:3]
        ['place', 'item', 'items_total']
    """
    if of not in ITEMS:
        raise UsageError(unknown_name("kind of item", of, ITEMS))
    if rank_by not in RANKS:
        raise UsageError(unknown_name("order in rank_by", rank_by, RANKS))
    if limit is not None and (not isinstance(limit, int) or isinstance(limit, bool) or limit < 1):
        raise UsageError(f"limit: expected a whole number from 1, got {shown(limit)}.")

    compared = common.get("compare") is not None

    def keep(bench: Workbench) -> None:
        bench.keep("item_of", of)
        bench.keep("rank_by", rank_by)
        bench.keep("item_limit", None if compared else limit)

    result = answer(TOP_ITEMS, source, common, Own(keep=keep))
    left = 0 if compared else _left_out(result.table)
    if compared and limit is not None:
        result, left = cut(result, limit)
    return result if not left else replace(result, notes=(*result.notes, _told(left)))


def _left_out(table: pa.Table) -> int:
    """How many items the limit left out, in all groups."""
    places, counts = table["place"].to_pylist(), table["item_count"].to_pylist()
    last = [at + 1 == len(places) or places[at + 1] == 1 for at in range(len(places))]
    ends = zip(places, counts, last, strict=True)
    return sum(max(count - place, 0) for place, count, is_last in ends if is_last)


def _told(left: int) -> str:
    items = "1 item is" if left == 1 else f"{left:,} items are"
    return f"{items} not shown; limit says how many of each group are."


TOP_ITEMS = Question(
    name="top_items",
    function=top_items,
    summary="What was bought most, by sku, category or product.",
    grain="item and group",
    discounts=True,
    reads=("cart_items",),
    compares=True,
    keys=("item",),
    rates=("share", "returned_share", "discount_penetration"),
    of_group=("item_count",),
    columns={
        "place": "The place of the item in its group, from 1; 0 in a comparison for an item that "
        "was not bought.",
        "item": "The sku, category or product; null where a line has none.",
        "items_total": "Σ price × quantity over the lines whose price is known, before discounts "
        f"and returns; null where none is. {AMOUNT}",
        "share": "items_total / Σ items_total of all items of the group, 0 to 1.",
        "unit_count": "Units bought, before returns.",
        "line_count": "Lines of the carts.",
        "unpriced_line_count": "Lines whose price is not known: items_total lacks them.",
        "session_count": "Sessions that hold the item.",
        "returned_unit_count": "Units returned, of the lines that tell it.",
        "returned_known_unit_count": "Units bought, of the lines that tell what was returned.",
        "returned_share": "returned_unit_count / returned_known_unit_count, 0 to 1.",
        "returned_total": "Σ price × returned quantity, at list price, of the lines that tell "
        f"both; never subtracted from another figure. {AMOUNT}",
        "discounted_count": "Sessions that hold the item and have known discounts, on whatever "
        "item, whose sum is not 0.",
        **{name: f"{said[:-1]}, of those that hold the item." for name, said in KNOWLEDGE.items()},
        "discount_penetration": "discounted_count / discount_known_count, 0 to 1; null where "
        "sessions that hold the item are ambiguous.",
        "item_count": "Items of the group, also those that are not shown.",
    },
)
"""The question as data: what it is about, and what its columns mean."""
