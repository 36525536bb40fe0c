"""The first section: what sessions were worth, and whether that is more than before.

Layer: inside `page`, above `parts`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from sessionkit.page.answers import Answers, Group, Row, by_group, unit_of
from sessionkit.page.grid import Block, Cell, Grid, Section, Tile, cell, heading, link_to
from sessionkit.page.numbers import percent, plural, text
from sessionkit.page.parts import GROUPS, groups_of, left_out, name_of, period_name, rows_of, titled

_TILES = (
    "session_count",
    "customer_count",
    "gross_total",
    "discount_total",
    "net_total",
    "discount_rate",
    "avg_session_value",
    "returned_total",
)
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


def key_figures(asked: Answers) -> Section:
    """What sessions were worth, against the period before, and by population."""
    grouped = {
        name: by_group(asked[name].table) for name in ("completed", "open", "cancelled", "all")
    }
    blocks = []
    pairs: dict[str, None] = {}
    for place, group in enumerate(groups_of(asked, GROUPS) or [()]):
        across = [(name, rows.get(group, [asked.nothing])[0]) for name, rows in grouped.items()]
        pair = compared(asked, group)
        pairs[_compared_with(asked, pair)] = None
        blocks.append(
            Block(
                (_turned(asked, place, group, across),),
                title=name_of(asked, asked["all"], group) if group else "",
                tiles=_tiles(asked, across[0][1], pair),
            )
        )
    says = "Completed sessions: closed, or partially returned. Amounts are before discounts unless"
    return Section(
        "figures",
        "What were the sessions worth?",
        "Key figures",
        says=(f"{says} they say net.{_unit(asked)}", *pairs, *left_out(asked, GROUPS)),
        blocks=tuple(blocks),
        notes=asked.remarks,
        answers=(asked["all"],),
    )


def _unit(asked: Answers) -> str:
    """The currency of all amounts, where there is but one."""
    groups = groups_of(asked, GROUPS)
    if len(groups) != 1:
        return ""
    return f" Amounts: {unit_of(asked['all'].table, groups[0])}."


def compared(asked: Answers, group: Group) -> Row | None:
    """The last period that the data fill, of those that follow another such period.

    Returns:
        Its row, with the figures before beside its own; None where there are no two in a row.
    """
    rows = rows_of(asked["compared"], group).to_pylist()
    name = asked.compared
    found = None
    for before, row in pairwise(rows):
        follows = before[name] is not None and row[f"{name}_before"] == before[name]
        if follows and not before["partial"] and not row["partial"]:
            found = row
    return found


def _compared_with(asked: Answers, pair: Row | None) -> str:
    name = asked.compared
    if pair is None:
        return f"The data do not hold two whole {name}s in a row to compare."
    now, before = (period_name(name, pair[key]) for key in (name, f"{name}_before"))
    return f"▲ and ▼ compare {now}, the last whole {name} in the data, with {before}."


def _tiles(asked: Answers, row: Row, pair: Row | None) -> tuple[Tile, ...]:
    link = link_to(asked["all"])
    return tuple(
        Tile(
            Cell(heading(name), note=link.to(name)),
            cell(name, row[name]),
            (*_change(asked, name, pair), *_doubt(name, row)),
        )
        for name in _TILES
    )


def _change(asked: Answers, name: str, pair: Row | None) -> tuple[str, ...]:
    """A figure of the last whole period, and by how much it is more than the one before."""
    if pair is None or pair[name] is None:
        return ()
    told = f"{period_name(asked.compared, pair[asked.compared])}: {text(name, pair[name])}"
    if f"{name}_change" in pair:
        change = pair[f"{name}_change"]
        words = None if change is None else percent(abs(change))
    else:
        change = pair[f"{name}_difference"]
        words = None if change is None else f"{abs(change) * 100:,.1f} points"
    if words is None:
        return (told,)
    sign = "▲" if change > 0 else "▼" if change < 0 else "="
    return (told, f"{sign} {words}")


def _doubt(name: str, row: Row) -> tuple[str, ...]:
    """What a discount figure does not cover."""
    if name not in ("discount_total", "net_total", "discount_rate"):
        return ()
    if not row["discount_known_count"]:
        return ("discounts of no session are known",) if row["session_count"] else ()
    unclear, unknown = row["discount_ambiguous_count"], row["discount_unknown_count"]
    if name == "discount_rate":
        return ("not told where discounts are unclear",) if unclear else ()
    if name == "net_total":
        known = plural(row["discount_known_count"], "session")
        return (f"of {known} with known discounts",) if unclear or unknown else ()
    said = (f"at least: {plural(unclear, 'session')} unclear",) if unclear else ()
    return (*said, f"without {plural(unknown, 'session')} not known") if unknown else said


def _turned(asked: Answers, place: int, group: Group, across: Sequence[tuple[str, Row]]) -> Grid:
    """Figures down the side, one column for each population."""
    link = link_to(asked["all"])
    headings = (Cell("figure"), *(Cell(name, number=True) for name, _ in across))
    rows = tuple(
        (
            Cell(heading(figure), note=link.to(figure)),
            *(cell(figure, row[figure])._replace(number=True) for _, row in across),
        )
        for figure in _KEY_FIGURES
    )
    caption = titled("All key figures, by population", asked, asked["all"], group)
    return Grid(f"figures-{place}", caption, headings, rows)
