"""The steps of flattening on Spark, run one after the other in this process, without Spark."""

from __future__ import annotations

import gzip
import io
import json
import pickle
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import sessionkit as sk
from sessionkit.cli import main
from sessionkit.database import workspace
from sessionkit.errors import EngineError, FolderError, ReadError, SessionkitError, UsageError
from sessionkit.folder import read, read_manifest, verify
from sessionkit.generate import generate
from sessionkit.machine import cores
from sessionkit.spark import running
from sessionkit.spark.job import flatten
from sessionkit.version import version
from tests.spark.same_tables import assert_same

NO_SPARK: Any = None


def in_turn(_: Any, work: Callable[[Any], Any], items: Sequence[Any], what: str) -> list[Any]:
    """What `running.run` does, here."""
    results = [pickle.loads(running.done(work, pickle.dumps(each), version())) for each in items]
    for result in results:
        if isinstance(getattr(result, "error", None), SessionkitError):
            raise result.error
    return results


def twice(spark: Any, work: Callable[[Any], Any], items: Sequence[Any], what: str) -> list[Any]:
    """As `in_turn`; but every task runs twice, and the first run is lost."""
    in_turn(spark, work, items, what)
    return in_turn(spark, work, items, what)


@pytest.fixture(autouse=True)
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], None]:
    """Run tasks in turn; or as somebody else says."""
    monkeypatch.setenv("SESSIONKIT_THREADS", "")
    monkeypatch.delenv("SESSIONKIT_THREADS")  # what a task sets is gone afterwards

    def by(runner: Any) -> None:
        monkeypatch.setattr("sessionkit.spark.reading_all.run", runner)
        monkeypatch.setattr("sessionkit.spark.job.run", runner)

    by(in_turn)
    return by


def line(key: int, day: int = 1, **more: Any) -> str:
    """A session as a line of JSON."""
    known = {
        "integrationId": f"S-{key}",
        "applicationId": 1,
        "created": "2026-01-31T09:05:27Z",
        "updated": f"2026-02-{day:02}T09:05:27Z",
        "total": key,
    }
    return json.dumps(known | more)


def dump_of(home: Path, seed: int) -> Path:
    """Lines of JSON, a few of them bad, and some spread over several."""
    dice = random.Random(seed)
    odd = ["", "{", '{"a": ', "[", "]", "null", line(3) + "x", json.dumps([{}], indent=1)]
    spread = json.dumps(json.loads(line(1, 2)), indent=1)
    lines = [
        dice.choice([*[line(dice.randrange(9), day)] * 9, *odd, spread]) for day in [1, 2] * 30
    ]
    dump = home / "dump.jsonl"
    dump.write_text("\n".join(lines), encoding="utf-8")
    return dump


def test_generated_dumps_give_the_same_tables(tmp_path: Path) -> None:
    dumps = generate(tmp_path, sessions=60, seed=2, defects=True) / "dumps"
    out = flatten(NO_SPARK, dumps, output=tmp_path / "out", range_bytes=30_000, buckets=2)
    assert_same(Path(out), sk.to_folder(dumps, output=tmp_path / "embedded"))


@pytest.mark.parametrize("seed", range(3))
def test_ranges_that_were_begun_wrong_are_read_again(tmp_path: Path, seed: int) -> None:
    dump = dump_of(tmp_path, seed)
    flatten(NO_SPARK, dump, output=tmp_path / "out", range_bytes=400, buckets=2)
    assert_same(tmp_path / "out", sk.to_folder(dump, output=tmp_path / "embedded"))


def test_what_does_not_come_to_stand_is_read_as_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sessionkit.spark.reading_all._ROUNDS", 0)
    dump = dump_of(tmp_path, 5)
    flatten(NO_SPARK, dump, output=tmp_path / "out", range_bytes=400, buckets=2)
    assert_same(tmp_path / "out", sk.to_folder(dump, output=tmp_path / "embedded"))


def test_tasks_that_run_twice_change_nothing(tmp_path: Path, run: Callable[[Any], None]) -> None:
    run(twice)
    dump = dump_of(tmp_path, 7)
    flatten(NO_SPARK, dump, output=tmp_path / "out", range_bytes=700, buckets=2)
    assert_same(tmp_path / "out", sk.to_folder(dump, output=tmp_path / "embedded"))
    assert not list((tmp_path / "out").glob(".*"))


def test_many_sections_and_packed_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sessionkit.spark.staging.LARGE", 1)
    monkeypatch.setattr("sessionkit.intake.BATCH_RECORDS", 5)
    dump = dump_of(tmp_path, 9)
    packed = tmp_path / "dump.jsonl.gz"
    packed.write_bytes(gzip.compress(dump.read_bytes()))
    flatten(NO_SPARK, [packed, dump], output=tmp_path / "out", range_bytes=9000, buckets=3)
    assert_same(tmp_path / "out", sk.to_folder(packed, dump, output=tmp_path / "embedded"))


