"""The desk at which sessions are told: each written to its files, and added to the answers.

Layer: above `planting`; of the package, imports nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sessionkit.generate.allotment import Draw, Home
from sessionkit.generate.analytics import Ledger
from sessionkit.generate.answers import Answers
from sessionkit.generate.dice import Dice
from sessionkit.generate.doubts import TWEAKS, fits
from sessionkit.generate.drafts import written
from sessionkit.generate.effect_files import EffectDesk
from sessionkit.generate.facts import Session
from sessionkit.generate.files import Shelf
from sessionkit.generate.history import Chronicle
from sessionkit.generate.overlaps import Sighting, sightings
from sessionkit.generate.planting import Planter
from sessionkit.generate.spelling import spaced
from sessionkit.generate.telling import SINGER, Telling
from sessionkit.generate.witness import told
from sessionkit.generate.writers import Folder, Writer

_TAP_STATE_EVERY = 40


def tell_all(
    count: int, seed: int, tellings: Sequence[Telling], shelf: Shelf, desks: Mapping[str, Desk]
) -> None:
    """Make `count` sessions and tell each at the desk of its folder; finish the desks."""
    dice = Dice(seed, "telling")
    chronicle = Chronicle(seed, count)
    draw = Draw(count, tellings, shelf, Dice(seed, "draw"))
    for place in range(count):
        home = draw.home()
        session = chronicle.session(place, draw.application(home))
        desks[home.telling.folder].tell(dice, session, home, shelf)
    for desk in desks.values():
        desk.finish()


class Desk:
    """Tells sessions to the files of one folder, and keeps the answers about it."""

    def __init__(
        self, folder: Folder, planter: Planter | None = None, oddities: Sequence[str] = ()
    ) -> None:
        self.folder = folder
        self.planter = planter
        self.oddities = list(oddities)
        self.effects: EffectDesk | None = None
        self.sessions = True
        self.answers = Answers()
        self.analytics = Ledger()

    def tell(self, dice: Dice, session: Session, home: Home, files: Shelf) -> None:
        """Write every record of a session, and count what they tell together."""
        rule = self._oddity(dice, session, home)
        if rule:
            session = TWEAKS[rule](session)
        if self.effects:
            self.effects.tell(session, self.answers)
        if not self.sessions:
            return
        seen = sightings(dice, session, home, files)
        numbers = [self._put(session, sighting) for sighting in seen]
        known = told(session, seen)
        self.answers.add(known, seen)
        self.analytics.add(known, seen)
        for sighting, number in zip(seen, numbers, strict=True):
            if rule:
                self.answers.doubt(sighting.file, number, rule)
        if self.planter:
            for sighting in seen:
                self.planter.after(sighting.file, self.folder, self.answers)
            if len(seen) == 1 and not rule:
                self.planter.newer(session, seen[0].file, self.folder, self.answers)

    def finish(self) -> None:
        """Write what is still to come at the ends of files."""
        if self.planter:
            self.planter.finish(self.folder, self.answers)
        for writer in self.folder.writers.values():
            if writer.file.telling is SINGER:
                _tap_state(writer)

    def _oddity(self, dice: Dice, session: Session, home: Home) -> str | None:
        """Choose an oddity for a session, each in turn; None for most."""
        if not self.oddities or not dice.chance(0.05):
            return None
        for rule in self.oddities:
            if fits(rule, session, home.telling.name):
                self.oddities.remove(rule)
                self.oddities.append(rule)
                return rule
        return None

    def _put(self, session: Session, sighting: Sighting) -> int:
        file = sighting.file
        writer = self.folder.writer(file)
        if file.telling is SINGER and writer.count % _TAP_STATE_EVERY == 0:
            _tap_schema(writer) if not writer.count else _tap_state(writer)
        version = session.versions[sighting.place]
        return writer.add(written(file.telling, session, version))


def _tap_schema(writer: Writer) -> None:
    fields = {"integrationId": {"type": "string"}, "total": {"type": "number"}}
    schema: dict[str, Any] = {"type": "object", "properties": fields}
    line = {"type": "SCHEMA", "stream": "sessions", "schema": schema, "key_properties": ["id"]}
    writer.add(spaced(line))


def _tap_state(writer: Writer) -> None:
    writer.add(spaced({"type": "STATE", "value": {"lines": writer.count}}))
