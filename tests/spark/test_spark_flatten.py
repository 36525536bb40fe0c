"""Flattening on Spark gives what the embedded engine gives, table by table, however it is cut."""

from __future__ import annotations

import gzip
import io
import json
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import sessionkit as sk
from sessionkit.errors import EngineError, ReadError, UsageError
from sessionkit.folder import read
from sessionkit.generate import generate
from sessionkit.questions import totals
from sessionkit.spark import flatten
from sessionkit.spark.running import run
from tests.spark.same_tables import assert_same

CUT = "integrationid,applicationid,created,updated,state,total,attributes"


def line(key: int, version: int = 0, **more: Any) -> str:
    """A session as a line of JSON."""
    day = f"{version % 28 + 1:02}"
    known = {
        "integrationId": f"S-{key}",
        "applicationId": 1,
        "created": "2026-01-31T09:05:27Z",
        "updated": f"2026-02-{day}T09:05:27Z",
        "state": ("open", "closed")[version % 2],
        "total": f"{key}.{version}",
        "cartItems": [{"sku": f"T-{key}", "quantity": 1 + version % 3, "price": 0.1}],
    }
    return json.dumps(known | more)


def both(spark: Any, home: Path, *sources: Any, **arguments: Any) -> tuple[Path, Path]:
    """The same dumps, flattened by either engine."""
    own = {name: arguments.pop(name) for name in ("range_bytes", "buckets") if name in arguments}
    embedded = sk.to_folder(*sources, output=home / "embedded", **arguments)
    return flatten(spark, sources, output=home / "spark", **own, **arguments), embedded


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Dumps of every dialect, with planted defects."""
    home = tmp_path_factory.mktemp("made")
    yield generate(home, sessions=150, seed=11, defects=True) / "dumps"
    shutil.rmtree(home)


def test_every_dialect_with_defects_gives_the_same_tables(
    spark: Any, made: Path, tmp_path: Path
) -> None:
    ours, theirs = both(spark, tmp_path, made, range_bytes=20_000, buckets=3)
    assert_same(ours, theirs)
    tables = read(ours)
    assert {name for name, rows in tables.items() if not rows.num_rows} == set()
    assert len(list((ours / "sessions").glob("part-*.parquet"))) == 3


def test_questions_and_readers_take_the_folder_as_any(
    spark: Any, made: Path, tmp_path: Path
) -> None:
    ours, theirs = both(spark, tmp_path, made, buckets=2)
    assert totals(ours, by="state").table == totals(theirs, by="state").table


def test_lines_are_cut_anywhere(spark: Any, tmp_path: Path) -> None:
    dice = random.Random(5)
    odd = ["", "{", '{"a": ', "[", "]", '  {"x": 1}', "null", "{}", "\ufeff", line(3) + "x"]
    lines = [
        dice.choice(odd) if dice.random() < 0.1 else line(dice.randrange(80), dice.randrange(9))
        for _ in range(300)
    ]
    spread = [json.dumps(json.loads(line(each)), indent=1) for each in range(90, 95)]
    dump = tmp_path / "dump.jsonl"
    dump.write_text("\n".join([*lines[:150], *spread, *lines[150:]]), encoding="utf-8")
    assert_same(*both(spark, tmp_path, dump, range_bytes=2000, buckets=4))
    assert read(tmp_path / "spark")["rejects"].num_rows > 10


def test_rows_are_cut_in_the_middle_of_cells(spark: Any, tmp_path: Path) -> None:
    cell = json.dumps({"note": "a, b"}, indent=1).replace('"', '""')
    rows = [
        f'S-{each},1,2026-01-31T09:05:27Z,2026-02-01T09:05:27Z,open,{each}.5,"{cell}"'
        for each in range(150)
    ]
    rows[40] = "S-40,1"
    rows[100] = CUT  # as in files strung together
    dump = tmp_path / "dump.csv"
    dump.write_text("\n".join([CUT, *rows]) + "\n", encoding="utf-8")
    assert_same(*both(spark, tmp_path, dump, range_bytes=1000, buckets=2))
    tables = read(tmp_path / "spark")
    assert (tables["sessions"].num_rows, tables["rejects"].num_rows) == (148, 1)


def test_a_header_further_down_names_the_columns_of_the_ranges_behind(
    spark: Any, tmp_path: Path
) -> None:
    moved = CUT.replace("integrationid,applicationid", "applicationid,integrationid")
    rows = [f"S-{each},1,2026-01-31T09:05:27Z,,open,{each}," for each in range(40)]
    more = [f"1,X-{each},2026-01-31T09:05:27Z,,open,{each}," for each in range(40)]
    dump = tmp_path / "dump.csv"
    dump.write_text("\n".join([CUT, *rows, moved, *more]) + "\n", encoding="utf-8")
    assert_same(*both(spark, tmp_path, dump, range_bytes=300, buckets=1))
    assert read(tmp_path / "spark")["sessions"].num_rows == 80


def test_one_session_with_many_versions_in_many_ranges(spark: Any, tmp_path: Path) -> None:
    dump = tmp_path / "dump.jsonl"
    told = [line(1, each, total=f"{each}.01") for each in range(400)]
    dump.write_text("\n".join([*told, line(2)]) + "\n", encoding="utf-8")
    ours, theirs = both(spark, tmp_path, dump, range_bytes=4000, buckets=4)
    assert_same(ours, theirs)
    assert read(ours)["sessions"].num_rows == 2


def test_files_that_repeat_and_packed_ones(spark: Any, tmp_path: Path) -> None:
    dumps = tmp_path / "dumps"
    dumps.mkdir()
    first = "".join(line(each, each % 5) + "\n" for each in range(60)).encode()
    later = "".join(line(each, each % 7 + 3) + "\n" for each in range(30, 90)).encode()
    (dumps / "a.jsonl").write_bytes(first)
    (dumps / "b.jsonl").write_bytes(later)
    (dumps / "copy.jsonl").write_bytes(first)
    (dumps / "packed.jsonl.gz").write_bytes(gzip.compress(later))
    (dumps / "cut.jsonl.gz").write_bytes(gzip.compress(first)[:-200])
    with pa.output_stream(str(dumps / "c.jsonl.zst"), compression="zstd") as stream:
        stream.write(first + later)
    (dumps / "array.json").write_bytes(b"[" + b",\n".join(first.splitlines()) + b"]")
    (dumps / "broken.json").write_bytes(b'{"data": [' + b",\n".join(later.splitlines()))
    (dumps / "empty.json").write_bytes(b"")
    (dumps / "notes.txt").write_bytes(b"no dump")
    ours, theirs = both(spark, tmp_path, dumps, range_bytes=3000, buckets=2)
    assert_same(ours, theirs)
    loads = read(ours)["loads"].to_pylist()
    assert {row["status"] for row in loads} == {"read", "copy", "skipped", "unreadable"}


def test_effects_that_tell_only_an_internal_id_find_their_session(
    spark: Any, tmp_path: Path
) -> None:
    told = [line(each, **{"id": 100 + each}) for each in range(40)]
    told.append(line(7, 1, **{"id": 139}))  # two sessions with one id: it names neither
    (tmp_path / "sessions.jsonl").write_text("\n".join(told) + "\n", encoding="utf-8")
    props = '"{""name"": ""Ten"", ""value"": 1}"'
    rows = ["applicationid,sessionid,sessionintegrationid,created,name,props,eventid,eventtype"]
    for each in range(45):
        at = "2026-02-01T00:00:00Z"
        rows.append(f",{100 + each},,{at},setDiscount,{props},{each},session_updated")
        if each % 3 == 0:  # the same effect once more, by its key
            rows.append(f"1,,S-{each},{at},setDiscount,{props},{each},session_updated")
    (tmp_path / "effects.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    files = [tmp_path / "sessions.jsonl", tmp_path / "effects.csv"]
    ours, theirs = both(spark, tmp_path, *files, range_bytes=1500, buckets=3)
    assert_same(ours, theirs)
    effects = read(ours)["effects"]
    assert effects["integration_id"].null_count == 6  # nobody tells 140 to 144, and 139 is two


def test_what_the_caller_says_of_the_dumps_holds(spark: Any, tmp_path: Path) -> None:
    dump = tmp_path / "dump.jsonl"
    local = [line(each, created="2026-07-01 12:00:00", state=2) for each in range(30)]
    dump.write_text("\n".join(local) + "\n", encoding="utf-8")
    said = {"assume_tz": "Europe/Berlin", "state_numbers": "four"}
    ours, theirs = both(spark, tmp_path, dump, range_bytes=2000, buckets=2, **said)
    assert_same(ours, theirs)
    assert read(ours)["sessions"].num_rows == 30


def test_nothing_readable_leaves_the_older_folder(spark: Any, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.jsonl", tmp_path / "bad.jsonl"
    good.write_text(line(1), encoding="utf-8")
    bad.write_bytes(b"\x89PNG")
    out = flatten(spark, good, output=tmp_path / "out", buckets=1)
    before = {each: each.read_bytes() for each in out.rglob("*") if each.is_file()}
    with pytest.raises(ReadError, match="a PNG image"):
        flatten(spark, bad, output=out)
    assert {each: each.read_bytes() for each in out.rglob("*") if each.is_file()} == before
    assert {each.name for each in tmp_path.iterdir()} == {"good.jsonl", "bad.jsonl", "out"}


def test_a_folder_takes_the_place_of_an_older_one_of_either_engine(
    spark: Any, tmp_path: Path
) -> None:
    dump = tmp_path / "dump.jsonl"
    dump.write_text("\n".join(map(line, range(20))) + "\n", encoding="utf-8")
    out = sk.to_folder(dump, output=tmp_path / "out")
    flatten(spark, dump, output=out, buckets=3)
    assert_same(out, sk.to_folder(dump, output=tmp_path / "other"))
    assert not list(out.glob("sessions.parquet"))
    sk.to_folder(dump, output=out)
    assert not list(out.glob("sessions/*"))
    assert_same(out, tmp_path / "other")


def test_what_cannot_be_is_refused(spark: Any, tmp_path: Path) -> None:
    dump = tmp_path / "dump.jsonl"
    dump.write_text(line(1), encoding="utf-8")
    with pytest.raises(UsageError, match="a path or a URL"):
        flatten(spark, io.BytesIO(b"{}"), output=tmp_path / "out")
    with pytest.raises(UsageError, match="at least 1"):
        flatten(spark, dump, output=tmp_path / "out", buckets=0)
    with pytest.raises(UsageError, match="holds files"):
        flatten(spark, dump, output=tmp_path)
    with pytest.raises(ReadError, match="no such file"):
        flatten(spark, tmp_path / "nothing.jsonl", output=tmp_path / "out")


def _fails(item: int) -> int:
    if item == 2:
        raise ZeroDivisionError("two is too much")
    return item


def _refuses(item: int) -> int:
    raise UsageError(f"{item} is not wanted.")


def test_a_task_that_fails_is_told_in_one_line(spark: Any) -> None:
    assert run(spark, _fails, [0, 1], "count") == [0, 1]
    with pytest.raises(EngineError) as caught:
        run(spark, _fails, [1, 2], "count")
    assert str(caught.value) == "Spark could not count: ZeroDivisionError: two is too much."
    with pytest.raises(UsageError, match=r"^7 is not wanted\.$"):
        run(spark, _refuses, [7], "count")
