"""The sections that show answers: key figures, states, funnel, discounts, months.

Every figure is taken from the answer of a question as it stands; nothing is computed here but
the sum of the labels that a table leaves out.

Layer: inside `page`, above `answers`, `grid` and `charts`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from sessionkit.formats import NOTHING, is_figure
from sessionkit.page.answers import Answers, Row, by_group, group_name
from sessionkit.page.charts import Bar, bars, columns
from sessionkit.page.grid import Block, Cell, Grid, Link, Section, cell, grid, heading
from sessionkit.page.numbers import text
from sessionkit.result import Result

GROUPS = 12
"""How many applications are shown; a page of hundreds would not be read."""
LABELS = 20
"""How many labels are shown for each application; the others are summed in one row."""

_KEY_FIGURES = (
    "session_count",
    "customer_count",
    "gross_total",
    "total_known_count",
    "items_total",
    "additional_cost_total",
    "discount_total",
    "discount_known_count",
    "discount_ambiguous_count",
    "discount_unknown_count",
    "discount_known_gross_total",
    "discount_rate",
    "discount_penetration",
    "net_total",
    "returned_total",
    "avg_session_value",
    "median_session_value",
    "avg_units_per_session",
)
_MONTH_FIGURES = (
    "month",
    "partial",
    "session_count",
    "customer_count",
    "gross_total",
    "discount_total",
    "discount_known_count",
    "discount_ambiguous_count",
    "discount_unknown_count",
    "net_total",
    "avg_session_value",
)
_LABEL_FIGURES = (
    "label",
    "discount_total",
    "share",
    "session_count",
    "row_count",
    "avg_discount",
    "median_discount",
    "min_discount",
    "max_discount",
    "gross_total",
    "depth",
    "zero_count",
    "negative_count",
)


def key_figures(asked: Answers) -> Section:
    """What sessions were worth, each population beside the other."""
    grouped = {name: by_group(result.table) for name, result in asked.totals.items()}
    every = asked.totals["all"]
    link = link_to(every)
    blocks = []
    for place, group in enumerate(grouped["all"] or [()]):
        across = [(name, rows.get(group, [asked.nothing])[0]) for name, rows in grouped.items()]
        blocks.append(
            Block(
                (_turned(f"figures-{place}", across, link),),
                title=group_name(every.table, group) if group else "",
            )
        )
    return Section(
        "figures",
        "Key figures",
        says=("Completed sessions are closed or partially returned.", *_too_many(blocks)),
        blocks=tuple(blocks[:GROUPS]),
        notes=asked.remarks,
    )


def states(asked: Answers) -> Section:
    """Where sessions are, and where they ended up."""
    rows = asked.states.table.to_pylist()
    counts = {row["state"]: 0 for row in rows}
    for row in rows:
        counts[row["state"]] += row["session_count"]
    drawn = [Bar(state, number, f"{number:,}") for state, number in counts.items()]
    return Section(
        "states",
        "States and outcomes",
        blocks=(
            Block(
                (_whole("states-table", "Sessions by state", asked.states),),
                chart=bars("Sessions in each state", drawn),
                chart_title="Sessions in each state",
            ),
            Block((_whole("outcomes-table", "Sessions by outcome", asked.outcomes),)),
        ),
        notes=remarks((asked.states, asked.outcomes)),
    )


def funnel(asked: Answers) -> Section:
    """How far sessions came."""
    reached: dict[str, int] = {}
    for row in asked.funnel.table.to_pylist():
        reached[row["name"]] = reached.get(row["name"], 0) + row["reached"]
    drawn = [Bar(name, number, f"{number:,}") for name, number in reached.items()]
    return Section(
        "funnel",
        "Funnel",
        blocks=(
            Block(
                (_whole("funnel-table", "Sessions by step", asked.funnel, first="name"),),
                chart=bars("Sessions that reached each step", drawn),
                chart_title="Sessions that reached each step",
            ),
        ),
        notes=remarks((asked.funnel,)),
    )


def _no_discount(asked: Answers) -> str:
    """Why there is no label to show: nothing was given, or nothing is known."""
    known = sum(row["discount_known_count"] for row in asked.totals["completed"].table.to_pylist())
    return "No discount was given." if known else "No discount is known."


def discounts(asked: Answers) -> Section:
    """What discounts cost, by label, the dearest first."""
    result = asked.labels
    blocks = []
    for number, (group, rows) in enumerate(by_group(result.table).items()):
        name = group_name(result.table, group)
        shown = _top(rows)
        drawn = [
            Bar(
                text("label", row["label"]),
                row["discount_total"],
                _amount(row["discount_total"]),
                weak=place >= LABELS,
            )
            for place, row in enumerate(shown)
        ]
        caption = _captioned("Discounts by label, the dearest first", name)
        blocks.append(
            Block(
                (_part(f"labels-{number}", caption, result, _LABEL_FIGURES, shown),),
                title=name,
                chart=bars(_captioned("Discounts by label", name), drawn),
                chart_title=_captioned("Discounts by label", name),
            )
        )
    says = _too_many(blocks) if blocks else (_no_discount(asked),)
    return Section(
        "discounts", "Discounts by label", says, tuple(blocks[:GROUPS]), remarks((result,))
    )


def months(asked: Answers) -> Section:
    """What completed sessions were worth, month by month."""
    result = asked.months
    blocks = []
    for place, (group, rows) in enumerate(by_group(result.table).items()):
        name = group_name(result.table, group)
        title = _captioned("Completed sessions by month of creation", name)
        drawn = [
            Bar(_month(row), row["gross_total"], _amount(row["gross_total"]), bool(row["partial"]))
            for row in rows
        ]
        table = _part(f"months-{place}", title, result, _MONTH_FIGURES, rows)
        highest = _amount(max(row["gross_total"] for row in rows))
        drawing = columns(title, drawn)
        blocks.append(Block((table,), name, drawing, f"Gross total; the highest is {highest}"))
    says = ("No session is completed.",) if not blocks else _too_many(blocks)
    return Section("months", "Totals by month", says, tuple(blocks[:GROUPS]), remarks((result,)))


def link_to(result: Result) -> Link:
    """Where the columns of a result are defined."""
    return Link(result.question, frozenset(result.definition))


def remarks(results: Iterable[Result]) -> tuple[str, ...]:
    """What results say of themselves, each remark once."""
    return tuple(dict.fromkeys(note for result in results for note in result.notes))


def _whole(id: str, caption: str, result: Result, first: str | None = None) -> Grid:
    """All columns of a small answer, with `first` in front."""
    ordered = sorted(result.table.column_names, key=lambda name: name != first)
    return _part(id, caption, result, ordered, result.table.to_pylist())


def _part(id: str, caption: str, result: Result, names: Sequence[str], rows: Sequence[Row]) -> Grid:
    """Some columns and rows of an answer."""
    figures = {field.name for field in result.table.schema if is_figure(field)}
    return grid(id, caption, rows, names, right=figures, link=link_to(result), limit=120)


def _turned(id: str, across: Sequence[tuple[str, Row]], link: Link) -> Grid:
    """Figures down the side, one column for each population."""
    headings = (Cell("figure"), *(Cell(name, number=True) for name, _ in across))
    rows = tuple(
        (
            Cell(heading(figure), note=link.to(figure)),
            *(cell(figure, row[figure])._replace(number=True) for _, row in across),
        )
        for figure in _KEY_FIGURES
    )
    return Grid(id, "Sessions and money, by population", headings, rows)


def _top(rows: list[Row]) -> list[Row]:
    """The dearest labels, and one row for all the others."""
    ordered = sorted(rows, key=lambda row: (-(row["discount_total"] or 0), str(row["label"])))
    head, rest = ordered[:LABELS], ordered[LABELS:]
    if not rest:
        return head
    total = sum((row["discount_total"] or Decimal(0) for row in rest), Decimal(0))
    known = sum((row["discount_total"] or Decimal(0) for row in ordered), Decimal(0))
    others = dict.fromkeys(rest[0]) | {
        "label": f"{len(rest):,} other labels",
        "discount_total": total,
        "share": float(total / known) if known else None,
        "row_count": sum(row["row_count"] for row in rest),
    }
    return [*head, others]


def _amount(value: Decimal | None) -> str:
    """An amount beside a bar: the table beneath has the digits that are cut here."""
    return NOTHING if value is None else f"{value:,.2f}"


def _month(row: Row) -> str:
    return NOTHING if row["month"] is None else f"{row['month']:%Y-%m}"


def _captioned(title: str, name: str) -> str:
    return f"{title}: {name}" if name else title


def _too_many(blocks: Sequence[Block]) -> tuple[str, ...]:
    if len(blocks) <= GROUPS:
        return ()
    return (f"Shown are the first {GROUPS} of {len(blocks):,} applications.",)
