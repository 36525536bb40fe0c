"""The door to DuckDB: it shows the tables, only reads, and speaks plainly."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sessionkit import database, folder, questions
from sessionkit.errors import FolderError, QueryError, UsageError
from sessionkit.questions.workbench import Workbench, literal
from sessionkit.result import free_query
from sessionkit.table_files import Format
from sessionkit.tables import ALL
from tests.asking import Row, columns, source

TABLES = source({"total": "1.10"}, {"total": "2"}, coupons=[{"of": "a", "code": "x"}])


@pytest.fixture
def connection() -> Iterator[database.Connection]:
    with database.connect(TABLES) as opened:
        yield opened


def written(folder: Path, **more: pa.Table) -> Path:
    """A folder of Parquet files with its manifest."""
    folder.mkdir(parents=True)
    for name, rows in {**TABLES, **more}.items():
        pq.write_table(rows, folder / f"{name}.parquet")
    (folder / "manifest.json").write_text("{}")
    return folder


@pytest.mark.parametrize(
    ("name", "text"), [("a", '"a"'), ('a"b', '"a""b"'), ("", '""'), ("select; --", '"select; --"')]
)
def test_an_identifier_is_quoted_whatever_it_holds(name: str, text: str) -> None:
    assert database.quoted(name) == text
    table = duckdb.sql(f"select 1 as {text}" if name else "select 1 as x").to_arrow_table()
    assert table.column_names == [name or "x"]


def test_every_table_is_there_and_empty_unless_given(connection: database.Connection) -> None:
    for table in ALL:
        rows = database.run(connection, f"select * from {table.name}")
        assert rows.schema.names == list(table.names)
        assert rows.num_rows == TABLES[table.name].num_rows


def test_parameters_are_values(connection: database.Connection) -> None:
    found = database.run(
        connection, "select $a as a, $b as b", {"a": "'; --", "b": Decimal("1.10")}
    )
    assert found.to_pylist() == [{"a": "'; --", "b": Decimal("1.10")}]


def test_instants_come_out_in_utc(connection: database.Connection) -> None:
    rows = database.run(connection, "select min(created_at) as first from sessions")
    assert rows.schema.field("first").type == pa.timestamp("us", tz="UTC")


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({"session": TABLES["sessions"]}, "unknown table 'session'. Did you mean 'sessions'"),
        ({"coupons": pa.table({"code": ["x"]})}, "'coupons', column 'application_id': there is no"),
        (
            {"discounts": TABLES["discounts"].set_column(3, "value", pa.array([], pa.float64()))},
            r"column 'value': expected decimal128\(38, 18\), got double",
        ),
    ],
)
def test_tables_of_another_shape_are_refused(tables: dict[str, pa.Table], message: str) -> None:
    with pytest.raises(UsageError, match=message), database.connect(tables):
        pass


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "expected one select statement, got 'nothing'"),
        ("select 1; select 2", "expected one select statement, got 'select, select'"),
        ("drop table sessions", "expected one select statement, got 'drop'"),
        ("set threads = 1", "expected one select statement, got 'set'"),
        ("copy sessions to 'x.csv'", "expected one select statement, got 'copy'"),
        ("attach 'x.db'", "expected one select statement, got 'attach'"),
        ("begin; select 1", "expected one select statement, got 'transaction, select'"),
        ("selec 1", "syntax error at or near"),
        ("select stat from sessions", '"stat" not found .* Candidate bindings: "state"'),
        ("select * from session", "session does not exist"),
        ("select 'a'::int", "Could not convert string 'a'"),
        ("select * from read_text('/etc/passwd')", "reads the tables and nothing else"),
        ("select * from '/etc/passwd'", "passwd"),
        ("select * from TABLES", "TABLES does not exist"),
        ("with x as (insert into t select 1 returning *) select * from x", "read-only"),
        ("select sum(total * 99999999999999999999) from sessions", "past 38 digits"),
    ],
)  # fmt: skip
def test_a_query_that_is_wrong_or_would_do_more_than_read_is_refused(
    connection: database.Connection, query: str, message: str
) -> None:
    connection.execute("create table t (n integer)")
    with pytest.raises(QueryError, match=message) as raised:
        free_query(connection, query)
    assert "\n" not in str(raised.value)
    assert "Error:" not in str(raised.value)
    assert connection.sql("select count(*) from t").fetchall() == [(0,)]


@pytest.mark.parametrize(
    "query",
    [
        "select sum(total) as n from sessions",
        "  SELECT sum(total) as n FROM sessions ; ",
        "with x as (select total from sessions) select sum(total) as n from x;",
        "from sessions select sum(total) as n -- that is all",
    ],
)
def test_a_query_reads_the_tables(connection: database.Connection, query: str) -> None:
    result = free_query(connection, query)
    assert columns(result, "n") == [(Decimal("3.10"),)]
    assert result.sql == query


def test_several_queries_can_follow_one_another(connection: database.Connection) -> None:
    with pytest.raises(QueryError):
        free_query(connection, "select nonsense")
    assert len(free_query(connection, "select * from sessions")) == 2


def test_a_folder_is_read_as_files_or_as_parts(tmp_path: Path) -> None:
    folder = written(tmp_path / "it's [a*] folder?")
    whole = questions.totals(folder).table
    (folder / "sessions.parquet").unlink()
    (folder / "sessions").mkdir()
    for part in (0, 1):
        pq.write_table(
            TABLES["sessions"][part : part + 1], folder / f"sessions/part-{part}.parquet"
        )
    assert questions.totals(str(folder)).table == whole == questions.totals(TABLES).table


def test_a_folder_is_not_mistaken_for_one_that_its_name_would_match(tmp_path: Path) -> None:
    written(tmp_path / "a1", sessions=TABLES["sessions"][:0])
    found = questions.totals(written(tmp_path / "a[1]"))
    assert columns(found, "session_count") == [(2,)]


def test_a_query_over_a_folder_reads_no_other_file(tmp_path: Path) -> None:
    other = tmp_path / "other.parquet"
    pq.write_table(pa.table({"a": [1]}), other)
    with database.open_source(written(tmp_path / "folder")) as connection:
        assert len(free_query(connection, "select * from sessions")) == 2
        with pytest.raises(QueryError, match="reads the tables and nothing else"):
            free_query(connection, f"select * from '{other}'")


@pytest.mark.parametrize("written_as", ["csv", "arrow"])
def test_a_folder_of_other_files_is_asked_as_well(written_as: Format, tmp_path: Path) -> None:
    folder.write(TABLES, tmp_path, written_as)
    assert columns(questions.totals(tmp_path), "session_count") == [(2,)]
    (tmp_path / f"coupons.{written_as}").unlink()
    with pytest.raises(FolderError, match="coupons"):
        questions.totals(tmp_path)


def test_a_folder_that_is_none_or_not_finished_is_an_error(tmp_path: Path) -> None:
    def refused(message: str, path: Path) -> None:
        with pytest.raises(FolderError, match=message), database.connect_folder(path):
            pass

    refused("no such folder", tmp_path / "missing")
    refused("no Parquet tables in it", tmp_path)
    folder = written(tmp_path / "folder")
    (folder / "manifest.json").unlink()
    refused(r"no manifest\.json: the folder is not finished", folder)
    (folder / "coupons.parquet").unlink()
    refused("no coupons: the folder is not finished", folder)
    broken = written(tmp_path / "broken")
    (broken / "sessions.parquet").write_bytes(b"PAR1 nonsense PAR1")
    refused("table sessions: ", broken)
    odd = written(tmp_path / "odd", coupons=pa.table({"code": ["x"]}))
    refused("table 'coupons', column 'application_id': there is no such column", odd)


class Store:
    """A stand-in for something that keeps its tables in a DuckDB of its own."""

    def __init__(self) -> None:
        self.kept = duckdb.connect()
        for name, rows in TABLES.items():
            self.kept.register("given", rows)
            self.kept.execute(f"create table {name} as select * from given")
            self.kept.unregister("given")

    def connection(self) -> duckdb.DuckDBPyConnection:
        return self.kept


def test_a_store_is_asked_on_a_connection_that_leaves_nothing_behind() -> None:
    store = Store()
    for _ in range(2):
        assert questions.totals(store).table == questions.totals(TABLES).table
    left = store.kept.sql("select count(*) from duckdb_views() where not internal").fetchall()
    assert left == [(0,)]
    store.kept.close()


def test_a_source_that_is_none_is_an_error() -> None:
    with pytest.raises(UsageError, match="not of a list; read dumps with"):
        questions.totals([TABLES])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "value",
    [None, True, 7, Decimal("1.50"), "it's", "a\nb", ["x", None], [1, 2], []],
)
def test_a_value_is_written_as_what_is_bound(value: object) -> None:
    with database.connect({}) as connection:
        bench = Workbench(connection)
        bench.keep("v", value)
        read = f"select getvariable('v') is not distinct from {literal(value)} as same"
        assert bench.rows(read) == [{"same": True}]
        assert bench.said == [f'set variable "v" = {literal(value)};']


def test_nothing_of_a_caller_is_picked_up(connection: database.Connection) -> None:
    mine: list[Row] = [{"a": 1}]
    with pytest.raises(QueryError, match="mine does not exist"):
        free_query(connection, "select * from mine")
    assert mine


def test_a_question_opens_only_the_tables_that_it_reads(tmp_path: Path) -> None:
    folder = written(tmp_path / "folder")
    for name in ("coupons", "discounts", "cart_items"):
        (folder / f"{name}.parquet").write_bytes(b"PAR1 nonsense PAR1")
    assert len(questions.states(folder)) == 4
    assert len(questions.funnel(folder, where={"state": "open"})) == 3
    for by in ("coupon_code", "label"):
        with pytest.raises(FolderError, match=r"table (coupons|discounts): "):
            questions.states(folder, by=by)
    with pytest.raises(FolderError, match="table cart_items: "):
        questions.states(folder, where={"sku": "A"})
    with pytest.raises(FolderError, match="table discounts: "):
        questions.discount_summary(folder, by=())
    with pytest.raises(FolderError, match="table cart_items: "):
        questions.totals(folder)