PROPS = '"{""name"": ""Ten"", ""value"": 1}"'


@pytest.mark.parametrize("buckets", [1, 3])
def test_effects_find_the_session_that_their_internal_id_stands_for(
    tmp_path: Path, buckets: int
) -> None:
    told = [line(each, id=100 + each) for each in range(20)]
    told.append(line(7, 2, id=119))  # two sessions with one id: it names neither
    (tmp_path / "sessions.jsonl").write_text("\n".join(told), encoding="utf-8")
    rows = ["applicationid,sessionid,sessionintegrationid,created,name,props,eventid,eventtype"]
    for each in range(25):
        rest = f"2026-02-01T00:00:00Z,setDiscount,{PROPS},{each},session_updated"
        rows += [f",{100 + each},,{rest}", *([f"1,,S-{each},{rest}"] if each % 3 == 0 else [])]
    (tmp_path / "effects.csv").write_text("\n".join(rows), encoding="utf-8")
    files = [tmp_path / "effects.csv", tmp_path / "sessions.jsonl"]
    flatten(NO_SPARK, files, output=tmp_path / "out", range_bytes=900, buckets=buckets)
    assert_same(tmp_path / "out", sk.to_folder(*files, output=tmp_path / "embedded"))
    names = read(tmp_path / "out")["effects"]["integration_id"].to_pylist()
    assert names.count(None) == 6  # nobody tells 120 to 124, and 119 is two
    assert names.count("S-4") == 1


def test_a_folder_by_its_url_takes_the_place_of_an_older_one(tmp_path: Path) -> None:
    dump = dump_of(tmp_path, 11)
    out = tmp_path / "out"
    sk.to_folder(dump, output=out)
    assert flatten(NO_SPARK, dump, output=out.as_uri(), buckets=3) == out.as_uri()
    assert_same(out, sk.to_folder(dump, output=tmp_path / "embedded"))
    assert not list(out.glob(".*")), "what tasks left is gone"
    assert not list(out.glob("*.parquet")), "what was there is gone"
    (tmp_path / "else").mkdir()
    (tmp_path / "else" / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match=r"holds files.*\(notes.txt\)"):
        flatten(NO_SPARK, dump, output=(tmp_path / "else").as_uri())


@pytest.mark.parametrize("named", [str, Path.as_uri], ids=["path", "url"])
def test_what_a_job_left_that_was_killed_is_removed(
    tmp_path: Path, named: Callable[[Path], str]
) -> None:
    dump = dump_of(tmp_path, 3)
    left = tmp_path / "out" / ".spark-0123"
    left.mkdir(parents=True)
    (left / "a.staged").write_bytes(b"rows")
    flatten(NO_SPARK, dump, output=named(tmp_path / "out"), buckets=1)
    assert verify(tmp_path / "out") == []
    assert not list((tmp_path / "out").glob(".*"))


def test_a_job_that_fails_leaves_the_older_folder(
    tmp_path: Path, run: Callable[[Any], None]
) -> None:
    dump = dump_of(tmp_path, 13)
    out = Path(flatten(NO_SPARK, dump, output=tmp_path / "out", buckets=1))
    before = read_manifest(out)

    def fails(spark: Any, work: Any, items: Sequence[Any], what: str) -> list[Any]:
        if what == "resolve the sessions":
            raise EngineError("it is gone.")
        return in_turn(spark, work, items, what)

    run(fails)
    for output in (out, out.as_uri(), tmp_path / "new"):
        with pytest.raises(EngineError, match=r"it is gone\."):
            flatten(NO_SPARK, dump, output=output, buckets=1)
    assert (read_manifest(out), verify(out), list(out.glob(".*"))) == (before, [], [])
    assert not (tmp_path / "new").exists()


def test_records_that_are_lost_are_told(tmp_path: Path, run: Callable[[Any], None]) -> None:
    def loses(spark: Any, work: Any, items: Sequence[Any], what: str) -> list[Any]:
        results = in_turn(spark, work, items, what)
        return [type(each)() for each in results] if what.startswith("resolve") else results

    run(loses)
    (tmp_path / "dump.jsonl").write_text(line(1), encoding="utf-8")
    with pytest.raises(EngineError, match=r"^1 records were read, but 0 are accounted for\.$"):
        flatten(NO_SPARK, tmp_path / "dump.jsonl", output=tmp_path / "out", buckets=1)
    assert not (tmp_path / "out").exists()


