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
    """The footnotes of one question."""

    title: str
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class Page:
    """Everything on the page, in its order."""

    title: str
    lead: tuple[str, ...]
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
    style = files("sessionkit.page").joinpath("templates/style.css").read_text(encoding="utf-8")
    return environment.get_template("page.html.j2").render(
        page=page, nothing=NOTHING, style=Markup(style)
    )


def _shown(value: object) -> object:
    """What a template prints: text without characters that HTML forbids."""
    return value if isinstance(value, Markup) else printable(str(value))
