"""Every question gives through Spark what the embedded engine gives, over the same folders."""

from __future__ import annotations

import io
import math
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import sessionkit as sk
from sessionkit import folder, questions
from sessionkit.errors import SessionkitError
from sessionkit.generate import generate
from sessionkit.questions import QUESTIONS
from sessionkit.result import Result
from sessionkit.spark import asking
from sessionkit.spark.source import SETTINGS
from tests.asking import at, source
from tests.builders import shop
from tests.histories import moments, shop_with_history
from tests.test_questions_oracle import CASES, arguments
from tests.trades import shop_with_effects

Row = dict[str, Any]
Homes = Callable[[str], Path]

BETWEEN = {
    "median_session_value",
    "median_discount",
    "p90_discount",
    "median_seconds",
    "p90_seconds",
    "median_age_seconds",
}
"""Doubles between two values: DuckDB multiplies and adds in one step, as no function of Spark does,
and takes amounts as doubles of their last digit. So the last bit, or the one before, may differ."""

MEANS = {"avg_depth"}
"""Means of doubles: DuckDB adds them up as doubles in their order, Spark as decimals, in none."""

CODES = {270: "EUR", 322: "EUR", 500: "USD"}


@pytest.fixture(autouse=True)
def small(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare Spark what only pays for more than a few rows: compiling, and planning anew."""
    if "as_users_run_it" not in request.node.name:
        for name, value in SMALL.items():
            monkeypatch.setitem(SETTINGS, name, value)


SMALL = {
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.codegen.wholeStage": "false",
}


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Homes:
    """Folders of tables by name, each made when it is first wanted."""
    made: dict[str, Path] = {}
    kinds: dict[str, Callable[[int], Any]] = {
        "shop": shop,
        "history": shop_with_history,
        "effects": shop_with_effects,
        "odd": lambda _: _odd(),
        "none": lambda _: {},
    }

    def home(name: str) -> Path:
        if name not in made:
            out = tmp_path_factory.mktemp("folder") / "tables"
            kind, _, seed = name.partition(" ")
            if kind == "dumps":
                dumps = generate(out.parent / "made", sessions=120, seed=int(seed), defects=True)
                made[name] = sk.to_folder(dumps / "dumps", output=out, progress=False)
            else:
                made[name] = folder.write(kinds[kind](int(seed or 0)), out)
        return made[name]

    return home


def _odd() -> dict[str, Any]:
    """Sessions with values at the ends of what there can be."""
    fine, great = Decimal("0.000000000000000001"), Decimal("12345678901234567.891234567890123457")
    return source(
        {
            "total": fine,
            "discounts_known": True,
            "discount_total": fine,
            "created_at": at("2024-03-31T00:59:59.999999"),
        },
        {"total": great, "created_at": at("2024-03-31T01:00:00"), "profile_id": "it's"},
        {"total": -great + fine, "created_at": at("1999-12-31T23:59:59"), "profile_internal_id": 7},
        {"total": Decimal("33.333333333333333333"), "profile_id": "ünï\n", "store_id": ""},
        {"total": None, "state": "open", "profile_id": "guest-1", "first_session": True},
        {"total": Decimal("-0.5"), "state": "cancelled", "coupon_codes": ["A\\b", "\u2028"]},
        coupons=[{"of": "f", "code": "A\\b"}, {"of": "f", "code": "\u2028"}],
        cart_items=[
            {"of": "b", "line": 0, "sku": "x", "quantity": 3, "price": Decimal("0.1") + fine},
            {"of": "b", "line": 1, "sku": "X", "quantity": 10**9, "price": Decimal("-7.7")},
            {"of": "c", "line": 0, "sku": "x", "quantity": 2, "price": fine},
        ],
        attributes=[
            {"of": "a", "name": "n", "kind": "number", "value": "5.0"},
            {"of": "b", "name": "n", "kind": "number", "value": "5"},
            {"of": "c", "name": "n", "kind": "number", "value": "0.100"},
            {"of": "d", "name": "n", "kind": "string", "value": '"5\\u00e9 \\"q\\""'},
            {"of": "e", "name": "n", "kind": "list", "value": '["5", 5.0, true, null, "b", 1e2]'},
        ],
    )  # fmt: skip


def told(question: Callable[..., Result], *given: Any, **arguments: Any) -> Result | str:
    """The answer, or what is said instead."""
    try:
        return question(*given, **arguments)
    except SessionkitError as error:
        return str(error)


def check(spark: Any, name: str, home: Path, given: Row) -> None:
    """Ask both engines, and compare all that they tell but the text that ran."""
    mine = told(getattr(questions, name), home, **given)
    other = told(getattr(asking, name), spark, home, **given)
    if isinstance(mine, str) or isinstance(other, str):
        assert other == mine
        return
    assert other.table.schema.remove_metadata() == mine.table.schema.remove_metadata()
    assert other.notes == mine.notes
    assert dict(other.definition) == dict(mine.definition)
    assert other.question == mine.question
    rows, others = mine.table.to_pylist(), other.table.to_pylist()
    assert len(others) == len(rows)
    for one, two in zip(rows, others, strict=True):
        for column, value in one.items():
            assert _same(column, value, two[column]), (column, value, two[column], one)


def _same(column: str, value: Any, other: Any) -> bool:
    if value == other or not (isinstance(value, float) and isinstance(other, float)):
        return bool(value == other)
    bare = column.removesuffix("_before").removesuffix("_difference").removesuffix("_change")
    if bare not in BETWEEN | MEANS:
        return False
    if column.endswith(("_difference", "_change")):
        return math.isclose(value, other, rel_tol=1e-9, abs_tol=1e-9)
    if bare in MEANS:
        return math.isclose(value, other, rel_tol=1e-14)
    # between a negative and a positive amount little is left, and of that more may differ
    return math.isclose(value, other, rel_tol=2 * math.ulp(1.0), abs_tol=1e-13)


def _spread() -> list[tuple[str, str, Row]]:
    """Each of the common cases with a question or two, so that each question comes to some."""
    names = list(QUESTIONS)
    cases = [(name, {"by": (), **arguments(case)}) for name, case in CASES.items()]
    return [
        (names[(place * step + start) % len(names)], name, given)
        for step, start in ((1, 0), (5, 6))
        for place, (name, given) in enumerate(cases)
        if step == 1 or place % 7 == 0
    ]


@pytest.mark.parametrize(("name", "case", "given"), _spread(), ids=str)
def test_common_arguments(spark: Any, homes: Homes, name: str, case: str, given: Row) -> None:
    check(spark, name, homes(f"shop {len(case) % 2}"), given)


OWN: list[tuple[str, str, Row]] = [
    ("outcomes", "shop 1", {"timeout": "5d", "by": "application_id"}),
    ("funnel", "shop 1", {"window": "36h", "by": "month", "as_of": at("2030-01-01")}),
    ("discount_summary", "effects 1", {"by": ["application_id", "label", "month"]}),
    ("discount_summary", "shop 1", {"by": ["base_label"], "population": "all", "total_row": True}),
    ("discount_stacks", "effects 2", {"limit": 2, "by": "application_id"}),
    ("coupon_summary", "effects 1", {"coupon_pattern": "^[A-Z]+", "timeout": "5d"}),
    ("referral_summary", "effects 2", {"total_row": True}),
    ("coupon_rejections", "effects 2", {"total_row": True, "by": "application_id"}),
    ("campaign_summary", "effects 1", {"total_row": True, "effects_complete": True}),
    ("totals", "effects 1", {"effects_complete": True, "by": "discounted"}),
    ("cohort_retention", "shop 2", {"period": "week", "by": "first_discounted"}),
    ("cohort_retention", "shop 1", {"period": "quarter", "tz": "America/New_York"}),
    ("rfm", "shop 1", {"money": "net", "by": "application_id"}),
    ("top_items", "shop 1", {"of": "category", "rank_by": "units", "limit": 3, "by": "month"}),
    ("top_items", "shop 2", {"of": "product", "limit": None, "total_row": True}),
    ("identifier_overlap", "shop 1", {"of": ["identifier", "coupon"], "show": True}),
    ("identifier_overlap", "shop 1", {"max_sharing": 2, "salt": "s", "population": "all"}),
    ("identifier_overlap", "shop 2", {"of": "coupon", "show": True, "by": "application_id"}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "home", "given"), OWN, ids=str)
def test_own_arguments(spark: Any, homes: Homes, name: str, home: str, given: Row) -> None:
    check(spark, name, homes(home), given)


COMPARED: list[tuple[str, Row]] = [
    ("totals", {"since": "2024-04-01", "until": "2024-05-01", "compare": "previous"}),
    ("totals", {"by": "week", "compare": "year", "tz": "Europe/Berlin", "currencies": CODES}),
    ("states", {"by": "month", "compare": "previous", "total_row": True}),
    ("discount_summary", {"by": ["label", "day"], "compare": "year", "currencies": CODES}),
    ("customer_summary", {"by": ["month"], "compare": ["2024-03", "2024-04"]}),
    ("top_items", {"since": "2024-04-01", "compare": "previous", "limit": 3}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "given"), COMPARED, ids=str)
def test_comparisons(spark: Any, homes: Homes, name: str, given: Row) -> None:
    check(spark, name, homes("shop 1"), given)


@pytest.mark.parametrize("name", ["funnel", "outcomes", "time_to_close", "transitions"])
def test_histories_now_and_then(spark: Any, homes: Homes, name: str) -> None:
    when = moments(shop_with_history(3))
    check(spark, name, homes("history 3"), {"by": "application_id"})
    check(spark, name, homes("history 3"), {"as_of": when[-2], "total_row": True})


@pytest.mark.parametrize("name", ["totals", "discount_depth", "rfm", "top_items", "transitions"])
def test_odd_values(spark: Any, homes: Homes, name: str) -> None:
    given: Row = {"by": ["attributes.n", "day"], "tz": "Europe/Berlin", "population": "all"}
    check(spark, name, homes("odd"), {**given, "guests": "^guest|\\n$"})


@pytest.mark.parametrize("name", ["states", "discount_summary", "coupon_summary", "rfm"])
def test_nothing(spark: Any, homes: Homes, name: str) -> None:
    check(spark, name, homes("none"), {"by": "month", "total_row": True})


@pytest.mark.parametrize("name", ["totals", "outcomes", "campaign_summary", "discount_stacks"])
def test_generated_dumps(spark: Any, homes: Homes, name: str) -> None:
    check(spark, name, homes("dumps 5"), {"by": ["application_id"]})


@pytest.mark.parametrize("name", ["totals", "discount_depth", "identifier_overlap"])
def test_as_users_run_it(spark: Any, homes: Homes, name: str) -> None:
    check(spark, name, homes("shop 2"), {"by": "month", "tz": "Europe/Berlin", "guests": "^guest"})


def test_analytics_are_reconciled(spark: Any, homes: Homes) -> None:
    head = "campaign_id,start_date,end_date,revenue,sessions,coupons,discounts\n"
    rows = "Total,2024-03-01,2024-04-01,1.00,1,N/A,N/A\nInfluenced,2024-03-01,2024-04-01,1,1,1,1\n"
    export = head + rows + "7,2024-03-01,2024-04-01,1.00,1,1,1\n"
    for home in ("effects 1", "shop 1"):
        mine = questions.reconcile(homes(home), io.StringIO(export))
        other = asking.reconcile(spark, homes(home), io.StringIO(export))
        assert other.table.to_pylist() == mine.table.to_pylist()
        assert other.notes == mine.notes


FAULTS: list[tuple[str, Row]] = [
    ("totals", {"by": "stat"}),
    ("totals", {"by": "attributes.no"}),
    ("totals", {"guests": "(("}),
    ("rfm", {"compare": "previous"}),
    ("coupon_summary", {"as_of": at("2000-01-01")}),
    ("outcomes", {"as_of": at("2024-03-20")}),
]


@pytest.mark.parametrize(("name", "given"), FAULTS, ids=str)
def test_faults_are_told_alike(spark: Any, homes: Homes, name: str, given: Row) -> None:
    said = told(getattr(asking, name), spark, homes("shop 1"), **given)
    assert isinstance(said, str)
    assert said == told(getattr(questions, name), homes("shop 1"), **given)


def test_sums_past_38_digits_are_told(spark: Any, tmp_path: Path) -> None:
    most = Decimal("99999999999999999999.999999999999999999")
    home = folder.write(source({"total": most}, {"total": most}), tmp_path / "tables")
    said = told(asking.totals, spark, home)
    assert said == told(questions.totals, home)


def test_a_folder_that_is_none_is_told(spark: Any, tmp_path: Path) -> None:
    for home in (tmp_path / "gone", tmp_path):
        assert told(asking.totals, spark, home) == told(questions.totals, home)


def test_the_text_that_ran_keeps_values_apart_and_secrets_out(spark: Any, homes: Homes) -> None:
    result = asking.totals(spark, homes("shop 1"), where={"store_id": "it's; --"})
    assert ":where_1" in result.sql
    assert "-- :where_1 = ['it''s; --']" in result.sql
    hidden = asking.identifier_overlap(spark, homes("shop 1"), salt="much-too-secret")
    assert "much-too-secret" not in hidden.sql


def test_commands_ask_through_spark(homes: Homes) -> None:
    home = homes("shop 1")
    given = ["--by", "month", "--format", "json", "-q"]
    run = _command("totals", str(home), *given, "--engine", "spark", "--master", "local[1]")
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip() == questions.totals(home, by="month").to_json()


def test_commands_say_what_spark_cannot_be_asked_of(homes: Homes, tmp_path: Path) -> None:
    run = _command("totals", str(tmp_path), "--engine", "spark")
    assert (run.returncode, run.stdout) == (2, "")
    assert "no folder that flatten wrote" in run.stderr
    run = _command("totals", str(homes("shop 1")), "--master", "local[1]")
    assert run.returncode == 2
    assert "it needs --engine spark" in run.stderr


def _command(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sessionkit", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
