"""What a question reads, made ready on its connection: the sessions it is about, in groups.

In the order of making: what the source holds (`source`, `span`); each session with what is asked
of it (`facts`); the values of dimensions that have several (`values_1`, ...); the sessions that
meet the filters (`matching`, `selected`); one row per session and group (`units`). A value from a
user is a bound variable, and a name from a user is no part of any statement.

Layer: inside `questions`, above `grouping`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sessionkit.dimensions import ATTRIBUTE, DIMENSIONS, Dimension, dimension, value_of
from sessionkit.errors import QueryError, UsageError, shown
from sessionkit.lifecycle import STATES
from sessionkit.questions import grouping
from sessionkit.questions.asked import Asked
from sessionkit.questions.workbench import Workbench
from sessionkit.sql import text_of


class Ready(NamedTuple):
    """A question made ready.

    Attributes:
        by: The dimensions of its rows, in order.
        added: Those of them that nobody asked for, to keep currencies apart.
        lists: The attributes that hold lists, so that a session stands in several rows.
        source: What the whole source holds.
        selection: How many sessions it is about, by application and currency.
        net_totals: Applications whose totals seem to be after discounts.
    """

    by: tuple[Dimension, ...]
    added: tuple[str, ...]
    lists: tuple[str, ...]
    source: Mapping[str, Any]
    selection: Sequence[Mapping[str, Any]]
    net_totals: Sequence[Mapping[str, Any]]


def prepare(bench: Workbench, asked: Asked, *, money: bool, labels_apart: bool) -> Ready:
    """Make everything ready that a question's `.sql` reads.

    Args:
        bench: Where.
        asked: The common arguments.
        money: Whether amounts are added, so that currencies must stay apart.
        labels_apart: Whether labels group discounts (`amounts`) rather than sessions (`units`).

    Returns:
        What was made.

    Raises:
        UsageError: A dimension is unknown or cannot group, or a regular expression is none.
    """
    _keep_arguments(bench, asked)
    _check_guests(bench, asked.guests)
    bench.prepared("source", once=True)
    bench.keep_from("as_of", "coalesce(getvariable('given_as_of'), (select latest from source))")
    _keep_span(bench)
    source = bench.rows("select session_count, state_count, any_state from source")[0]
    by, where, lists = _dimensions(bench, asked, any_name=not source["session_count"])
    bench.prepared("profile_names", once=True)
    bench.prepared("attribute_values")
    bench.prepared("facts")
    views = _values(bench, [*by, *where])
    _match(bench, where, asked.where, views)
    selection = bench.rows(text_of("prepared/selection"))
    counted = [row for row in selection if row["counted" if labels_apart else "session_count"]]
    added = grouping.kept_apart([one.name for one in by], counted) if money else ()
    by = (*(DIMENSIONS[name] for name in added), *by)
    mixed = money and len({row["money"] for row in counted}) > 1
    groups = grouping.Groups(by, views, total_row=asked.total_row, mixed=mixed)
    grouping.make_units(bench, groups, labels_apart=labels_apart)
    net = _net_totals(bench) if money else []
    return Ready(by, added, lists, source, selection, net)


def _keep_arguments(bench: Workbench, asked: Asked) -> None:
    values: dict[str, object] = {
        "tz": asked.zone.key,
        "time_basis": asked.time_basis,
        "since": asked.since,
        "until": asked.until,
        "given_as_of": asked.as_of,
        "states": list(asked.states),
        "guests": asked.guests,
        "net_applications": list(asked.net_totals),
        "empty_is_none": list(asked.empty_is_none),
        "currency": asked.currency,
        "currency_applications": list(asked.currency_of),
        "currency_codes": list(asked.currency_of.values()),
        "currency_attribute": asked.currency_attribute,
    }
    for name, value in values.items():
        bench.keep(name, value)
    bench.table("states", "select unnest({}) as state, unnest({}) as step".format(*_STATE_LISTS))


_STATE_LISTS = (list(STATES), list(range(1, len(STATES) + 1)))


def _net_totals(bench: Workbench) -> list[dict[str, Any]]:
    """Applications whose totals seem to be after discounts; mostly no finding says so."""
    found = "select 1 from findings where rule = 'total-after-discounts' limit 1"
    return bench.rows(text_of("prepared/net_totals")) if bench.rows(found) else []


def _check_guests(bench: Workbench, pattern: str | None) -> None:
    if pattern is None:
        return
    try:
        bench.rows("select regexp_matches('', cast(getvariable('guests') as varchar))")
    except QueryError as fault:
        text = f"guests: {shown(str(pattern))} is no regular expression: {fault}"
        raise UsageError(text) from fault


def _keep_span(bench: Workbench) -> None:
    bench.prepared("span", once=True)
    for name in ("periods_from", "periods_until", "days_from", "days_until"):
        bench.keep_from(name, f"(select {name} from span)")  # noqa: S608 (our names)


def _dimensions(
    bench: Workbench, asked: Asked, *, any_name: bool
) -> tuple[tuple[Dimension, ...], tuple[Dimension, ...], tuple[str, ...]]:
    """Look up what is grouped by and filtered by, and see that its values can be grouped.

    Where the source holds no session at all, any attribute will do.
    """
    held = [ATTRIBUTE + asked.currency_attribute] if asked.currency_attribute is not None else []
    named = [name for name in (*asked.by, *asked.where, *held) if name not in DIMENSIONS]
    wanted = [name.removeprefix(ATTRIBUTE) for name in named if isinstance(name, str)]
    bench.keep("attribute_names", wanted)
    kinds = bench.rows(text_of("prepared/attribute_kinds")) if named else []
    known = None if any_name else sorted({row["name"] for row in kinds})
    by = tuple(dimension(name, known, to_group=True) for name in asked.by)
    where = tuple(dimension(name, known, to_group=False) for name in asked.where)
    for name in held:
        dimension(name, known, to_group=True)
    for row in kinds:
        _check_kind(row["name"], row["kind"], wanted, asked.currency_attribute)
    lists = tuple(row["name"] for row in kinds if row["kind"] == "list" and row["name"] in wanted)
    return by, where, lists


def _check_kind(name: str, kind: str, wanted: Sequence[str], currency: str | None) -> None:
    if name not in wanted:
        return
    if "object" in kind:
        raise UsageError(
            f"{ATTRIBUTE}{name} holds objects ({kind}), which cannot be compared: choose another "
            "dimension, or take them apart with sql."
        )
    if kind == "list" and name == currency:
        raise UsageError(f"currencies: {ATTRIBUTE}{name} holds lists; a session has one currency.")


def _values(bench: Workbench, dimensions: Sequence[Dimension]) -> dict[str, str]:
    """Make a view of the values of each dimension that has several; by the dimension's name."""
    views: dict[str, str] = {}
    for one in dimensions:
        if not one.several or one.name in views:
            continue
        view = f"values_{len(views) + 1}"
        if one.attribute is None:
            bench.view(view, text_of(f"dimensions/{one.name}"))
        else:
            bench.keep(f"{view}_attribute", one.attribute)
            which = f"where name = getvariable('{view}_attribute')"
            bench.view(view, f"select * exclude (name)\nfrom attribute_values\n{which}")
        views[one.name] = view
    return views


