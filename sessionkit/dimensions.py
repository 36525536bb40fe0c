"""The dimensions: what answers can be grouped and filtered by, each declared once.

A dimension with one value per session is a column of `facts`; one with several is a view of its own
(`sql/dimensions/<name>.sql`) with the session's key and a `value`. The names that users write are
only looked up here; none of them reaches SQL.

Layer: above `sql`; the questions stand on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sessionkit.errors import UsageError, shown, unknown_name
from sessionkit.formats import amount
from sessionkit.lifecycle import STATES, state_of

ATTRIBUTE = "attributes."
"""What the name of an attribute as a dimension begins with."""

PERIODS = ("day", "week", "month", "quarter", "year")
"""The dimensions of time, finest first."""

LABELS = ("label", "base_label")
"""The dimensions that name a discount of a session rather than the session."""


@dataclass(frozen=True, kw_only=True)
class Dimension:
    """One way to group or filter sessions.

    Attributes:
        name: As users write it, and as the column is called.
        doc: What its values are.
        type: The SQL type of its values.
        expression: Its value, from the columns of `facts`; None where a session has several.
        several: Whether a session can have several values.
        groups: Whether it may stand in `by`; `sku` and `category` only filter.
        allowed: The values there can be, where they are few.
        reads: The table that its values are in, where it is not `sessions`.
    """

    name: str
    doc: str
    type: str = "varchar"
    expression: str | None = None
    several: bool = False
    groups: bool = True
    allowed: tuple[str, ...] = ()
    reads: str = ""

    @property
    def is_period(self) -> bool:
        """Whether its values are periods, named by their first day."""
        return self.name in PERIODS

    @property
    def attribute(self) -> str | None:
        """The attribute that it takes its values from, if it is one."""
        name = self.name
        return name.removeprefix(ATTRIBUTE) if name.startswith(ATTRIBUTE) else None


def _one(name: str, doc: str, allowed: tuple[str, ...] = (), type: str = "varchar") -> Dimension:
    return Dimension(name=name, doc=doc, expression=name, allowed=allowed, type=type)


def _many(name: str, reads: str, doc: str, groups: bool = True) -> Dimension:
    return Dimension(name=name, doc=doc, several=True, groups=groups, reads=reads)


def _period(name: str) -> Dimension:
    return Dimension(
        name=name,
        doc=f"The first local day of the {name}; null where the session lacks the time asked by.",
        type="date",
        expression=f"cast(date_trunc('{name}', local_time) as date)",
    )


_ALL = (
    _one("application_id", "The application.", type="bigint"),
    _one("store_id", "The store; null where none is told."),
    _one("state", "The state that the session is in.", STATES),
    _one("currency", "The currency, as given with `currencies`; null where none was."),
    *map(_period, PERIODS),
    _one(
        "customer_type",
        "`new`: identified, and the first session (not the first order) of its customer; "
        "`returning`; `unknown`: identified, but not told whether it is the first; `anonymous`.",
        ("new", "returning", "unknown", "anonymous"),
    ),
    _one(
        "discounted",
        "`yes` or `no` where the discounts are known (their sum is not 0, or is); else `unknown`.",
        ("yes", "no", "unknown"),
    ),
    _one("has_coupon", "Whether a coupon code was entered: `yes` or `no`.", ("yes", "no")),
    _many("coupon_code", "coupons", "A coupon code entered; null where there is none."),
    _many("label", "discounts", "A label of the session's discounts; null where there is none."),
    _many("base_label", "discounts", "A label without the number of the item that it is about."),
    _many("sku", "cart_items", "A stock keeping unit in the cart.", groups=False),
    _many("category", "cart_items", "A category of what lies in the cart.", groups=False),
)
DIMENSIONS = {dimension.name: dimension for dimension in _ALL}
"""Every dimension by its name; attributes come with the data, as `attributes.<Name>`."""


def dimension(name: str, attributes: Iterable[str] | None, *, to_group: bool) -> Dimension:
    """Look a dimension up.

    Args:
        name: As the user wrote it.
        attributes: The attributes that the sessions have; None where any name will do.
        to_group: Whether it is to stand in `by`.

    Returns:
        Its declaration.

    Raises:
        UsageError: There is no such dimension, or it only filters; the message lists what there is.

    Example:
        >>> dimension("month", [], to_group=True).type
        'date'
    """
    if isinstance(name, str) and name.startswith(ATTRIBUTE) and len(name) > len(ATTRIBUTE):
        if attributes is None or name.removeprefix(ATTRIBUTE) in set(attributes):
            doc = "The attribute of the session, as text; null where it is absent, null or empty."
            return Dimension(name=name, doc=doc, several=True, reads="attributes")
    elif found := DIMENSIONS.get(name):
        if found.groups or not to_group:
            return found
        raise UsageError(f"{name!r} can stand in `where`, not in `by`: a session has several.")
    known = [one.name for one in _ALL if one.groups or not to_group]
    known += [f"{ATTRIBUTE}{one}" for one in attributes] if attributes is not None else []
    raise UsageError(unknown_name("dimension", name, known))


def first_day(period: str, day: date) -> date:
    """The first day of the period that a day lies in; weeks begin on Monday.

    Example:
        >>> first_day("week", date(2024, 3, 3)), first_day("quarter", date(2024, 3, 3))
        (datetime.date(2024, 2, 26), datetime.date(2024, 1, 1))
    """
    match period:
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(month=day.month - (day.month - 1) % 3, day=1)
        case "year":
            return day.replace(month=1, day=1)
    return day


def value_of(dimension: Dimension, value: object) -> object:
    """Bring a value that a user filters by to the type of its dimension.

    Args:
        dimension: What is filtered.
        value: Text, a number, a date, true or false; None is the null group.

    Returns:
        Text, a whole number, a date or None, to be bound as a parameter.

    Raises:
        UsageError: The dimension can have no such value.

    Example:
        >>> value_of(DIMENSIONS["month"], "2024-03"), value_of(DIMENSIONS["has_coupon"], True)
        (datetime.date(2024, 3, 1), 'yes')
    """
    if value is None or (dimension.attribute is not None and value == ""):
        return None
    readers: dict[str, Callable[[str], object]] = {"bigint": int, "date": _day}
    text = _text(dimension, value)
    try:
        read = readers.get(dimension.type, str)(text)
    except ValueError as fault:
        raise UsageError(
            f"where: {dimension.name}: expected "
            f"{'a whole number' if dimension.type == 'bigint' else 'a day such as 2024-03-01'}, "
            f"got {shown(value)}."
        ) from fault
    if isinstance(read, date):
        return first_day(dimension.name, read)
    if dimension.allowed and read not in dimension.allowed:
        raise UsageError(
            unknown_name(f"value of {dimension.name} in where", read, dimension.allowed)
        )
    return read


def _text(dimension: Dimension, value: object) -> str:
    match value:
        case bool():
            words = ("yes", "no") if dimension.allowed else ("true", "false")
            return words[0] if value else words[1]
        case datetime():
            return value.date().isoformat()
        case date():
            return value.isoformat()
        case Decimal() | int():
            return amount(Decimal(value))
        case float():
            return amount(Decimal(repr(value)))
        case str():
            return state_of(value) or value if dimension.name == "state" else value
    raise UsageError(f"where: {dimension.name}: expected text or a number, got {shown(value)}.")


def _day(text: str) -> date:
    """A day, or the first day of a month or year."""
    padded = text + {4: "-01-01", 7: "-01"}.get(len(text), "")
    return date.fromisoformat(padded)
