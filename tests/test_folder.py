"""The folder of tables: what is written comes back, is finished or says that it is not."""

from __future__ import annotations

import json
import os
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sessionkit import folder, manifest, placing
from sessionkit.errors import FolderError, SchemaError, UsageError
from sessionkit.table_files import FORMATS, Format
from sessionkit.tables import (
    ALL,
    CART_ITEMS,
    COUPONS,
    LOADS,
    REJECTS,
    SESSIONS,
)
from tests.rows import rows

REASON = {"code": "bad-state", "path": "state", "expected": "a state", "found": "'dönë'"}

SESSION_ROWS = rows(
    SESSIONS,
    {
        "integration_id": 'say "hi", twice\n',
        "profile_id": "",
        "created_at": datetime(2020, 6, 10, 9, 5, 27, 993483, tzinfo=UTC),
        "coupon_codes": ["A", "", 'b"c'],
        "identifiers": [],
        "evaluable_campaign_ids": [10, 12],
        "total": "12345678901234567890.123456789012345678",
        "discount_total": "-0.000000000000000001",
        "times_known": True,
        "attributes": '{"a": "ü"}',
    },
    {"integration_id": "null", "total": None, "first_session": False, "items_total": "0"},
)
REJECT_ROWS = rows(REJECTS, {"reasons": [REASON], "raw": b'\x00\xff"'}, {"reasons": [], "raw": b""})
LOAD_ROWS = rows(
    LOADS,
    {
        "source_file": "a.csv",
        "status": "read",
        "bytes": 700,
        "sha256": "ab" * 32,
        "records": 12,
        "sessions": 2,
        "repeats": 2,
        "older": 3,
        "effects": 4,
        "rejects": 1,
    },
    {"source_file": "b.png", "status": "skipped", "bytes": None, "sha256": None}
    | dict.fromkeys(("records", "sessions", "repeats", "older", "effects", "rejects"), 0),
)
TABLES = {"sessions": SESSION_ROWS, "rejects": REJECT_ROWS, "loads": LOAD_ROWS}


def contents(path: Path) -> dict[str, bytes]:
    return {str(each.relative_to(path)): each.read_bytes() for each in path.rglob("*.*")}


