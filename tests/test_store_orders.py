"""Stores that were loaded in parts hold what one reading of everything gives, in any order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import pytest

import sessionkit
from sessionkit import contest, intake
from sessionkit.errors import ReadError
from sessionkit.generate import generate
from sessionkit.store import Store
from tests.hostile import Hostile
from tests.reading import dump, item, named, session
from tests.storing import counts, differences, held, load
from tests.test_effects import export
from tests.test_versions import files_of
from tests.versions import histories

T = TypeVar("T")


def parts(rng: Random, whole: Iterable[T], most: int) -> list[list[T]]:
    """Everything, in any order, in at most so many parts."""
    mixed = list(whole)
    rng.shuffle(mixed)
    cuts = sorted(rng.randrange(len(mixed) + 1) for _ in range(rng.randrange(most)))
    made = [mixed[a:b] for a, b in zip([0, *cuts], [*cuts, len(mixed)], strict=True)]
    return [part for part in made if part]


def same_as_in_one_go(loads: Sequence[Sequence[bytes]]) -> None:
    """Load file after file, and compare with one reading of all files."""
    files = [file for files in loads for file in files]
    whole = sessionkit.read(*(named(f"file-{n}", file) for n, file in enumerate(files)))
    with TemporaryDirectory() as home, Store(Path(home) / "sessions.duckdb") as store:
        told = [counted(store, files) for files in loads]
        assert differences(held(store), held(whole)) == {}
        ((once,),) = store.connection().sql("select count(*) from sessions").fetchall()
        assert once == whole.sessions.num_rows == sum(new for new, *_ in told)
        records = store.connection().sql("select sum(records) from kept.loads").fetchall()
        assert records <= [(whole.records,)]


def counted(store: Store, files: Sequence[bytes]) -> tuple[int, ...]:
    """What a load counts; nothing where there is no dump among the files."""
    try:
        return counts(load(store, *files))
    except ReadError:
        return (0, 0, 0, 0, 0)


@pytest.mark.parametrize("seed", range(3))
def test_histories_in_many_dialects(seed: int) -> None:
    rng = Random(seed)
    records = [record for history in histories(seed, 14) for record in history]
    records += rng.choices(records, k=10)
    loads = [files_of(part) for part in parts(rng, records, most=5)]
    same_as_in_one_go([*loads, rng.choice(loads)])


@pytest.mark.parametrize("seed", range(3))
def test_hostile_records(seed: int) -> None:
    rng = Random(seed)
    hostile = Hostile(rng, oddity=12)
    lines = [hostile.line() for _ in range(60)]
    files = [b"\n".join(part) for part in parts(rng, lines + rng.choices(lines, k=6), most=6)]
    same_as_in_one_go(parts(rng, [*files, rng.choice(files)], most=4))


CONTENDING: list[dict[str, Any]] = [
    {"updated": "2024-03-02T12:00:01Z"},
    {"updated": "2024-03-02T12:00:01Z", "total": 11},
    {"updated": "2024-03-02T12:00:01.5Z", "total": 11},
    {"updated": "2024-03-02T12:00:01Z", "total": "10.0"},
    {"updated": "2024-03-02T12:00:01Z", "attributes": {"a": 1}},
    {"updated": "2024-03-02T12:00:01Z", "attributes": {"a": 1.0}},
    {"updated": "2024-03-02T12:00:02Z", "state": "closed", "cartItems": [item(sku="")]},
    {"updated": "2024-03-02T12:00:02Z", "state": "cancelled", "discounts": {"a": 1}},
    {"updated": "2024-03-02T12:00:03Z", "total": "much"},
    {"updated": "2024-03-02T12:00:01Z", "total": "much"},
    {"total": "much"},
    {"state": "closed"},
    {"state": "open", "coupon": "A"},
    {"total": "1.00000000000000000001", "odd": 1},
    {"updated": "2024-03-02T12:00:01Z", "total": "10.00000000000000000001"},
    {"updated": "2024-03-02T12:00:01Z", "total": "10.00000000000000000002"},
    {"updated": "2024-03-02T12:00:02Z", "cartItems": [item(price="1.00000000000000000001")] * 2},
    {"updated": "2024-03-02T12:00:02Z", "cartItems": [item(price=1), item(price="1.0")]},
]
"""Records of one session that contend in every way; some say the same once they are rounded."""


@pytest.mark.parametrize("seed", range(4))
def test_any_records_of_many_sessions_in_any_loads(seed: int) -> None:
    rng = Random(seed)
    files: list[list[dict[str, Any]]] = [[] for _ in range(6)]
    for number in range(80):
        some = rng.sample(CONTENDING, rng.randint(1, 5))
        for members in rng.choices(some, k=rng.randint(1, 6)):
            rng.choice(files).append(session(integrationId=f"S-{number}", **members))
    same_as_in_one_go(parts(rng, map(dump, files), most=4))


# Effects


def evaluated(rng: Random, number: int) -> tuple[bytes, list[dict[str, str]]]:
    """A V2 response of a session, and the rows of its events; either may lack an id."""
    doc = session(
        integrationId=f"S-{number}",
        id=rng.choice([100 + number, ...]),
        updated=f"2024-03-02T12:00:0{rng.randrange(3)}Z",
        couponCodes=[],
        discounts=...,
    )
    effects = [
        {"effectType": "setDiscount", "props": {"name": "A", "value": rng.choice([1, 2])}}
        for _ in range(rng.randrange(3))
    ]
    ids = rng.choice([("", 100 + number), (f"S-{number}", 100 + number), (f"S-{number}", 0)])
    row = {"sessionintegrationid": ids[0], "sessionid": str(ids[1]), "applicationid": "1"}
    events = [
        row | {"eventid": str(10 * number + event), "ruleindex": str(rng.randrange(2))}
        for event in range(rng.randrange(3))
        for _ in range(rng.randint(1, 2))
    ]
    return dump({"customerSession": doc, "effects": effects}), events


@pytest.mark.parametrize("seed", range(4))
def test_effects_of_exports_and_responses(seed: int) -> None:
    rng = Random(seed)
    made = [evaluated(rng, number % 6) for number in range(12)]
    files = [file for file, _ in made]
    told = [events for _, events in made[:6] if events]
    for part in parts(rng, [*told, *told[:3]], most=5):
        files.append(
            export(*(row for n, rows in enumerate(part) if rows not in part[:n] for row in rows))
        )
    same_as_in_one_go(parts(rng, files, most=5))


# Larger ones


@pytest.mark.parametrize("seed", [3])
def test_made_up_dumps_folder_by_folder_in_small_batches_and_stretches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    generate(tmp_path / "made", sessions=80, seed=seed, defects=True)
    folders = sorted((tmp_path / "made" / "dumps").iterdir())
    whole = held(sessionkit.read(tmp_path / "made" / "dumps"))
    monkeypatch.setattr(intake, "BATCH_RECORDS", 16)
    monkeypatch.setattr(contest, "STRETCH", 40)
    with Store(tmp_path / "sessions.duckdb") as store:
        for part in parts(Random(seed), folders, most=4):
            store.load(*part)
        store.load(*folders)
        assert differences(held(store), whole) == {}
