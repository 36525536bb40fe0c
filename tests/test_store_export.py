"""Exports of a store: the folder of `flatten`, parts as Hive lays them out, formulas defused."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.dataset as ds
import pytest

import sessionkit
from sessionkit import folder
from sessionkit.errors import FolderError, UsageError
from sessionkit.filling import Filling
from sessionkit.store import Store
from sessionkit.store.exporting import PARTS
from sessionkit.table_files import TableWriter, read_file
from sessionkit.tables import ALL, IDENTIFIERS, MODEL, REJECTS
from tests.reading import dump, item, named, session
from tests.rows import rows as rows_of

STORES = ["north", "a/b=c%", "Köln {1}", "007", None, "new\nline", "x:y*?", "'\"#"]
DOCS = [
    session(
        integrationId=f"S-{number}",
        applicationId=(270, 322)[number % 2],
        created=f"2026-{1 + number % 12:02}-{1 + number % 28:02}T23:30:00-01:00",
        state=("open", "closed", "cancelled")[number % 3],
        storeIntegrationId=STORES[number % len(STORES)] or ...,
        discounts={"Tea": 1, f"Cup#{number}": 2.5},
        identifiers=["x", "y"] if number % 2 else [],
        cartItems=[item(sku=f"{number}-{line}") for line in range(number % 4)],
    )
    for number in range(40)
]
"""Created half an hour after midnight in UTC, an hour before it where they were written."""

BROKEN = session(integrationId="bad", cartItems=[{"sku": "a", "quantity": 0}])


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    path = tmp_path_factory.mktemp("store") / "sessions.duckdb"
    with Store(path) as opened:
        opened.load(named("a.jsonl", dump(DOCS[:30])))
        opened.load(named("b.jsonl", dump([*DOCS[20:], BROKEN])))
    with Store.open_readonly(path) as opened:
        yield opened


def rows(table: Any) -> list[str]:
    """Rows as texts without regard to order, or to that of their columns."""
    found = pa.table(table).to_pylist()
    return sorted(str(sorted(row.items())) for row in found)


def in_store(store: Store, name: str) -> pa.Table:
    return store.connection().sql(f"from {name}").to_arrow_table()


@pytest.mark.parametrize("format", ["parquet", "csv", "arrow"])
def test_a_whole_export_is_the_folder_of_flatten(store: Store, tmp_path: Path, format: Any) -> None:
    done = store.export(tmp_path / "out", format)
    assert folder.verify(tmp_path / "out") == []
    tables = folder.read(tmp_path / "out")
    assert [t.name for t in ALL if rows(tables[t.name]) != rows(in_store(store, t.name))] == []
    assert done.rows == {name: table.num_rows for name, table in tables.items()}
    assert (done.folder, done.files, done.rows["sessions"]) == (tmp_path / "out", 13, 40)
    assert done.rows["rejects"] == 1
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == sorted(
        ["manifest.json", *(f"{table.name}.{format}" for table in ALL)]
    )


def test_a_question_over_an_export_answers_as_over_the_store(store: Store, tmp_path: Path) -> None:
    store.export(tmp_path / "out")
    over = sessionkit.totals(store, by="month")
    assert sessionkit.totals(tmp_path / "out", by="month").table.equals(over.table)


def test_an_empty_store_is_exported_with_all_columns(tmp_path: Path) -> None:
    with Store(tmp_path / "empty.duckdb") as empty:
        empty.export(tmp_path / "out")
        parts = empty.export(tmp_path / "parts", partition_by=["month"])
    assert all(table.num_rows == 0 for table in folder.read(tmp_path / "out").values())
    assert (parts.files, set(parts.rows.values())) == (13, {0})
    (home,) = (tmp_path / "parts" / "coupons").iterdir()
    assert home.name == "month=__HIVE_DEFAULT_PARTITION__"
    columns = pl.scan_parquet(tmp_path / "parts" / "coupons").collect_schema().names()
    assert columns == ["application_id", "integration_id", "code", "month"]


def duck(home: Path) -> pa.Table:
    files = duckdb.read_parquet(f"{home}/**/*.parquet", hive_partitioning=True)
    return files.to_arrow_table()


def polars(home: Path) -> pa.Table:
    return pl.scan_parquet(home, hive_partitioning=True).collect().to_arrow()


def arrow(home: Path) -> pa.Table:
    return ds.dataset(home, partitioning="hive").to_table()


def spelt(table: pa.Table, names: list[str]) -> list[str]:
    """Some columns of all rows, as texts: readers do not agree on the types of parts."""
    return sorted(str([row[name] for name in names]) for row in table.select(names).to_pylist())


@pytest.mark.parametrize("read", [duck, polars, arrow])
@pytest.mark.parametrize(
    "by", [["month"], ["store_id"], ["application_id", "state"], ["quarter", "store_id", "day"]]
)
def test_parts_read_as_hive_lays_them_out(
    store: Store, tmp_path: Path, read: Any, by: list[str]
) -> None:
    done = store.export(tmp_path / "out", partition_by=by)
    for table in MODEL:
        home = tmp_path / "out" / table.name
        names = [
            *table.key,
            *(name for name in by if name in table.names and name not in table.key),
        ]
        assert spelt(read(home), names) == spelt(in_store(store, table.name), names)
        assert set(read(home).column_names) == {*table.names, *by}
    assert done.rows["sessions"] == 40


@pytest.mark.parametrize("by", [[name] for name in PARTS] + [["year", "application_id"]])
def test_rows_lie_in_the_part_of_their_session(store: Store, tmp_path: Path, by: list[str]) -> None:
    store.export(tmp_path / "out", partition_by=by)
    sessions = in_store(store, "sessions").to_pylist()
    expected = {
        (s["application_id"], s["integration_id"]): "/".join(f"{n}={part(s, n)}" for n in by)
        for s in sessions
    }
    home = tmp_path / "out" / "cart_items"
    found = {}
    for file in home.rglob("*.parquet"):
        place = file.parent.relative_to(home).as_posix()
        told = dict(one.split("=", 1) for one in place.split("/"))
        for row in pl.read_parquet(file, hive_partitioning=False).to_dicts():
            application = row.get("application_id", told.get("application_id"))
            found[int(application), row["integration_id"]] = place
    assert found == {key: expected[key] for key in found}
    assert len(found) == 30


def part(session: dict[str, Any], name: str) -> str:
    """What a session's part is called, worked out apart from the package."""
    at = session["created_at"]
    periods = {
        "day": f"{at:%Y-%m-%d}",
        "month": f"{at:%Y-%m}",
        "year": f"{at:%Y}",
        "quarter": f"{at:%Y}-Q{(at.month + 2) // 3}",
        "week": str(at.date().fromisocalendar(*at.isocalendar()[:2], 1)),
    }
    value = periods.get(name) or session[name]
    if value is None:
        return "__HIVE_DEFAULT_PARTITION__"
    escaped = {sign: f"%{ord(sign):02X}" for sign in "\"#%'*/:=?\\{}[]^\n"}
    return "".join(escaped.get(sign, sign) for sign in str(value))


