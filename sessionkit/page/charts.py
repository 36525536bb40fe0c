"""The charts of the page: inline SVG, drawn by hand, readable at any width.

A chart has no `viewBox`: lengths along the page are percentages and letters keep their size, so a
telephone shows the same letters on a narrower drawing. Colours come from the page's style sheet.
Numbers become floats here, for drawing only; what is written beside a bar comes from the caller.

Layer: inside `page`; imports nothing from the package but `report.numbers`.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from markupsafe import Markup

from sessionkit.page.numbers import printable

_ROW = 38
_LABEL = 34
_HEIGHT = 150
_TICKS = 5


class Bar(NamedTuple):
    """One bar: what it is, how long, and what is written beside it."""

    label: str
    value: Decimal | float | int | None
    written: str
    weak: bool = False


def bars(title: str, rows: Sequence[Bar]) -> Markup:
    """Draw one lying bar per row, each under its label; a bar may point below zero.

    Nothing but zeros and unknown values gives no drawing at all.

    Example:
        >>> drawing = bars("Sessions", [Bar("open", 1, "1"), Bar("closed", 3, "3")])
        >>> drawing.count("<rect"), 'width="33.33%"' in drawing
        (2, True)
    """
    if not any(row.value for row in rows):
        return Markup("")
    low, high = _span(rows)
    shapes = [
        Markup(
            "<g><title>{whole}: {written}</title>"
            '<text x="0" y="{y}">{label}</text>'
            '<text class="figure" x="100%" y="{y}" text-anchor="end">{written}</text>'
            '<rect{kind} x="{x}%" y="{top}" width="{width}%" height="12" rx="2"/></g>'
        ).format(
            whole=printable(row.label),
            written=row.written,
            label=_cut(printable(row.label)),
            y=place * _ROW + 14,
            top=place * _ROW + 20,
            kind=Markup(' class="weak"') if row.weak else "",
            **{side: _number(size) for side, size in _reach(row.value, low, high).items()},
        )
        for place, row in enumerate(rows)
    ]
    return _drawing(title, len(rows) * _ROW, shapes)


def columns(title: str, rows: Sequence[Bar]) -> Markup:
    """Draw one standing column per row, in order, with a few of the labels beneath.

    Example:
        >>> months = [Bar("2026-01", 1, "1.00"), Bar("2026-02", 2, "2.00")]
        >>> columns("Gross total by month", months).count("<rect")
        2
    """
    if not any(row.value for row in rows):
        return Markup("")
    low, high = _span(rows)
    step = 100.0 / len(rows)
    shapes = []
    for place, row in enumerate(rows):
        reach = _reach(row.value, low, high)
        top = (100.0 - reach["x"] - reach["width"]) / 100.0 * _HEIGHT
        shapes.append(
            Markup(
                "<g><title>{label}: {written}</title>"
                '<rect{kind} x="{x}%" y="{y}" width="{width}%" height="{height}"/></g>'
            ).format(
                label=printable(row.label),
                written=row.written,
                kind=Markup(' class="weak"') if row.weak else "",
                x=_number(place * step + step * 0.1),
                width=_number(step * 0.8),
                y=_number(top),
                height=_number(reach["width"] / 100.0 * _HEIGHT),
            )
        )
    return _drawing(title, _HEIGHT + 24, [*shapes, *_ticks(rows, step)])


def _ticks(rows: Sequence[Bar], step: float) -> list[Markup]:
    """Labels under the first, the last and a few columns between, so that none overlap."""
    apart = max(1, -(-(len(rows) - 1) // (_TICKS - 1)))
    places = range(0, len(rows), apart)
    anchors = {0: "start", len(rows) - 1: "end"} if len(rows) > 1 else {}
    return [
        Markup('<text x="{x}%" y="{y}" text-anchor="{anchor}">{label}</text>').format(
            x=_number(_tick_place(place, step, anchors.get(place))),
            y=_HEIGHT + 18,
            anchor=anchors.get(place, "middle"),
            label=_cut(printable(rows[place].label), 12),
        )
        for place in places
    ]


def _tick_place(place: int, step: float, anchor: str | None) -> float:
    edges = {"start": 0.1, "end": 0.9}
    return place * step + step * edges.get(anchor or "", 0.5)


def _span(rows: Sequence[Bar]) -> tuple[float, float]:
    values = [float(row.value) for row in rows if row.value is not None]
    return min(0.0, *values, 0.0), max(0.0, *values, 0.0)


def _reach(value: Decimal | float | int | None, low: float, high: float) -> dict[str, float]:
    """Where a bar begins and how long it is, in percent of the drawing."""
    if value is None or high == low:
        return {"x": 0.0, "width": 0.0}
    whole = high - low
    first, last = sorted((0.0, float(value)))
    return {
        "x": (first - low) / whole * 100.0,
        "width": (last - first) / whole * 100.0,
    }


def _number(value: float) -> float:
    """Two decimals are finer than any screen, and the same on every machine."""
    return round(value, 2)


def _cut(label: str, limit: int = _LABEL) -> str:
    return label if len(label) <= limit else label[: limit - 1] + "…"


def _drawing(title: str, height: int, shapes: Sequence[Markup]) -> Markup:
    return Markup(
        '<svg role="img" aria-label="{title}" width="100%" height="{height}">{all}</svg>'
    ).format(title=printable(title), height=height, all=Markup("").join(shapes))
