"""The effects beside a session in a response of the Integration API V2, as rows.

A record is in all tables or in none: an effect with a fault is a reason to reject the session that
it came with.

Layer: above `props`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

from sessionkit.decode import RawJson, Tree, encode
from sessionkit.dialects import Session
from sessionkit.dialects.members import container_of, renamed, texts_of
from sessionkit.errors import Reason
from sessionkit.flatten import Rounded
from sessionkit.props import COLUMNS, known_type, take_props
from sessionkit.spellings import EFFECT, EFFECT_BESIDE
from sessionkit.tables import EFFECTS, SESSIONS
from sessionkit.values import Unfit, described, text, whole

NO_PROPS = "{}"

_OF_SESSION = {
    "application_id": "application_id",
    "integration_id": "integration_id",
    "session_internal_id": "internal_id",
    "profile_id": "profile_id",
    "profile_internal_id": "profile_internal_id",
    "store_id": "store_id",
    "created_at": "updated_at",
    "state": "state",
    "source_file": "source_file",
    "source_record": "source_record",
    "dialect": "dialect",
}
_PLACES = {name: place for place, name in enumerate(SESSIONS.names)}
_IDS = {"campaignId": "campaign_id", "rulesetId": "ruleset_id", "triggeredByCoupon": "coupon_id"}


class Evaluated(NamedTuple):
    """The rows of `effects`, in the order of its columns, every fault, and rounded amounts."""

    rows: list[list[Any]]
    reasons: list[Reason]
    rounded: list[Rounded]


def effects_of(session: Session, row: Sequence[Any]) -> Evaluated:
    """Make the rows of the effects beside a session.

    Args:
        session: The session; members of effects that are not known are noted in it.
        row: Its row of `sessions`, in the order of the columns.
    """
    made = Evaluated([], [], [])
    if session.effects is None:
        return made
    if not isinstance(session.effects, list):
        found = container_of(session.effects)
        made.reasons.append(Reason("wrong-type", "effects", "a list of objects", found))
        return made
    common = {name: row[_PLACES[of]] for name, of in _OF_SESSION.items()}
    updated = common["created_at"]
    common["version_at"] = updated.replace(microsecond=0) if updated else None
    for place, effect in enumerate(session.effects):
        path = f"effects[{place}]"
        if isinstance(effect, dict):
            values = common | {"place": place} | _effect(made, session, effect, path)
            made.rows.append([values.get(name) for name in EFFECTS.names])
        else:
            found = described(effect)
            made.reasons.append(Reason("wrong-type", path, "an object", found))
    return made


def _effect(
    made: Evaluated, session: Session, effect: dict[str, Tree], path: str
) -> dict[str, Any]:
    before = len(session.reasons)
    found = renamed(session, effect, EFFECT, path, partial(texts_of, effect))
    made.reasons.extend(session.reasons[before:])
    kind = _taken(made, _type, found.get("effectType") or "", f"{path}.effectType")
    props = found.get("props")
    values: dict[str, Any] = {
        column: _taken(made, whole, found.get(member), f"{path}.{member}") or None
        for member, column in _IDS.items()
    }
    values |= {
        "effect_type": kind,
        "rule_index": _taken(made, whole, found.get("ruleIndex"), f"{path}.ruleIndex"),
        "rule_name": _taken(made, text, found.get("ruleName"), f"{path}.ruleName") or None,
        "props": encode(props) if props else NO_PROPS,
        "extras": _extras(found),
    }
    if values["ruleset_id"] is None and found.get("rulesetId") is not None:
        values["rule_index"] = None
    if props is not None and not isinstance(props, dict):
        wrong = Reason("wrong-type", f"{path}.props", "an object", container_of(props))
        made.reasons.append(wrong)
    elif kind is not None:
        taken = take_props(kind, props or {}, f"{path}.props")
        made.reasons.extend(taken.reasons)
        made.rounded.extend(taken.rounded)
        values |= dict(zip(COLUMNS, taken.values, strict=True))
    return values


def _taken(made: Evaluated, take: Callable[[Tree], Any], value: Tree, path: str) -> Any:
    if value is None:
        return None
    try:
        return take(value)
    except Unfit as error:
        made.reasons.append(error.at(path))
        return None


def _type(value: Tree) -> str:
    if value == "":
        raise Unfit("missing-member", "a value (what kind of effect it is)", None)
    return known_type(text(value))


def _extras(found: dict[str, Tree]) -> str | None:
    """What has no column: known members, then unknown ones."""
    known = {name: found[name] for name in EFFECT_BESIDE if found.get(name) is not None}
    unknown = found.get("extras")
    texts = [encode(known)[1:-1], unknown.text[1:-1] if isinstance(unknown, RawJson) else ""]
    written = ",".join(part for part in texts if part)
    return f"{{{written}}}" if written else None
