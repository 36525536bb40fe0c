"""A comparison as people read it on a terminal: a line for each figure, now and before beside it.

An answer with `compare` has three or four columns for each figure, far too many for one line.

Layer: above `shown`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from textwrap import wrap
from types import MappingProxyType
from typing import Any

import pyarrow as pa

from sessionkit.shown import Names, as_text, shower

BEFORE, DIFFERENCE, CHANGE = "_before", "_difference", "_change"
"""What the names of the columns end with that a comparison adds."""

_ENDINGS = ("", BEFORE, DIFFERENCE, CHANGE)
_HEADS = ("", "now", "before", "difference", "change")
_ENDLESS = 1_000_000_000
_GAP = "  "
_TIE = "\N{NO-BREAK SPACE}"

Told = Mapping[str, Sequence[str]]
"""The cells of columns as text, by the columns' names."""


def compared_text(
    table: pa.Table,
    width: int = 100,
    meaning: Collection[str] = (),
    names: Names = MappingProxyType({}),
) -> str | None:
    """Write a comparison for a terminal.

    Args:
        table: The rows.
        width: Of the terminal, in characters.
        meaning: The columns that are a question's own.
        names: What applications are called.

    Returns:
        A block for each row: what tells it apart; the figures that are not as before, one in a
        line, without `difference` where there is no room for it; the others in a sentence. As
        ever where it fits in lines. None for a table that compares nothing, and for a terminal
        that is too narrow.

    Example:
        >>> answer = pa.table({"n": [12], "n_before": [10], "n_difference": [2], "n_change": [0.2]})
        >>> print(compared_text(answer, 30, ["n_change"]))
           now  before  change
        n   12      10  20.00%
    """
    columns = table.column_names
    figures = [name for name in columns if {name + BEFORE, name + DIFFERENCE} <= {*columns}]
    if not figures:
        return None
    flat = as_text(table, _ENDLESS, meaning, names)
    if as_text(table, width, meaning, names) == flat:
        return flat
    told = {
        field.name: [*map(shower(field, meaning, names), values.to_pylist())]
        for field, values in zip(table.schema, table.columns, strict=True)
    }
    same = [_same(row, figures) for row in table.to_pylist()]
    for with_difference in (True, False):
        blocks = [
            _block(told, figures, place, width, same[place], with_difference=with_difference)
            for place in range(table.num_rows)
        ]
        if all(len(line) <= width for block in blocks for line in block):
            return "\n\n".join("\n".join(block) for block in blocks)
    return None


def _same(row: Mapping[str, Any], figures: Sequence[str]) -> list[str]:
    """The figures that are as before."""
    return [name for name in figures if row[name] == row[name + BEFORE]]


def _block(
    told: Told,
    figures: Sequence[str],
    place: int,
    width: int,
    same: Sequence[str],
    *,
    with_difference: bool,
) -> list[str]:
    """The lines of one row."""
    compared = {figure + ending for figure in figures for ending in _ENDINGS}
    keys = {name: cells[place] for name, cells in told.items() if name not in compared}
    rows = [_figure(told, name, place, with_difference) for name in figures if name not in same]
    heads = [head for head in _HEADS if with_difference or head != "difference"]
    wide = max(map(len, [*keys, *(name for name, *_ in rows)]), default=0)
    lines = [f"{name:{wide}}{_GAP}{value}" for name, value in keys.items()]
    lines += _aligned([heads, *rows], wide) if rows else []
    if same:
        listed = ", ".join(f"{name}{_TIE}{told[name][place]}" for name in same)
        sentence = wrap(f"As before: {listed}.", width, break_long_words=False)
        lines += [line.replace(_TIE, " ") for line in sentence]
    return lines


def _figure(told: Told, name: str, place: int, with_difference: bool) -> list[str]:
    """The cells of a figure; a rate has no change but its difference, in points."""
    cells = [name, told[name][place], told[name + BEFORE][place]]
    difference = told[name + DIFFERENCE][place]
    if name + CHANGE not in told:
        return [*cells, difference, ""] if with_difference else [*cells, difference]
    change = told[name + CHANGE][place]
    return [*cells, difference, change] if with_difference else [*cells, change]


def _aligned(rows: Sequence[Sequence[str]], wide: int) -> Iterator[str]:
    """Lines of names, to the left, and of figures, to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)][1:]
    for name, *cells in rows:
        padded = [f"{cell:>{room}}" for cell, room in zip(cells, widths, strict=True)]
        yield _GAP.join([f"{name:{wide}}", *padded]).rstrip()
