"""Made-up effects: exports and responses agree with the sessions, and with what reading gives."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import sessionkit
from sessionkit.effect_props import TakenProps
from sessionkit.generate import generate
from sessionkit.generate.envelopes import effects_of
from sessionkit.generate.evaluations import evaluations
from sessionkit.generate.facts import added
from sessionkit.generate.history import Chronicle
from sessionkit.generate.world import APPLICATIONS
from sessionkit.lifecycle import CANCELLED, COMPLETED
from sessionkit.session_tables import SessionTables

Made = tuple[dict[str, Any], SessionTables]


@pytest.fixture(scope="module", params=[1, 2])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    out = tmp_path_factory.mktemp("made")
    kept = ["csv_export", "v1_session", "v2_response", "effects_export"]
    generate(out, sessions=300, seed=request.param, dialects=kept, defects=request.param == 2)
    return json.loads((out / "answers.json").read_text()), sessionkit.read(out / "dumps")


def test_every_row_is_where_the_answers_say(made: Made) -> None:
    answers, tables = made
    found: defaultdict[tuple[str, str, str], list[Decimal | None]] = defaultdict(list)
    for row in tables.effects.to_pylist():
        where = "exports" if row["version_at"] is None else "responses"
        key = where, str(row["application_id"]), row["effect_type"]
        found[key].append(row["value"])
    wanted = {
        (where, application, kind): figures
        for where, applications in answers["effect_figures"].items()
        for application, kinds in applications.items()
        for kind, figures in kinds.items()
    }
    assert {key: len(values) for key, values in found.items()} == {
        key: figures["row_count"] for key, figures in wanted.items()
    }
    for key, figures in wanted.items():
        values = found[key]
        if "value_total" in figures:
            assert added(v for v in values if v is not None) == Decimal(figures["value_total"])
        else:
            assert set(values) == {None}
    assert answers["tables"]["effects"] == tables.effects.num_rows
    reasons = set(tables.effects["rejection_reason"].to_pylist())
    assert len(reasons - {None}) > 2


def test_files_and_rejects_are_what_the_answers_say(made: Made) -> None:
    answers, tables = made
    loads = {row["source_file"].split("/dumps/")[1]: row for row in tables.loads.to_pylist()}
    for name, file in answers["files"].items():
        load = loads[name]
        counts = {fate: load[fate] for fate in ("records", "effects", "rejects")}
        assert counts == {fate: file[fate] for fate in counts}
        assert load["dialects"] == [file["dialect"]]
    assert sum(load["effects"] for load in loads.values()) == answers["effects"] > 0
    planted = {(row["file"], row["record"]): row["codes"] for row in answers["planted"]}
    rejected = {
        (row["source_file"].split("/dumps/")[1], row["source_record"]): sorted(
            reason["code"] for reason in row["reasons"]
        )
        for row in tables.rejects.to_pylist()
    }
    assert rejected == planted


@pytest.mark.parametrize("seed", [0, 5])
def test_the_last_evaluation_takes_off_what_the_discount_map_says(seed: int) -> None:
    chronicle = Chronicle(seed, 200)
    met = 0
    for place in range(200):
        session = chronicle.session(place, APPLICATIONS[place % 3])
        events = list(evaluations(session))
        assert [event.version for event in events] == list(session.versions)
        assert len({event.event_id for event in events}) == len(events)
        last = max(
            (n for n, e in enumerate(events) if e.event_type.split("_")[2] in _EVALUATING),
            default=0,
        )
        taken = {
            effect["props"]["name"]: effect["props"]["value"]
            for effect in events[last].effects
            if effect["effectType"] in ("setDiscount", "setDiscountPerItem")
        }
        assert taken == dict(session.versions[last].discounts)
        if session.versions[-1].state == CANCELLED and session.versions[-2].state in COMPLETED:
            back = [e for e in events[-1].effects if e["effectType"] == "rollbackDiscount"]
            given = added(effect["props"]["value"] for effect in back)
            assert given == added(session.versions[-2].discounts.values())
            met += bool(back)
        assert effects_of(session, session.versions[0]) is not events[0].effects
    assert met


_EVALUATING = ("created", "updated", "closed")


def test_exports_of_effects_can_be_written_alone(tmp_path: Path) -> None:
    generate(tmp_path, sessions=60, seed=1, dialects="effects_export")
    answers = json.loads((tmp_path / "answers.json").read_text())
    tables = sessionkit.read(tmp_path / "dumps")
    assert tables.sessions.num_rows == answers["sessions"] == 0
    assert tables.effects.num_rows == answers["tables"]["effects"] > 60
    assert tables.records == answers["records"] == answers["effects"]


def test_other_files_stay_as_they_are_beside_exports_of_effects(tmp_path: Path) -> None:
    for name, dialects in (("with", ["v1_session", "effects_export"]), ("alone", ["v1_session"])):
        generate(tmp_path / name, sessions=60, seed=4, dialects=dialects, defects=True)
    written = {
        name: {
            path.name: path.read_bytes()
            for path in (tmp_path / name / "dumps" / "v1_session").iterdir()
        }
        for name in ("with", "alone")
    }
    assert written["with"] == written["alone"]


# ---- the quick way through properties says what the exact way says

_TYPES = ("setDiscount", "rollbackDiscount", "rejectCoupon", "acceptReferral", "triggerWebhook")
_KEYS = ("name", "value", "position", "cartItemPosition", "Value", "rejectionReason", "other", "é")
_VALUES = (
    '"Summer"',
    '"a\\"b"',
    '"ü"',
    '""',
    '"1.5"',
    "1.5",
    "-0",
    "1e2",
    "12345678901234567.89",
    "0.1234567890123456785",
    "1e400",
    "7",
    "7.0",
    "7.5",
    "null",
    "true",
    "[1]",
    "{}",
    "NaN",
    "01",
    '"\\ud83d"',
)


def _cell(dice: random.Random) -> str:
    members = [f'"{dice.choice(_KEYS)}"%s{dice.choice(_VALUES)}' for _ in range(dice.randrange(4))]
    colon, comma = dice.choice([(": ", ", "), (":", ","), (" : ", ","), (":", ", ")])
    cell = "{" + comma.join(member % colon for member in members) + "}"
    return dice.choice([cell] * 9 + [cell[:-1]])


def test_the_quick_way_through_properties_is_the_exact_way() -> None:
    dice = random.Random(11)
    quick = exact = 0
    for _ in range(20_000):
        taken, kind, cell = TakenProps("props"), dice.choice(_TYPES), _cell(dice)
        wanted = taken._exactly(kind, cell)
        found = taken._quickly(kind, cell)
        assert taken[kind, cell] == wanted
        assert found in (None, wanted), cell
        quick += found is not None
        exact += found is None
    assert quick > 1000
    assert exact > 2000
