"""What a question reads, made ready on its connection: the sessions it is about, in groups.

In the order of making: what the source holds (`source`, `latest`, `span`); each session with what
is asked of it (`named`, `facts`); the values of dimensions that have several (`values_1`, ...); the
sessions that meet the filters (`matching`); one row per session and group (`units`). A value from a
user is a bound variable, and a name from a user is no part of any statement.

Layer: inside `questions`, above `grouping` and `chosen`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sessionkit.dimensions import DIMENSIONS, LABELS, Dimension
from sessionkit.lifecycle import STATES
from sessionkit.questions import grouping, standing_effects, witnesses
from sessionkit.questions.asked import Asked
from sessionkit.questions.chosen import attributes_of, look_up, make_matching, make_values
from sessionkit.questions.comparison import Comparison, comparison_of
from sessionkit.questions.patterns import check_pattern
from sessionkit.questions.workbench import Workbench


class Needs(NamedTuple):
    """What a question needs to be made ready.

    Attributes:
        money: Amounts are added, so that currencies must stay apart.
        discounts: It tells how many sessions there are whose discounts are not known.
        customers: Its figures rest on who the customers are.
        labels_apart: Labels group discounts (`amounts`) rather than sessions (`units`).
        now: Its figures rest on `as_of`.
        witnesses: Its figures rest on whether sessions were closed once.
        then: It can be asked of an earlier moment, and needs the `states` of then, or the
            `amounts` too; nothing where it cannot.
        effects: Its figures rest on which effects count.
    """

    money: bool
    discounts: bool
    customers: bool
    labels_apart: bool
    now: bool
    witnesses: bool = False
    then: str | None = None
    effects: bool = False


class Ready(NamedTuple):
    """A question made ready.

    Attributes:
        by: The dimensions of its rows, in order.
        added: Those of them that nobody asked for, to keep currencies apart.
        lists: The attributes that hold lists, so that a session stands in several rows.
        source: What the whole source holds.
        selection: How many sessions it is about, by application and currency.
        net_totals: Applications whose totals seem to be after discounts.
        comparison: What is compared with what, if anything is.
        selection_before: As `selection`, of the sessions compared with.
        later: How many sessions of the source were created after an earlier `as_of` and are left
            out; nothing where the question is asked of the data as they are.
        effects: Whether there are effects, and which of them count was worked out.
    """

    by: tuple[Dimension, ...]
    added: tuple[str, ...]
    lists: tuple[str, ...]
    source: Mapping[str, Any]
    selection: Sequence[Mapping[str, Any]]
    net_totals: Sequence[Mapping[str, Any]]
    comparison: Comparison | None = None
    selection_before: Sequence[Mapping[str, Any]] = ()
    later: int | None = None
    effects: bool = False


def tables_of(asked: Asked, needs: Needs, reads: Sequence[str]) -> frozenset[str]:
    """The tables that will be read: by the question's `.sql`, and by what is made ready for it."""
    own = ("sessions", *reads, *(["findings"] if needs.money else []))
    named = [DIMENSIONS[name].reads for name in (*asked.by, *asked.where) if name in DIMENSIONS]
    attributes = ["attributes"] if attributes_of(asked) else []
    periods = any(DIMENSIONS[name].is_period for name in asked.by if name in DIMENSIONS)
    moments = ["effects"] if needs.now or periods or asked.compare is not None else []
    told = witnesses.TABLES if needs.witnesses else ()
    effects = ["effects"] if _rests_on_effects(asked, needs) else []
    all_names = (*own, *named, *attributes, *moments, *told, *effects)
    return frozenset(name for name in all_names if name)


def _rests_on_effects(asked: Asked, needs: Needs) -> bool:
    """Whether effects have to be looked at: they tell discounts, too."""
    told = needs.effects or needs.discounts or needs.labels_apart
    return told or standing_effects.is_about_discounts(asked)


def prepare(bench: Workbench, asked: Asked, needs: Needs) -> Ready:
    """Make everything ready that a question's `.sql` reads, and nothing that it does not need.

    Args:
        bench: Where.
        asked: The common arguments.
        needs: What the question needs.

    Returns:
        What was made.

    Raises:
        UsageError: A dimension is unknown or cannot group, or a regular expression is none.
    """
    _keep_arguments(bench, asked)
    check_pattern(bench, "guests", asked.guests)
    bench.prepared("source")
    source = bench.rows(_SOURCE)[0]
    by, where, lists = look_up(bench, asked, any_name=not source["session_count"])
    now = needs.now or asked.compare is not None
    _keep_moments(bench, now=now, periods=any(one.is_period for one in by))
    customers = needs.customers or "customer_type" in (*asked.by, *asked.where)
    then = needs.then is not None and asked.as_of is not None and witnesses.is_earlier(bench)
    named = _called(bench, needs, then=then)
    # how an earlier version was evaluated is not looked for: its discounts are its own
    looked = _rests_on_effects(asked, needs) and not then
    effects = looked and standing_effects.work_out(bench, asked)
    brought = standing_effects.brought(bench, there=effects)
    _name(bench, asked, named, brought, customers=customers)
    bench.prepared("facts")
    comparison = comparison_of(bench, asked, by, where)
    if comparison is not None:
        comparison.keep_facts(bench)
    apart = LABELS if needs.labels_apart else ()
    views = make_values(bench, [*(one for one in by if one.name not in apart), *where])
    make_matching(bench, where, asked.where, views)
    later = witnesses.later(bench, asked, amounts=needs.then == "amounts") if then else None
    one = source["any_application"] == source["other_application"]
    before: list[dict[str, Any]] = []
    if comparison is not None:
        comparison.turn(bench, back=True)
        before = _selection(bench, asked, needs, one_application=one)
        comparison.turn(bench, back=False)
    selection = _selection(bench, asked, needs, one_application=one)
    counted = [row for row in (*selection, *before) if row.get(_count(needs))]
    added = grouping.kept_apart([one.name for one in by], counted)
    by = (*(DIMENSIONS[name] for name in added), *by)
    mixed = len({row["money"] for row in counted}) > 1
    groups = grouping.Groups(by, views, total_row=asked.total_row, mixed=mixed)
    grouping.make_units(bench, groups, labels_apart=needs.labels_apart)
    net = _net_totals(bench) if needs.money else []
    return Ready(by, added, lists, source, selection, net, comparison, before, later, effects)


