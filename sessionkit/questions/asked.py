"""The arguments that every question takes, checked as far as that goes without the data.

Layer: inside `questions`; imports `dimensions` and `lifecycle` from below.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from inspect import Parameter, signature
from typing import Any, TypedDict, TypeVar
from zoneinfo import ZoneInfo

from sessionkit.config import current
from sessionkit.dimensions import ATTRIBUTE
from sessionkit.errors import UsageError, shown, unknown_name
from sessionkit.lifecycle import POPULATIONS, STATES, state_of
from sessionkit.questions.moments import Instant, instant_of, zone_of
from sessionkit.questions.periods import Compare, Compared, Period, compared_with, complete_in

TIME_BASES = ("created", "closed", "cancelled", "updated")
"""The times of a session that periods, `since` and `until` can go by."""


class Common(TypedDict, total=False):
    """What every question takes.

    by: Dimensions to group by, one name or several; by default one row for all.
    where: Dimension, `sku` or `category` to the values that count; None is the null group.
    population: `completed`, `all`, `open`, `cancelled`, or states.
    since, until: Only sessions with since <= t < until; a day begins at midnight in `tz`.
    time_basis: Which time of a session `t` is: `created`, `closed`, `cancelled` or `updated`.
    tz: The zone in which days, weeks and months are cut.
    as_of: Now; by default the latest instant in the whole source.
    currencies: The currency of all applications, of each, or `attributes.<Name>` that holds it.
    guests: A regular expression; profiles that match it are anonymous.
    total_row: Add the distinct figures of all groups, in a row with `is_total`.
    empty_discounts: `{270: "zero"}`: an empty discount map of that application means none.
    total_basis: `{322: "after_discounts"}`: its totals are net of discounts.
    compare: `previous`, `year`, or two periods: the figures before beside the figures, the
        difference and the change. Questions about money take it.
    effects_complete: True, or since and until: between them, exports of effects tell all effects
        of every application that they tell any of. So they tell the discounts of sessions that
        lie within, from creation to the last update; those without effects have none.
    """

    by: str | Iterable[str] | None
    where: Mapping[str, Any] | None
    population: str | Iterable[str] | None
    since: Instant | None
    until: Instant | None
    time_basis: str
    tz: str
    as_of: Instant | None
    currencies: str | Mapping[int, str] | None
    guests: str | None
    total_row: bool
    empty_discounts: Mapping[int, str] | None
    total_basis: Mapping[int, str] | None
    compare: Compare | None
    effects_complete: bool | str | tuple[Instant | None, Instant | None] | None


_DEFAULTS: dict[str, Any] = {
    "by": None,
    "where": None,
    "population": None,
    "since": None,
    "until": None,
    "time_basis": "created",
    "tz": "UTC",
    "as_of": None,
    "currencies": None,
    "guests": None,
    "total_row": False,
    "empty_discounts": None,
    "total_basis": None,
    "compare": None,
    "effects_complete": None,
}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The common arguments, read: names not yet looked up in the data."""

    by: tuple[str, ...]
    where: Mapping[str, tuple[object, ...]]
    states: tuple[str, ...]
    since: datetime | None
    until: datetime | None
    time_basis: str
    zone: ZoneInfo
    as_of: datetime | None
    currency: str | None
    currency_of: Mapping[int, str]
    currency_attribute: str | None
    guests: str | None
    total_row: bool
    empty_is_none: tuple[int, ...]
    net_totals: tuple[int, ...]
    compare: Compared | None = None
    effects_complete: Period | None = None


def asked_of(arguments: Mapping[str, Any], by: tuple[str, ...], population: str) -> Asked:
    """Read the common arguments of a question.

    Args:
        arguments: As given; what is missing is what settings say (see `config`), else its default.
        by: The dimensions that the question groups by unless told otherwise.
        population: The sessions that it is about unless told otherwise.

    Returns:
        The arguments.

    Raises:
        UsageError: An argument is unknown, or cannot be.

    Example:
        >>> asked_of({"population": "open", "by": "month"}, (), "all").states
        ('open',)
    """
    for name in arguments:
        if name not in _DEFAULTS:
            raise UsageError(unknown_name("argument", name, _DEFAULTS))
    said = current().filled(dict.fromkeys(_DEFAULTS) | dict(arguments))
    missing = {name for name, value in said.items() if value is None} - arguments.keys()
    given = said | {name: _DEFAULTS[name] for name in missing}
    zone = zone_of(given["tz"])
    compare = compared_with(given["compare"], zone)
    since, until = _window(given, zone, compare)
    if given["time_basis"] not in TIME_BASES:
        raise UsageError(unknown_name("time_basis", given["time_basis"], TIME_BASES))
    code, codes, attribute = _currencies(given["currencies"])
    return Asked(
        by=by if given["by"] is None else _names(given["by"]),
        where=_where(given["where"]),
        states=_states(population if given["population"] is None else given["population"]),
        since=since,
        until=until,
        time_basis=given["time_basis"],
        zone=zone,
        as_of=_moment("as_of", given, zone),
        currency=code,
        currency_of=codes,
        currency_attribute=attribute,
        guests=_guests(given["guests"]),
        total_row=bool(given["total_row"]),
        empty_is_none=_applications(given["empty_discounts"], "empty_discounts", "zero"),
        net_totals=_applications(
            given["total_basis"], "total_basis", "after_discounts", "before_discounts"
        ),
        compare=compare,
        effects_complete=complete_in(given["effects_complete"], zone),
    )


