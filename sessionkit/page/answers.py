"""The questions that the page asks, each once.

Layer: inside `page`; imports `questions` and `lifecycle` from below.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from sessionkit import questions
from sessionkit.database import Source
from sessionkit.result import Result

Row = dict[str, Any]
Group = tuple[Any, ...]

POPULATIONS = ("completed", "open", "cancelled", "all")
"""The populations of the key figures, the one that money questions are about first."""

_GROUPS = ("application_id", "currency")


@dataclass(frozen=True)
class Answers:
    """The answers that the page shows.

    Attributes:
        totals: By population, of everything.
        remarks: What there is to say of the totals, and why groups stand apart.
        nothing: The totals of no session at all, for groups that a population does not have.
        months: Totals by month of creation.
        states: Where sessions are.
        outcomes: Where they ended up.
        funnel: How far they came.
        labels: What discounts cost, by label.
    """

    totals: Mapping[str, Result]
    remarks: tuple[str, ...]
    nothing: Row
    months: Result
    states: Result
    outcomes: Result
    funnel: Result
    labels: Result

    def __iter__(self) -> Iterator[Result]:
        """All results, in the order of the page."""
        yield from self.totals.values()
        yield from (self.states, self.outcomes, self.funnel, self.labels, self.months)


def ask_all(source: Source, arguments: Mapping[str, Any]) -> Answers:
    """Ask a source everything that the page shows.

    Args:
        source: Tables, or a folder of them.
        arguments: Arguments that every question takes, such as `tz` and `currencies`.

    Returns:
        The answers.
    """
    every = questions.totals(source, population="all", **arguments)
    # Fewer sessions may need no such columns; the page has the same groups everywhere.
    named = () if arguments.get("currencies") is None else ("currency",)
    apart = dict.fromkeys((*group_columns(every.table), *named))
    return Answers(
        totals={
            name: questions.totals(source, by=apart, population=name, **arguments)
            for name in POPULATIONS
        },
        remarks=every.notes,
        nothing=questions.totals({}).table.to_pylist()[0],
        months=questions.totals(source, by=[*apart, "month"], **arguments),
        states=questions.states(source, by=apart, **arguments),
        outcomes=questions.outcomes(source, by=apart, **arguments),
        funnel=questions.funnel(source, **arguments),
        labels=questions.discount_summary(source, by=[*apart, "label"], **arguments),
    )


def by_group(table: pa.Table) -> dict[Group, list[Row]]:
    """The rows of an answer by application and currency, which are never added.

    A question adds those columns by itself where there is no common currency; without them all
    rows are one group, named `()`.
    """
    names = group_columns(table)
    grouped: dict[Group, list[Row]] = {}
    for row in table.to_pylist():
        grouped.setdefault(tuple(row[name] for name in names), []).append(row)
    return grouped


def group_columns(table: pa.Table) -> tuple[str, ...]:
    """The columns that keep money of different currencies apart."""
    return tuple(name for name in _GROUPS if name in table.column_names)


def group_name(table: pa.Table, group: Group) -> str:
    """A group as a heading, such as `Application 270, EUR`; empty when there is one group."""
    words = {"application_id": "Application {}", "currency": "{}"}
    return ", ".join(
        words[name].format("–" if value is None else value)
        for name, value in zip(group_columns(table), group, strict=True)
    )
