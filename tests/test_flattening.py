"""The stream from dumps to tables: batches, threads, the disk, and what comes out at the end."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import sessionkit
from sessionkit import folder, intake
from sessionkit.crew import Crew
from sessionkit.errors import ReadError, SchemaError
from sessionkit.generate import generate
from sessionkit.reading import read, scan, to_folder
from sessionkit.sinks import InMemory
from sessionkit.tables import ALL, ATTRIBUTES
from tests.reading import dump, named, session


def sets(tables: dict[str, pa.Table]) -> dict[str, list[str]]:
    """The rows of every table, in no order."""
    return {name: sorted(map(repr, table.to_pylist())) for name, table in tables.items()}


@pytest.fixture(scope="module")
def dumps(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Dumps in every dialect, which overlap and have bad records of every kind."""
    home = tmp_path_factory.mktemp("made-up")
    generate(home, sessions=120, seed=11, defects=True)
    return home / "dumps"


def test_small_batches_give_the_same_tables_as_one(
    dumps: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = read(dumps)
    assert whole.older
    assert whole.repeats
    assert whole.rejects.num_rows
    monkeypatch.setattr(intake, "BATCH_RECORDS", 16)
    parts = folder.read(to_folder(dumps, output=tmp_path / "out"))
    assert sets(parts) == sets(whole.as_dict())


@pytest.mark.parametrize("format", ["csv", "arrow"])
def test_every_format_holds_the_same(dumps: Path, tmp_path: Path, format: Any) -> None:
    one = dumps / "v1_session"
    out = to_folder(one, output=tmp_path / "out", format=format)
    assert folder.verify(out) == []
    assert sets(folder.read(out)) == sets(read(one).as_dict())


def test_the_same_dumps_give_the_same_bytes(dumps: Path, tmp_path: Path) -> None:
    one, other = (to_folder(dumps, output=tmp_path / name) for name in ("one", "other"))
    for table in ALL:
        file = f"{table.name}.parquet"
        assert (one / file).read_bytes() == (other / file).read_bytes(), table.name


def test_what_cannot_be_read_leaves_the_folder_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "good.jsonl").write_text(json.dumps(session()))
    (tmp_path / "bad.jsonl").write_bytes(b"\x89PNG")
    out = to_folder(tmp_path / "good.jsonl", output=tmp_path / "out")
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    with pytest.raises(ReadError, match="a PNG image"):
        to_folder(tmp_path / "bad.jsonl", output=out)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    with pytest.raises(ReadError):
        to_folder(tmp_path / "bad.jsonl", output=tmp_path / "never")
    assert not (tmp_path / "never").exists()


def test_a_scan_gives_every_record_once(dumps: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "BATCH_RECORDS", 8)
    parts = list(scan(dumps / "v1_session"))
    assert len(parts) > 2
    whole = read(dumps / "v1_session")
    copied = whole.records - sum(part.records for part in parts)
    assert copied == sum(r["records"] for r in whole.loads.to_pylist() if r["status"] == "copy")


def test_a_crew_keeps_the_order_and_passes_errors_on() -> None:
    def slow(crew: Crew, number: int) -> int:
        time.sleep(0.02 if number % 2 else 0)
        if number == 7:
            raise ValueError("seven")
        return number

    with Crew() as crew:
        assert list(crew.map(slow, range(6))) == list(range(6))
        with pytest.raises(ValueError, match="seven"):
            list(crew.map(slow, range(9)))


def test_a_crew_takes_items_only_as_they_are_needed() -> None:
    taken = []

    def items() -> Any:
        for number in range(1000):
            taken.append(number)
            yield number

    with Crew() as crew:
        results = crew.map(lambda crew, number: number, items())
        assert next(results) == 0
        results.close()
    assert len(taken) < 100


def test_no_row_that_breaks_a_rule_gets_past_the_sink() -> None:
    row = {"application_id": 1, "integration_id": "S-1", "line": None, "name": "a", "value": "1"}
    good, bad = (
        pa.Table.from_pylist([row | {"kind": kind}], ATTRIBUTES.arrow())
        for kind in ("number", "weird")
    )
    sink = InMemory()
    sink.add("attributes", good)
    sink.close("attributes")
    assert sink.tables(["attributes"])["attributes"].equals(good)
    sink.add("attributes", bad)
    with pytest.raises(SchemaError, match=r"kind: expected one of string, .*, got 'weird'"):
        sink.close("attributes")


def test_reading_leaves_the_memory_pool_of_arrow_as_it_was() -> None:
    before = pa.default_memory_pool().backend_name
    pools = []
    sessionkit.read(
        named("x", dump([session(), session(integrationId="S-2")])),
        progress=lambda _: pools.append(pa.default_memory_pool().backend_name),
    )
    assert "system" in pools
    assert pa.default_memory_pool().backend_name == before
