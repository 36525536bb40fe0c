"""Reconciling: our figures beside Talon.One's, and no cause but one that closes the gap."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from decimal import Decimal, localcontext
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pytest
from click.testing import CliRunner

import sessionkit as sk
from sessionkit.analytics import read_analytics
from sessionkit.cli import main
from sessionkit.errors import ReadError, UsageError
from sessionkit.generate import generate
from tests import oracle_reconcile as plain
from tests.asking import at, columns, source
from tests.builders import shop
from tests.oracle_reconcile import FIGURES, Way

HEADER = (
    "campaign_id,start_date,end_date,revenue,sessions,average_session_value,"
    "average_items_per_session,coupons,discounts\n"
)
MARCH, MAY = datetime(2024, 3, 1, tzinfo=UTC), datetime(2024, 5, 20, tzinfo=UTC)
FEBRUARY = "2025-02-01T00:00:00+00:00,2025-03-01T00:00:00+00:00"


def export(*rows: str) -> io.StringIO:
    return io.StringIO(HEADER + "".join(f"{row}\n" for row in rows))


def closed(when: str, total: str, **more: Any) -> dict[str, Any]:
    return {
        "created_at": at("2025-01-20"), "closed_at": at(when), "total": total,
        "items_total": total, "unit_count": 2, "line_count": 1, "times_known": True, **more,
    }  # fmt: skip


SHOP = source(
    closed("2025-02-01T00:00", "10.10"),
    closed("2025-02-28T23:59:59", "20", items_total="15", unit_count=5),
    closed("2025-02-10", "5", state="partially_returned"),
    closed("2025-03-01T00:00", "100"),
    closed("2025-02-10", "1000", state="cancelled"),
    closed("2025-02-10", "10000", state="open"),
)
"""Three sessions of February, one partly returned, one with costs of 5; one of March; two gone."""


def test_every_figure_of_three_sessions() -> None:
    found = sk.reconcile(SHOP, export(f"Total,{FEBRUARY},35.10,3,11.70,3.00,N/A,N/A"))
    shown = columns(found, "figure", "basis", "partially_returned", "ours", "theirs", "agrees")
    third = Decimal("10.033333333333333333")
    D = Decimal
    assert shown == [
        ("sessions", None, "in", D(3), D(3), True),
        ("sessions", None, "out", D(2), D(3), False),
        ("revenue", "total", "in", D("35.10"), D("35.10"), True),
        ("revenue", "total", "out", D("30.10"), D("35.10"), False),
        ("revenue", "items", "in", D("30.10"), D("35.10"), False),
        ("revenue", "items", "out", D("25.10"), D("35.10"), False),
        ("average_session_value", "total", "in", D("11.7"), D("11.70"), True),
        ("average_session_value", "total", "out", D("15.05"), D("11.70"), False),
        ("average_session_value", "items", "in", third, D("11.70"), False),
        ("average_session_value", "items", "out", D("12.55"), D("11.70"), False),
        ("average_items_per_session", None, "in", D(3), D(3), True),
        ("average_items_per_session", None, "out", D("3.5"), D(3), False),
        ("coupons", None, None, None, None, None),
        ("discounts", None, None, None, None, None),
    ]
    assert columns(found, "difference", "cause")[:6] == [
        (D(0), None),
        (D(-1), "with-partially-returned"),
        (D(0), None),
        (D(-5), "with-partially-returned"),
        (D(-5), "total-basis"),
        (D(-10), "total-basis+with-partially-returned"),
    ]
    assert set(found.definition) == set(found.table.column_names)
    assert any("coupons and discounts need effects" in note for note in found.notes) is False


@pytest.mark.parametrize(
    ("row", "cause"),
    [
        ("1035.10,4,258.78,2.75", "with-cancelled"),
        ("135.10,4,33.78,2.75", "last-day-in"),
        ("35.10,3,11.70,1.00", "lines"),
        ("30.10,3,10.03,3.00", "items-basis"),
        ("30.10,2,15.05,3.50", "without-partially-returned"),
        ("25.10,2,12.55,3.50", "items-basis+without-partially-returned"),
        ("35.11,3,11.70,3.00", "unexplained"),
        ("1.00,7,99.00,9.00", "unexplained"),
    ],
)
def test_a_cause_is_what_closes_the_gap(row: str, cause: str) -> None:
    found = sk.reconcile(SHOP, export(f"Total,{FEBRUARY},{row},N/A,N/A"))
    first = {
        figure: why
        for figure, basis, returned, why in columns(
            found, "figure", "basis", "partially_returned", "cause"
        )
        if basis in ("total", None) and returned == "in"
    }
    named = {why.split(" or ")[0] for why in first.values() if why is not None}
    assert cause in named
    assert named <= {cause, *cause.split("+")}


def test_rows_of_campaigns_have_no_figure_of_ours() -> None:
    found = sk.reconcile(SHOP, export(f"Influenced,{FEBRUARY},20.00,1,20.00,5.00,3,1.50"))
    assert columns(found, "figure", "theirs") == [
        ("sessions", Decimal(1)),
        ("revenue", Decimal(20)),
        ("average_session_value", Decimal(20)),
        ("average_items_per_session", Decimal(5)),
        ("coupons", Decimal(3)),
        ("discounts", Decimal("1.5")),
    ]
    assert found.table["ours"].null_count == found.table["cause"].null_count == 6
    assert any("need effects" in note for note in found.notes)


def test_several_applications_are_told_and_not_added() -> None:
    two = source(
        closed("2025-02-03", "10", application_id=1), closed("2025-02-04", "7", application_id=2)
    )
    row = f"Total,{FEBRUARY},7.00,1,7.00,2.00,N/A,N/A"
    found = sk.reconcile(two, export(row))
    assert columns(found, "figure", "ours", "agrees", "cause")[:3] == [
        ("sessions", Decimal(2), False, "application-2"),
        ("sessions", Decimal(2), False, "application-2"),
        ("revenue", None, None, "application-2"),
    ]
    assert any("application_id=1" in note for note in found.notes)
    one = sk.reconcile(two, export(row), where={"application_id": 2})
    assert set(one.table["agrees"].to_pylist()[:4]) == {True}
    both = sk.reconcile(two, export(row), currencies="EUR")
    assert columns(both, "ours")[2] == (Decimal(17),)


def test_sessions_without_a_closing_time_are_told() -> None:
    lost = source({"total": "9", "unit_count": 1, "updated_at": at("2025-02-03")})
    found = sk.reconcile(lost, export(f"Total,{FEBRUARY},9.00,1,9.00,1.00,N/A,N/A"))
    assert columns(found, "ours", "cause")[0] == (Decimal(0), "updated-at")
    assert any(note.startswith("1 completed session has no closed_at") for note in found.notes)


def test_no_row_is_an_answer_with_the_same_columns() -> None:
    empty = sk.reconcile(SHOP, export())
    assert len(empty) == 0
    full = sk.reconcile({}, export(f"Total,{FEBRUARY},0.00,0,0.00,0.00,N/A,N/A"))
    assert empty.table.schema == full.table.schema
    assert columns(full, "ours", "agrees", "cause")[:3] == [(Decimal(0), True, None)] * 3
    assert columns(full, "figure", "ours", "agrees")[6] == ("average_session_value", None, True)


@pytest.mark.parametrize(
    "given",
    [{"by": "month"}, {"since": "2025-01-01"}, {"tz": "Europe/Berlin"}, {"population": "all"},
     {"time_basis": "created"}, {"compare": "year"}, {"total_row": True}],
)  # fmt: skip
def test_what_the_export_says_is_no_argument(given: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=f"reconcile takes no {next(iter(given))}"):
        sk.reconcile(SHOP, export(), **given)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        ("integrationid,applicationid\na,1\n", "expected a campaign analytics export, got a sess"),
        (HEADER + f"Total,{FEBRUARY},x,1,1,1,1,1\n", "row 1: revenue: expected a decimal .* 'x'"),
        (HEADER + f"Total,{FEBRUARY},1,1.5,1,1,1,1\n", "sessions: expected a whole .* '1.5'"),
        (HEADER + "Total,2025-02-01,2025-02-01,1,1,1,1,1,1\n", "start_date is not before end"),
        (HEADER + "Total,soon,2025-02-01,1,1,1,1,1,1\n", "start_date: expected a time"),
        (HEADER + ",2025-01-01,2025-02-01,1,1,1,1,1,1\n", "campaign_id: expected a value"),
        (HEADER + "Total,2025-01-01\n", "row 1: expected 9 cells, got 2"),
    ],
)
def test_an_export_that_is_none_is_told(text: str, message: str) -> None:
    with pytest.raises(ReadError, match=message):
        read_analytics(io.StringIO(text))


def test_the_export_is_read_exactly_and_several_are_one() -> None:
    one = f"Total,{FEBRUARY},12345678901234567890.12,1,0.1,10,N/A,"
    found = read_analytics([export(one), export(one, one)])
    assert found["revenue"].to_pylist() == [Decimal("12345678901234567890.12")] * 3
    assert found["average_items_per_session"].to_pylist() == [Decimal(10)] * 3
    assert found["coupons"].null_count == found["discounts"].null_count == 3
    assert read_analytics(found) is found


# --- against plain Python -----------------------------------------------------------------------


def written(figures: dict[str, Fraction | None]) -> str:
    cells = [plain.cents(figures["revenue"]), str(figures["sessions"])]
    cells += [plain.cents(figures[name]) for name in FIGURES[2:]]
    return ",".join(cells)


def known(tables: dict[str, pa.Table]) -> dict[str, pa.Table]:
    """The same with all discounts known, so that figures net of them can be told."""
    sessions = tables["sessions"]
    rows = sessions.to_pylist()
    for row in rows:
        row["discount_total"] = row["discount_total"] or Decimal(0)
        row["discounts_known"] = True
    return {**tables, "sessions": pa.Table.from_pylist(rows, sessions.schema)}


@pytest.mark.parametrize("seed", range(24))
def test_figures_and_causes_equal_those_of_plain_python(seed: int) -> None:
    dice = Random(seed)
    tables = known(shop(seed, 150))
    mine = {270} if seed % 3 else {270, 322, 500}
    change = dice.choice([*plain.CHANGES, *(["application-322"] if len(mine) > 1 else [])])
    planted = Way(dice.choice(("total", "items")), dice.choice(("in", "out")), change)
    theirs = plain.figures(tables, planted, MARCH, MAY, mine)
    row = f"Total,{MARCH:%Y-%m-%d},{MAY:%Y-%m-%dT00:00:00Z},{written(theirs)},N/A,N/A"
    where = {"application_id": sorted(mine)}
    found = sk.reconcile(tables, export(row), where=where, currencies="EUR").table.to_pylist()
    for one in found[:12]:
        way = Way(one["basis"] or planted.basis, one["partially_returned"], "none")
        check(one, way, plain.figures(tables, way, MARCH, MAY, mine), planted)
        if one["agrees"]:
            continue
        assert one["cause"] != "unexplained"
        for cause in one["cause"].split(" or "):
            other = changed(way, cause)
            its = plain.figures(tables, other, MARCH, MAY, mine)
            assert plain.same(one["figure"], its[one["figure"]], one["theirs"]), (cause, one)


def check(one: dict[str, Any], way: Way, ours: dict[str, Fraction | None], planted: Way) -> None:
    value = ours[one["figure"]]
    assert one["ours"] == (None if value is None else plain.exact(value)), one
    assert bool(one["agrees"]) == plain.same(one["figure"], value, one["theirs"])
    with localcontext(prec=80):
        gap = None if value is None else one["ours"] - one["theirs"]
    assert one["difference"] == gap
    if way == planted:
        assert one["agrees"]
        assert one["cause"] is None


def changed(way: Way, cause: str) -> Way:
    for code in cause.split("+") if not cause.startswith("utc") else [cause]:
        if code.endswith("-basis"):
            way = way._replace(basis=code.removesuffix("-basis"))
        elif code.endswith("partially-returned"):
            way = way._replace(returned="in" if code.startswith("with-") else "out")
        else:
            way = way._replace(change=code)
    return way


# --- the whole way ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("made")
    return generate(out, sessions=900, seed=5, dialects=["csv_export", "v1_session"], defects=True)


def test_what_is_generated_agrees_or_differs_as_the_answers_say(made: Path) -> None:
    answers = json.loads((made / "answers.json").read_text("utf-8"))["campaign_analytics"]
    tables = sk.read(str(made / "dumps"))
    assert [one["file"] for one in answers] == [
        f"campaign_analytics/{number}{ending}.csv"
        for ending in ("", "_differs")
        for number in (270, 322, 415)
    ]
    causes = set()
    for one in answers:
        where = {"application_id": one["application_id"]}
        found = sk.reconcile(tables, made / one["file"], where=where).table.to_pylist()
        assert len(found) == 14 * len(one["rows"])
        for place, truth in enumerate(one["rows"]):
            mine = [row for row in found[14 * place :][:12] if row["partially_returned"] == "in"]
            rows = {(row["figure"], row["basis"]): row for row in mine if row["basis"] != "items"}
            assert rows["sessions", None]["ours"] == truth["sessions"]
            assert rows["revenue", "total"]["ours"] == Decimal(truth["revenue"])
            named = {row["cause"] for row in rows.values()} - {None}
            assert bool(named) == (truth["cause"] is not None), (one["file"], truth)
            for cause in named:
                assert truth["cause"] in cause.split(" or "), (one["file"], truth)
            causes.add(truth["cause"])
    assert {"with-cancelled", "items-basis", "created-at", "unexplained", None} <= causes


def test_without_closing_times_there_is_nothing_to_export(tmp_path: Path) -> None:
    out = generate(tmp_path, sessions=20, dialects=["v1_session"])
    assert not (out / "campaign_analytics").exists()
    assert "campaign_analytics" not in json.loads((out / "answers.json").read_text("utf-8"))


def test_the_command_prints_the_same(made: Path) -> None:
    file = made / "campaign_analytics" / "270.csv"
    ended = CliRunner().invoke(
        main,
        ["reconcile", str(made / "dumps" / "csv_export" / "270_export_2026-02.csv"), "--analytics",
         str(file), "--format", "json", "-q", "--allow-rejects", "100"],
    )  # fmt: skip
    assert ended.exit_code == 0, ended.stderr
    rows = json.loads(ended.stdout)
    assert len(rows) == 14
    assert rows[0]["figure"] == "sessions"
    missing = CliRunner().invoke(main, ["reconcile", str(made / "dumps")])
    assert missing.exit_code == 2
    assert "--analytics" in missing.stderr
