"""What is drawn of an answer: the marks of its chart, as plain values.

What a question's chart shows is declared in `drawn`. Amounts of different applications or
currencies never share an axis: each has a panel.

Layer: above `drawn` and `shown`; `charting` draws it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from sessionkit.drawn import DRAWN, Drawn
from sessionkit.errors import UsageError
from sessionkit.formats import NOTHING, is_figure
from sessionkit.shown import Names, shower

MOST_BARS, MOST_SERIES, MOST_PANELS, MOST_MARKS = 40, 8, 6, 2_000
"""So many can be told apart in one picture."""

MOST_ROWS = 50_000
"""So many rows of an answer are looked at."""

_APART = ("application_id", "currency")
_PERIODS = {"month": 7, "year": 4}
"""How much of the first day names a period."""

_NO_NAMES: Names = MappingProxyType({})


class Places(NamedTuple):
    """Which columns stand where; `along` is None where the figures' names stand there."""

    panel: tuple[str, ...]
    along: str | None
    series: tuple[str, ...]
    across: str | None
    figures: tuple[str, ...]


class Picture(NamedTuple):
    """What is drawn.

    Attributes:
        drawn: How.
        places: Of which columns.
        marks: Each with `along`, `figure`, and in words `shown`; `series` (with its `place` among
            others), `panel` and `across` where there are such.
        is_time: Whether `along` holds the first days of periods.
        order: The words across, in order.
        figure: The column of the figures; the first one where there are several.
        left: How many marks are left out.
    """

    drawn: Drawn
    places: Places
    marks: tuple[Mapping[str, Any], ...]
    is_time: bool
    order: tuple[str, ...]
    figure: pa.Field
    left: int


def picture_of(
    question: str, table: pa.Table, meaning: Collection[str] = (), names: Names = _NO_NAMES
) -> Picture:
    """Find what is drawn of an answer.

    Args:
        question: Its name; of one that is not known, the first figure over the first group.
        table: Its rows; those that are totals of others are left out.
        meaning: The columns that are the question's own.
        names: What applications are called.

    Raises:
        UsageError: There is no figure to draw.

    Example:
        >>> picture_of("sql", pa.table({"state": ["open"], "n": [3]})).marks
        ({'along': 'open', 'figure': 3.0, 'shown': '3'},)
    """
    rows = _without_totals(_reconciled(table) if question == "reconcile" else table)
    drawn = DRAWN.get(question, Drawn(()))
    if drawn.counted and drawn.along in rows.column_names:
        rows = _counted(rows, drawn)
    if not set(drawn.figures[:1]) or drawn.figures[0] not in rows.column_names:
        drawn = Drawn((_first_figure(question, rows),))
    places = _places(rows, drawn)
    is_time = places.along is not None and pa.types.is_date(rows.schema.field(places.along).type)
    if meaning and drawn.along is None and not (is_time or drawn.lines) and places.along:
        rows = rows.sort_by([(places.figures[0], "descending")])
    order = () if places.across is None else _order(rows, places.across, meaning, names)
    marks = list(_marks(rows, places, drawn, meaning, names))
    kept = tuple(_kept(marks, narrow=not (is_time or drawn.upright)))
    left = rows.num_rows * len(places.figures) - len(kept)
    return Picture(drawn, places, kept, is_time, order, rows.schema.field(places.figures[0]), left)


def _first_figure(question: str, rows: pa.Table) -> str:
    figures: list[str] = [field.name for field in rows.schema if is_figure(field)]
    if not figures:
        names = ", ".join(rows.column_names)
        raise UsageError(f"{question}: there is no figure to draw among {names}.")
    return figures[0]


def _without_totals(table: pa.Table) -> pa.Table:
    return table.filter(pc.invert(table["is_total"])) if "is_total" in table.column_names else table


def _reconciled(table: pa.Table) -> pa.Table:
    """How far off our figures are, of those that both have told."""
    rows = [row for row in table.to_pylist() if row["difference"] is not None and row["theirs"]]
    told = [
        " ".join(
            str(one)
            for one in (row["campaign_id"], row["start_at"].date(), row["figure"], row["basis"])
            if one is not None
        )
        + (f", returned {row['partially_returned']}" if row["partially_returned"] else "")
        for row in rows
    ]
    off = [float(row["difference"] / row["theirs"]) for row in rows]
    return pa.table({"row": pa.array(told, pa.string()), "off": pa.array(off, pa.float64())})


def _counted(rows: pa.Table, drawn: Drawn) -> pa.Table:
    """How many rows there are of each pair of values, in their order."""
    assert drawn.along is not None
    assert drawn.across is not None
    keys = [*_groups(rows, drawn), drawn.along, drawn.across]
    counted = rows.group_by(keys).aggregate([([], "count_all")])
    counted = counted.rename_columns([*keys, drawn.figures[0]])
    return counted.sort_by([(key, "ascending") for key in keys])


