"""From one value of a tree to one value of a column, exactly or not at all.

Each function takes what `decode` gives and returns a Python value that Arrow holds without loss,
or raises `Unfit`, which tells what was expected and what was there. Nothing is guessed: what a
number, an instant or a state may look like is written here and nowhere else.

Layer: above `decode` and `lifecycle`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from typing import NamedTuple

from sessionkit.columns import DIGITS, SCALE
from sessionkit.decode import Number, Tree
from sessionkit.errors import Reason, shown
from sessionkit.lifecycle import STATES, state_of

MAX_WHOLE = 2**63 - 1
MONEY_LIMIT = Decimal(10) ** (DIGITS - SCALE)
"""Money stays below this: 20 digits before the point."""

_QUANTUM = Decimal(1).scaleb(-SCALE)
_NOTHING = Decimal(0).scaleb(-SCALE)
_EXACT = Context(prec=DIGITS + 2, rounding=ROUND_HALF_EVEN)
_PLAIN_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_PLAIN_WHOLE = re.compile(r"([0-9]{1,9})(?:\.0+)?")
_ZERO_TIME = datetime(1, 1, 1)
_INSTANT = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([0-9]{2}):([0-9]{2}):([0-9]{2})"
    r"(?:\.([0-9]{1,9}))?(?:([Zz])|([+-])([0-9]{2}):([0-9]{2}))?"
)


class Unfit(ValueError):
    """A value that does not fit its column."""

    def __init__(self, code: str, expected: str, found: Tree) -> None:
        super().__init__(expected)
        self.code = code
        self.expected = expected
        self.found = described(found)

    def at(self, path: str) -> Reason:
        """The reason, once it is known where the value stands."""
        return Reason(self.code, path, self.expected, self.found)


@dataclass(frozen=True)
class Reading:
    """What the caller said of the dumps, because they do not say it themselves.

    Attributes:
        dialect: The dialect of every file, instead of recognising it.
        assume_tz: The time zone of instants that name none.
        date_format: How instants are written that are not RFC 3339, as for `strptime`. Without
            an offset in it they are UTC, as in all that Talon.One exports, or `assume_tz`.
        state_numbers: What integer states mean.
        dumped_at: When the dumps were taken; orders records that tell no update.
    """

    dialect: str | None = None
    assume_tz: tzinfo | None = None
    date_format: str | None = None
    state_numbers: Mapping[int, str] = field(default_factory=dict)
    dumped_at: datetime | None = None


class Money(NamedTuple):
    """An amount, and whether digits beyond the 18th decimal had to be rounded off."""

    amount: Decimal
    rounded: bool


def described(value: Tree) -> str:
    """Say what a value is, for a message: short, and on one line."""
    if isinstance(value, Number):
        return f"the number {shown(str(value), 40).strip(chr(39))}"
    if isinstance(value, str):
        return shown(value)
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    return "a list" if isinstance(value, list) else "an object"


def text(value: Tree) -> str:
    """Take a text. A number is none: `00123` and `1e5` are not to be told from 123 and 100000."""
    if isinstance(value, str) and not isinstance(value, Number):
        return value
    raise Unfit("wrong-type", "a text", value)


def flag(value: Tree) -> bool:
    """Take true or false, and nothing that only means so."""
    if isinstance(value, bool):
        return value
    raise Unfit("wrong-type", "true or false", value)


def _number(value: Tree, expected: str) -> Decimal:
    if isinstance(value, Number) or (isinstance(value, str) and _PLAIN_NUMBER.fullmatch(value)):
        try:
            number = Decimal(value)
        except InvalidOperation:
            raise Unfit("out-of-range", expected, value) from None
        if number.is_finite():
            return number
        raise Unfit("out-of-range", expected, value)
    raise Unfit("wrong-type", expected, value)


def whole(value: Tree) -> int:
    """Take a whole number of at most 64 bits; `2.0` is one, `2.5` is not.

    Example:
        >>> whole(Number("2.0")), whole("17")
        (2, 17)
    """
    if isinstance(value, Number) and len(value) < 19 and value.isdecimal():
        return int(value)
    expected = "a whole number"
    number = _number(value, expected)
    if number.copy_abs() > MAX_WHOLE:
        raise Unfit("out-of-range", "a whole number of at most 64 bits", value)
    if number != number.to_integral_value():
        raise Unfit("wrong-type", expected, value)
    return int(number)


def money(value: Tree) -> Money:
    """Take an amount exactly; beyond 18 decimals it is rounded half-even, and says so.

    Example:
        >>> money(Number("33.333333333333336"))
        Money(amount=Decimal('33.333333333333336000'), rounded=False)
        >>> money(Number("1e-19"))
        Money(amount=Decimal('0E-18'), rounded=True)
    """
    number = _number(value, "a decimal number")
    if number and number.adjusted() >= DIGITS - SCALE:
        raise Unfit("out-of-range", "at most 20 digits before the point", value)
    amount = quantized(number)
    if amount.copy_abs() >= MONEY_LIMIT:
        raise Unfit("out-of-range", "at most 20 digits before the point", value)
    return Money(amount, amount != number)


def quantized(number: Decimal) -> Decimal:
    """Round to 18 decimals, half-even; exact for numbers that have no more."""
    if not number or number.adjusted() < -SCALE - 2:
        return _NOTHING
    return number.quantize(_QUANTUM, context=_EXACT) or _NOTHING  # never minus zero


def instant(value: Tree, reading: Reading) -> datetime | None:
    """Take an instant as UTC; Talon.One's zero time, `0001-01-01T00:00:00Z`, is None: never.

    RFC 3339, also with a space for the `T`; fractions are cut to microseconds. An instant without
    offset needs `reading.assume_tz`, any other way of writing it `reading.date_format`.
    """
    written = text(value) if not isinstance(value, Number) else str(value)
    match = _INSTANT.fullmatch(written)
    if match is None:
        return _formatted(value, written, reading)
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    micro = int((match[7] or "").ljust(6, "0")[:6])
    try:
        zone = _offset(match)
        local = datetime(year, month, day, hour, minute, second, micro, tzinfo=zone)
        if local.replace(tzinfo=None) == _ZERO_TIME:
            return None
    except ValueError:
        raise Unfit("bad-instant", "a time that exists", value) from None
    return _local(value, local, reading.assume_tz) if zone is None else _utc(value, local)


def _local(value: Tree, local: datetime, zone: tzinfo | None) -> datetime:
    """Place a time without offset; a time that a change of clocks skips or repeats is refused."""
    if zone is None:
        expected = "a time with its offset, such as 2026-01-31T09:05:27Z (or pass --assume-tz)"
        raise Unfit("bad-instant", expected, value)
    first = local.replace(tzinfo=zone, fold=0)
    if first.utcoffset() != local.replace(tzinfo=zone, fold=1).utcoffset():
        raise Unfit("bad-instant", f"a time that exists once in {zone}", value)
    return _utc(value, first)


def _utc(value: Tree, local: datetime) -> datetime:
    try:
        return local.astimezone(UTC)
    except OverflowError:  # beyond the year 9999
        raise Unfit("bad-instant", "a time that exists", value) from None


def _offset(match: re.Match[str]) -> tzinfo | None:
    if match[8]:
        return UTC
    if match[9] is None:
        return None
    hours, minutes = int(match[10]), int(match[11])
    if hours > 23 or minutes > 59:
        raise ValueError("no such offset")
    shift = timedelta(hours=hours, minutes=minutes)
    return timezone(shift if match[9] == "+" else -shift)


def _formatted(value: Tree, written: str, reading: Reading) -> datetime | None:
    if reading.date_format is None:
        expected = "a time such as 2026-01-31T09:05:27Z (or pass --date-format)"
        raise Unfit("bad-instant", expected, value)
    try:
        local = datetime.strptime(written, reading.date_format)
    except ValueError:
        expected = f"a time written as {reading.date_format}"
        raise Unfit("bad-instant", expected, value) from None
    if local.replace(tzinfo=None) == _ZERO_TIME:
        return None
    if local.tzinfo is None:
        return _local(value, local, reading.assume_tz or UTC)
    return _utc(value, local)


def state(value: Tree, reading: Reading) -> str:
    """Take one of the four states, in any spelling; an integer only where its meaning is told."""
    expected = f"one of {', '.join(STATES)}"
    if not isinstance(value, str):
        raise Unfit("wrong-type", expected, value)
    if known := state_of(value):
        return known
    if (number := _PLAIN_WHOLE.fullmatch(value)) is None:
        raise Unfit("bad-state", expected, value)
    if named := reading.state_numbers.get(int(number[1])):
        return named
    hint = "" if reading.state_numbers else " (an integer needs --state-numbers)"
    raise Unfit("bad-state", expected + hint, value)
