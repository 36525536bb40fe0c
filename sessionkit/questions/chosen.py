"""The dimensions that were asked for, looked up in the data, and the filters made of them.

A value from a user is a bound variable, and a name from a user is no part of any statement.

Layer: inside `questions`, above `workbench`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sessionkit.dimensions import ATTRIBUTE, DIMENSIONS, Dimension, dimension, value_of
from sessionkit.errors import UsageError
from sessionkit.questions.asked import Asked
from sessionkit.questions.workbench import Workbench


def attributes_of(asked: Asked) -> list[str]:
    """The attributes that are named, as dimensions or as what holds the currency.

    Any name that is no dimension's counts, so that a message can list what there is.
    """
    held = [] if asked.currency_attribute is None else [ATTRIBUTE + asked.currency_attribute]
    named = [name for name in (*asked.by, *asked.where, *held) if name not in DIMENSIONS]
    return [name.removeprefix(ATTRIBUTE) for name in named]


def look_up(
    bench: Workbench, asked: Asked, *, any_name: bool
) -> tuple[tuple[Dimension, ...], tuple[Dimension, ...], tuple[str, ...]]:
    """Look up what is grouped by and filtered by, and see that its values can be grouped.

    Where the source holds no session at all, any attribute will do.
    """
    held = [ATTRIBUTE + asked.currency_attribute] if asked.currency_attribute is not None else []
    wanted = attributes_of(asked)
    bench.keep("attribute_names", wanted)
    kinds = bench.rows(bench.text_of("prepared/attribute_kinds")) if wanted else []
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


def make_values(bench: Workbench, dimensions: Sequence[Dimension]) -> dict[str, str]:
    """Make a view of the values of each dimension that has several; by the dimension's name."""
    views: dict[str, str] = {}
    for one in dimensions:
        if not one.several or one.name in views:
            continue
        view = f"values_{len(views) + 1}"
        if one.attribute is None:
            if one.name == "base_label":
                bench.prepared("discount_rows")
            bench.view(view, bench.text_of(f"dimensions/{one.name}"))
        else:
            bench.keep(f"{view}_attribute", one.attribute)
            which = f"where name = getvariable('{view}_attribute')"
            bench.view(view, f"{_VALUES}\n{which}")
        views[one.name] = view
    return views


_VALUES = "select application_id, integration_id, value\nfrom attribute_values"


def make_matching(
    bench: Workbench,
    dimensions: Sequence[Dimension],
    wanted: Mapping[str, Sequence[object]],
    views: Mapping[str, str],
) -> None:
    """Make `matching`: the sessions that meet the conditions on dimensions."""
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
            among = f"array_contains(getvariable('{variable}'), {one.expression})"
            conditions.append(f"({among}{or_null})")
    text = bench.text_of("prepared/matching").strip()
    bench.view("matching", "\n".join([text, "where true", *(f"    and {c}" for c in conditions)]))


def _holds_one(view: str, variable: str, *, null: bool) -> str:
    """Say that a session holds one of the values; null is a null value, or none at all."""
    same = f"select 1 from {view} as held where held.application_id = facts.application_id"  # noqa: S608
    same += " and held.integration_id = facts.integration_id"
    one = f"exists ({same} and array_contains(getvariable('{variable}'), held.value))"
    none = f" or exists ({same} and held.value is null) or not exists ({same})" if null else ""
    return f"({one}{none})"