_SOURCE = (
    "select session_count, any_state, other_state, any_application, other_application from source"
)


def _keep_arguments(bench: Workbench, asked: Asked) -> None:
    values: dict[str, object] = {
        "tz": asked.zone.key,
        "time_basis": asked.time_basis,
        "since": asked.since,
        "until": asked.until,
        "given_as_of": asked.as_of,
        "states": None if set(asked.states) == set(STATES) else list(asked.states),
        "guests": asked.guests,
        "net_applications": list(asked.net_totals) or None,
        "empty_is_none": list(asked.empty_is_none) or None,
        "currency": asked.currency,
        "currency_applications": list(asked.currency_of) or None,
        "currency_codes": list(asked.currency_of.values()) or None,
        "currency_attribute": asked.currency_attribute,
    }
    for name, value in values.items():
        bench.keep(name, value)
    bench.view("states", f"select * from (values {_STATES}) as t(state, step)")  # noqa: S608


_STATES = ", ".join(f"('{state}', {step})" for step, state in enumerate(STATES, 1))


def _net_totals(bench: Workbench) -> list[dict[str, Any]]:
    """Applications whose totals seem to be after discounts; mostly no finding says so."""
    found = "select 1 from findings where rule = 'total-after-discounts' limit 1"
    return bench.rows(bench.text_of("prepared/net_totals")) if bench.rows(found) else []


def _keep_moments(bench: Workbench, *, now: bool, periods: bool) -> None:
    """Keep `as_of`, and which periods the data fill, where the answer rests on them."""
    if not (now or periods):
        return
    bench.prepared("latest", once=True)
    bench.keep_from("as_of", "coalesce(getvariable('given_as_of'), (select latest from latest))")
    if periods:
        bench.prepared("span", once=True)
        bench.keep_row("span", ("periods_from", "periods_until", "days_from", "days_until"))


def _called(bench: Workbench, needs: Needs, *, then: bool) -> witnesses.Named:
    """Where the sessions come from, and what tells how they stood or stand."""
    if then:
        return witnesses.called_then(bench)
    return witnesses.called(bench) if needs.witnesses else witnesses.ALONE


def _name(
    bench: Workbench,
    asked: Asked,
    named: witnesses.Named,
    brought: standing_effects.Brought,
    *,
    customers: bool,
) -> None:
    """Make `named`: sessions with the name of the customer and a currency of their own, if any.

    Joins are left out that would bring nothing in: a join reads the key of every session.
    """
    columns = ["sessions.*", *named.columns, brought.column]
    joins = [*named.joins, *brought.joins]
    if customers and bench.rows(_NAMELESS):
        bench.prepared("profile_names", once=True)
        columns.append("coalesce(profile_id, known_profile_id) as profile")
        joins.append("left join profile_names using (profile_internal_id)")
    else:
        columns.append("profile_id as profile")
    if attributes_of(asked):
        bench.prepared("attribute_values")
    if asked.currency_attribute is not None:
        bench.prepared("currencies")
        columns.append("own_currency")
        joins.append("left join currencies using (application_id, integration_id)")
    else:
        columns.append("cast(null as string) as own_currency")
    bench.view("named", "\n".join([f"select {', '.join(columns)}", f"from {named.table}", *joins]))


_NAMELESS = (
    "select 1 from sessions where profile_internal_id is not null and profile_id is null limit 1"
)


def _is_about_all(asked: Asked) -> bool:
    """Whether no session is left out, and none has a currency of its own."""
    moments = asked.since is not None or asked.until is not None
    some = set(asked.states) != set(STATES) or bool(asked.where) or moments
    return not some and asked.currency_attribute is None


def _count(needs: Needs) -> str:
    """The count of the sessions whose amounts are added."""
    return "counted" if needs.labels_apart else "session_count"


def _selection(
    bench: Workbench, asked: Asked, needs: Needs, *, one_application: bool
) -> list[dict[str, Any]]:
    """How many sessions there are; only what is needed is counted, as each column costs.

    Nothing is where all sessions are counted and all amounts are in one currency.
    """
    told = [
        (_count(needs), needs.money),
        ("ambiguous", needs.discounts),
        ("unknown", needs.discounts),
        ("undated", asked.time_basis != "created"),
        ("total_lost", bool(asked.net_totals)),
    ]
    names = [name for name, needed in told if needed]
    if not names:
        return []
    if names == ["session_count"] and _is_about_all(asked):
        one = one_application or asked.currency is not None
        return [] if one else bench.rows(bench.text_of("prepared/applications"))
    columns = ", ".join(["application_id", "currency", "money", *names])
    text = bench.text_of("prepared/selection")
    return bench.rows(f"select {columns} from (\n{text}) order by all nulls last")  # noqa: S608 (our names)
