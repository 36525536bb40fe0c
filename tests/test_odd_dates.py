"""Dates at the ends of the calendar, as shifted minima and maxima of other programs give them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import sessionkit as sk
from sessionkit.errors import QueryError, UsageError
from sessionkit.years import nameless, without_nameless
from tests.reading import session

FIRST, LAST = "0001-01-01T01:00:00Z", "9999-12-31T23:59:59.999999Z"
ZONES = ["UTC", "America/New_York", "Asia/Tokyo"]


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> sk.SessionTables:
    """Three customers' sessions; one began in the first hour there is, one ended in the last."""
    own: list[dict[str, Any]] = [
        {"created": FIRST, "updated": "2026-01-02T00:00:00Z", "profileId": "a"},
        {"created": "2026-01-01T00:00:00Z", "updated": "2026-01-02T00:00:00Z", "profileId": "b"},
        {"created": "2026-03-01T00:00:00Z", "updated": LAST, "profileId": "c"},
        {"created": "9999-12-31T23:30:00Z", "updated": LAST, "profileId": "c"},
    ]
    path = tmp_path_factory.mktemp("dumps") / "dump.jsonl"
    lines = [
        session(integrationId=f"S-{number}", total=1, state="closed", firstSession=True, **members)
        for number, members in enumerate(own)
    ]
    path.write_text("\n".join(map(json.dumps, lines)))
    return sk.read(path)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("period", ["day", "week", "month", "quarter", "year"])
def test_periods_without_a_name_are_null_and_keep_their_figures(
    period: str, zone: str, tables: sk.SessionTables
) -> None:
    for compare in (None, "previous", "year"):
        rows = sk.totals(tables, by=period, tz=zone, compare=compare).table.to_pylist()
        assert sum(row["session_count"] or 0 for row in rows) == 4
    found = {row[period] for row in sk.totals(tables, by=period, tz=zone).table.to_pylist()}
    beyond = {"UTC": False, "America/New_York": True, "Asia/Tokyo": period != "week"}
    assert (None in found) == beyond[zone]


@pytest.mark.parametrize("zone", ZONES)
def test_a_page_is_made_of_any_dates(zone: str, tables: sk.SessionTables, tmp_path: Path) -> None:
    sk.report(tables, tmp_path / "report.html", tz=zone)
    assert (tmp_path / "report.html").read_text("utf-8").endswith("</html>\n")


@pytest.mark.parametrize("question", [sk.cohort_retention, sk.rfm, sk.funnel, sk.time_to_close])
def test_questions_about_times_take_any_dates(
    question: Callable[..., sk.Result], tables: sk.SessionTables
) -> None:
    found = question(tables)
    assert found.table.num_rows > 0
    assert found.to_json()
    assert str(found)


@pytest.mark.parametrize(
    ("since", "until", "compare"),
    [("0001-01-01", None, "previous"), ("0001-01-01", "0003-01-01", "year")],
)
def test_a_comparison_with_what_no_calendar_has_is_refused(
    since: str, until: str | None, compare: str, tables: sk.SessionTables
) -> None:
    with pytest.raises(UsageError, match="expected periods of the years 1 to 9999"):
        sk.totals(tables, since=since, until=until, compare=compare)


@pytest.mark.parametrize(
    "value", ["date '10000-01-01'", "timestamp '-1-01-01'", "timestamptz '294000-01-01 00:00:00Z'"]
)
def test_free_sql_that_gives_such_dates_is_told(value: str, tables: sk.SessionTables) -> None:
    with pytest.raises(QueryError, match="column 'd': expected dates of the years 1 to 9999"):
        tables.sql(f"select {value} as d")
    assert tables.sql(f"select cast({value} as varchar) as d").table.num_rows == 1


def test_only_what_has_no_name_is_taken_out() -> None:
    days = pa.array([-719_163, -719_162, 0, None, 2_932_896, 2_932_897], pa.date32())
    assert nameless(days).to_pylist() == [True, False, False, None, False, True]
    table = pa.table({"day": days, "n": range(6)})
    told = without_nameless(table)
    assert told.schema == table.schema
    assert [None if day is None else str(day) for day in told["day"].to_pylist()] == [
        None,
        "0001-01-01",
        "1970-01-01",
        None,
        "9999-12-31",
        None,
    ]
    assert told["n"].to_pylist() == [0, 1, 2, 3, 4, 5]
