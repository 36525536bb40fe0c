"""Who tells a session besides its first file: later exports, other dialects, earlier states.

Only overlaps whose outcome is beyond doubt are made: two records of the same version never
contradict each other.

Layer: above `allotment`; of the package, imports nothing.
"""

from __future__ import annotations

from typing import NamedTuple

from sessionkit.generate.allotment import Home
from sessionkit.generate.dice import Dice
from sessionkit.generate.facts import Session
from sessionkit.generate.files import File, Shelf


class Sighting(NamedTuple):
    """A record of a session: the file it goes to, and the place of the version it tells."""

    file: File
    place: int


class Rival(NamedTuple):
    """Another record that sessions of a dialect may have.

    `back` is how many versions it is behind; with `ahead`, it is the first record that stays
    behind and this one that tells the last version.
    """

    dialect: str
    chance: float
    back: int = 0
    ahead: bool = False


_RIVALS: dict[str, tuple[Rival, ...]] = {
    "v1_session": (
        Rival("v1_session", 0.08, back=1),
        Rival("csv_export", 0.05),
        Rival("csv_export", 0.03, back=1),
        Rival("v1_response", 0.03),
        Rival("csharp_pascal", 0.02),
        Rival("python_sdk", 0.02),
        Rival("single_session", 0.03),
        Rival("single_session", 0.02, back=1),
    ),
    "v1_response": (Rival("csv_export", 0.08, back=1, ahead=True),),
    "v2_session": (
        Rival("v2_response", 0.06),
        Rival("session_list", 0.04),
        Rival("session_list", 0.02, back=1),
        Rival("csv_export", 0.06, back=1),
    ),
    "v2_response": (
        Rival("v2_response", 0.08, back=1),
        Rival("v2_session", 0.03),
        Rival("session_list", 0.04),
    ),
    "session_list": (Rival("session_list", 0.03), Rival("single_session", 0.04)),
    "csharp_omits_zeros": (Rival("csharp_omits_zeros", 0.06, back=1),),
}


def sightings(dice: Dice, session: Session, home: Home, shelf: Shelf) -> list[Sighting]:
    """Every record of a session, in the order in which they are written."""
    if home.file is None:
        return _exported(session, shelf)
    last = len(session.versions) - 1
    first = Sighting(home.file, last)
    if home.file.broken:
        return [first]
    for rival in _RIVALS.get(home.telling.name, ()):
        if rival.back <= last and dice.chance(rival.chance):
            behind = last - rival.back
            place = last if rival.ahead else behind
            file = _file_of(rival.dialect, session, place, shelf)
            if file is not None:
                own = Sighting(home.file, behind) if rival.ahead else first
                return [own, Sighting(file, place)]
    return [first]


def _file_of(dialect: str, session: Session, place: int, shelf: Shelf) -> File | None:
    if dialect == "csv_export":
        return shelf.export(session.application.number, session.versions[place].updated)
    return shelf.main(dialect)


def _exported(session: Session, shelf: Shelf) -> list[Sighting]:
    """One record per export whose window the session falls into, as it stood at its end."""
    made = []
    for file in shelf.exports:
        window = file.window
        assert window is not None
        if window.application != session.application.number:
            continue
        told = [p for p, v in enumerate(session.versions) if v.updated < window.until]
        if told and session.versions[told[-1]].updated >= window.since:
            made.append(Sighting(file, told[-1]))
    return made
