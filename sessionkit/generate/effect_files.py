"""Exports of effects: today's columns, and those of before 2020; two of them overlap.

Layer: above `evaluations`, `answers` and `writers`; of the package, imports nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from sessionkit.generate.answers import Answers
from sessionkit.generate.calendar import END, START
from sessionkit.generate.evaluations import Evaluation, evaluations
from sessionkit.generate.facts import NOTHING, Session
from sessionkit.generate.files import File, Window
from sessionkit.generate.rows import quoted, two_decimals
from sessionkit.generate.spelling import Tree, spaced, stored, whole_seconds
from sessionkit.generate.telling import EFFECTS_EXPORT
from sessionkit.generate.writers import Folder

OLD_COLUMNS = (
    "created",
    "name",
    "applicationid",
    "campaignid",
    "rulesetid",
    "ruleindex",
    "sessionintegrationid",
    "profileintegrationid",
    "sessionid",
    "profileid",
    "eventid",
    "event_type",
    "total_revenue",
    "args",
)
COLUMNS = (*OLD_COLUMNS[:-1], "props", "couponid", "store_id", "store_integration_id")

_FIRST_END = datetime(2026, 3, 15, tzinfo=UTC)
_SECOND_BEGIN = datetime(2026, 3, 1, tzinfo=UTC)


def _file(name: str, application: int, since: datetime, until: datetime) -> File:
    window = Window(application, since, until)
    return File(EFFECTS_EXPORT, f"effects_export/{name}", "csv", window=window, columns=COLUMNS)


FILES = (
    _file("270_until_2026-03-15.csv", 270, START, _FIRST_END),
    _file("270_from_2026-03-01.csv", 270, _SECOND_BEGIN, END)._replace(bom=True, crlf=True),
    _file("322.csv.gz", 322, START, END)._replace(compression="gzip"),
    _file("415_old.csv", 415, START, END)._replace(columns=OLD_COLUMNS),
)
"""The exports; what happened between 1 and 15 March is in two of them."""


class _Bad(NamedTuple):
    """A bad row: what is written instead of good cells, and the codes of the reasons."""

    kind: str
    cells: Tree
    codes: tuple[str, ...]


BAD = (
    _Bad("effect-without-type", {"name": ""}, ("missing-member",)),
    _Bad("effect-without-session", {"sessionid": "0", "applicationid": ""}, ("missing-member",)),
    _Bad("effect-with-slashed-time", {"created": "03/15/2026 10:00"}, ("bad-instant",)),
    _Bad("effect-with-python-props", {"props": "{'name': 'x', 'value': 1}"}, ("not-json",)),
    _Bad("effect-with-a-list", {"props": '["x", 1]'}, ("wrong-type",)),
    _Bad("effect-with-text-value", {"props": '{"name": "x", "value": "n/a"}'}, ("wrong-type",)),
    _Bad("effect-with-huge-id", {"eventid": "9" * 19}, ("out-of-range",)),
    _Bad(
        "effect-with-two-faults", {"name": "", "eventid": "1e5"}, ("missing-member", "wrong-type")
    ),
)
"""Every kind of bad row, in the order in which they are planted."""


class EffectDesk:
    """Tells what rules did to sessions, in every export whose window it falls into."""

    def __init__(self, folder: Folder, *, defects: bool) -> None:
        self.folder = folder
        self.bad = list(BAD) if defects else []

    def tell(self, session: Session, answers: Answers) -> None:
        """Write the effects of all updates of a session."""
        for evaluation in evaluations(session):
            files = [file for file in FILES if _within(file, evaluation)]
            for place, file in enumerate(files):
                for effect in evaluation.effects:
                    self.folder.writer(file).add(_line(file, _cells(file, evaluation, effect)))
                    answers.effect(file, evaluation, effect, first=place == 0)
                    self._plant(file, evaluation, effect, answers)

    def _plant(self, file: File, evaluation: Evaluation, effect: Tree, answers: Answers) -> None:
        fits = effect["effectType"] == "setDiscount" and file.columns is COLUMNS
        if self.bad and fits and self.folder.writer(file).count % 3 == 2:
            bad = self.bad.pop(0)
            line = _line(file, _cells(file, evaluation, effect) | bad.cells)
            answers.plant(file, self.folder.writer(file).add(line), bad.codes, bad.kind)


def _within(file: File, evaluation: Evaluation) -> bool:
    window = file.window
    return (
        window is not None
        and window.application == evaluation.session.application.number
        and window.since <= evaluation.version.updated < window.until
    )


def _cells(file: File, evaluation: Evaluation, effect: Tree) -> Tree:
    session, version = evaluation.session, evaluation.version
    props = effect["props"]
    return {
        "created": whole_seconds(version.updated),
        "name": effect["effectType"],
        "applicationid": session.application.number,
        "campaignid": effect["campaignId"],
        "rulesetid": effect["rulesetId"],
        "ruleindex": effect["ruleIndex"],
        "sessionintegrationid": session.integration_id,
        "profileintegrationid": session.profile_id,
        "sessionid": session.internal_id,
        "profileid": session.profile_number if session.profile_id else 0,
        "eventid": evaluation.event_id,
        "event_type": evaluation.event_type,
        "total_revenue": two_decimals(NOTHING if version.total is None else version.total),
        "props": spaced(stored(props)).decode(),
        "args": spaced(list(props.values())).decode(),
        "couponid": 3749 if "Coupon" in effect["effectType"] and effect["campaignId"] else "",
        "store_id": 115 if session.store else "",
        "store_integration_id": session.store or "",
    }


def _line(file: File, cells: Tree) -> bytes:
    return ",".join(_written(str(cells[column]) for column in file.columns)).encode()


def _written(texts: Iterable[str]) -> list[str]:
    return [quoted(text) if any(sign in text for sign in ',"\r\n') else text for text in texts]
