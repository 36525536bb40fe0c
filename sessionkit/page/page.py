"""Sections into one HTML page: escaped, self-contained, the same bytes for the same data.

Layer: inside `page`, below `report.report`; above `grid`.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import NamedTuple

import jinja2
from markupsafe import Markup

from sessionkit.formats import NOTHING
from sessionkit.page.grid import Section
from sessionkit.page.numbers import printable


class Note(NamedTuple):
    """A footnote: the id that headings link to, the column's name, and what it means."""

    id: str
    name: str
    text: str


class Footnotes(NamedTuple):
    """The footnotes of one question, and the id that its sections link to."""

    id: str
    title: str
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class Page:
    """Everything on the page, in its order."""

    title: str
    lead: str
    headline: str
    sections: tuple[Section, ...]
    footnotes: tuple[Footnotes, ...]
    version: str


def rendered(page: Page) -> str:
    """The page as HTML. Whatever comes from data is escaped, control characters too."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("sessionkit.page"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["coded"] = _coded
    style = files("sessionkit.page").joinpath("templates/style.css").read_text(encoding="utf-8")
    return environment.get_template("page.html.j2").render(
        page=page, nothing=NOTHING, style=Markup(style.strip())
    )


def _coded(text: str) -> Markup:
    """A text of the package's own, in which code stands between backticks."""
    parts = printable(text).split("`")
    if not len(parts) % 2:
        return Markup("{}").format(printable(text))
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if place % 2 else part
        for place, part in enumerate(parts)
    )


def _shown(value: object) -> object:
    """What a template prints: text without characters that HTML forbids."""
    return value if isinstance(value, Markup) else printable(str(value))