def _match(
    bench: Workbench,
    dimensions: Sequence[Dimension],
    wanted: Mapping[str, Sequence[object]],
    views: Mapping[str, str],
) -> None:
    """Make `matching` and `selected`: the sessions that meet the conditions on dimensions."""
    conditions = []
    for place, one in enumerate(dimensions, 1):
        values = [value_of(one, value) for value in wanted[one.name]]
        variable = f"where_{place}"
        bench.keep(variable, [value for value in values if value is not None])
        null = None in values
        if one.expression is None:
            conditions.append(_holds_one(views[one.name], variable, null=null))
        else:
            or_null = f" or {one.expression} is null" if null else ""
            conditions.append(f"({one.expression} in getvariable('{variable}'){or_null})")
    text = text_of("prepared/matching").strip()
    bench.view("matching", "\n".join([text, "where true", *(f"    and {c}" for c in conditions)]))
    bench.prepared("selected")


def _holds_one(view: str, variable: str, *, null: bool) -> str:
    """Say that a session holds one of the values; null is a null value, or none at all."""
    same = f"from {view} as held where held.application_id = facts.application_id"
    same += " and held.integration_id = facts.integration_id"
    one = f"exists ({same} and held.value in getvariable('{variable}'))"
    none = f" or exists ({same} and held.value is null) or not exists ({same})" if null else ""
    return f"({one}{none})"
