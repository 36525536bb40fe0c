"""How many sessions are how large: the one question that only the page asks.

Layer: inside `page`; imports `questions` from below.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Unpack

from sessionkit.database import Source
from sessionkit.questions.asked import Common
from sessionkit.questions.question import Question, answer
from sessionkit.questions.words import AMOUNT
from sessionkit.result import Result

_FIRST = (Decimal(1), Decimal(2), Decimal(5))


def basket_values(source: Source, **common: Unpack[Common]) -> Result:
    """Say how many sessions are how large, by their total before discounts.

    Args:
        source: Tables, a store, or a folder that `flatten` wrote.
        **common: What every question takes.

    Returns:
        One row per group and size that some session has, the smallest first; those without a
        total last. No row where there is no session.

    Example:
        >>> basket_values({}).table.column_names, len(basket_values({}))
        (['place', 'session_count', 'gross_total'], 0)
    """
    return answer(BASKET_VALUES, source, common)


def size_of(place: int) -> str:
    """What a size is called: from where to where its totals go.

    Example:
        >>> [size_of(place) for place in (-2, -1, 0, 1, 2, 3, 4, 12)]
        ['< 0', '0', '< 1', '1–2', '2–5', '5–10', '10–20', '5k–10k']
    """
    if place <= 0:
        return {-2: "< 0", -1: "0"}.get(place, "< 1")
    return f"{_written(_begin(place))}–{_written(_begin(place + 1))}"


def _begin(place: int) -> Decimal:
    power, first = divmod(place - 1, 3)
    return _FIRST[first].scaleb(power)


def _written(value: Decimal) -> str:
    for power, letter in ((9, "bn"), (6, "M"), (3, "k")):
        if value.adjusted() >= power and value.adjusted() < power + 6:
            return f"{value.scaleb(-power):f}{letter}"
    return f"{value:f}" if value < 1000 else f"{value:.0E}"


BASKET_VALUES = Question(
    name="basket_values",
    function=basket_values,
    summary="How many sessions are how large.",
    grain="size and group",
    columns={
        "place": "The size of the total before discounts: from 1 to less than 2, from 2 to less "
        "than 5, from 5 to less than 10, and so on at every power of ten; below 1, 0, and below 0 "
        "stand apart. Null: the total is not known.",
        "session_count": "Sessions of the population in the group whose total is of that size.",
        "gross_total": f"Σ total, before discounts, of these sessions. {AMOUNT}",
    },
)
"""The question as data: what it is about, and what its columns mean."""
