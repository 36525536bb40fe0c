"""Digests of what records say, equal for equal contents however they were written.

The digest breaks ties between records of one version, so that no order of the input matters, and
tells repeats that say the same from repeats that say something else. The `wording` goes on from
there: it is equal only where JSON that is kept as text came in the same words.

Layer: above `staged` and `database`.
"""

from __future__ import annotations

from collections.abc import Sequence

from sessionkit.columns import Kind, Table
from sessionkit.database import quoted
from sessionkit.staged import BOOKKEEPING
from sessionkit.tables import MODEL, PROVENANCE, SESSIONS


def contents() -> str:
    """The statement that makes `contents` of the staged tables.

    Grain: one row per record that shares its version with another, with `digest` and `wording`, in
    hex; nothing else needs them. Reads `alike` and `staged_…` of all tables.
    """
    tables = ",\n".join(f"{quoted(t.name)} as (\n{_of(t)}\n)" for t in MODEL)
    joins = "\n".join(f"left join {quoted(t.name)} using (record)" for t in MODEL)
    said, worded = (
        ", ".join(f"{quoted(table.name)}.{column}" for table in MODEL)
        for column in ("said", "worded")
    )
    return (
        f"create or replace temp table contents as with\n{tables}\n"
        f"select record, md5(cast(to_json([{said}]) as varchar)) as digest,\n"
        f"    md5(cast(to_json([{worded}]) as varchar)) as wording\n"
        f"from alike\n{joins}"
    )


def sayings(before: str) -> str:
    """A query for what staged records say, to the letter, as one number each.

    Args:
        before: What the names of the staged tables begin with.

    Returns:
        A `select` of `record`, `key` (a hash of the session's key) and `said`, a hash over all rows
        of the record in all tables but where they came from.
    """
    each = "\nunion all\n".join(
        f"select record, hash(hash('{table.name}', *columns(* exclude ({_whence(table)}))))\n"  # noqa: S608
        f"    as said from {quoted(before + table.name)}"
        for table in MODEL
    )
    return (
        "select record, hash(application_id, integration_id) as key, told.said\n"  # noqa: S608
        f"from {quoted(before + SESSIONS.name)}\n"
        f"join (select record, bit_xor(said) as said from (\n{each}\n) group by record) as told "
        "using (record)"
    )


def _whence(table: Table) -> str:
    """Where a row came from: its record, and the place of that."""
    places = [name for name in PROVENANCE if name in table.names and name != "dialect"]
    return ", ".join(["record", *places])


def saying() -> str:
    """What a row of `sessions` says, as one text; rows are told apart by no spelling."""
    return _texts(_compared(SESSIONS))


def _compared(table: Table) -> list[str]:
    """The columns by which rows are the same or not."""
    columns = [c.name for c in table.columns if c.kind is not Kind.JSON]
    compared = [name for name in columns if name not in PROVENANCE]
    if any(field.name == "normal" for field in BOOKKEEPING.get(table.name, ())):
        compared.append("normal")
    return compared


def _of(table: Table) -> str:
    """What the rows of a record say in one table, as one text."""
    compared = _compared(table)
    kept = [c.name for c in table.columns if c.kind is Kind.JSON]
    source = f"{quoted(f'staged_{table.name}')} semi join alike using (record)"
    if table is SESSIONS:
        return f"select record, {_texts(compared)} as said, {_texts(kept)} as worded from {source}"  # noqa: S608
    worded = _of_all([*table.key, *kept]) if kept else "null"
    return (
        f"select record, {_of_all(compared)} as said, {worded} as worded\n"
        f"from {source} group by record"
    )


def _of_all(names: Sequence[str]) -> str:
    """What the rows of a record say together, whatever their order; no two of them are the same."""
    return f"to_hex(bit_xor(md5_number({_texts(names)})))"


def _texts(names: Sequence[str]) -> str:
    """Values as one JSON list of texts, in which none runs into the next."""
    each = ", ".join(f"cast({quoted(name)} as varchar)" for name in names)
    return f"cast(to_json([{each}]::varchar[]) as varchar)"
