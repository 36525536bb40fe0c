"""The charts of the page: inline SVG, drawn by hand, readable at any width.

A chart has no `viewBox`: lengths along the page are percentages and letters keep their size, so a
telephone shows the same letters on a narrower drawing. Colours come from the page's style sheet;
no mark is told from another by its hue, so that charts survive grey paper and colour blindness.
Numbers become floats here, for drawing only; what is written beside a bar comes from the caller.

Layer: inside `page`; imports nothing from the package but `page.numbers`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from markupsafe import Markup

from sessionkit.page.numbers import cut, printable, short

Value = Decimal | float | int | None

_ROW = 40
_LINE = 40
_HEIGHT = 150
_TICKS = 6
_ROOM = 260.0
_LETTER = 7.0
_SURE = 24
_WIDEST = 8.2


class Bar(NamedTuple):
    """One bar: what it is, how long, what is written beside it, and what may come on top.

    `weak` draws it lighter, with an outline; `beyond` is drawn so behind its end.
    """

    label: str
    value: Value
    written: str
    weak: bool = False
    beyond: Value = None


class Scale(NamedTuple):
    """From where to where an axis goes, and how far its ticks are apart."""

    low: float
    high: float
    step: float

    def ticks(self) -> list[float]:
        """Where the ticks are."""
        count = round((self.high - self.low) / self.step)
        return [self.low + place * self.step for place in range(count + 1)]


def scale(values: Iterable[Value], *, whole: bool = False) -> Scale | None:
    """An axis with three to six round ticks, zero among them; None where there is nothing to draw.

    Args:
        values: What will be drawn.
        whole: Whether there is nothing between whole numbers.

    Example:
        >>> scale([3, Decimal("17.5"), None]).ticks()
        [0.0, 5.0, 10.0, 15.0, 20.0]
        >>> scale([9], whole=True).ticks()
        [0.0, 5.0, 10.0]
        >>> scale([0, None]) is None
        True
    """
    known = [float(value) for value in values if value is not None]
    low, high = min(0.0, *known, 0.0), max(0.0, *known, 0.0)
    if low == high:
        return None
    rough = (high - low) / 4
    size: float = 10.0 ** math.floor(math.log10(rough))
    steps = [size * n for n in (1, 2, 2.5, 5, 10) if size * n >= rough * 0.999]
    step = next((each for each in steps if each.is_integer()), 1.0) if whole else steps[0]
    return Scale(math.floor(low / step) * step, math.ceil(high / step) * step, step)


def bars(title: str, rows: Sequence[Bar], most: float = 0.0) -> Markup:
    """Draw one lying bar per row, each under its label; a bar may point below zero.

    Args:
        title: What it shows.
        rows: The bars.
        most: What the whole width stands for, if that is more than the longest bar.

    Returns:
        The drawing; nothing where there are nothing but zeros and unknown values.

    Example:
        >>> drawing = bars("Sessions", [Bar("open", 1, "1"), Bar("closed", 3, "3")])
        >>> drawing.count("<rect"), 'width="33.33%"' in drawing
        (2, True)
    """
    ends = [_end(row) for row in rows]
    if not any(ends):
        return Markup("")
    low, high = min(0.0, *ends), max(most, 0.0, *ends)
    shapes = [_lying(row, place * _ROW, low, high) for place, row in enumerate(rows)]
    if low < 0:
        zero = _percent(-low, high - low)
        shapes.append(_line(f"{zero}%", f"{zero}%", 16, len(rows) * _ROW, "axis"))
    return _drawing(title, len(rows) * _ROW, shapes)


def _end(row: Bar) -> float:
    return float(row.value or 0) + float(row.beyond or 0)


def _lying(row: Bar, top: int, low: float, high: float) -> Markup:
    """One bar, its label above it on the left and what is written on the right."""
    parts = [(0.0, float(row.value or 0), row.weak)]
    if row.beyond:
        parts.append((float(row.value or 0), _end(row), True))
    rects = Markup("").join(
        Markup('<rect{kind} x="{x}%" y="{y}" width="{wide}%" height="13"/>').format(
            kind=_kind(weak),
            x=_percent(min(begin, end) - low, high - low),
            y=top + 21,
            wide=_percent(abs(end - begin), high - low),
        )
        for begin, end, weak in parts
    )
    return Markup(
        "<g><title>{whole}: {written}</title>{label}"
        '<text class="figure" x="100%" y="{y}" text-anchor="end">{written}</text>{rects}</g>'
    ).format(
        whole=cut(printable(row.label), 120),
        written=row.written,
        label=_label(row, top),
        y=top + 15,
        rects=rects,
    )


def _label(row: Bar, top: int) -> Markup:
    """The label of a bar; a long one ends before what is written, however wide its letters are."""
    label = cut(printable(row.label), max(12, _LINE - len(row.written)))
    words = Markup('<text x="{x}" y="{y}">{label}</text>')
    if len(label) + len(row.written) <= _SURE:
        return words.format(x=0, y=top + 15, label=label)
    # As wide as the page and moved to the left, its own ground ends where the figure begins.
    room = math.ceil(len(row.written) * _WIDEST) + 8
    return Markup('<svg x="{left}" width="100%" height="{low}">{words}</svg>').format(
        left=-room, low=top + 20, words=words.format(x=room, y=top + 15, label=label)
    )


def columns(
    title: str, rows: Sequence[Bar], axis: Scale | None = None, *, height: int = _HEIGHT
) -> Markup:
    """Draw one standing column per row, in order, over an axis and a few of the labels.

    Args:
        title: What it shows.
        rows: The columns.
        axis: The axis, where several charts must have the same one.
        height: How high the drawing is, in pixels, without the labels.

    Returns:
        The drawing; nothing where there are nothing but zeros and unknown values.

    Example:
        >>> months = [Bar("2026-01", 1, "1.00"), Bar("2026-02", 2, "2.00")]
        >>> columns("Gross total by month", months).count("<rect")
        2
    """
    counts = all(row.value is None or isinstance(row.value, int) for row in rows)
    axis = axis or scale([row.value for row in rows], whole=counts)
    if axis is None or not any(row.value for row in rows):
        return Markup("")
    wide = 100.0 / len(rows)

    def down(value: float) -> float:
        """Where a value is, from above."""
        return round((axis.high - value) / (axis.high - axis.low) * height + 8, 2)

    shapes = []
    for tick in axis.ticks():
        shapes.append(_line("0", "100%", down(tick), down(tick), "grid" if tick else "axis"))
        shapes.append(_text(-6, down(tick) + 4, "end", short(_clean(tick, axis.step))))
    for place, row in enumerate(rows):
        value = float(row.value or 0)
        shapes.append(
            Markup(
                "<g><title>{label}: {written}</title>"
                '<rect{kind} x="{x}%" y="{y}" width="{wide}%" height="{high}"/></g>'
            ).format(
                label=cut(printable(row.label), 120),
                written=row.written,
                kind=_kind(row.weak),
                x=round(place * wide + wide * 0.1, 2),
                y=down(max(value, 0.0)),
                wide=round(wide * 0.8, 2),
                high=round(abs(down(value) - down(0.0)), 2),
            )
        )
    shapes += _labels(rows, wide, height + 26)
    return _drawing(title, height + 32, shapes, "plot")


def _labels(rows: Sequence[Bar], wide: float, y: float) -> list[Markup]:
    """Labels under the first, the last and a few columns between; none overlap on a telephone."""
    written = [cut(printable(row.label), 12) for row in rows]
    fit = int(_ROOM // (max(map(len, written)) * _LETTER + 12))
    gaps = max(1, min(fit, _TICKS, len(rows)) - 1)
    last = len(rows) - 1
    shapes = []
    for place in sorted({round(gap * last / gaps) for gap in range(gaps + 1)}):
        at_end = place == last and place > 0
        anchor, share = ("end", 0.9) if at_end else ("middle", 0.5)
        shapes.append(_text(f"{round((place + share) * wide, 2)}%", y, anchor, written[place]))
    return shapes


def _clean(value: float, step: float) -> float:
    """A tick without the digits that adding floats left."""
    return round(value / step) * step if abs(step) >= 1 else round(value, 12)


def _text(x: str | float, y: float, anchor: str, words: str) -> Markup:
    return Markup(
        '<text class="tick" x="{x}" y="{y}" text-anchor="{anchor}">{words}</text>'
    ).format(x=x, y=round(y, 2), anchor=anchor, words=words)


def _line(x1: str, x2: str, y1: float, y2: float, kind: str) -> Markup:
    return Markup('<line class="{}" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(kind, x1, x2, y1, y2)


def _kind(weak: bool) -> Markup:
    return Markup(' class="weak"') if weak else Markup("")


def _percent(part: float, whole: float) -> float:
    """Two decimals are finer than any screen, and the same on every machine."""
    return round(part / whole * 100.0, 2)


def _drawing(title: str, height: float, shapes: Iterable[Markup], kind: str = "whole") -> Markup:
    return Markup(
        '<svg class="{kind}" role="img" aria-label="{title}" height="{height}">{all}</svg>'
    ).format(kind=kind, title=printable(title), height=height, all=Markup("").join(shapes))
