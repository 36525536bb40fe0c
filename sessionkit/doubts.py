"""A doubt that reading has about a record or a file, on its way to the findings.

Layer: bottom; imports nothing from the package.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_LINE = re.compile(r"\b(cartItems|effects)\[[0-9]+\]")
_MAP_KEY = re.compile(r"\b(prices|additionalCosts)(?:\.\w+|\[.*\])(?=\.|\[)", re.DOTALL)


@dataclass(frozen=True)
class Doubt:
    """A finding made while reading; `record` is None when it is about a file."""

    rule: str
    path: str | None
    expected: str | None
    seen: str | None
    source_file: str
    record: int | None = None
    source_record: int | None = None
    application_id: int | None = None
    integration_id: str | None = None
    count: int = 1


def without_places(path: str) -> str:
    """The path without places and the shop's own names, so that a key is counted once per file.

    Example:
        >>> without_places("cartItems[3].prices['type 1'].newField")
        'cartItems[].prices{}.newField'
    """
    return _MAP_KEY.sub(r"\1{}", _LINE.sub(r"\1[]", path))
