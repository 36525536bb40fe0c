"""When things happen: sessions come in along a calendar with weekends, growth and a busy week.

Layer: above `dice`; of the package, imports nothing.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime, timedelta

from sessionkit.generate.dice import Dice, running

START = datetime(2026, 1, 1, tzinfo=UTC)
END = datetime(2026, 5, 1, tzinfo=UTC)
"""Nothing is told from before `START` or from `END` on."""

DAYS = (END - START).days
_DAY = 86_400


def _busyness(day: int) -> float:
    weekday = (START + timedelta(days=day)).weekday()
    weekend = 1.35 if weekday >= 5 else 1.0
    busy_week = 1.8 if 78 <= day < 85 else 1.0
    return weekend * busy_week * (1 + day / 200)


_HEIGHTS = running([_busyness(day) for day in range(DAYS)])


def created_at(dice: Dice, place: int, count: int) -> datetime:
    """When the session number `place` of `count` is created; later numbers are never earlier.

    Sessions are made in this order, so that nothing needs to be kept to sort them.
    """
    height = (place + dice.roll()) / count * _HEIGHTS[-1]
    day = min(bisect_right(_HEIGHTS, height), DAYS - 1)
    below = _HEIGHTS[day - 1] if day else 0.0
    into = (height - below) / (_HEIGHTS[day] - below)
    microseconds = int(into * (_DAY - 2) * 1_000_000)
    return START + timedelta(days=day, microseconds=microseconds)


def later(dice: Dice, instant: datetime, shortest: int, longest: int) -> datetime:
    """An instant between `shortest` and `longest` seconds later, rather sooner than later."""
    share = dice.roll() ** 3
    seconds = shortest + share * (longest - shortest)
    return instant + timedelta(microseconds=int(seconds * 1_000_000))
