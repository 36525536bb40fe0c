"""The audits: doubts that the rows themselves show, one SQL file per rule.

A file of `sql/audits` gives, for each doubt, the session, the path in it, what was expected, what
was seen and by how much it is off (seen less expected); where its severity is not always that of
the rule, `severity` too. The record that it was found in is given by the rules that read sessions,
and added here for those that read what belongs to one.

All rules are one query, which a caller can write to a file as it runs. Each table is gone through
once for all the rules that read it, and only rows that some rule asks for are kept on the way.

Layer: above `config`, `database`, `rules` and `sql`. Doubts that only reading can see (rounded
amounts, unknown members, conflicts of records) do not come from here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import pyarrow as pa

from sessionkit.config import current
from sessionkit.database import Connection, connect, quoted, run
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

TYPED = "attribute-type"
"""The rule that is asked too where settings tell the types of attributes; its findings are last."""

_READ = (
    "sessions", "cart_items", "item_prices", "additional_costs", "discounts", "snapshots",
    "attributes",
)  # fmt: skip

_OF_PARTS = frozenset(
    {
        "negative-price",
        "negative-discount",
        "missing-price",
        "empty-sku",
        "returned-exceeds-quantity",
        "returned-plus-remaining",
        "position-not-whole",
    }
)
"""The rules that read no sessions, and so do not know the record."""

_READ_OFTEN = ("sessions", "cart_items")
"""The tables that many rules read; see `_doubts`."""


AT_ONCE = 30_000_000
"""So many sessions and cart lines of files are audited together; to join many more takes too much
memory. Each part goes through all files, so there should be few."""


def audit(tables: Mapping[str, pa.Table]) -> pa.Table:
    """Look for doubts in tables in memory.

    Args:
        tables: The resolved tables by name, one row per session in `sessions`; those that are
            missing count as empty.

    Returns:
        One row per doubt, as `audited` gives them.

    Example:
        >>> audit({}).num_rows
        0
    """
    with connect({name: tables[name] for name in _READ if name in tables}) as connection:
        return audited(connection)


def audited(connection: Connection) -> pa.Table:
    """Look for doubts in the tables of a connection.

    Args:
        connection: Has `sessions` (one row per session), `cart_items`, `item_prices`,
            `additional_costs`, `discounts` and `snapshots`, and `attributes` where settings tell
            their types, as tables or views of any kind. Temporary macros of the audits, and
            variables, are left on it.

    Returns:
        One row per doubt, as in `FINDINGS.arrow()`, ordered by rule (as in `AUDITS`), session and
        place in the session; no row where there is no doubt.
    """
    return run(connection, findings_query(connection)).cast(FINDINGS.arrow())


def findings_query(connection: Connection) -> str:
    """Make ready a connection for the audits, and give the query whose rows are the findings.

    For findings that are too many to be held in memory: `copy (…) to` a file, or read in batches.

    Args:
        connection: As for `audited`.

    Returns:
        One `select`, with the columns and the order of `audited`.

    Example:
        >>> with connect({}) as connection:
        ...     query = findings_query(connection)
        ...     connection.sql(f"select count(*) from ({query})").fetchall()
        [(0,)]
    """
    connection.execute(text_of("audits/common"))
    types = current().attribute_types
    for name, values in types.items():
        connection.execute(f"set variable {name} = $values", {"values": values})
    once = ",\n".join(f"{name} as materialized (from {name})" for name in _READ_OFTEN)
    return (
        "with records as (\n"
        "select application_id, integration_id, source_file, source_record from sessions),\n"
        f"unreconciled as materialized (\n{text_of('audits/unreconciled')}),\n"
        f"doubts as (\nwith {once}\n{_doubts(typed=bool(types))})\n"
        f"{text_of('audits/findings')}"
    )


def parts_of(connection: Connection, at_once: int) -> int:
    """In how many parts to audit so many sessions and cart lines together."""
    counted = "select (select count(*) from sessions) + (select count(*) from cart_items)"
    ((rows,),) = connection.sql(counted).fetchall()
    return 1 + int(rows) // at_once


def in_parts(connection: Connection) -> Iterator[str]:
    """Make ready a connection over files for the audits, of some of the sessions at a time.

    Args:
        connection: As for `audited`; what is not empty is a view that is not temporary.

    Yields:
        A query as from `findings_query`, to be run before the next one is asked for. Findings are
        in order within each.
    """
    parts = parts_of(connection, AT_ONCE)
    if parts > 1:
        views = "select database_name, view_name from duckdb_views() where not temporary"
        for database, name in connection.sql(views).fetchall():
            if name in _READ:
                connection.execute(
                    f"create temp view {quoted(name)} as from {quoted(database)}.{quoted(name)} "
                    f"where hash(application_id, integration_id) % {parts} = getvariable('part')"
                )
    query = findings_query(connection)
    for part in range(parts):
        connection.execute("set variable part = $part", {"part": part})
        yield query


def _doubts(*, typed: bool) -> str:
    """A query for the doubts of every rule; `severity` is null where a rule gives none.

    It is run where each table that many rules read stands once, under its own name. DuckDB takes
    over into that the conditions of all that read it, so rows that no rule asks for are not kept;
    hence the records are from `records`, which asks for all.
    """
    of_sessions = _union(rule for rule in AUDITS if rule not in _OF_PARTS)
    parts = [rule for rule in AUDITS if rule in _OF_PARTS]
    of_parts = _union([*parts, TYPED] if typed else parts)
    return (
        f"{of_sessions}\nunion all by name\n"
        f"from (\n{of_parts})\njoin records using (application_id, integration_id)"
    )


def _union(rules: Iterable[str]) -> str:
    """A query for the doubts of some rules, with the place, name and usual severity of each."""
    return "\nunion all by name\n".join(
        f"select {(*AUDITS, TYPED).index(rule)} as place, '{rule}' as rule, "  # noqa: S608
        f"'{RULES[rule].severity}' as rule_severity, * from (\n{text_of(f'audits/{rule}')})"
        for rule in rules
    )
