"""The data dictionary: every table and column, written from the declarations.

`python -m sessionkit.dictionary > data/README.md` brings the dictionary up to date; a test says
when that is due.

Layer: above `tables` and `rules`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable

from sessionkit.columns import Column, Kind, Table
from sessionkit.errors import REASONS
from sessionkit.rules import RULES
from sessionkit.tables import ALL, MODEL

_SAMPLES = """\
# Sample data and data dictionary

All sessions here are made up, by `python -m sessionkit.generate.samples data`. They tell of one
world in four of the shapes in which sessions leave Talon.One, so some sessions are in two files;
two records of the V1 file are bad on purpose.

| file | what it is |
|---|---|
| `sessions_export.csv` | the Management API's CSV export, with JSON in its cells |
| `v1_sessions.jsonl` | sessions of the Integration API V1, one JSON object per line |
| `v2_responses.jsonl` | responses of the Integration API V2, one per line, each with its session |
| `session_list.json` | pages of the Management API's list of sessions |

`sessionkit report data/` reads them all.
"""

_INTRODUCTION = """\
## The tables

Written by `python -m sessionkit.dictionary > data/README.md`; change the declarations in
`sessionkit/tables/`, not this text.

Every table of the model carries the session's key, so any two of them join with
`using (application_id, integration_id)`. *Where* is the member of a session in the spelling of
Talon.One's Integration API V2, whatever the spelling of the dump. Money is `decimal128(38, 18)`,
exact to the digit; instants are UTC, to the microsecond. *Personal* marks what may tell who a
customer is.
"""

_PLACES = {
    "#": "the line's place in `cartItems`",
    "$key": "the entry's key",
    "$value": "the entry itself",
    "$kind": "the entry's kind",
}


def dictionary() -> str:
    """Write the data dictionary as Markdown, with a few words on the sample files before it."""
    tables = "\n".join(_table(table) for table in ALL)
    parts = [_SAMPLES, _INTRODUCTION, _overview(), _types(), tables, _rules(), _reasons()]
    return "\n".join(parts)


def _overview() -> str:
    rows = ((f"[`{table.name}`](#{table.name})", table.grain, _key(table)) for table in ALL)
    return _grid(("table", "one row per", "key"), rows)


def _types() -> str:
    rows = ((kind.value, f"`{kind.arrow}`") for kind in Kind)
    return _grid(("type", "as Arrow holds it"), rows)


def _table(table: Table) -> str:
    heading = f"### {table.name}\n\n{table.doc}\n\nOne row per {table.grain}. Key: {_key(table)}."
    rows = (
        (
            f"`{column.name}`",
            column.kind.value,
            "yes" if column.nullable else "no",
            column.unit or "",
            column.doc,
            _rules_of(column),
            _place(table, column),
        )
        for column in table.columns
    )
    columns = ("column", "type", "null?", "unit", "meaning", "rules", "where")
    return f"{heading}\n\n{_grid(columns, rows)}"


def _key(table: Table) -> str:
    return ", ".join(f"`{name}`" for name in table.key) or "none"


def _rules_of(column: Column) -> str:
    rules = []
    if column.at_least is not None:
        rules.append(f"at least {column.at_least}")
    if column.one_of:
        rules.append(f"one of {', '.join(f'`{value}`' for value in column.one_of)}")
    if column.personal:
        rules.append("personal")
    return "; ".join(rules)


def _place(table: Table, column: Column) -> str:
    """Where in a session a value is found; which members a value that is worked out rests on."""
    if table not in MODEL:
        return "noted while reading"
    if column.path is None:
        if column.member == "discountTotal":
            return "worked out from `discounts`, else `totalDiscounts`"
        return f"worked out from `{column.member}`" if column.member else "noted while reading"
    if column.path.startswith("^."):
        return f"`{column.path[2:]}`"
    if column.path in _PLACES:
        within = "" if column.path == "#" else f" in {_listed(table.rows)}"
        return f"{_PLACES[column.path]}{within}"
    return _listed(f"{row}.{column.path}".lstrip(".") for row in table.rows)


def _listed(paths: Iterable[str]) -> str:
    return " or ".join(f"`{path}`" for path in paths)


def _rules() -> str:
    rows = ((f"`{name}`", rule.severity, rule.meaning) for name, rule in RULES.items())
    return f"## The rules of findings\n\n{_grid(('rule', 'severity', 'meaning'), rows)}"


def _reasons() -> str:
    rows = ((f"`{code}`", meaning) for code, meaning in REASONS.items())
    return f"## The reasons of rejects\n\n{_grid(('code', 'meaning'), rows)}"


def _grid(heading: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heading, ("---",) * len(heading), *rows]
    return "".join(f"| {' | '.join(map(_cell, line))} |\n" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(dictionary())
