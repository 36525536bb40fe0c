"""Groups: which dimensions a question's rows have, and one row per session and group.

A group is the values of columns that are numbered in the order of the dimensions (`by_1`, `by_2`,
...); a period brings a column `by_partial` with it, and a label that groups discounts rather than
sessions is called `label_1`. Without any dimension `by_0` is null, and all sessions are one group.

Layer: inside `questions`, above `workbench`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple

from sessionkit.dimensions import LABELS, Dimension
from sessionkit.questions.workbench import Workbench

APART = ("application_id", "currency")
"""The dimensions that keep currencies apart."""

_KEY = "application_id, integration_id"
_CARRIES = "    and knows_discounts and (sums.row_count > 0 or known_discount <> 0)"


class Groups(NamedTuple):
    """How sessions are grouped.

    Attributes:
        by: The dimensions.
        views: The view of the values of each dimension that has several.
        total_row: Whether all groups together stand in a row of their own.
        mixed: Whether there are several currencies, so that there is a total row for each.
    """

    by: tuple[Dimension, ...]
    views: Mapping[str, str]
    total_row: bool
    mixed: bool


def kept_apart(by: Sequence[str], selection: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Say which dimensions must join, so that no group adds amounts of different currencies.

    Args:
        by: The dimensions asked for.
        selection: The applications and currencies that there are. `money` is equal where amounts
            may be added: the currency, or the application where no currency is known.

    Returns:
        The application, or the currency, or both; nothing where all is one currency.

    Example:
        >>> rows = [{"application_id": n, "currency": None, "money": str(n)} for n in (1, 2)]
        >>> kept_apart(["month"], rows), kept_apart(["application_id"], rows)
        (('application_id',), ())
    """
    missing = [name for name in APART if name not in by]
    for count in range(len(missing) + 1):
        for added in combinations(missing, count):
            apart = [name for name in APART if name in by or name in added]
            seen: dict[tuple[Any, ...], str] = {}
            if all(
                seen.setdefault(tuple(row[name] for name in apart), row["money"]) == row["money"]
                for row in selection
            ):
                return added
    return tuple(missing)


def make_units(bench: Workbench, groups: Groups, *, labels_apart: bool) -> None:
    """Make `units`, and `always`: the groups that have a row even without a session.

    `history` is as `units`, with the sessions of any time and state that meet `where`.

    With `labels_apart` a label is no group of sessions: `units` leaves labels out, and `amounts`
    has the sum of a session's discounts under each label.
    """
    totals = (False, True) if groups.total_row else (False,)
    units = [_units(groups, total, labels_apart) for total in totals]
    bench.grouped("units", "\nunion all\n".join(units))
    history = [_units(groups, total, labels_apart, every=True) for total in totals]
    bench.grouped("history", "\nunion all\n".join(history))
    bench.grouped("always", _always(groups, labels_apart))
    if labels_apart:
        bench.prepared("discount_rows")
        amounts = [_amounts(groups, total) for total in totals]
        bench.grouped("amounts", "\nunion all\n".join(amounts))


def _units(groups: Groups, total: bool, labels_apart: bool, *, every: bool = False) -> str:
    """One row per selected session and group; of every time and state if asked for."""
    columns = _columns(groups, total, labels_apart=labels_apart, labels=not labels_apart)
    joins = [] if total else _joins(groups, labels_apart)
    return "\n".join(
        [
            f"select {_word(total)} as is_total, {', '.join(columns)}, facts.*",
            "from matching as facts",
            *joins,
            *([] if every else ["where in_population and in_window"]),
        ]
    )


