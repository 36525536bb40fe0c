"""How a value is written for people: on the page, and what a terminal must not be shown.

Money is rounded to two decimals, what was divided to one or two; `exact` keeps what was there.

Layer: inside `page`, used by `cli` too; imports `formats` from below.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal
from itertools import accumulate
from unicodedata import east_asian_width

from sessionkit.formats import NOTHING, amount

_SHARES = ("share", "rate", "penetration", "depth", "previous", "first", "high", "change")
_CENT = Decimal("0.01")
_WIDE = Context(prec=60, rounding=ROUND_HALF_UP)
_SIZES = ((1e9, "bn"), (1e6, "M"), (1e3, "k"))
_LONGEST = 240
_STEPS = ((60.0, "s", 1.0), (3600.0, "min", 60.0), (172800.0, "h", 3600.0))


def money(value: Decimal) -> str:
    """Write an amount with two decimals; a half is rounded away from zero, and zero has no sign.

    Example:
        >>> money(Decimal("1850")), money(Decimal("33.335")), money(Decimal("-0.004"))
        ('1,850.00', '33.34', '0.00')
    """
    cents = value.quantize(_CENT, context=_WIDE)
    return f"{cents if cents else abs(cents):,.2f}"


def is_rounded(value: object) -> bool:
    """Whether an amount has more decimals than `money` shows.

    Example:
        >>> is_rounded(Decimal("1.500")), is_rounded(Decimal("0.005"))
        (False, True)
    """
    return isinstance(value, Decimal) and value.quantize(_CENT, context=_WIDE) != value


def short(value: float) -> str:
    """Write a round number in a few letters, for an axis.

    Example:
        >>> short(0), short(2500), short(1_200_000), short(-5e9), short(0.25)
        ('0', '2.5k', '1.2M', '-5bn', '0.25')
    """
    for size, letter in _SIZES:
        if abs(value) >= size:
            return f"{value / size:g}{letter}" if abs(value) < 1e15 else f"{value:.0e}"
    return f"{value:g}"


def duration(seconds: float) -> str:
    """Write a length of time in the unit that suits it.

    Example:
        >>> duration(42.0), duration(5400.0), duration(172800.0)
        ('42 s', '1.5 h', '2 days')
    """
    for limit, unit, size in _STEPS:
        if abs(seconds) < limit:
            return f"{_tenths(seconds / size)} {unit}"
    return f"{_tenths(seconds / 86400.0)} days"


def percent(value: float) -> str:
    """Write a ratio as a percentage with one decimal."""
    return f"{_unsigned(round(value * 100, 1)):,.1f}%"


def is_number(value: object) -> bool:
    """Whether a value is set right in its column."""
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def text(column: str, value: object) -> str:
    """Write a value of a column; the column's name tells what a number means.

    Example:
        >>> text("gross_total", Decimal("1850")), text("discount_rate", 0.125)
        ('1,850.00', '12.5%')
        >>> text("application_id", 12328), text("session_count", 12328), text("label", None)
        ('12328', '12,328', '–')
    """
    match value:
        case None:
            return NOTHING
        case "":
            return '""'
        case bool():
            return "yes" if value else "no"
        case Decimal():
            return money(value)
        case int():
            return str(value) if column.endswith("_id") or column == "year" else f"{value:,}"
        case float():
            return _ratio(column, value)
        case datetime():
            return instant(value)
        case date():
            return value.isoformat()
        case list() | tuple():
            return cut(", ".join(text(column, one) for one in value) or NOTHING, _LONGEST)
    return cut(str(value), _LONGEST)


def cut(words: str, wide: int) -> str:
    """Cut a text to a width, in which wide letters count twice.

    Example:
        >>> cut("Summer sale", 7), cut("夏のセール", 7), cut("tea", 7)
        ('Summer…', '夏のセ…', 'tea')
    """
    if sum(map(_width, words)) <= wide:
        return words
    used = accumulate(map(_width, words))
    return words[: sum(1 for width in used if width < wide)] + "…"


def _width(letter: str) -> int:
    return 2 if east_asian_width(letter) in "WF" else 1


def instant(value: datetime) -> str:
    """Write an instant in UTC, without the decimals that it does not have."""
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ") + " UTC"


def exact(value: object) -> str:
    """Write a value so that a program reads back what was there: no separators, no units.

    Example:
        >>> exact(Decimal("1850.500000000000000000")), exact(None), exact(True)
        ('1850.5', '', 'true')
    """
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case Decimal():
            return amount(value)
        case float():
            return f"{value:.12g}"  # the last digits depend on the order of adding
        case datetime():
            return instant(value)
    return str(value)


def plural(number: int, noun: str) -> str:
    """Write a count with its noun.

    Example:
        >>> plural(1, "session"), plural(1200, "reject")
        ('1 session', '1,200 rejects')
    """
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def printable(value: str) -> str:
    r"""Take the power out of characters that command a terminal or turn the line around.

    Control characters become their visible pictures, a line break too, and marks that change the
    writing direction go; everything else stays as it is.

    Example:
        >>> printable("tea\x1b[31m" + "\u202e" + "!")
        'tea␛[31m!'
    """
    return value.translate(_PICTURES)


def _ratio(column: str, value: float) -> str:
    if column.endswith("_seconds"):
        return duration(value)
    if column.rpartition("_")[2] in _SHARES:
        return percent(value)
    return f"{_unsigned(round(value, 2)):,.2f}"


def _unsigned(value: float) -> float:
    """What was cut to zero has no sign."""
    return value or 0.0


def _tenths(value: float) -> str:
    return f"{value:,.1f}".removesuffix(".0")


_PICTURES: dict[int, str | None] = {
    **{code: chr(0x2400 + code) for code in range(0x20)},
    0x7F: "\u2421",
    **dict.fromkeys(range(0x80, 0xA0), "\ufffd"),
    **dict.fromkeys((0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)), None),
    0x2028: "\u2424",
    0x2029: "\u2424",
}
