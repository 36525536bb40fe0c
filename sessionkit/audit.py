"""The audits: doubts that the rows themselves show, one SQL file per rule.

A file of `sql/audits` gives, for each doubt, the session, the path in it, what was expected, what
was seen and by how much it is off (seen less expected); where its severity is not always that of
the rule, `severity` too. Which record it was found in comes from here.

Layer: above `database`, `rules` and `sql`. Doubts that only reading can see (rounded amounts,
unknown members, conflicts of records) do not come from here.
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from sessionkit.database import connect, run
from sessionkit.rules import RULES
from sessionkit.sql import text_of
from sessionkit.tables import FINDINGS

AUDITS = (
    "total-reconciles",
    "total-after-discounts",
    "missing-total",
    "discount-exceeds-total",
    "negative-price",
    "negative-discount",
    "missing-price",
    "empty-sku",
    "returned-exceeds-quantity",
    "returned-plus-remaining",
    "closed-without-time",
    "cancelled-without-time",
    "closed-before-created",
    "updated-before-created",
    "illegal-transition",
    "position-not-whole",
)
"""The rules that rows can show, in the order of their findings."""

_READ = ("sessions", "cart_items", "item_prices", "additional_costs", "discounts")


def audit(tables: Mapping[str, pa.Table]) -> pa.Table:
    """Look for doubts in the tables of the model.

    Args:
        tables: The resolved tables by name, one row per session in `sessions`; those that are
            missing count as empty.

    Returns:
        One row per doubt, as in `FINDINGS.arrow()`, ordered by rule (as in `AUDITS`), session and
        place in the session; no row where there is no doubt.

    Example:
        >>> audit({}).num_rows
        0
    """
    given = {name: tables[name] for name in _READ if name in tables}
    with connect(given) as connection:
        connection.execute(text_of("audits/common"))
        connection.register("rules", _rules())
        connection.execute(f"create temp view doubts as {_all_doubts()}")
        found = run(connection, text_of("audits/findings"))
    return found.cast(FINDINGS.arrow()).combine_chunks()


def _rules() -> pa.Table:
    """The rules with their place in `AUDITS`."""
    audits = [
        {"place": place, "rule": rule, "severity": RULES[rule].severity}
        for place, rule in enumerate(AUDITS)
    ]
    return pa.Table.from_pylist(audits)


def _all_doubts() -> str:
    """A query for the doubts of every rule; `severity` is null where a rule gives none."""
    each = [
        f"select {place} as place, * from (\n{text_of(f'audits/{rule}')})"  # noqa: S608
        for place, rule in enumerate(AUDITS)
    ]
    return "\nunion all by name\n".join(each)