def test_a_store_without_a_name_lies_where_hive_puts_null(tmp_path: Path) -> None:
    with Store(tmp_path / "s.duckdb") as store:
        store.load(named("a.jsonl", dump([session(storeIntegrationId=...)])))
        store.export(tmp_path / "out", partition_by=["store_id"])
    (home,) = (tmp_path / "out" / "sessions").iterdir()
    assert home.name == "store_id=__HIVE_DEFAULT_PARTITION__"


def test_what_is_not_of_one_session_is_not_parted(store: Store, tmp_path: Path) -> None:
    store.export(tmp_path / "out", partition_by=["month"])
    files = {path.name for path in (tmp_path / "out").iterdir() if path.is_file()}
    assert files == {
        f"{name}.parquet" for name in ("effects", "snapshots", "rejects", "findings", "loads")
    } | {"manifest.json"}


def test_parts_have_a_manifest_and_read_back(store: Store, tmp_path: Path) -> None:
    by = ["application_id", "store_id", "month"]
    store.export(tmp_path / "out", partition_by=by)
    manifest = folder.read_manifest(tmp_path / "out")
    assert manifest.partitioned_by == tuple(by)
    assert folder.verify(tmp_path / "out") == []
    tables = folder.read(tmp_path / "out")
    assert [t.name for t in ALL if rows(tables[t.name]) != rows(in_store(store, t.name))] == []
    changed = next((tmp_path / "out" / "coupons").rglob("*.parquet"))
    changed.write_bytes(changed.read_bytes() + b"x")
    (problem,) = folder.verify(tmp_path / "out")
    assert "changed: expected checksum" in problem


def test_a_question_over_parts_says_what_can_be_asked(store: Store, tmp_path: Path) -> None:
    store.export(tmp_path / "out", partition_by=["month"])
    with pytest.raises(FolderError, match=r"an export in parts.*Ask the store"):
        sessionkit.totals(tmp_path / "out")


def test_one_export_takes_the_place_of_another(store: Store, tmp_path: Path) -> None:
    out = tmp_path / "out"
    store.export(out, partition_by=["day", "state"])
    store.export(out, partition_by=["year"])
    assert {path.name for path in (out / "sessions").iterdir()} == {"year=2026"}
    assert folder.verify(out) == []
    store.export(out, "csv")
    assert not (out / "sessions").exists()
    assert folder.verify(out) == []
    store.export(out, partition_by=["year"])
    assert not list(out.glob("*.csv"))
    assert folder.verify(out) == []


