"""Where bad records go: beside good ones, in every file of a dialect that can hold them.

Layer: above `defects`, `allotment` and `writers`; of the package, imports nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import timedelta

from sessionkit.generate.answers import Answers
from sessionkit.generate.defects import Defect, kinds_for, spoilt
from sessionkit.generate.drafts import draft
from sessionkit.generate.facts import Application, Session
from sessionkit.generate.files import File, Shelf
from sessionkit.generate.history import Chronicle
from sessionkit.generate.telling import CSV_EXPORT, V1_SESSION, Telling
from sessionkit.generate.world import APPLICATIONS
from sessionkit.generate.writers import Folder

_NUMBERS_FROM = 9_000_000


Plan = Sequence[tuple[File, Defect]]


def everything(tellings: Sequence[Telling], shelf: Shelf) -> Plan:
    """Every kind of bad record for every dialect, spread over the files that can hold it."""
    plan: list[tuple[File, Defect]] = []
    for telling in tellings:
        files = [
            file
            for file in (*shelf.exports, *shelf.others)
            if file.telling is telling and not file.broken and file.container != "one"
        ]
        if telling is CSV_EXPORT:
            files = [file for file in files if file.window and file.window.application == 270]
        in_lines = [file for file in files if file.container in ("lines", "csv")]
        for place, defect in enumerate(kinds_for(telling.name)):
            able = in_lines if defect.broken else files
            if able:
                plan.append((able[place % len(able)], defect))
    return plan


class Planter:
    """Plants the bad records of one run, a few good ones apart from each other.

    With `newer`, one good session also gets a newer record that is bad.
    """

    def __init__(self, seed: int, count: int, plan: Plan, *, newer: bool = False) -> None:
        self.chronicle = Chronicle(f"{seed}/defects", count)
        self.count = count
        self.planted = 0
        self.newer_to_come = newer
        self.waiting: dict[str, tuple[File, deque[Defect]]] = {}
        for file, defect in plan:
            self.waiting.setdefault(file.shown, (file, deque()))[1].append(defect)

    def after(self, file: File, folder: Folder, answers: Answers) -> None:
        """Plant the next bad record of a file, if it is time: two good ones stand between."""
        waiting = self.waiting.get(file.shown)
        if waiting and waiting[1] and folder.writer(file).count % 3 == 2:
            self._plant(file, waiting[1].popleft(), folder, answers)

    def newer(self, session: Session, file: File, folder: Folder, answers: Answers) -> None:
        """Plant one record of a good session that is newer, and bad: the session stays as it is."""
        if not self.newer_to_come or file.telling is not V1_SESSION or file.container != "lines":
            return
        last = session.versions[-1]
        if last.lines:
            self.newer_to_come = False
            newer = last._replace(updated=last.updated + timedelta(hours=1))
            record = draft(V1_SESSION, session, newer)
            record.put_in_line("quantity", 0)
            number = folder.writer(file).add(record.encoded())
            answers.plant(file, number, ["out-of-range"], "newer-and-bad")

    def finish(self, folder: Folder, answers: Answers) -> None:
        """Plant what is left, and note the files that break off."""
        for file, defects in self.waiting.values():
            while defects:
                self._plant(file, defects.popleft(), folder, answers)
        for writer in folder.writers.values():
            if writer.file.broken:
                answers.plant(writer.file, writer.count + 1, ["broken-container"], "cut-off")

    def _plant(self, file: File, defect: Defect, folder: Folder, answers: Answers) -> None:
        name = f"planted-{file.telling.name}-{defect.kind}"
        session = self._session(file.telling)._replace(integration_id=name)
        record = draft(file.telling, session, session.versions[-1])
        number = folder.writer(file).add(spoilt(defect, record))
        answers.plant(file, number, defect.codes, defect.kind)

    def _session(self, telling: Telling) -> Session:
        """A good session to spoil, with a cart and of the right application."""
        while True:
            place = self.chronicle.dice.below(self.count)
            session = self.chronicle.session(place, _application(telling))
            if session.versions[-1].lines:
                self.planted += 1
                return session._replace(internal_id=_NUMBERS_FROM + self.planted)


def _application(telling: Telling) -> Application:
    api = telling.api or "v1"
    return next(application for application in APPLICATIONS if application.api == api)
