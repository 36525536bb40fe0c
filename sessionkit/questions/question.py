"""What a question is, and the one way in which each of them is answered.

Layer: inside `questions`, above `prepare` and `notes`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow as pa

from sessionkit.database import Source
from sessionkit.dimensions import Dimension
from sessionkit.errors import UsageError
from sessionkit.questions.asked import Asked, asked_of
from sessionkit.questions.comparing import Rows, answer_both, definitions
from sessionkit.questions.notes import notes_of
from sessionkit.questions.prepare import Needs, Ready, prepare, tables_of
from sessionkit.questions.workbench import Workbench, open_bench
from sessionkit.result import Result
from sessionkit.years import without_nameless

IS_TOTAL = "True in the row that holds the distinct figures of all groups."
PARTIAL = (
    "Whether the data, or the time asked for, fill only a part of the period; null for the period "
    "of sessions that lack the time asked by. A day is filled from end to end; a longer period "
    "where the data reach its first and its last day."
)


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question.

    Attributes:
        name: The function's name, and that of its `.sql`.
        function: What users call.
        summary: What it answers, in one sentence.
        grain: What a row is.
        columns: What each column means, with unit and denominator; the text of every footnote.
        by: The dimensions that it groups by unless told otherwise.
        population: The sessions that it is about unless told otherwise.
        money: Whether it adds amounts, so that currencies stay apart.
        own: Dimensions that its rows are told apart by anyway.
        labels_apart: Whether labels group discounts rather than sessions.
        all_states: Whether it says little of a source that holds sessions of one state only.
        discounts: Whether its figures rest on what is known of discounts.
        customers: Whether its figures rest on who the customers are.
        reads: The tables that its `.sql` reads beside `sessions`.
        witnesses: Whether its figures rest on whether sessions were closed once.
        then: What it needs of an earlier `as_of`, if it can be asked of one: the `states` of
            then, or the `amounts` too.
        compares: Whether it takes `compare`; its `.sql` must take a row from each group of
            `always`, and sessions from `units`, `amounts` or `matching` alone.
        keys: Columns, beside the groups, that tell its rows apart.
        rates: Figures from 0 to 1, which differ in points.
        of_group: Figures that all rows of a group share.
        effects: Whether its figures rest on effects.
    """

    name: str
    function: Callable[..., Result]
    summary: str
    grain: str
    columns: Mapping[str, str]
    by: tuple[str, ...] = ()
    population: str = "completed"
    money: bool = True
    own: tuple[str, ...] = ()
    labels_apart: bool = False
    all_states: bool = False
    discounts: bool = False
    customers: bool = False
    reads: tuple[str, ...] = ()
    witnesses: bool = False
    then: str | None = None
    compares: bool = False
    keys: tuple[str, ...] = ()
    rates: tuple[str, ...] = ()
    of_group: tuple[str, ...] = ()
    effects: bool = False

    @property
    def rows(self) -> Rows:
        """What tells its rows apart, and how its figures compare."""
        return Rows((*self.own, *self.keys), self.rates, self.labels_apart, self.of_group)


@dataclass(frozen=True)
class Own:
    """What a question adds to the common way.

    Attributes:
        keep: Variables of its own, kept before it is asked.
        notes: What there is to say of its answer.
        now: Whether its figures rest on `as_of`.
    """

    keep: Callable[[Workbench], None] = field(default=lambda bench: None)
    notes: Callable[[pa.Table], tuple[str, ...]] = field(default=lambda table: ())
    now: bool = False


def answer(
    question: Question, source: Source, arguments: Mapping[str, Any], own: Own | None = None
) -> Result:
    """Answer a question.

    Args:
        question: Which.
        source: What it is asked of.
        arguments: The common arguments as given.
        own: What the question adds.

    Returns:
        The answer: the dimensions first, then the question's own columns.

    Raises:
        UsageError: An argument cannot be, or names something that the data do not have.
        QueryError: The figures cannot be told, such as a sum past 38 digits.
    """
    own = own or Own()
    asked = asked_of(arguments, question.by, question.population)
    if asked.compare is not None and not question.compares:
        raise UsageError(f"{question.name} takes no compare: its figures do not lie side by side.")
    asked = replace(asked, by=tuple(name for name in asked.by if name not in question.own))
    needs = Needs(
        money=question.money,
        discounts=question.discounts,
        customers=question.customers,
        labels_apart=question.labels_apart,
        now=own.now,
        witnesses=question.witnesses or question.labels_apart,
        then=question.then,
        effects=question.effects,
    )
    with open_bench(source, tables_of(asked, needs, question.reads)) as bench:
        ready = prepare(bench, asked, needs)
        own.keep(bench)
        text = bench.text_of(question.name)
        if ready.comparison is None:
            found = bench.answer(text)
        else:
            found = answer_both(bench, text, ready, question.rows)
    table = _unpacked(found, ready.by, total_row=asked.total_row)
    return Result(
        table=table,
        question=question.name,
        sql="\n\n".join(bench.said),
        definition=_definition(question, ready, table),
        notes=(*_notes(question, asked, ready), *own.notes(table)),
    )


def _notes(question: Question, asked: Asked, ready: Ready) -> Iterator[str]:
    return notes_of(
        asked,
        ready,
        question.columns,
        all_states=question.all_states,
        discounts=question.discounts,
        labels_apart=question.labels_apart,
    )


def _unpacked(found: pa.Table, by: tuple[Dimension, ...], *, total_row: bool) -> pa.Table:
    """Bring the groups out of their struct, under the names of their dimensions."""
    groups = found["grp"]
    # pyarrow makes an empty array from nothing only after looking for pandas
    group = pa.concat_arrays(groups.chunks) if groups.num_chunks else pa.nulls(0, groups.type)
    columns: dict[str, Any] = {"is_total": found["is_total"]} if total_row else {}
    for place, one in enumerate(by):
        columns[one.name] = group.field(place)
    if any(one.is_period for one in by):
        columns["partial"] = group.field(len(by))
    for name in found.column_names:
        if name not in ("is_total", "grp"):
            columns[name] = found[name]
    return without_nameless(pa.table(columns))


def _definition(question: Question, ready: Ready, table: pa.Table) -> dict[str, str]:
    groups = {one.name: one.doc for one in ready.by}
    known = {"is_total": IS_TOTAL, "partial": PARTIAL, **groups, **question.columns}
    if ready.comparison is not None:
        known |= definitions(question.columns, question.rows, ready.comparison.period)
    return {name: known[name] for name in table.column_names}
