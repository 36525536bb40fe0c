"""A result: exact where a program reads it, escaped where a browser does, Arrow for the rest."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from datetime import UTC, date, datetime
from decimal import Decimal

import duckdb
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessionkit import formats, questions
from sessionkit.columns import MONEY_TYPE
from sessionkit.errors import UsageError
from sessionkit.formats import formula_count
from sessionkit.result import Result
from sessionkit.session_tables import SessionTables
from tests.asking import source

MIXED = pa.table(
    {
        "label": ["<b>&\"'", None],
        "month": [date(2024, 3, 1), None],
        "total": pa.array([Decimal("-1234567.50"), None], MONEY_TYPE),
        "rate": [0.1, None],
        "count": [1234, 0],
        "whole": [True, None],
        "seen_at": pa.array(
            [datetime(2024, 3, 1, 12, tzinfo=UTC), None], pa.timestamp("us", "UTC")
        ),
    }
)
RESULT = Result(MIXED, "mixed", definition={"total": 'Σ "total"'}, notes=("a < b",))


def test_json_is_one_array_of_objects_with_exact_amounts() -> None:
    assert json.loads(RESULT.to_json()) == [
        {
            "label": "<b>&\"'", "month": "2024-03-01", "total": "-1234567.5", "rate": 0.1,
            "count": 1234, "whole": True, "seen_at": "2024-03-01T12:00:00Z",
        },
        dict.fromkeys(MIXED.column_names) | {"count": 0},
    ]  # fmt: skip


def test_json_of_no_row_is_an_empty_array() -> None:
    assert Result(MIXED[:0]).to_json() == "[]"


def test_json_tells_what_free_queries_give() -> None:
    table = pa.table(
        {
            "sum": pa.array([Decimal(5)], pa.decimal128(38, 0)),
            "nan": [float("nan")],
            "list": [[Decimal("0.10"), None]],
            "struct": [{"a": date(2024, 1, 1)}],
            "raw": [b"{\xff}"],
            "local": pa.array([datetime(2024, 1, 1)], pa.timestamp("us")),
            "micro": pa.array([datetime(2024, 1, 1, 0, 0, 0, 5, UTC)], pa.timestamp("us", "UTC")),
        }
    )
    assert json.loads(Result(table).to_json()) == [
        {
            "sum": 5, "nan": None, "list": ["0.1", None], "struct": {"a": "2024-01-01"},
            "raw": "{\\xff}", "local": "2024-01-01T00:00:00",
            "micro": "2024-01-01T00:00:00.000005Z",
        }
    ]  # fmt: skip


@given(st.decimals(-(10**20) + 1, 10**20 - 1, places=18, allow_nan=False))
def test_an_amount_in_json_is_the_amount_without_exponent_or_needless_zeros(value: Decimal) -> None:
    table = pa.table({"total": pa.array([value], MONEY_TYPE)})
    text = json.loads(Result(table).to_json())[0]["total"]
    assert Decimal(text) == value
    assert "E" not in text.upper()
    assert not ("." in text and text.endswith(("0", ".")))
    assert text == "0" or text.lstrip("-") != "0"


def test_csv_has_a_heading_empty_nulls_and_exact_amounts() -> None:
    assert RESULT.to_csv() == (
        "label,month,total,rate,count,whole,seen_at\n"
        '"<b>&""\'",2024-03-01,-1234567.5,0.1,1234,true,2024-03-01T12:00:00Z\n'
        ",,,,0,,\n"
    )


def test_csv_holds_no_formula_that_a_spreadsheet_would_run() -> None:
    told = ["=1+1", "+1", "-10% off", "@sum", "\tx", "＝1", "'=1", "10% off", "a=b", "", None]
    table = pa.table(
        {
            "=label": told,
            "total": pa.array([Decimal(-1)] * len(told), MONEY_TYPE),
            "n": [-1] * len(told),
            "raw": [b"=1"] * len(told),
        }
    )
    heads, *rows = csv.reader(io.StringIO(Result(table).to_csv(), newline=""))
    assert heads == ["'=label", "total", "n", "raw"]
    assert [row[0] for row in rows] == [
        "'=1+1", "'+1", "'-10% off", "'@sum", "'\tx", "'＝1", "''=1", "10% off", "a=b", "", "",
    ]  # fmt: skip
    assert {tuple(row[1:]) for row in rows} == {("-1", "-1", "'=1")}
    assert formula_count(table) == 7 + len(told)
    assert '"=label": "=1+1"' in Result(table).to_json()


def test_text_is_aligned_and_loses_no_digit() -> None:
    table = pa.table(
        {
            "label": ["tea\x1b[31m", "東京"],
            "total": pa.array([Decimal("33.333333333333336"), Decimal("-0.5")], MONEY_TYPE),
            "application_id": [12345, 6],
        }
    )
    assert Result(table).to_text().splitlines() == [
        "label                  total  application_id",
        "tea [31m  33.333333333333336           12345",
        "東京                    -0.5               6",
    ]


def test_text_that_is_too_wide_is_turned() -> None:
    table = pa.table({"first": ["x"], "second": ["y"]})
    assert Result(table).to_text(10) == "first   x\nsecond  y"
    assert str(Result(table)) == "first  second\nx      y"


def test_html_is_escaped_and_holds_definitions_and_notes() -> None:
    html = RESULT._repr_html_()
    assert "<b>" not in html
    assert "&lt;b&gt;&amp;&quot;&#x27;" in html
    assert 'title="Σ &quot;total&quot;"' in html
    assert "<li>a &lt; b</li>" in html
    assert "<script" not in html
    assert html.count("text-align:right") == 2 * 3 + 3


def test_html_of_many_rows_says_how_many_are_left_out() -> None:
    html = Result(pa.table({"n": list(range(1250))}))._repr_html_()
    assert html.count("<tr>") == 101
    assert "1,150 more rows are not shown." in html
    assert "not shown" not in Result(pa.table({"n": list(range(100))}))._repr_html_()
    assert "1 more row is not shown." in Result(pa.table({"n": list(range(101))}))._repr_html_()


def test_html_rounds_for_people_and_keeps_what_it_rounded() -> None:
    amounts = [Decimal(one) for one in ("33.333333333333336", "-1850", "0.001", "0", "2.50")]
    html = Result(pa.table({"total": pa.array(amounts, MONEY_TYPE)}))._repr_html_()
    cells = re.findall(r"<td[^>]*>([^<]*)</td>", html)
    assert cells == ["33.33", "-1,850.00", "0.001", "0.00", "2.50"]
    assert re.findall(r'<td[^>]* title="([^"]*)"', html) == ["33.333333333333336", "0.001"]


def test_shares_of_a_question_are_percentages_and_seconds_lengths_of_time() -> None:
    table = pa.table(
        {"discount_rate": [0.12345], "median_seconds": [5400.0], "rate_difference": [-0.01]}
    )
    told = Result(table, definition=dict.fromkeys(table.column_names, "x"))
    assert re.findall(r"<td[^>]*>([^<]*)</td>", told._repr_html_()) == [
        "12.35%",
        "1.5 h",
        "-1.00 pp",
    ]
    assert told.to_text().splitlines()[1].split() == ["12.35%", "1.5", "h", "-1.00", "pp"]
    plain = Result(table)  # nobody has said what these columns are
    assert plain.to_text().splitlines()[1].split() == ["0.1235", "5,400", "-0.01"]


def test_html_cuts_a_text_that_nobody_reads_and_marks_totals() -> None:
    table = pa.table({"is_total": [False, True], "label": ["x" * 500, None]})
    html = Result(table)._repr_html_()
    assert "x" * 199 + "…</td>" in html
    assert html.count('font-weight:600"><td') == 1
    assert html.index('font-weight:600"><td') > html.index("x…</td>")


def test_text_that_does_not_fit_a_narrow_terminal_is_cut() -> None:
    table = pa.table({"label": ["word " * 20], "total": [Decimal("1234567.25")]})
    lines = Result(table).to_text(30).splitlines()
    assert lines == ["label  word word word word wo…", "total             1,234,567.25"]


def test_anything_that_takes_arrow_takes_a_result() -> None:
    assert pa.table(RESULT) == MIXED
    assert pl.DataFrame(RESULT).equals(RESULT.to_polars())
    assert RESULT.to_polars()["total"][0] == Decimal("-1234567.5")
    assert RESULT.to_polars().schema["total"] == pl.Decimal(38, 18)


def test_tables_and_results_are_found_by_duckdb_and_polars() -> None:
    tables = SessionTables.of(source({}, {}))
    result, sessions = questions.states(tables), tables.sessions
    assert duckdb.sql("from sessions select count(*)").fetchall() == [(2,)]
    assert duckdb.sql("from result select sum(session_count)").fetchall() == [(2,)]
    assert pl.from_arrow(result.table).equals(result.to_polars())
    structs = pl.from_arrow(result)  # what polars makes of any stream that is no pyarrow.Table
    assert isinstance(structs, pl.Series)
    assert structs.struct.unnest().equals(result.to_polars())
    assert pl.DataFrame(sessions).height == len(sessions)


def test_a_result_tells_its_size_and_is_never_false() -> None:
    empty = Result(MIXED[:0], "mixed")
    assert (len(RESULT), len(empty), bool(empty)) == (2, 0, True)
    assert (repr(RESULT), repr(Result(MIXED[:1], "one"))) == (
        "Result(mixed: 2 rows × 7 columns)",
        "Result(one: 1 row × 7 columns)",
    )


@pytest.mark.parametrize(
    ("package", "method"), [("pandas", "to_pandas"), ("altair", "chart"), ("polars", "to_polars")]
)
def test_a_package_that_is_missing_is_named(
    package: str, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(UsageError, match=f"{method}\\(\\) needs {package}: run `pip install"):
        getattr(RESULT, method)()


def test_a_frame_of_pandas_keeps_every_digit() -> None:
    frame = RESULT.to_pandas()
    assert list(frame.columns) == MIXED.column_names
    assert frame["total"][0] == Decimal("-1234567.5")


def test_amounts_of_any_size_are_written_in_full() -> None:
    for text in ("0", "-0.000000000000000001", "99999999999999999999.999999999999999999", "100"):
        assert formats.amount(Decimal(text)) == text
