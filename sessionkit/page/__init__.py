"""The page: what was read, what was rejected, and what it was worth, in one HTML file.

Layer: above `questions`, `session_tables` and `reading`; below `cli`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sessionkit.database import Source
from sessionkit.page.answers import Answers, ask_all
from sessionkit.page.facts import Facts, facts_of
from sessionkit.page.figures import discounts, funnel, key_figures, months, states
from sessionkit.page.files import write_file
from sessionkit.page.grid import note_id
from sessionkit.page.numbers import plural
from sessionkit.page.page import Footnotes, Note, Page, rendered
from sessionkit.page.reading import findings_section, read_section
from sessionkit.version import version


def report(
    source: Source,
    path: str | Path = "report.html",
    *,
    title: str | None = None,
    tz: str = "UTC",
    as_of: str | datetime | None = None,
    currencies: str | Mapping[int, str] | None = None,
    guests: str | None = None,
    empty_discounts: Mapping[int, str] | None = None,
    total_basis: Mapping[int, str] | None = None,
) -> Path:
    """Write a page that shows what a source holds, and what is wrong with it.

    The file stands alone: no script, nothing loaded from elsewhere. The same data gives the same
    bytes, so two pages can be compared. It appears whole or not at all.

    Args:
        source: Tables, or a folder that they were written to.
        path: Where the page goes; a file that is there is replaced.
        title: The heading; by default "Customer sessions".
        tz: The time zone in which months are cut.
        as_of: The instant that ages are counted to; by default the latest one in the data.
        currencies: The currency of all applications, or of each. Applications of which it is not
            known are shown apart, and never added.
        guests: Customers whose id matches this pattern are anonymous.
        empty_discounts: Applications in which an empty discount map means no discount.
        total_basis: Applications whose totals are net of discounts.

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
    read = facts_of(source)
    asked = ask_all(
        source,
        {
            "tz": tz,
            "as_of": as_of,
            "currencies": currencies,
            "guests": guests,
            "empty_discounts": empty_discounts,
            "total_basis": total_basis,
        },
    )
    page = _page(title or "Customer sessions", read, asked)
    write_file(Path(path), rendered(page).encode())
    return Path(path)


def _page(title: str, read: Facts, asked: Answers) -> Page:
    """Everything in its order."""
    return Page(
        title=title,
        lead=_lead(read),
        sections=(
            read_section(read),
            key_figures(asked),
            states(asked),
            funnel(asked),
            discounts(asked),
            months(asked),
            findings_section(read),
        ),
        footnotes=_footnotes(asked),
        version=version(),
    )


def _lead(read: Facts) -> tuple[str, ...]:
    """What the page is about, in a sentence."""
    span: dict[str, Any] = read.span
    if not span["session_count"]:
        return ("No session was found in what was read.",)
    sessions = plural(span["session_count"], "session")
    applications = plural(span["application_count"], "application")
    first, last = span["first_created_at"].date(), span["last_created_at"].date()
    return (f"{sessions} of {applications}, created from {first} to {last} (UTC).",)


def _footnotes(asked: Answers) -> tuple[Footnotes, ...]:
    """The definition of every column, once for each question."""
    defined: dict[str, dict[str, str]] = {}
    for result in asked:
        defined.setdefault(result.question, {}).update(result.definition)
    return tuple(
        Footnotes(
            question.replace("_", " ").capitalize(),
            tuple(Note(note_id(question, name), name, text) for name, text in columns.items()),
        )
        for question, columns in defined.items()
    )


__all__ = ["report"]
