"""What the records of a session, taken together, tell of it.

The last version that a dated record tells is the session; without dated records, the last state.
Records of that version are its repeats, the others are older. What one of them cannot tell,
another of the same version may. Where none tells its discounts, effects in a V2 response do.

Layer: above `overlaps`; of the package, imports nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from sessionkit.generate.envelopes import effects_of
from sessionkit.generate.facts import NOTHING, Session, Version, added, as_read
from sessionkit.generate.overlaps import Sighting
from sessionkit.generate.rendering import discount_map
from sessionkit.generate.telling import V2_RESPONSE


class Told(NamedTuple):
    """A session as the dumps tell it.

    Attributes:
        session: Its facts.
        version: The version that counts.
        current: Which of the sightings tell that version.
        labels: The map of discounts, as far as told.
        granted: The discounts by their names: of the map, or of effects where only they tell them.
        discounts_known: True or false, or None where an empty map may mean either.
        discount_total: Their sum; None unless they are known.
        costs: The session's own additional costs, as far as told.
        codes: The coupon codes, each once.
        identifiers: The identifiers, each once.
    """

    session: Session
    version: Version
    current: tuple[bool, ...]
    labels: Mapping[str, Decimal]
    granted: Mapping[str, Decimal]
    discounts_known: bool | None
    discount_total: Decimal | None
    costs: Mapping[str, Decimal]
    codes: tuple[str, ...]
    identifiers: tuple[str, ...]


def told(session: Session, sightings: Sequence[Sighting]) -> Told:
    """Work out what these records tell together."""
    place = max(s.place for s in _dated(sightings) or sightings)
    version = session.versions[place]
    dated = bool(_dated(sightings))
    current = tuple(s.place == place and s.file.telling.dated == dated for s in sightings)
    tellings = [s.file.telling for s, now in zip(sightings, current, strict=True) if now]
    known, total = _discounts(session, version, sightings, current)
    every_code = any(telling.every_code for telling in tellings)
    codes = version.coupons if every_code else version.coupons[:1]
    identified = any(telling.identifiers for telling in tellings)
    mapped = any(telling.discounts != "never" for telling in tellings)
    labels = granted = discount_map(session, version) if mapped else {}
    if (
        not known
        and V2_RESPONSE in tellings
        and (effects_of(session, version) or version.state in ("open", "closed"))
    ):
        granted = version.discounts
        known, total = True, added(map(as_read, granted.values()))
    return Told(
        session=session,
        version=version,
        current=current,
        labels=labels,
        granted=granted,
        discounts_known=known,
        discount_total=total,
        costs=version.costs if any(telling.costs for telling in tellings) else {},
        codes=tuple(dict.fromkeys(codes)),
        identifiers=tuple(dict.fromkeys(session.identifiers)) if identified else (),
    )


def _dated(sightings: Sequence[Sighting]) -> list[Sighting]:
    return [sighting for sighting in sightings if sighting.file.telling.dated]


def _discounts(
    session: Session,
    version: Version,
    sightings: Sequence[Sighting],
    current: Sequence[bool],
) -> tuple[bool | None, Decimal | None]:
    """Whether the discounts are known, and their sum."""
    ways = {s.file.telling.discounts for s, now in zip(sightings, current, strict=True) if now}
    labels = discount_map(session, version)
    if "map" in ways or (labels and ways & {"silent", "sum"}):
        return True, added(map(as_read, labels.values()))
    if "sum" in ways:
        return True, added(map(as_read, version.discounts.values()))
    if "silent" not in ways:
        return False, None
    apis = {sighting.file.telling.api for sighting in sightings}
    if "v2" in apis:
        return False, None
    return (True, NOTHING) if "v1" in apis else (None, None)