Question = TypeVar("Question", bound=Callable[..., Any])


def shows_common(function: Question) -> Question:
    """Let `help()` and completion show the common arguments of a question by name."""
    own = signature(function)
    kept = [p for p in own.parameters.values() if p.kind is not Parameter.VAR_KEYWORD]
    common = [
        Parameter(name, Parameter.KEYWORD_ONLY, default=default)
        for name, default in _DEFAULTS.items()
        if name not in own.parameters
    ]
    function.__signature__ = own.replace(parameters=[*kept, *common])  # type: ignore[attr-defined]
    return function


def _window(
    given: Mapping[str, Any], zone: ZoneInfo, compare: Compared | None
) -> tuple[datetime | None, datetime | None]:
    """From when to when the sessions are; of two periods the later one says it."""
    since, until = (_moment(name, given, zone) for name in ("since", "until"))
    if isinstance(compare, tuple):
        if since or until:
            raise UsageError(
                "compare: two periods say what since and until would: give one or the other."
            )
        since, until = compare[1]
    if since and until and since >= until:
        raise UsageError(f"since ({since}) is not before until ({until}): no session can be both.")
    return since, until


def _moment(name: str, given: Mapping[str, Any], zone: ZoneInfo) -> datetime | None:
    return None if given[name] is None else instant_of(name, given[name], zone)


def _names(by: object) -> tuple[str, ...]:
    """Distinct names, in the order given."""
    if isinstance(by, str):
        return (by,)
    names = list(by) if isinstance(by, Iterable) else [by]
    for name in names:
        if not isinstance(name, str):
            raise UsageError(f"by: expected names of dimensions, got {shown(name)}.")
    return tuple(dict.fromkeys(str(name) for name in names))


def _where(where: object) -> dict[str, tuple[object, ...]]:
    if where is None:
        return {}
    if not isinstance(where, Mapping):
        got = shown(where)
        raise UsageError(f"where: expected a mapping of dimensions to values, got {got}.")
    return {str(name): _values(str(name), value) for name, value in where.items()}


def _values(name: str, value: object) -> tuple[object, ...]:
    several = isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping)
    values = tuple(value) if several else (value,)  # type: ignore[arg-type]
    if not values:
        raise UsageError(f"where: {name}: there is no value in the list.")
    return values


def _states(population: object) -> tuple[str, ...]:
    if isinstance(population, str):
        if population in POPULATIONS:
            return POPULATIONS[population]
        population = (population,)
    if not isinstance(population, Iterable):
        raise UsageError(f"population: expected a name or states, got {shown(population)}.")
    states = [(name, state_of(name) if isinstance(name, str) else None) for name in population]
    for name, state in states:
        if state is None:
            if name in POPULATIONS:
                raise UsageError(f"population: {name!r} stands alone; a list holds states.")
            raise UsageError(unknown_name("population", name, {*POPULATIONS, *STATES}))
    if not states:
        raise UsageError("population: there is no state in the list.")
    return tuple(state for state in STATES if state in {known for _, known in states})


def _currencies(given: object) -> tuple[str | None, dict[int, str], str | None]:
    """One code for all, a code for each application, or the attribute that holds it."""
    if given is None:
        return None, {}, None
    if isinstance(given, Mapping):
        codes = {_application("currencies", one): code for one, code in given.items()}
        for code in codes.values():
            _check_code(code)
        return None, codes, None
    _check_code(given)
    code = str(given)
    if code.startswith(ATTRIBUTE):
        return None, {}, code.removeprefix(ATTRIBUTE)
    return code, {}, None


def _check_code(code: object) -> None:
    if not isinstance(code, str) or not code.strip():
        raise UsageError(f"currencies: expected a code such as EUR, got {shown(code)}.")


def _guests(given: object) -> str | None:
    if given is not None and (not isinstance(given, str) or not given):
        raise UsageError(f"guests: expected a regular expression, got {shown(given)}.")
    return given


def _applications(given: object, what: str, marked: str, *others: str) -> tuple[int, ...]:
    """The applications of which something is said."""
    if given is None:
        return ()
    if not isinstance(given, Mapping):
        raise UsageError(
            f"{what}: expected a mapping such as {{270: {marked!r}}}, got {shown(given)}."
        )
    for said in given.values():
        if said not in (marked, *others):
            raise UsageError(unknown_name(f"value of {what}", said, (marked, *others)))
    return tuple(_application(what, one) for one, said in given.items() if said == marked)


def _application(what: str, given: object) -> int:
    text = str(given).strip()
    if isinstance(given, bool) or not (text.isascii() and text.isdecimal()):
        raise UsageError(f"{what}: expected the number of an application, got {shown(text)}.")
    return int(text)
