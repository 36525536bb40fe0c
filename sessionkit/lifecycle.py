"""The states of a session, in the order of its life, and which may follow which.

Bottom layer: imports nothing from the package. Source: Talon.One's documentation of customer
sessions and of the events that change them.
"""

from __future__ import annotations

OPEN = "open"
CLOSED = "closed"
PARTIALLY_RETURNED = "partially_returned"
CANCELLED = "cancelled"

STATES = (OPEN, CLOSED, PARTIALLY_RETURNED, CANCELLED)
"""All states, in the order of the life cycle."""

COMPLETED = (CLOSED, PARTIALLY_RETURNED)
"""The states of a purchase that stands."""

POPULATIONS = {
    "all": STATES,
    "completed": COMPLETED,
    "open": (OPEN,),
    "cancelled": (CANCELLED,),
}
"""The named populations of sessions."""

NONE = "(none)"
"""What a session is in before it is created."""

ALLOWED = (
    (NONE, OPEN),
    (NONE, CLOSED),
    (OPEN, OPEN),
    (OPEN, CLOSED),
    (OPEN, CANCELLED),
    (CLOSED, CANCELLED),
    (CLOSED, PARTIALLY_RETURNED),
    (CLOSED, OPEN),
    (PARTIALLY_RETURNED, PARTIALLY_RETURNED),
    (PARTIALLY_RETURNED, CANCELLED),
)
"""Which state can directly follow which."""

_SPELLINGS = {"canceled": CANCELLED} | {
    state.replace("_", between): state for state in STATES for between in ("_", "-", "")
}

STATE_NUMBERS = {
    "three": {1: OPEN, 2: CLOSED, 3: CANCELLED},
    "four": {1: OPEN, 2: CLOSED, 3: PARTIALLY_RETURNED, 4: CANCELLED},
}
"""What an integer state means: `three` states up to C# SDK 4.0.1, `four` from 4.0.3 on."""


def state_of(text: str) -> str | None:
    """Return the state that a spelling means, or None when there is no such state.

    Case does not count, `-` may stand for `_` or nothing at all, and `canceled` is `cancelled`.

    Example:
        >>> state_of("Partially-Returned"), state_of("Canceled"), state_of("done")
        ('partially_returned', 'cancelled', None)
    """
    return _SPELLINGS.get(text.lower())


def verdict(before: str, after: str) -> str:
    """Say whether a session can come from one state to another.

    Returns:
        `direct`; `skipped` where it must have been in others between; or `illegal`.

    Example:
        >>> verdict("open", "closed"), verdict("open", "partially_returned")
        ('direct', 'skipped')
        >>> verdict("cancelled", "open")
        'illegal'
    """
    if (before, after) in ALLOWED:
        return "direct"
    reached = {last for first, last in ALLOWED if first == before}
    while more := {last for first, last in ALLOWED if first in reached} - reached:
        reached |= more
    return "skipped" if after in reached else "illegal"
