"""Effects find their sessions, by either id, whatever is loaded first."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

import sessionkit
from sessionkit.store import Store
from tests.reading import dump, named, session
from tests.storing import differences, held
from tests.test_effects import export

BY_ID = {"applicationid": "1", "sessionintegrationid": "", "sessionid": "5", "eventid": "77"}
BY_KEY = BY_ID | {"sessionintegrationid": "S-1", "sessionid": "0"}
BOTH = BY_KEY | {"sessionid": "5"}

Files = dict[str, bytes]


def same_in_any_loads(path: Path, files: Files, loads: list[list[str]]) -> list[tuple[str, int]]:
    """Load files in turn; session and event of the effects, which one reading of all gives too."""
    whole = sessionkit.read(*(named(name, dump) for name, dump in files.items()))
    with Store(path) as store:
        for names in loads:
            store.load(*(named(name, files[name]) for name in names))
        found, wanted = held(store), held(whole)
        assert differences({"effects": found["effects"]}, {"effects": wanted["effects"]}) == {}
    rows = whole.effects.select(["integration_id", "event_id"]).to_pylist()
    return [(row["integration_id"], row["event_id"]) for row in rows]


def record(name: str, internal_id: int | None, second: int = 1) -> bytes:
    """One version of a session."""
    known = {} if internal_id is None else {"id": internal_id}
    return dump(session(integrationId=name, updated=f"2024-03-02T12:00:0{second}Z", **known))


CASES: dict[str, tuple[Files, list[tuple[str | None, int]]]] = {
    "told by either id, in two files": (
        {"a": export(BY_ID), "b": export(BY_KEY), "s": record("S-1", 5)},
        [("S-1", 77)],
    ),
    "told by either id, in one file": (
        {"a": export(BY_ID, BY_KEY), "s": record("S-1", 5)},
        [("S-1", 77), ("S-1", 77)],
    ),
    "the internal id of an older version": (
        {"a": export(BY_ID), "old": record("S-1", 5), "new": record("S-1", None, 2)},
        [("S-1", 77)],
    ),
    "an internal id of two sessions": (
        {"a": export(BY_ID), "b": export(BY_KEY), "s": record("S-1", 5), "t": record("S-2", 5)},
        [("S-1", 77), (None, 77)],
    ),
    "an internal id that only another effect tells": (
        {"a": export(BY_ID), "b": export(BOTH | {"eventid": "78"})},
        [("S-1", 77), ("S-1", 78)],
    ),
    "two internal ids of one session, told by equal effects": (
        {
            "a": export(BOTH),
            "b": export(BOTH | {"sessionid": "6"}),
            "c": export(BY_ID | {"sessionid": "6", "eventid": "78"}),
        },
        [("S-1", 77), ("S-1", 78)],
    ),
    "a session that only the effect names": ({"a": export(BY_ID)}, [(None, 77)]),
    "an effect of another application": (
        {"a": export(BY_ID | {"applicationid": "2"}), "s": record("S-1", 5)},
        [(None, 77)],
    ),
    "an effect that does not tell its application": (
        {
            "a": export(BY_KEY | {"applicationid": "", "sessionid": "5"}),
            "b": export(BY_KEY),
            "s": record("S-1", 5),
        },
        [("S-1", 77)],
    ),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("backwards", [False, True])
def test_whose_effect_it_is(tmp_path: Path, case: str, backwards: bool) -> None:
    files, wanted = CASES[case]
    order = sorted(files, reverse=backwards)
    found = same_in_any_loads(tmp_path / "sessions.duckdb", files, [[name] for name in order])
    assert sorted(found, key=str) == sorted(wanted, key=str)


def neighbourhood(rng: Random, number: int) -> tuple[list[bytes], list[dict[str, str]]]:
    """Records and effects of up to three sessions that share two internal ids in every way."""
    names = [f"N{number}-{one}" for one in range(rng.randint(1, 3))]
    ids = [10 * number + 1, 10 * number + 2]
    records = [
        record(rng.choice(names), rng.choice([None, *ids]), rng.randrange(3))
        for _ in range(rng.randrange(4))
    ]
    rows = []
    for _ in range(rng.randrange(7)):
        by = rng.choice(["id", "key", "both", "both", "id"])
        row = {
            "sessionintegrationid": "" if by == "id" else rng.choice(names),
            "sessionid": "0" if by == "key" else str(rng.choice(ids)),
            "applicationid": rng.choice(["1", "1", "1", "1" if by == "key" else ""]),
            "eventid": rng.choice([str(number), str(number), "0"]),
            "ruleindex": rng.choice(["0", "0", "1"]),
            "total_revenue": rng.choice(["1", "2"]),
        }
        rows += [row] * rng.choice([1, 1, 2])
    return records, rows


@pytest.mark.parametrize("seed", range(6))
def test_effects_by_either_id_in_any_files_and_loads(tmp_path: Path, seed: int) -> None:
    rng = Random(seed)
    told: list[list[dict[str, str]]] = [[] for _ in range(5)]
    lines: list[list[bytes]] = [[] for _ in range(4)]
    for number in range(1, 60):
        records, rows = neighbourhood(rng, number)
        for one in records:
            rng.choice(lines).append(one)
        for row in rows:
            for file in rng.sample(told, rng.choice([1, 1, 2])):
                file.append(row)
    files = {f"effects-{n}": export(*rows) for n, rows in enumerate(told)}
    files |= {f"sessions-{n}": b"\n".join(records) for n, records in enumerate(lines)}
    order = rng.sample(sorted(files), len(files))
    cut = rng.randrange(1, 4)
    loads = [order[place : place + cut] for place in range(0, len(order), cut)]
    found = same_in_any_loads(tmp_path / "sessions.duckdb", files, loads)
    assert {None} < {name for name, _ in found}