def test_what_cannot_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "dump.jsonl").write_text(line(1), encoding="utf-8")
    out = tmp_path / "out"
    with pytest.raises(UsageError, match="a path or a URL"):
        flatten(NO_SPARK, io.BytesIO(b"{}"), output=out, buckets=1)
    with pytest.raises(UsageError, match="at least 1"):
        flatten(NO_SPARK, tmp_path / "dump.jsonl", output=out, range_bytes=0)
    with pytest.raises(UsageError, match="holds files"):
        flatten(NO_SPARK, tmp_path / "dump.jsonl", output=tmp_path, buckets=1)
    (tmp_path / "image").write_bytes(b"\x89PNG")
    with pytest.raises(ReadError, match="a PNG image"):
        flatten(NO_SPARK, tmp_path / "image", output=out, buckets=1)


def _threads(_: int) -> tuple[int, int]:
    with workspace({}) as db:
        ((threads,),) = db.sql("select current_setting('threads')").fetchall()
    return cores(), threads


def test_a_task_takes_one_core(monkeypatch: pytest.MonkeyPatch) -> None:
    assert in_turn(NO_SPARK, _threads, [0], "count") == [(1, 1)]
    monkeypatch.setenv("SESSIONKIT_THREADS", "3")
    assert in_turn(NO_SPARK, _threads, [0], "count") == [(3, 3)]


def _no_room(_: int) -> None:
    raise FolderError("/mnt/shared: could not be written: No space left on device.")


def test_a_task_is_tried_again_where_that_may_help() -> None:
    with pytest.raises(FolderError):
        running.done(_no_room, pickle.dumps(1), version())
    failed = pickle.loads(running.done(len, pickle.dumps([]), "0.0"))
    assert str(failed.error).startswith(f"an executor has sessionkit {version()}, and the driver")


def test_what_a_job_died_of_is_told_in_one_line() -> None:
    told = """An exception was thrown from the Python worker:
    Traceback (most recent call last):
      File "x.py", line 1, in f
    sessionkit.errors.FolderError: /mnt: could not be written: No space left on device.

    Caused by: java.lang.Exception: more
    pyspark.errors.X: and more"""
    assert running.told(Exception(told)) == "/mnt: could not be written: No space left on device"
    missing = Exception("x\nModuleNotFoundError: No module named 'sessionkit'")
    assert running.told(missing) == "sessionkit is not installed on the executors"
    assert running.told(Exception("Job aborted.\n  at x")) == "Job aborted"


def test_a_machine_without_java_is_told_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from sessionkit.spark import spark_session

    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(EngineError, match="Spark needs a Java runtime, 17 or newer"):
        spark_session("local[1]")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(EngineError, match="Java runtime"):
        spark_session("local[1]")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--master local[2]", "--master says where Spark runs: it needs --engine spark."),
        ("--engine spark --format csv", "Spark writes Parquet: --engine spark goes with"),
        ("-o s3://bucket/out", "-o names a folder; sessionkit.spark.flatten writes to URLs"),
        ("--engine flink", "'flink' is not one of 'embedded', 'spark'"),
    ],
)
def test_the_command_line_refuses_what_does_not_go_together(
    tmp_path: Path, words: str, said: str
) -> None:
    (tmp_path / "dump.jsonl").write_text(line(1), encoding="utf-8")
    given = ["flatten", str(tmp_path / "dump.jsonl"), "-o", str(tmp_path / "out"), *words.split()]
    ended = CliRunner().invoke(main, given)
    assert (ended.exit_code, said in ended.stderr) == (2, True), ended.stderr
    assert not (tmp_path / "out").exists()


def test_the_rows_are_those_of_the_dump(tmp_path: Path) -> None:
    rounded = line(4, total="1.0000000000000000001")
    told = [line(1), line(1, 2, total=7), line(2), '{"integrationId": "S-3"}', line(2), rounded]
    (tmp_path / "dump.jsonl").write_text("\n".join(told), encoding="utf-8")
    out = flatten(NO_SPARK, tmp_path / "dump.jsonl", output=tmp_path / "out", range_bytes=99)
    tables = read(out)
    columns = ("integration_id", "total", "source_record")
    rows = sorted(tuple(row[each] for each in columns) for row in tables["sessions"].to_pylist())
    assert rows == [("S-1", 7, 2), ("S-2", 2, 3), ("S-4", 1, 6)]
    (reject,) = tables["rejects"].to_pylist()
    assert (reject["source_record"], reject["raw"]) == (4, b'{"integrationId": "S-3"}')
    (doubt,) = [row for row in tables["findings"].to_pylist() if row["rule"] == "money-rounded"]
    assert (doubt["integration_id"], doubt["source_record"]) == ("S-4", 6)
    counts = {"records": 6, "sessions": 3, "repeats": 1, "older": 1, "effects": 0, "rejects": 1}
    assert read_manifest(out).counts == counts
