"""Regular expressions from users: refused in plain words before they are used.

Layer: inside `questions`, above `workbench`.
"""

from __future__ import annotations

from sessionkit.errors import QueryError, UsageError, shown
from sessionkit.questions.workbench import Workbench


def pattern_of(what: str, given: object) -> str | None:
    """Take a pattern, or none.

    Args:
        what: The argument, for the message.
        given: What was given.

    Raises:
        UsageError: It is no text, or empty.

    Example:
        >>> pattern_of("coupon_pattern", "^SUMMER")
        '^SUMMER'
    """
    if given is not None and (not isinstance(given, str) or not given):
        raise UsageError(f"{what}: expected a regular expression, got {shown(given)}.")
    return given


def check_pattern(bench: Workbench, what: str, pattern: str | None) -> None:
    """See that a pattern is a regular expression; none will do.

    Args:
        bench: Where it will be used.
        what: The argument.
        pattern: What was given.

    Raises:
        UsageError: It is no regular expression.
    """
    if pattern is None:
        return
    try:
        bench.try_pattern(pattern)
    except QueryError as fault:
        text = f"{what}: {shown(pattern)} is no regular expression: {fault}"
        raise UsageError(text) from fault