def _amounts(groups: Groups, total: bool) -> str:
    """One row per session and group, with what its discounts sum up to there.

    A session whose map tells no discount has its single total, under no label.
    """
    labels = [one.name for one in groups.by if one.name in LABELS]
    columns = _columns(groups, total, labels_apart=True, labels=True)
    return "\n".join(
        [
            f"select {_word(total)} as is_total, {', '.join(columns)},",
            "    application_id, currency, gross, knows_discounts,",
            "    in_population, was_completed, revoked,",
            "    case",
            "        when not coalesce(knows_discounts, false) then null",
            "        when sums.row_count > 0 then sums.amount",
            "        else nullif(known_discount, 0)",
            "    end as amount,",
            "    case",
            "        when not coalesce(knows_discounts, false) then 0",
            "        when sums.row_count > 0 then sums.row_count",
            "        else cast(known_discount <> 0 as integer)",
            "    end as row_count",
            "from matching as facts",
            f"left join ({_sums([] if total else labels)}) as sums using ({_KEY})",
            *([] if total else _joins(groups, labels_apart=True)),
            "where in_window and (in_population or was_completed)",
            *([_CARRIES] if labels else []),
        ]
    )


def _sums(labels: Sequence[str]) -> str:
    """The discounts of each session, summed under each of its labels."""
    named = ", ".join([_KEY, *labels])
    once = "label" in labels  # a session has one row for each
    sums = ["value as amount", "1 as row_count"]
    if not once:
        sums = ["sum(value) as amount", "count(*) as row_count"]
    text = f"select {named}, {', '.join(sums)} from discount_rows"  # noqa: S608 (our names)
    return text if once else f"{text} group by {named}"


def _always(groups: Groups, labels_apart: bool) -> str:
    """The groups that have a row even without a session; none where there are dimensions."""
    rows = [
        (total, condition)
        for total, condition in (
            (False, not groups.by),
            (True, groups.total_row and not groups.mixed),
        )
        if condition or not total
    ]
    nothing = _columns(groups._replace(mixed=False), True, labels_apart=labels_apart, labels=True)
    return "\nunion all\n".join(
        f"select {_word(total)} as is_total, {', '.join(nothing)}"
        + ("" if condition else "\nwhere false")
        for total, condition in rows
    )


def _columns(groups: Groups, total: bool, *, labels_apart: bool, labels: bool) -> list[str]:
    """The columns that make a group, with or without the labels."""
    columns, periods = [], []
    for place, one in enumerate(groups.by, 1):
        apart = labels_apart and one.name in LABELS
        if apart and not labels:
            continue
        value = _value(one, groups, total, apart=apart)
        columns.append(f"{value} as {'label' if apart else 'by'}_{place}")
        if one.is_period:
            periods.append(one)
    if periods:
        cut = "cast(null as boolean)" if total else " or ".join(map(_is_cut, periods))
        columns.append(f"{cut} as by_partial")
    if not any(" as by_" in column for column in columns):
        columns.append("cast(null as integer) as by_0")
    return columns


def _value(one: Dimension, groups: Groups, total: bool, *, apart: bool) -> str:
    if total and not (groups.mixed and one.name in APART):
        return f"cast(null as {_TYPES.get(one.type, one.type)})"
    if apart:
        return f"sums.{one.name}"
    return one.expression or f"{groups.views[one.name]}.value"


_TYPES = {"varchar": "string"}  # as engines without DuckDB's name for it call it, too


def _joins(groups: Groups, labels_apart: bool) -> list[str]:
    """Bring in the values of dimensions that have several; null where a session has none."""
    return [
        f"left join {groups.views[one.name]} using ({_KEY})"
        for one in groups.by
        if one.several and not (labels_apart and one.name in LABELS)
    ]


def _is_cut(period: Dimension) -> str:
    """Say whether a period goes beyond what the data, or the time asked for, fill."""
    day, kind = period.expression, "days" if period.name == "day" else "periods"
    last = f"cast(date_trunc('{period.name}', getvariable('{kind}_until')) as date)"
    return f"({day} < getvariable('{kind}_from') or {day} >= {last})"


def _word(flag: bool) -> str:
    return str(flag).lower()