def test_a_folder_of_somebody_else_stays_as_it_is(store: Store, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    for by in ([], ["month"]):
        with pytest.raises(UsageError, match="no folder that sessionkit wrote"):
            store.export(tmp_path, partition_by=by)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_file_of_somebody_else_in_a_part_is_not_replaced(store: Store, tmp_path: Path) -> None:
    store.export(tmp_path / "out")
    theirs = tmp_path / "out" / "sessions" / "year=2026" / "part-0.parquet"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("theirs")
    with pytest.raises(UsageError, match="sessionkit did not write this file"):
        store.export(tmp_path / "out", partition_by=["year"])
    assert theirs.read_text() == "theirs"
    theirs.unlink()
    assert folder.verify(tmp_path / "out") == []


@pytest.mark.parametrize("by", [[], ["month"]])
def test_an_export_that_fails_leaves_the_older_one(
    store: Store, tmp_path: Path, by: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    store.export(out, partition_by=by)
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}

    def full(self: Filling, name: str, rows: pa.Table) -> None:
        raise FolderError(f"{self.folder}: could not be written: No space left on device.")

    monkeypatch.setattr(Filling, "write", full)
    with pytest.raises(FolderError, match="No space left"):
        store.export(out, partition_by=by)
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before
    assert store.connection().sql("select count(*) from sessions").fetchall() == [(40,)]


def test_an_export_that_broke_off_is_known_to_be_unfinished_and_made_again(
    store: Store, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    store.export(out, partition_by=["day"])
    (out / "manifest.json").rename(out / ".sessionkit-manifest.json")
    assert folder.verify(out) != []
    with pytest.raises(FolderError, match=r"no manifest\.json"):
        folder.read(out)
    store.export(out, partition_by=["year"])
    assert {path.name for path in (out / "sessions").iterdir()} == {"year=2026"}
    assert folder.verify(out) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"format": "xlsx"}, "unknown format 'xlsx'"),
        ({"partition_by": ["mnoth"]}, "unknown part in partition_by 'mnoth'. Did you mean 'month'"),
        ({"partition_by": "month"}, r"a list such as \['month'\]"),
        ({"partition_by": ["month", "month"]}, "each part once"),
        ({"partition_by": ["month"], "format": "csv"}, "only Parquet is written in parts, not csv"),
    ],
)
def test_what_cannot_be_exported_is_told_before_anything_is_written(
    store: Store, tmp_path: Path, arguments: Any, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        store.export(tmp_path / "out", **arguments)
    assert not (tmp_path / "out").exists()


FORMULAS = ["=1+1", "+49", "-5", "@SUM(A1)", "\tx", "\rx", "＝1", "'=1", "''@x"]
PLAIN = ["a=1", "1-2", "'a", "''", "", " =1", "x\n=1", "ü", "'"]


def test_cells_that_a_spreadsheet_would_run_are_defused(tmp_path: Path) -> None:
    docs = [
        session(
            integrationId=f"S-{number}",
            total=-5,
            discounts={text or "empty": -1.5},
            coupon=text,
            cartItems=[item(sku=text, price=-2, category=text)],
        )
        for number, text in enumerate([*FORMULAS, *PLAIN])
    ]
    with Store(tmp_path / "s.duckdb") as store:
        store.load(named("=file.jsonl", dump(docs)))
        done = store.export(tmp_path / "out", "csv")
        assert store.export(tmp_path / "whole").defused_cells == 0
    options = pa_csv.ParseOptions(newlines_in_values=True)
    texts = pa_csv.ConvertOptions(column_types={"label": pa.string(), "value": pa.string()})
    cells = pa_csv.read_csv(
        tmp_path / "out" / "discounts.csv", parse_options=options, convert_options=texts
    )
    expected = [f"'{text}" for text in FORMULAS] + [text or "empty" for text in PLAIN]
    assert sorted(cells["label"].to_pylist()) == sorted(expected)
    assert {str(value) for value in cells["value"].to_pylist()} == {"-1.5"}
    assert folder.read_manifest(tmp_path / "out").defused_cells == done.defused_cells
    assert done.defused_cells > 3 * len(FORMULAS)
    read, whole = folder.read(tmp_path / "out"), folder.read(tmp_path / "whole")
    assert all(read[table.name].equals(whole[table.name]) for table in ALL)


def test_no_text_cell_of_a_csv_file_begins_as_a_formula(tmp_path: Path) -> None:
    given = rows_of(IDENTIFIERS, *[{"identifier": text} for text in [*FORMULAS, *PLAIN]])
    raw = rows_of(REJECTS, {"raw": b"\xfb\xef\xbe"}, {"raw": b"{}"})  # the first is ++++ in base64
    for table, values in ((IDENTIFIERS, given), (REJECTS, raw)):
        path = tmp_path / f"{table.name}.csv"
        writer = TableWriter(path, table, "csv")
        writer.write(values)
        writer.close()
        assert writer.defused == {"identifiers": len(FORMULAS), "rejects": 1}[table.name]
        assert read_file(path, table, "csv").equals(values)
        cells = pl.read_csv(io.BytesIO(path.read_bytes()), infer_schema=False).to_dict()
        for column in cells.values():
            for cell in column.drop_nulls():
                assert cell[:1] not in tuple("=+-@\t\r＝＋－＠")


def test_flatten_to_csv_defuses_too(tmp_path: Path) -> None:
    tables = sessionkit.read(named("a.jsonl", dump(session(coupon="=cmd|' /C calc'!A0"))))
    tables.write(tmp_path / "out", format="csv")
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["defused_cells"] == 1
    assert folder.read(tmp_path / "out")["coupons"]["code"].to_pylist() == ["=cmd|' /C calc'!A0"]
