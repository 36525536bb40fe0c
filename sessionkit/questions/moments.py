"""Instants, zones and lengths of time as users write them.

Layer: inside `questions`; imports `errors` from below.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from difflib import get_close_matches
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from sessionkit.errors import UsageError, shown

Instant = str | date | datetime
"""A point in time: an instant, or a day, which means its first moment in the zone asked by."""

_UNITS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_LENGTH = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?\s*[wdhms]\s*)+", re.ASCII)
_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([wdhms])", re.ASCII)
_LONGEST = timedelta(days=36_525)


def zone_of(name: str) -> ZoneInfo:
    """Look a time zone up.

    Raises:
        UsageError: There is no zone of that name.

    Example:
        >>> zone_of("Europe/Berlin").key
        'Europe/Berlin'
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError) as fault:
        near = get_close_matches(str(name), sorted(available_timezones()), n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise UsageError(
            f"unknown time zone {shown(name)}.{hint} Zones are called as Europe/Berlin or UTC."
        ) from fault


def instant_of(what: str, value: Instant, zone: ZoneInfo) -> datetime:
    """Read an instant.

    Args:
        what: The argument, for the message.
        value: A day, or an instant with or without offset; text as ISO 8601 writes it.
        zone: Where a day begins, and where an instant without offset is.

    Returns:
        The instant, with its zone.

    Raises:
        UsageError: It is none of these.

    Example:
        >>> instant_of("since", "2024-03-31", zone_of("Europe/Berlin")).isoformat()
        '2024-03-31T00:00:00+01:00'
    """
    read: date | datetime | None = value if isinstance(value, date) else _read(value)
    if read is None:
        raise UsageError(
            f"{what}: expected a day such as 2024-03-01 or an instant such as "
            f"2024-03-01T12:00:00Z, got {shown(value)}."
        )
    if not isinstance(read, datetime):
        read = datetime.combine(read, time())
    return read if read.tzinfo else read.replace(tzinfo=zone)


def length_of(what: str, value: str | timedelta) -> timedelta:
    """Read a length of time.

    Args:
        what: The argument, for the message.
        value: A `timedelta`, or text of numbers with w, d, h, m (minutes) or s behind them.

    Returns:
        The length, more than nothing and at most 100 years.

    Raises:
        UsageError: It is none.

    Example:
        >>> length_of("window", "7d"), length_of("timeout", "1h 30m")
        (datetime.timedelta(days=7), datetime.timedelta(seconds=5400))
    """
    if isinstance(value, timedelta):
        length = value
    elif isinstance(value, str) and len(value) < 50 and _LENGTH.fullmatch(value.strip()):
        seconds = sum(float(n) * _UNITS[unit] for n, unit in _PART.findall(value))
        length = timedelta(seconds=min(seconds, 2 * _LONGEST.total_seconds()))
    else:
        raise UsageError(
            f"{what}: expected a length of time such as 7d, 12h or 30m, got {shown(value)}."
        )
    if not timedelta(0) < length <= _LONGEST:
        raise UsageError(f"{what}: expected more than nothing and at most 100 years, got {value}.")
    return length


def _read(text: str) -> date | datetime | None:
    for read in (date.fromisoformat, datetime.fromisoformat):
        try:
            return read(text.strip())
        except (ValueError, TypeError, AttributeError):
            continue
    return None
