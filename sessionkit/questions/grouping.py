"""Groups: which dimensions a question's rows have, and one row per session and group.

A group is a struct whose fields are numbered (`d1`, `d2`, ...) in the order of the dimensions; a
period brings a field `partial` with it. Without any dimension all sessions are one group.

Layer: inside `questions`, above `workbench`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any, NamedTuple

from sessionkit.dimensions import LABELS, Dimension
from sessionkit.questions.workbench import Workbench

APART = ("application_id", "currency")
"""The dimensions that keep currencies apart."""

_KEY = "application_id, integration_id"
_LENGTHS = {
    "week": "7 days",
    "month": "1 month",
    "quarter": "3 months",
    "year": "1 year",
}


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

    With `labels_apart` a label is no group of sessions: `units` leaves labels out, and `amounts`
    has the sum of a session's discounts under each label. `scope` is a group without its labels.
    """
    totals = (False, True) if groups.total_row else (False,)
    units = [_units(groups, total, labels_apart) for total in totals]
    bench.view("units", "\nunion all\n".join(units))
    bench.view("always", _always(groups, labels_apart))
    if labels_apart:
        bench.prepared("discount_rows")
        amounts = [_amounts(groups, total) for total in totals]
        bench.view("amounts", "\nunion all\n".join(amounts))


def _units(groups: Groups, total: bool, labels_apart: bool) -> str:
    """One row per selected session and group."""
    group = _scope(groups, total) if labels_apart else _group(groups, total)
    joins = [] if total else _joins(groups, labels_apart)
    return "\n".join(
        [
            f"select {_word(total)} as is_total, {group} as grp, facts.*",
            "from selected as facts",
            *joins,
        ]
    )


def _amounts(groups: Groups, total: bool) -> str:
    """One row per session and group, with what its discounts sum up to there."""
    labels = [one.name for one in groups.by if one.name in LABELS]
    named = tuple(
        replace(one, expression=one.name) if one.name in LABELS else one for one in groups.by
    )
    told = groups._replace(by=named)
    kept = [_KEY, *([] if total else labels), "sum(value) as amount", "count(*) as row_count"]
    return "\n".join(
        [
            f"select {_word(total)} as is_total, {_group(told, total)} as grp,",
            f"    {_scope(groups, total)} as scope, {_KEY},",
            "    money, gross, in_population, was_completed, revoked, amount,",
            "    coalesce(row_count, 0) as row_count",
            "from matching as facts",
            f"{'inner' if labels else 'left'} join (",
            f"    select {', '.join(kept)}",
            "    from discount_rows",
            "    group by all",
            f") as sums using ({_KEY})",
            *([] if total else _joins(groups, labels_apart=True)),
            "where in_window and (in_population or was_completed)",
        ]
    )


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
    return "\nunion all\n".join(
        f"select {_word(total)} as is_total, {_nothing(groups, _group)} as grp"
        + (f", {_nothing(groups, _scope)} as scope" if labels_apart else "")
        + ("" if condition else "\nwhere false")
        for total, condition in rows
    )


def _nothing(groups: Groups, of: Callable[[Groups, bool], str]) -> str:
    """The group that all sessions are in: null in each dimension."""
    return of(groups._replace(mixed=False), True)


def _group(groups: Groups, total: bool) -> str:
    """The group of a row, as a struct."""
    fields = [_field(place, one, groups, total) for place, one in enumerate(groups.by, 1)]
    periods = [one for one in groups.by if one.is_period]
    if periods:
        whether = " or ".join(map(_is_cut, periods))
        fields.append(f"partial := {'cast(null as boolean)' if total else whether}")
    return _struct(fields)


def _scope(groups: Groups, total: bool) -> str:
    """The group of a row without its labels, as a struct."""
    return _struct(
        _field(place, one, groups, total)
        for place, one in enumerate(groups.by, 1)
        if one.name not in LABELS
    )


def _struct(fields: Iterable[str]) -> str:
    return f"struct_pack({', '.join(fields) or 'd0 := cast(null as integer)'})"


def _field(place: int, one: Dimension, groups: Groups, total: bool) -> str:
    if total and not (groups.mixed and one.name in APART):
        return f"d{place} := cast(null as {one.type})"
    if one.expression is not None:
        return f"d{place} := {one.expression}"
    view = groups.views[one.name]
    return f"d{place} := {view}.value"


def _joins(groups: Groups, labels_apart: bool) -> list[str]:
    """Bring in the values of dimensions that have several; null where a session has none."""
    return [
        f"left join {groups.views[one.name]} using ({_KEY})"
        for one in groups.by
        if one.several and not (labels_apart and one.name in LABELS)
    ]


def _is_cut(period: Dimension) -> str:
    """Say whether a period goes beyond what the data, or the time asked for, fill."""
    day = period.expression
    if period.name == "day":
        return f"({day} < getvariable('days_from') or {day} + 1 > getvariable('days_until'))"
    end = f"{day} + interval '{_LENGTHS[period.name]}'"
    return f"({day} < getvariable('periods_from') or {end} > getvariable('periods_until'))"


def _word(flag: bool) -> str:
    return str(flag).lower()