def _groups(rows: pa.Table, drawn: Drawn) -> list[str]:
    """The columns that group: those before the first of the question's own."""
    groups = []
    for field in rows.schema:
        if is_figure(field) or field.name in (drawn.along, drawn.own):
            break
        groups.append(field.name)
    told = ["is_total", "partial"]
    if "first_discounted" in groups and not pc.any(pc.is_valid(rows["first_discounted"])).as_py():
        told.append("first_discounted")  # nobody asked for cohorts apart
    return [name for name in groups if name not in told and not name.endswith("_before")]


def _places(rows: pa.Table, drawn: Drawn) -> Places:
    groups = _groups(rows, drawn)
    figures = tuple(name for name in drawn.figures if name in rows.column_names)
    if drawn.across is not None:
        return Places(tuple(groups), drawn.along, (), drawn.across, figures)
    several = [
        name for name in groups if name not in _APART or pc.count_distinct(rows[name]).as_py() > 1
    ]
    apart = pa.types.is_decimal(rows.schema.field(figures[0]).type)
    panel = [name for name in several if name in _APART and apart]
    rest = [name for name in several if name not in panel]
    along = drawn.along
    if along is None and not drawn.lines and rest:
        periods = [name for name in rest if pa.types.is_date(rows.schema.field(name).type)]
        along = (periods or rest[::-1])[0]
        rest.remove(along)
    if along is None and drawn.alone:
        figures = tuple(name for name in drawn.alone if name in rows.column_names)
    before = f"{figures[0]}_before"
    if not rest and along is not None and len(figures) == 1 and before in rows.column_names:
        figures = (figures[0], before)
    if len(figures) > 1 and along is not None:
        panel, rest = [*panel, *rest], []
    return Places(tuple(panel), along, tuple(rest), None, figures)


def _marks(
    rows: pa.Table, places: Places, drawn: Drawn, meaning: Collection[str], names: Names
) -> Iterator[dict[str, Any]]:
    """Each figure of each row."""
    shown = rows.slice(0, MOST_ROWS)
    said = {
        name: _words(shown, name, meaning, names)
        for name in (*places.panel, places.along, *places.series, places.across)
        if name is not None
    }
    told = {name: _words(shown, name, meaning, names) for name in places.figures}
    values = {name: shown[name].to_pylist() for name in places.figures}
    for place in range(shown.num_rows):
        words = {name: column[place] for name, column in said.items()}
        for name in places.figures:
            value = values[name][place]
            mark = {
                "along": _called(name) if places.along is None else words[places.along],
                "figure": None if value is None else float(value),
                "shown": told[name][place],
            }
            if places.across is not None:
                if shown[places.across][place].as_py() is None:
                    continue
                mark["across"] = words[places.across]
            if places.panel:
                mark["panel"] = ", ".join(words[one] for one in places.panel)
            if places.series:
                mark["series"] = ", ".join(words[one] for one in places.series)
            elif len(places.figures) > 1 and places.along is not None:
                mark |= {"series": _called(name), "place": places.figures.index(name)}
            yield mark


def _words(rows: pa.Table, name: str, meaning: Collection[str], names: Names) -> list[str]:
    """The values of a column as they are written in a chart."""
    field, values = rows.schema.field(name), rows[name].to_pylist()
    if pa.types.is_list(field.type):
        return [NOTHING if one is None else _joined(one) for one in values]
    show = shower(field, meaning, names)
    size = _PERIODS.get(name, 10) if pa.types.is_date(field.type) else None
    return [(show(value)[:size] or '""') for value in values]


def _order(rows: pa.Table, name: str, meaning: Collection[str], names: Names) -> tuple[str, ...]:
    """The words of a column: numbers in their order, others as they come."""
    column = rows.select([name])
    if is_figure(column.schema.field(name)):
        column = column.sort_by(name)
    return tuple(dict.fromkeys(_words(column, name, meaning, names)))


def _joined(labels: Sequence[str]) -> str:
    return " + ".join(one or '""' for one in labels) or "none"


def _called(figure: str) -> str:
    """A figure's name as it stands on an axis: `closed_within_3_days_share` is `3 days`."""
    return figure.removeprefix("closed_within_").removesuffix("_share").replace("_", " ")


def _kept(marks: Sequence[dict[str, Any]], *, narrow: bool) -> Iterator[dict[str, Any]]:
    """The marks that can be told apart: of the first panels, series and words."""
    panels: dict[str, dict[str, None]] = {}
    series: dict[str, None] = {}
    for mark in marks[:MOST_MARKS]:
        panel, one = mark.get("panel", ""), mark.get("series", "")
        if panel not in panels and len(panels) == MOST_PANELS:
            continue
        if one not in series and len(series) == MOST_SERIES:
            continue
        words = panels.setdefault(panel, {})
        if narrow and mark["along"] not in words and len(words) == MOST_BARS:
            continue
        words[mark["along"]] = series[one] = None
        yield mark
