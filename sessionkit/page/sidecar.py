"""Every figure of the page, and those it leaves out, exactly and for programs: one JSON object.

Layer: inside `page`, above `answers` and `facts`; imports `formats` from below.
"""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sessionkit.formats import as_json
from sessionkit.page.answers import Answers, group_columns
from sessionkit.page.facts import Facts

MOST_CODES = 1000
"""How many codes of each application are told, those entered most; a large shop has a code for
each session."""

_CODES = {"coupons": "coupon_code", "referrals": "referral_code"}


def sidecar(title: str, version: str, read: Facts, asked: Answers) -> str:
    """Write what the page shows as JSON: `reading`, and `answers` by name.

    Each answer has its question and arguments, the definition of its columns, its notes and all its
    rows; of codes those entered most, and in `rows_left_out` how many others there are. Amounts are
    strings, exactly as stored; other figures keep twelve digits, as the last ones depend on the
    order of adding.
    """
    head: dict[str, Any] = {"title": title, "sessionkit": version, "arguments": asked.common}
    reading = {
        "files": _rows(read.files),
        "rejects": _rows(read.rejects),
        "findings": _rows(read.findings),
        "span": _rows((read.span,))[0],
    }
    answers = ",\n".join(f"{_json(name)}: {_answer(asked, name)}" for name in asked.results)
    return (
        "{"
        + ",\n".join(f"{_json(name)}: {_json(value)}" for name, value in head.items())
        + f',\n"reading": {_json(reading)}'
        + f',\n"answers": {{\n{answers}\n}}}}\n'
    )


def _answer(asked: Answers, name: str) -> str:
    result = asked[name]
    parts = {
        "question": result.question,
        "arguments": asked.arguments[name],
        "definition": dict(result.definition),
        "notes": result.notes,
    }
    kept = _entered_most(result.table, _CODES[name]) if name in _CODES else result.table
    if left := len(result) - kept.num_rows:
        parts["rows_left_out"] = left
    rows = ",\n ".join(_json(row) for row in _loaded(as_json(kept)))
    told = ", ".join(f"{_json(key)}: {_json(value)}" for key, value in parts.items())
    return f'{{{told}, "rows": [{rows}]}}'


def _entered_most(table: pa.Table, code: str) -> pa.Table:
    """The rows of the codes that were entered most, of each application, in the order they had."""
    if table.num_rows <= MOST_CODES:
        return table
    groups = group_columns(table)
    placed = table.append_column("row", pa.array(range(table.num_rows)))
    order = [(name, "ascending") for name in groups]
    order += [("session_count", "descending"), (code, "ascending")]
    kept: list[int] = []
    counts: dict[tuple[Any, ...], int] = {}
    for row in placed.select([*groups, "row"]).take(pc.sort_indices(placed, order)).to_pylist():
        group = tuple(row[name] for name in groups)
        counts[group] = counts.get(group, 0) + 1
        if counts[group] <= MOST_CODES:
            kept.append(row["row"])
    return table.take(sorted(kept))


def _rows(rows: tuple[dict[str, Any], ...]) -> list[dict[str, Any]]:
    return _loaded(as_json(pa.Table.from_pylist(list(rows))))


def _loaded(text: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(
        text, parse_float=lambda one: float(f"{float(one):.12g}")
    )
    return rows


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, default=str)
