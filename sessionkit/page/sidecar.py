"""Every figure of the page, and those it leaves out, exactly and for programs: one JSON object.

Layer: inside `page`, above `answers` and `facts`; imports `formats` from below.
"""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa

from sessionkit.formats import as_json
from sessionkit.page.answers import Answers
from sessionkit.page.facts import Facts


def sidecar(title: str, version: str, read: Facts, asked: Answers) -> str:
    """Write what the page shows as JSON: `reading`, and `answers` by name.

    Each answer has its question and arguments, the definition of its columns, its notes and all its
    rows. Amounts are strings, exactly as stored; other figures keep twelve digits, as the last ones
    depend on the order of adding.
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
    rows = ",\n ".join(_json(row) for row in _loaded(result.to_json()))
    told = ", ".join(f"{_json(key)}: {_json(value)}" for key, value in parts.items())
    return f'{{{told}, "rows": [{rows}]}}'


def _rows(rows: tuple[dict[str, Any], ...]) -> list[dict[str, Any]]:
    return _loaded(as_json(pa.Table.from_pylist(list(rows))))


def _loaded(text: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(
        text, parse_float=lambda one: float(f"{float(one):.12g}")
    )
    return rows


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, default=str)