def many_coupons() -> pa.Table:
    return rows(COUPONS, *[{"code": f"{n * 2_654_435_761 % 2**32:x}"} for n in range(20_000)])


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """As a full disk does it: a write past the limit fails in the middle of a file."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("format", FORMATS)
def test_tables_come_back_as_they_were_written(tmp_path: Path, format: Format) -> None:
    folder.write(TABLES, tmp_path / "out", format)
    back = folder.read(tmp_path / "out")
    assert list(back) == [table.name for table in ALL]
    for table in ALL:
        given = TABLES.get(table.name, table.empty())
        assert back[table.name].equals(given)
        assert back[table.name].schema.equals(table.arrow(), check_metadata=True)
    assert folder.verify(tmp_path / "out") == []


def test_a_folder_holds_a_file_for_every_table_and_the_manifest(tmp_path: Path) -> None:
    assert folder.write(TABLES, tmp_path / "new" / "out") == tmp_path / "new" / "out"
    names = sorted(each.name for each in (tmp_path / "new" / "out").iterdir())
    assert names == sorted([f"{table.name}.parquet" for table in ALL] + ["manifest.json"])


def test_other_parquet_readers_find_the_same_amounts(tmp_path: Path) -> None:
    folder.write(TABLES, tmp_path)
    total = pq.read_table(tmp_path / "sessions.parquet")["total"]
    assert total.type == pa.decimal128(38, 18)
    assert str(total[0].as_py()) == "12345678901234567890.123456789012345678"


def test_csv_is_written_so_that_people_and_programs_read_it(tmp_path: Path) -> None:
    table = rows(CART_ITEMS, {"sku": "", "price": "33.333333333333336", "quantity": 3})
    folder.write({"cart_items": table, "rejects": REJECT_ROWS}, tmp_path, "csv")
    heading, row = (tmp_path / "cart_items.csv").read_text().splitlines()
    assert heading.startswith('"application_id","integration_id","line","sku"')
    assert row == ('1,"x",1,"",,,,3,,,"33.333333333333336",,,,,,,,,,,"{}",')
    rejects = (tmp_path / "rejects.csv").read_text().splitlines()
    assert rejects[1].endswith('""found"":""\'dönë\'""}]","AP8i"')
    assert rejects[2].endswith('"[]",""')


def test_csv_tells_instants_in_utc(tmp_path: Path) -> None:
    folder.write(TABLES, tmp_path, "csv")
    assert '"2020-06-10T09:05:27.993483Z"' in (tmp_path / "sessions.csv").read_text()
    assert '"2024-01-01T09:00:00Z"' in (tmp_path / "sessions.csv").read_text()


def test_a_line_longer_than_a_megabyte_comes_back_from_csv(tmp_path: Path) -> None:
    table = rows(SESSIONS, {"attributes": '{"a": "' + "x" * 3_000_000 + '"}'})
    folder.write({"sessions": table}, tmp_path, "csv")
    assert folder.read(tmp_path)["sessions"].equals(table)


@pytest.mark.parametrize("format", FORMATS)
def test_the_same_rows_give_the_same_bytes_however_they_are_cut(
    tmp_path: Path, format: Format
) -> None:
    one = rows(COUPONS, *[{"code": f"C{n % 7}"} for n in range(200_000)])
    cut = pa.concat_tables([one.slice(0, 7), one.slice(7, 150_001), one.slice(150_008)])
    folder.write({"coupons": one}, tmp_path / "one", format)
    folder.write({"coupons": cut}, tmp_path / "cut", format)
    assert contents(tmp_path / "one") == contents(tmp_path / "cut")


def test_the_manifest_tells_sources_counts_and_checksums(tmp_path: Path) -> None:
    folder.write(TABLES, tmp_path)
    told = json.loads((tmp_path / "manifest.json").read_text())
    assert told["schema_version"] == 1
    assert told["format"] == "parquet"
    fates = {"sessions": 2, "repeats": 2, "older": 3, "effects": 4, "rejects": 1}
    assert told["counts"] == {"records": 12} | fates
    assert told["sources"] == [
        {"name": "a.csv", "status": "read", "bytes": 700, "sha256": "ab" * 32},
        {"name": "b.png", "status": "skipped", "bytes": None, "sha256": None},
    ]
    (sessions,) = told["tables"]["sessions"]
    assert (sessions["name"], sessions["rows"]) == ("sessions.parquet", 2)
    assert sessions["bytes"] == (tmp_path / "sessions.parquet").stat().st_size
    assert len(sessions["sha256"]) == 64
    assert folder.read_manifest(tmp_path).counts["older"] == 3


def test_a_finished_folder_is_replaced_also_by_another_format(tmp_path: Path) -> None:
    folder.write(TABLES, tmp_path, "csv")
    (tmp_path / "report.html").write_text("mine")
    folder.write({}, tmp_path, "parquet")
    assert not list(tmp_path.glob("*.csv"))
    assert (tmp_path / "report.html").read_text() == "mine"
    assert folder.read(tmp_path)["sessions"].num_rows == 0
    assert folder.verify(tmp_path) == []


def test_what_a_run_left_that_broke_off_is_swept(tmp_path: Path) -> None:
    (tmp_path / ".sessionkit-coupons.csv").write_text("half of it")
    (tmp_path / ".hidden").write_text("mine")
    folder.write(TABLES, tmp_path)
    assert [each.name for each in tmp_path.glob(".*")] == [".hidden"]


def test_a_folder_with_files_of_somebody_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "sessions.csv").write_text("a dump of mine")
    with pytest.raises(UsageError, match=r"no folder that sessionkit wrote.*sessions\.csv"):
        folder.write(TABLES, tmp_path, "csv")
    assert contents(tmp_path) == {"sessions.csv": b"a dump of mine"}


def test_a_foreign_file_in_the_place_of_a_table_is_not_overwritten(tmp_path: Path) -> None:
    folder.write(TABLES, tmp_path, "parquet")
    (tmp_path / "coupons.csv").write_text("mine")
    before = contents(tmp_path)
    with pytest.raises(UsageError, match=r"coupons\.csv: sessionkit did not write this file"):
        folder.write(TABLES, tmp_path, "csv")
    assert contents(tmp_path) == before


def test_a_file_where_the_folder_should_be_is_a_plain_error(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("x")
    with pytest.raises(FolderError, match=r"out: could not be written: File exists\.$"):
        folder.write(TABLES, tmp_path / "out")


def test_unknown_names_are_told_with_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"unknown table 'session'. Did you mean 'sessions'\?"):
        folder.write({"session": SESSION_ROWS}, tmp_path)
    with pytest.raises(UsageError, match=r"unknown format 'xlsx'.*arrow, csv, parquet"):
        folder.write(TABLES, tmp_path, "xlsx")  # type: ignore[arg-type]
    assert contents(tmp_path) == {}


def test_a_table_without_its_columns_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="coupons: not the columns of the table"):
        folder.write({"coupons": SESSION_ROWS}, tmp_path)
    assert contents(tmp_path) == {}


@pytest.mark.parametrize("format", FORMATS)
def test_a_disk_that_fills_up_leaves_the_older_folder_as_it_was(
    tmp_path: Path, format: Format
) -> None:
    folder.write(TABLES, tmp_path, format)
    before = contents(tmp_path)
    large = many_coupons()
    with (
        files_of_at_most(60_000),
        pytest.raises(FolderError, match=r"could not be written: File too large\.$"),
    ):
        folder.write({"coupons": large}, tmp_path, format)
    assert contents(tmp_path) == before
    assert folder.verify(tmp_path) == []


def test_a_disk_that_fills_up_leaves_nothing_in_a_new_folder(tmp_path: Path) -> None:
    large = many_coupons()
    with files_of_at_most(60_000), pytest.raises(FolderError):
        folder.write({"coupons": large}, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def broken_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose writing broke off when half of the files had taken their places."""
    folder.write(TABLES, tmp_path)
    replace, moved = Path.replace, []

    def replace_five(self: Path, target: Any) -> Path:
        moved.append(target)
        if len(moved) > 5:
            raise KeyboardInterrupt
        return replace(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", replace_five)
        with pytest.raises(KeyboardInterrupt):
            folder.write({}, tmp_path)
    return tmp_path


def test_a_half_replaced_folder_is_known_to_be_unfinished(broken_off: Path) -> None:
    assert folder.is_folder(broken_off)
    with pytest.raises(FolderError, match=r"no manifest\.json: the folder is not finished"):
        folder.read(broken_off)
    assert "not finished" in folder.verify(broken_off)[0]


def test_an_unfinished_folder_can_be_written_again(broken_off: Path) -> None:
    large = many_coupons()
    with files_of_at_most(60_000), pytest.raises(FolderError):
        folder.write({"coupons": large}, broken_off)
    folder.write(TABLES, broken_off)
    assert folder.verify(broken_off) == []
    assert not list(broken_off.glob(".sessionkit-*"))


class Interrupted:
    """Raises Ctrl-C once, right after the given call among all that touch files."""

    def __init__(self, patch: pytest.MonkeyPatch, at: int) -> None:
        self.calls, self.at = 0, at
        for home, name in ((Path, "replace"), (Path, "unlink"), (Path, "mkdir"), (os, "fsync")):
            patch.setattr(home, name, self._counted(getattr(home, name)))

    def _counted(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **extra: Any) -> Any:
            done = call(*args, **extra)
            self.calls += 1
            if self.calls == self.at:
                raise KeyboardInterrupt
            return done

        return counted


def test_an_interrupt_of_a_replacement_leaves_the_older_folder_or_the_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After whichever call to the system it comes."""
    folder.write(TABLES, tmp_path / "older", "csv")
    folder.write({}, tmp_path / "newer")
    older, newer = contents(tmp_path / "older"), contents(tmp_path / "newer")
    ends, at = [], 0
    while True:
        at += 1
        home = tmp_path / str(at)
        folder.write(TABLES, home, "csv")
        with monkeypatch.context() as patch:
            interrupted = Interrupted(patch, at)
            with suppress(KeyboardInterrupt):
                folder.write({}, home)
        there = contents(home)
        assert there in (older, newer)
        if interrupted.calls < at:
            break
        ends.append(there == older)
    assert ends == sorted(ends, reverse=True)  # first all older, then all newer
    assert 10 < sum(ends) < len(ends) - 10


def test_a_replacement_that_is_finished_late_is_on_the_disk_in_every_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []

    def interrupted_once(home: Path) -> None:
        synced.append(str(home.relative_to(tmp_path)))
        if len(synced) == 1:
            raise KeyboardInterrupt

    files = {f"sessions/month={number}/part.parquet": tmp_path / f".{number}" for number in "12"}
    for path in (*files.values(), tmp_path / placing.PENDING):
        path.write_text("")
    monkeypatch.setattr(placing, "_sync_folder", interrupted_once)
    with pytest.raises(KeyboardInterrupt):
        placing.put_in_place(tmp_path, files, set())
    homes = [".", "sessions", "sessions/month=1", "sessions/month=2"]
    assert sorted(synced[1:-1]) == homes
    assert synced[-1] == "."  # once more for the manifest


def test_verify_sees_any_changed_byte(tmp_path: Path) -> None:
    folder.write(TABLES, tmp_path)
    for name, text in contents(tmp_path).items():
        middle = len(text) // 2
        (tmp_path / name).write_bytes(
            text[:middle] + bytes([text[middle] ^ 1]) + text[middle + 1 :]
        )
        (problem,) = folder.verify(tmp_path)
        assert name in problem
        assert "changed" in problem or "damaged" in problem
        with pytest.raises(FolderError, match=name):
            folder.read(tmp_path)
        (tmp_path / name).write_bytes(text)
    assert folder.verify(tmp_path) == []


@pytest.mark.parametrize(
    ("before", "after"), [('"older": 3', '"older": 2'), ("a.csv", "b.csv"), ("{", "{ ")]
)
def test_verify_sees_a_changed_manifest(tmp_path: Path, before: str, after: str) -> None:
    folder.write(TABLES, tmp_path)
    text = (tmp_path / "manifest.json").read_text()
    (tmp_path / "manifest.json").write_text(text.replace(before, after, 1))
    (problem,) = folder.verify(tmp_path)
    assert problem.endswith("(its checksum is not that of its text).")


def test_verify_sees_a_missing_and_a_strange_file(tmp_path: Path) -> None:
    folder.write(TABLES, tmp_path)
    (tmp_path / "coupons.parquet").rename(tmp_path / "coupons.csv")
    (tmp_path / "sessions").mkdir()
    (tmp_path / "sessions" / "part-0.parquet").write_bytes(b"")
    (tmp_path / "notes.txt").write_text("mine")
    assert folder.verify(tmp_path) == [
        "coupons.parquet: missing",
        "coupons.csv: not in the manifest",
        "sessions/part-0.parquet: not in the manifest",
    ]


@pytest.mark.parametrize("format", FORMATS)
def test_verify_sees_other_counts(tmp_path: Path, format: Format) -> None:
    fates = {"sessions": 2, "repeats": 2, "older": 3, "effects": 4, "rejects": 1}
    loads = rows(LOADS, {"records": 13} | fates)
    folder.write({"sessions": SESSION_ROWS, "loads": loads}, tmp_path, format)
    told = json.loads((tmp_path / "manifest.json").read_text())
    told["tables"]["sessions"][0]["rows"] = 3
    changed = msgspec.convert(told, manifest.Manifest)
    (tmp_path / "manifest.json").write_bytes(manifest.text_of_manifest(changed))
    assert folder.verify(tmp_path) == [
        f"sessions.{format}: expected 3 rows, got 2",
        "manifest.json: 13 records, but 12 accounted for",
    ]


def test_a_folder_that_is_not_there_or_has_no_manifest(tmp_path: Path) -> None:
    with pytest.raises(FolderError, match=r"nowhere: there is no such folder"):
        folder.read_manifest(tmp_path / "nowhere")
    with pytest.raises(FolderError, match=r"no manifest\.json"):
        folder.read_manifest(tmp_path)
    assert not folder.is_folder(tmp_path / "nowhere")
    assert not folder.is_folder(tmp_path)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "damaged, or no manifest of sessionkit"),
        ('{"name": "a web app"}', "damaged, or no manifest of sessionkit"),
        ("\udcff", "damaged, or no manifest of sessionkit"),
    ],
)
def test_a_manifest_of_something_else_is_told(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "manifest.json").write_bytes(text.encode(errors="surrogateescape"))
    assert not folder.is_folder(tmp_path)
    with pytest.raises(FolderError, match=told):
        folder.read_manifest(tmp_path)
    with pytest.raises(UsageError, match=r"manifest\.json"):
        folder.write(TABLES, tmp_path)


def test_a_manifest_of_a_newer_sessionkit_is_told(tmp_path: Path) -> None:
    folder.write(TABLES, tmp_path)
    newer = (tmp_path / "manifest.json").read_text().replace('version": 1', 'version": 2')
    (tmp_path / "manifest.json").write_text(newer)
    assert folder.is_folder(tmp_path)
    with pytest.raises(FolderError, match="written by a newer sessionkit: schema version 2"):
        folder.read_manifest(tmp_path)


def test_a_manifest_with_a_field_less_or_more_is_whole(tmp_path: Path) -> None:
    folder.write(TABLES, tmp_path)
    file = tmp_path / "manifest.json"
    told = msgspec.json.decode(file.read_bytes())
    del told["single_versions"]
    told["checksum"] = sha256(msgspec.json.encode(told | {"checksum": ""})).hexdigest()
    file.write_bytes(msgspec.json.format(msgspec.json.encode(told), indent=2) + b"\n")
    assert folder.verify(tmp_path) == []
    assert manifest.read_manifest(tmp_path).single_versions == 0
    told |= {"of_later": [1], "checksum": ""}
    told["checksum"] = sha256(msgspec.json.encode(told)).hexdigest()
    file.write_bytes(msgspec.json.format(msgspec.json.encode(told), indent=2) + b"\n")
    assert folder.verify(tmp_path) == []
    file.write_bytes(file.read_bytes().replace(b'"older": 3', b'"older": 4'))
    assert "its checksum is not that of its text" in folder.verify(tmp_path)[0]


@pytest.mark.parametrize(
    "text",
    [
        b'{"x":' + b"[" * 4000,
        b'{"x":' + b"[" * 4000 + b"]" * 4000 + b"}",
        b'{"x":"\xff"}',
        b'{"schema_version":1' + b"0" * 4000 + b"}",
    ],
    ids=["deep", "deep and closed", "no UTF-8", "long number"],
)
def test_a_manifest_of_any_bytes_is_told_in_a_line(text: bytes, tmp_path: Path) -> None:
    folder.write(TABLES, tmp_path)
    whole = (tmp_path / "manifest.json").read_bytes()
    others = [text[:-1] + b"," + whole.lstrip()[1:]] if text.endswith(b"}") else []
    for bytes_ in (text, *others):
        (tmp_path / "manifest.json").write_bytes(bytes_)
        with pytest.raises(FolderError, match=r"damaged, or no manifest|newer sessionkit") as told:
            folder.read(tmp_path)
        assert len(str(told.value)) < 400
        assert len(folder.verify(tmp_path)) == 1


@pytest.mark.parametrize("name", ["a=\n", "a=\x00", "a=" + "x" * 300, "a=\x1b[31m"])
def test_a_manifest_names_no_odd_files(name: str, tmp_path: Path) -> None:
    folder.write(TABLES, tmp_path)
    told = json.loads((tmp_path / "manifest.json").read_text())
    told["tables"]["sessions"][0]["name"] = f"sessions/{name}/part-0.parquet"
    (tmp_path / "manifest.json").write_text(json.dumps(told))
    assert "names files that no table has" in folder.verify(tmp_path)[0]


@pytest.mark.parametrize("format", ["parquet", "arrow", "csv"])
def test_a_file_that_fits_its_checksum_but_not_its_table(format: Format, tmp_path: Path) -> None:
    folder.write(TABLES, tmp_path, format)
    file = tmp_path / f"coupons.{format}"
    other = (tmp_path / f"sessions.{format}").read_bytes()
    told = json.loads((tmp_path / "manifest.json").read_text())
    of_coupons, of_sessions = told["tables"]["coupons"][0], told["tables"]["sessions"][0]
    file.write_bytes(other)
    of_coupons |= {name: of_sessions[name] for name in ("rows", "bytes", "sha256")}
    changed = msgspec.convert(told, manifest.Manifest)
    (tmp_path / "manifest.json").write_bytes(manifest.text_of_manifest(changed))
    with pytest.raises(FolderError, match="could not be read: "):
        folder.read(tmp_path)


def test_a_manifest_cannot_lead_out_of_its_folder(tmp_path: Path) -> None:
    folder.write(TABLES, tmp_path)
    told = json.loads((tmp_path / "manifest.json").read_text())
    told["tables"]["sessions"][0]["name"] = "../sessions.parquet"
    changed = msgspec.convert(told, manifest.Manifest)
    (tmp_path / "manifest.json").write_bytes(manifest.text_of_manifest(changed))
    with pytest.raises(FolderError, match="names files that no table has"):
        folder.read(tmp_path)


def test_a_table_in_several_parts_is_read_whole(tmp_path: Path) -> None:
    folder.write(TABLES, tmp_path)
    (one,) = folder.read_manifest(tmp_path).tables["sessions"]
    (tmp_path / "sessions").mkdir()
    text = (tmp_path / "sessions.parquet").read_bytes()
    (tmp_path / "sessions.parquet").unlink()
    told = json.loads((tmp_path / "manifest.json").read_text())
    parts = [f"sessions/part-{n}.parquet" for n in range(2)]
    for part in parts:
        (tmp_path / part).write_bytes(text)
    (first,) = told["tables"]["sessions"]
    told["tables"]["sessions"] = [first | {"name": part} for part in parts]
    changed = msgspec.convert(told, manifest.Manifest)
    (tmp_path / "manifest.json").write_bytes(manifest.text_of_manifest(changed))
    assert one.rows == 2
    assert folder.read(tmp_path)["sessions"].num_rows == 4
    assert folder.verify(tmp_path) == []
    folder.write(TABLES, tmp_path)
    assert folder.verify(tmp_path) == []
