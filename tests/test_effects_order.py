"""Effects that several dumps tell differently are the same whichever dump comes first."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path
from random import Random
from typing import Any

import pytest

import sessionkit
from sessionkit.store import Store
from tests.reading import dump, named, session
from tests.storing import held
from tests.test_effects import export

EVENT = {"sessionintegrationid": "S-1", "sessionid": "5", "eventid": "77"}


def response(effects: list[dict[str, Any]], **members: Any) -> bytes:
    """A V2 response of one version of a session."""
    doc = session(updated="2024-03-02T12:00:01Z", couponCodes=[], discounts=..., **members)
    return dump({"customerSession": doc, "effects": effects})


def discount(**members: Any) -> dict[str, Any]:
    return {"effectType": "setDiscount", "props": {"name": "A", "value": 1}} | members


def told(path: Path, files: list[bytes], *columns: str) -> list[tuple[Any, ...]]:
    """Some columns of the effects; the same however the files are ordered, read or loaded."""
    tables = [
        sessionkit.read(*(named(str(place), files[place]) for place in order))
        for order in permutations(range(len(files)))
    ]
    effects = [held(each)["effects"] for each in tables]
    with Store(path / "sessions.duckdb") as store:
        for place in reversed(range(len(files))):
            store.load(named(str(place), files[place]))
        effects.append(held(store)["effects"])
    assert all(each == effects[0] for each in effects)
    rows = tables[0].effects.to_pylist()
    return [tuple(row[column] for column in columns) for row in rows]


def test_a_rule_that_was_renamed_between_two_responses(tmp_path: Path) -> None:
    files = [response([discount(ruleName=name)]) for name in ("Spring", "Spring 2024")]
    ((name,),) = told(tmp_path, files, "rule_name")
    assert name in ("Spring", "Spring 2024")


def test_the_response_that_tells_the_customer_counts(tmp_path: Path) -> None:
    files = [response([discount()], **members) for members in ({}, {"profileId": "anna"})]
    assert told(tmp_path, files, "profile_id") == [("anna",)]


def test_the_response_that_tells_the_internal_id_counts(tmp_path: Path) -> None:
    files = [response([discount()], **members) for members in ({"profileId": "anna"}, {"id": 5})]
    assert told(tmp_path, files, "session_internal_id", "profile_id") == [(5, None)]


def test_the_row_of_an_export_that_tells_the_internal_id_counts(tmp_path: Path) -> None:
    files = [export(EVENT | {"sessionid": "0"}), export(EVENT)]
    assert told(tmp_path, files, "session_internal_id", "event_id") == [(5, 77)]


def test_equal_rows_that_differ_beside_the_effect_are_paired_in_any_order(tmp_path: Path) -> None:
    anna, bob = ({"profileintegrationid": name} for name in ("anna", "bob"))
    files = [export(EVENT | anna, EVENT | bob), export(EVENT | bob, EVENT | anna)]
    assert sorted(told(tmp_path, files, "profile_id")) == [("anna",), ("bob",)]


def test_a_campaign_is_no_ruleset_where_the_other_is_missing(tmp_path: Path) -> None:
    one, other = {"campaignid": "5", "rulesetid": "0"}, {"campaignid": "0", "rulesetid": "5"}
    files = [export(EVENT | {"ruleindex": ""} | ids) for ids in (one, other)]
    rows = told(tmp_path, files, "campaign_id", "ruleset_id")
    assert sorted(rows, key=str) == [(5, None), (None, 5)]


@pytest.mark.parametrize("seed", range(3))
def test_any_exports_of_one_event(tmp_path: Path, seed: int) -> None:
    rng = Random(seed)

    def row() -> dict[str, str]:
        beside = {"sessionid": rng.choice("05"), "profileintegrationid": rng.choice(["", "a", "b"])}
        return EVENT | beside | {"total_revenue": rng.choice("12"), "ruleindex": rng.choice("01")}

    files = [export(*(row() for _ in range(rng.randint(1, 4)))) for _ in range(3)]
    told(tmp_path, files, "place")


def test_responses_of_very_many_effects_that_differ_in_one() -> None:
    def many(first: int) -> bytes:
        values = [first, *range(1, 2000)]
        effects = [discount(props={"name": "A" * 200, "value": value}) for value in values]
        return b"\n".join(response(effects, integrationId=name) for name in ("S-1", "S-2"))

    files = [many(0), many(-1)]
    tables = sessionkit.read(*(named(str(place), file) for place, file in enumerate(files)))
    assert tables.effects.num_rows == 4000
    firsts = tables.sql("select distinct integration_id, value from effects where place = 0").table
    assert len({row["value"] for row in firsts.to_pylist()}) == 1
