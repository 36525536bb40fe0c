"""The page: what sessions were worth, how they went, and how good the data are, in one HTML file.

Layer: above `questions`, `session_tables` and `reading`; below `cli`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sessionkit.config import current
from sessionkit.database import Source
from sessionkit.errors import UsageError
from sessionkit.page.answers import Answers, ask_all
from sessionkit.page.campaigns import campaigns
from sessionkit.page.costs import depths, discounts
from sessionkit.page.course import funnel, states
from sessionkit.page.entered import codes
from sessionkit.page.facts import Facts, facts_of
from sessionkit.page.files import write_file
from sessionkit.page.glance import key_figures
from sessionkit.page.goods import baskets, items
from sessionkit.page.grid import Section, note_id, notes_id
from sessionkit.page.numbers import plural
from sessionkit.page.over_time import over_time
from sessionkit.page.page import Footnotes, Note, Page, rendered
from sessionkit.page.people import customers
from sessionkit.page.reading import headline, quality
from sessionkit.page.sidecar import sidecar
from sessionkit.version import version


def report(
    source: Source,
    path: str | Path = "report.html",
    *,
    json: str | Path | None = None,
    title: str | None = None,
    tz: str | None = None,
    as_of: str | datetime | None = None,
    currencies: str | Mapping[int, str] | None = None,
    guests: str | None = None,
    empty_discounts: Mapping[int, str] | None = None,
    total_basis: Mapping[int, str] | None = None,
    effects_complete: bool | str | tuple[Any, Any] | None = None,
) -> Path:
    """Write a page that shows what a source holds, and what is wrong with it.

    The file stands alone: no script, nothing loaded from elsewhere. The same data gives the same
    bytes, so two pages can be compared. It appears whole or not at all.

    Args:
        source: Tables, or a folder that they were written to.
        path: Where the page goes; a file that is there is replaced.
        json: Where every figure goes too, with all its digits, also those that the page cuts off;
            of codes the 1,000 of each application that were entered most.
        title: The heading; by default "Customer sessions".
        tz: The time zone in which periods are cut; UTC, unless settings say otherwise.
        as_of: The instant that ages are counted to; by default the latest one in the data.
        currencies: The currency of all applications, or of each. Applications of which it is not
            known are shown apart, and never added.
        guests: Customers whose id matches this pattern are anonymous.
        empty_discounts: Applications in which an empty discount map means no discount.
        total_basis: Applications whose totals are net of discounts.
        effects_complete: True, or since and until: between them, exports of effects tell all.

    Returns:
        The path of the page.

    Raises:
        FolderError: The folder is unfinished.
        UsageError: An argument cannot be.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     page = report({}, Path(folder) / "page.html")
        ...     "No session" in page.read_text(encoding="utf-8")
        True
    """
    if json is not None and Path(json).absolute() == Path(path).absolute():
        raise UsageError(f"{path}: the page and its figures cannot be the same file.")
    read = facts_of(source)
    said = {
        "tz": tz,
        "as_of": as_of,
        "currencies": currencies,
        "guests": guests,
        "empty_discounts": empty_discounts,
        "total_basis": total_basis,
        "effects_complete": effects_complete,
    }
    common = current().filled(said)
    asked = ask_all(source, read, {**common, "tz": common["tz"] or "UTC"})
    heading = title or "Customer sessions"
    if json is not None:
        write_file(Path(json), sidecar(heading, version(), read, asked).encode())
    write_file(Path(path), rendered(_page(heading, read, asked)).encode())
    return Path(path)


def _page(title: str, read: Facts, asked: Answers) -> Page:
    """Everything in its order."""
    told: set[str] = set()
    sections = []
    for made in (
        key_figures(asked),
        over_time(asked),
        states(asked),
        funnel(asked),
        discounts(asked),
        depths(asked),
        baskets(asked),
        items(asked),
        customers(asked),
        codes(asked),
        campaigns(asked),
        quality(read, asked),
    ):
        if made is not None:
            notes = tuple(note for note in made.notes if note not in told)
            told.update(notes)
            sections.append(replace(made, notes=notes))
    return Page(
        title=title,
        lead=_lead(read),
        headline=headline(read) if read.files else "",
        sections=tuple(sections),
        footnotes=_footnotes(sections),
        version=version(),
    )


def _lead(read: Facts) -> str:
    """What the page is about, in a sentence."""
    span: dict[str, Any] = read.span
    if not span["session_count"]:
        return "No session was found in what was read."
    sessions = plural(span["session_count"], "session")
    applications = plural(span["application_count"], "application")
    first, last = span["first_created_at"].date(), span["last_created_at"].date()
    return f"{sessions} of {applications}, created from {first} to {last} (UTC)"


def _footnotes(sections: list[Section]) -> tuple[Footnotes, ...]:
    """The definition of every column, once for each question."""
    defined: dict[str, dict[str, str]] = {}
    for section in sections:
        for result in section.answers:
            defined.setdefault(result.question, {}).update(result.definition)
    return tuple(
        Footnotes(
            notes_id(question),
            question.replace("_", " ").capitalize(),
            tuple(Note(note_id(question, name), name, text) for name, text in columns.items()),
        )
        for question, columns in defined.items()
    )


__all__ = ["report"]
