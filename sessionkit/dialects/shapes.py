"""The dialects: the shapes in which a session leaves Talon.One, and how each is recognised.

Layer: above `spellings`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from sessionkit.decode import Tree
from sessionkit.spellings import (
    INTEGRATION_SESSION,
    MANAGEMENT_SESSION,
    RESPONSE,
    folded,
)

EmptyDiscounts = Literal["none", "ambiguous", "unknown"]


@dataclass(frozen=True)
class Dialect:
    """One shape of a dump, and what it means that something is not there.

    Attributes:
        name: Its name, as in `sessions.dialect` and `--dialect`.
        says: One line about it, for help texts.
        members: How its members are spelt.
        api: Which Integration API the session belongs to, where the shape tells.
        envelope: The folded name of the member of a response that holds the session.
        empty_discounts: What an empty `discounts` map means: truly none, or nothing at all
            (`ambiguous` where V1 without discounts and V2 are written alike).
        lists: Whether `totalDiscounts` of 0 only means that several sessions were asked for.
        omits_zeros: Whether an absent number or flag is 0 or false.
    """

    name: str
    says: str
    members: Mapping[str, str]
    api: Literal["v1", "v2"] | None = None
    envelope: str | None = None
    empty_discounts: EmptyDiscounts = "unknown"
    lists: bool = False
    omits_zeros: bool = False


CSV_EXPORT = Dialect(
    "csv_export",
    "the Management API's CSV export, with JSON in its cells",
    MANAGEMENT_SESSION,
    empty_discounts="ambiguous",
)
SESSION_LIST = Dialect(
    "session_list",
    "pages of the Management API's list: hasMore and data",
    MANAGEMENT_SESSION,
    empty_discounts="ambiguous",
    lists=True,
)
SINGLE_SESSION = Dialect(
    "single_session",
    "sessions of the Management API, fetched singly",
    MANAGEMENT_SESSION,
    empty_discounts="ambiguous",
)
V1_SESSION = Dialect(
    "v1_session",
    "sessions of the Integration API V1",
    INTEGRATION_SESSION,
    api="v1",
    empty_discounts="none",
)
V1_RESPONSE = Dialect(
    "v1_response",
    "responses of the Integration API V1: session, profile, event",
    INTEGRATION_SESSION,
    api="v1",
    envelope="session",
    empty_discounts="none",
)
V2_SESSION = Dialect(
    "v2_session", "sessions of the Integration API V2", INTEGRATION_SESSION, api="v2"
)
V2_RESPONSE = Dialect(
    "v2_response",
    "responses of the Integration API V2: customerSession, effects",
    INTEGRATION_SESSION,
    api="v2",
    envelope="customersession",
)
CSHARP_V1 = Dialect(
    "csharp_v1",
    "V1 sessions that the C# SDK wrote with Newtonsoft: zeros are left out (never guessed)",
    INTEGRATION_SESSION,
    api="v1",
    empty_discounts="none",
    omits_zeros=True,
)
CSHARP_V2 = Dialect(
    "csharp_v2",
    "V2 sessions that the C# SDK wrote with Newtonsoft: zeros are left out (never guessed)",
    INTEGRATION_SESSION,
    api="v2",
    omits_zeros=True,
)
SINGER = Dialect(
    "singer",
    "RECORD lines of a Singer tap over the Management API",
    MANAGEMENT_SESSION,
    envelope="record",
    empty_discounts="ambiguous",
    lists=True,
)

EFFECTS_EXPORT = Dialect(
    "effects_export",
    "the Management API's CSV export of effects: it holds no session",
    MANAGEMENT_SESSION,
)
"""Told by its header alone, so it is none of `DIALECTS`, which a caller may name."""

DIALECTS = {
    dialect.name: dialect
    for dialect in (
        CSV_EXPORT,
        SESSION_LIST,
        SINGLE_SESSION,
        V1_SESSION,
        V1_RESPONSE,
        V2_SESSION,
        V2_RESPONSE,
        CSHARP_V1,
        CSHARP_V2,
        SINGER,
    )
}
"""Every dialect by its name."""

_MANAGEMENT_ONLY = {"totaldiscounts", "profileintegrationid", "closedat", "cancelledat"}
_V2_ONLY = {
    "couponcodes",
    "referralcode",
    "loyaltycards",
    "cartitemtotal",
    "additionalcosttotal",
    "cartitemadditionalcosttotal",
    "additionalcosts",
    "evaluablecampaignids",
    "experimentvariantallocations",
}
_SINGER_NOISE = {"SCHEMA", "STATE", "ACTIVATE_VERSION", "BATCH"}


def is_noise(tree: Tree) -> bool:
    """Whether a value is a line of a Singer tap that is no record.

    Example:
        >>> is_noise({"type": "STATE", "value": {}}), is_noise({"type": "RECORD", "record": {}})
        (True, False)
    """
    kind = tree.get("type") if isinstance(tree, dict) else None
    return isinstance(kind, str) and kind in _SINGER_NOISE and recognised(tree) is None


def recognised(keys: Iterable[str], *, page: bool = False) -> Dialect | None:
    """Tell the dialect of a JSON object from its keys, or None when it holds no session.

    A session of the Management API tells itself by `totalDiscounts` or `profileintegrationid`,
    or by an `id` beside V1's `coupon` or `discounts`; V2 by what only V2 has; the rest is V1.

    Args:
        keys: The keys of the object, as written.
        page: Whether it stood in the `data` of a list page.

    Example:
        >>> recognised(["integrationId", "discounts"]).name, recognised(["effects"])
        ('v1_session', None)
    """
    names = {folded(key) for key in keys}
    if names >= {"sessionid", "effects"}:
        return None  # an event of a session, which has the session's id and application
    if page and ("integrationid" in names or _looks_like_a_session(names)):
        return _session_shape(names) if _wrapped(names) else SESSION_LIST
    if names >= {"type", "record"}:
        return SINGER
    if "integrationid" in names or ("applicationid" in names and "cartitems" in names):
        return _session_shape(names)
    if "customersession" in names:
        return V2_RESPONSE
    if "session" in names:
        return V1_RESPONSE
    return _session_shape(names) if _looks_like_a_session(names) else None


def _session_shape(names: set[str]) -> Dialect:
    if names & _MANAGEMENT_ONLY:
        return SINGLE_SESSION
    if names & _V2_ONLY:
        return V2_SESSION
    if "id" in names:
        return SINGLE_SESSION if names & {"coupon", "referral", "discounts"} else V2_SESSION
    return V1_SESSION


def _wrapped(names: set[str]) -> bool:
    """Whether a page's element is of the Integration API, put into `data` by somebody's script."""
    told = names & (_V2_ONLY | {"firstsession", "updated"})
    return bool(told) and not names & _MANAGEMENT_ONLY


def _looks_like_a_session(names: set[str]) -> bool:
    """Whether what lacks an integration id is still a session, so that the fault is named."""
    known = names & MANAGEMENT_SESSION.keys()
    return len(known) >= 3 and not names & (RESPONSE - {"coupon", "referral", "coupons"})
