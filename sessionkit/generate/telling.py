"""The dialects that are written, and what of a session each of them tells.

This is what right answers rest on: a value that no dialect tells cannot be asked for.

Layer: above `facts`; of the package, imports `errors`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

from sessionkit.errors import UsageError, unknown_name


class Telling(NamedTuple):
    """What a dialect tells.

    Attributes:
        name: The dialect, as in `--dialect`.
        api: Which applications can be told in it; None for all.
        dated: Whether it tells `updated`; records that do not are older than any that do.
        discounts: `map` is whole, `{}` truly none; `silent` writes `{}` for V1 without discounts
            and for V2 alike; `sum` tells a sum beside such a map; `never` tells none.
        costs: Whether it tells the session's own additional costs.
        identifiers: Whether it tells identifiers.
        every_code: Whether it tells all coupon codes, or only the first.
        folder: The folder for its files; a dialect that must be named to the reader lies apart.
    """

    name: str
    api: Literal["v1", "v2"] | None
    dated: bool = True
    discounts: Literal["map", "silent", "sum", "never"] = "map"
    costs: bool = False
    identifiers: bool = True
    every_code: bool = False
    folder: str = "dumps"


CSV_EXPORT = Telling("csv_export", None, discounts="silent", costs=True, every_code=True)
SESSION_LIST = Telling("session_list", None, dated=False, discounts="silent", identifiers=False)
SINGLE_SESSION = Telling("single_session", None, dated=False, discounts="sum", identifiers=False)
V1_SESSION = Telling("v1_session", "v1")
V1_RESPONSE = Telling("v1_response", "v1")
V2_SESSION = Telling("v2_session", "v2", discounts="never", costs=True, every_code=True)
V2_RESPONSE = Telling("v2_response", "v2", discounts="never", costs=True, every_code=True)
CSHARP_PASCAL = Telling("csharp_pascal", "v1")
CSHARP_OMITS_ZEROS = Telling("csharp_omits_zeros", "v1", folder="dumps_csharp")
PYTHON_SDK = Telling("python_sdk", "v1")
SINGER = Telling("singer", None, dated=False, discounts="silent", identifiers=False)

EFFECTS_EXPORT = Telling("effects_export", None, discounts="never", identifiers=False)
"""Tells no session, but what rules did to it."""

DIALECTS = {
    telling.name: telling
    for telling in (
        CSV_EXPORT,
        SESSION_LIST,
        SINGLE_SESSION,
        V1_SESSION,
        V1_RESPONSE,
        V2_SESSION,
        V2_RESPONSE,
        CSHARP_PASCAL,
        CSHARP_OMITS_ZEROS,
        PYTHON_SDK,
        SINGER,
    )
}
"""Every dialect of sessions that can be written, by name."""

NAMES = (*DIALECTS, EFFECTS_EXPORT.name)
"""The names of all dialects that can be written."""


def chosen(names: str | Iterable[str] | None) -> tuple[Telling, ...]:
    """The dialects of these names, in the order of `NAMES`; all for None.

    Raises:
        UsageError: There is no such dialect, or none is named.
    """
    named = [names] if isinstance(names, str) else names
    wanted = set(NAMES if named is None else named)
    for name in sorted(wanted - set(NAMES)):
        raise UsageError(unknown_name("dialect", name, NAMES))
    if not wanted:
        raise UsageError("no dialect to write: name at least one, or leave `dialects` out for all")
    every = DIALECTS | {EFFECTS_EXPORT.name: EFFECTS_EXPORT}
    return tuple(telling for name, telling in every.items() if name in wanted)
