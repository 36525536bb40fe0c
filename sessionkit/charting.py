"""Drawing a picture with Altair.

Layer: above `pictures`; altair is given by the caller, and imported nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from sessionkit.pictures import Picture, picture_of
from sessionkit.shown import Names, is_ratio

COLOURS = (
    "#1b66a8", "#f0a22e", "#1c9f77", "#84105c", "#93d9f6", "#ae6820", "#ee7b83", "#1d2566",
)  # fmt: skip
"""The colours of series: of eight different shades, so that they are apart on grey paper, and for
those who see no red or green; the first ones most."""

_WIDTH, _HEIGHT, _STEP, _SQUARE = 480, 240, 18, 52
_WIDER, _MANY = 720, 16
"""Pixels of the width where so many words stand side by side."""

_LOW = 150
"""Pixels of the height where several stand below each other."""

_MOST_UPRIGHT = 24
"""Of more periods a line is drawn."""

_MOST_FLAT = 8
"""So many words stand side by side; more lean."""

_SHORT = 6
"""Letters of a word that lies flat below a square."""

_LONGEST_WORD = 220
"""Pixels of a word on an axis; what is longer ends in an ellipsis."""


def chart_of(
    altair: Any, question: str, table: pa.Table, meaning: Mapping[str, str], names: Names
) -> Any:
    """Draw an answer.

    Args:
        altair: The module.
        question: The name of the question.
        table: The rows.
        meaning: What the columns mean.
        names: What applications are called.

    Returns:
        An Altair chart that holds its data.

    Raises:
        UsageError: There is no figure to draw.
    """
    picture = picture_of(question, table, meaning, names)
    pen = _Pen(altair, picture, meaning)
    panels = len({mark.get("panel") for mark in picture.marks})
    chart = pen.chart()
    data = altair.Data(values=[dict(mark) for mark in picture.marks])
    if panels > 1:
        facet = altair.Facet(
            "panel:N", title=None, sort=None, header=altair.Header(labelFontWeight=600)
        )
        chart = chart.facet(facet, data=data, columns=1).resolve_scale(
            x="independent", y="independent"
        )
    else:
        chart = chart.properties(data=data)
    return chart.properties(
        title=_title(altair, question, picture), description=_said(question, picture)
    )


def _title(altair: Any, question: str, picture: Picture) -> Any:
    heading = f"{question.replace('_', ' ')}: {_figure_name(picture)}"
    if not picture.marks:
        return altair.Title(heading, subtitle="no row to draw")
    if not picture.left:
        return altair.Title(heading)
    drawn = len(picture.marks)
    return altair.Title(heading, subtitle=f"drawn: {drawn:,} of {drawn + picture.left:,}")


def _figure_name(picture: Picture) -> str:
    name: str = picture.figure.name
    compared = any(one.endswith("_before") for one in picture.places.figures)
    several = len(picture.places.figures) > 1 and not compared
    return picture.drawn.title or name if several else name


def _said(question: str, picture: Picture) -> str:
    """What a screen reader says."""
    return f"Chart of {_figure_name(picture)} of {question}, {len(picture.marks):,} marks."


class _Pen:
    """What draws the marks of one picture."""

    def __init__(self, altair: Any, picture: Picture, meaning: Mapping[str, str]) -> None:
        self.altair = altair
        self.picture = picture
        self.meaning = meaning

    def chart(self) -> Any:
        """The marks, without data."""
        words = {mark["along"] for mark in self.picture.marks}
        if self.picture.places.across is not None:
            return self._field()
        if self.picture.drawn.lines or (self.picture.is_time and len(words) > _MOST_UPRIGHT):
            return self._lines()
        return self._bars(upright=self.picture.is_time or self.picture.drawn.upright)

    def _bars(self, *, upright: bool) -> Any:
        along, figure = ("x", "y") if upright else ("y", "x")
        stacked = self.picture.drawn.stacked
        sides = {along: self._words(along), figure: self._figure(figure, stacked=stacked)}
        if self._has("series") and not stacked:
            offset = getattr(self.altair, f"{along.upper()}Offset")
            sides[f"{along}Offset"] = offset("series:N", sort=None)
        elif stacked:
            sides["order"] = self.altair.Order("place:Q")
        return self._chart("mark_bar", sides, upright=upright)

    def _lines(self) -> Any:
        scale = self.altair.Scale(type="utc") if self.picture.is_time else self.altair.Undefined
        kind = "T" if self.picture.is_time else "O"
        title = self.picture.places.along or ""
        flat = self.altair.Axis(labelAngle=0)
        across = self.altair.X(f"along:{kind}", title=title, sort=None, scale=scale, axis=flat)
        sides = {"x": across, "y": self._figure("y", stacked=False)}
        return self._chart("mark_line", sides, upright=True, point=True)

    def _field(self) -> Any:
        """A field of two words, each square with its figure."""
        order, title = list(self.picture.order), self.picture.places.across
        wide = max(map(len, order), default=0) > _SHORT
        flat = self.altair.Axis(labelAngle=-90 if wide else 0)
        x = self.altair.X("across:N", sort=order, title=title, axis=flat)
        y = self.altair.Y("along:N", sort=None, title=self.picture.places.along)
        most = max((mark["figure"] or 0.0 for mark in self.picture.marks), default=0.0)
        scale = self.altair.Scale(scheme="blues", domainMin=0)
        colour = self.altair.Color("figure:Q", scale=scale, legend=None)
        dark = f"datum.figure > {most * 0.6!r}"
        ink = self.altair.condition(dark, self.altair.value("white"), self.altair.value("black"))
        base = self.altair.Chart().encode(x=x, y=y, tooltip=self._tooltip())
        squares = base.mark_rect().encode(color=colour)
        figures = base.mark_text(fontSize=10).encode(text="shown:N", color=ink)
        step = self.altair.Step(_SQUARE)
        return (squares + figures).properties(width=step, height=self.altair.Step(_STEP + 6))

    def _chart(self, mark: str, sides: dict[str, Any], *, upright: bool, **how: Any) -> Any:
        if self._has("series"):
            scale = self.altair.Scale(range=list(COLOURS))
            title = ", ".join(self.picture.places.series)
            sides["color"] = self.altair.Color("series:N", sort=None, scale=scale, title=title)
        else:
            how["color"] = COLOURS[0]
        size = self._upright_size() if upright else self._size()
        drawn = getattr(self.altair.Chart(), mark)(**how)
        return drawn.encode(**sides, tooltip=self._tooltip()).properties(**size)

    def _upright_size(self) -> dict[str, Any]:
        many = len({mark["along"] for mark in self.picture.marks}) > _MANY
        wide = _WIDER if many and not self.picture.is_time else _WIDTH
        return {"width": wide, "height": _LOW if self._has("panel") else _HEIGHT}

    def _size(self) -> dict[str, Any]:
        offset = self._has("series") and not self.picture.drawn.stacked
        step = {"step": _STEP, "for": "position"} if not offset else {"step": _STEP // 2}
        return {"width": _WIDTH, "height": step}

    def _words(self, side: str) -> Any:
        many = len({mark["along"] for mark in self.picture.marks}) > _MOST_FLAT
        angle = {"labelAngle": -45 if many else 0} if side == "x" else {}
        axis = self.altair.Axis(labelLimit=_LONGEST_WORD, **angle)
        title = self.picture.places.along
        return getattr(self.altair, side.upper())("along:N", sort=None, title=title, axis=axis)

    def _figure(self, side: str, *, stacked: bool) -> Any:
        field = self.picture.figure
        is_share = (field.name in self.meaning and is_ratio(field)) or field.name == "off"
        shown = ".1~%" if is_share else ",.2~f"
        channel = getattr(self.altair, side.upper())
        whole = {"tickMinStep": 1} if pa.types.is_integer(field.type) else {}
        axis = self.altair.Axis(format=shown, **whole)
        title = _figure_name(self.picture)
        stack = "zero" if stacked else None
        return channel("figure:Q", title=title, axis=axis, stack=stack)

    def _tooltip(self) -> list[Any]:
        places = self.picture.places
        titles = {
            "panel": ", ".join(places.panel),
            "along": places.along or "figure",
            "across": places.across,
            "series": ", ".join(places.series) or "figure",
            "shown": self.picture.figure.name if len(places.figures) == 1 else "value",
        }
        return [
            self.altair.Tooltip(f"{name}:N", title=title)
            for name, title in titles.items()
            if self._has(name)
        ]

    def _has(self, name: str) -> bool:
        marks: Sequence[Mapping[str, Any]] = self.picture.marks
        return bool(marks) and name in marks[0]
