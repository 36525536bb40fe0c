"""Effects in the questions: which of them count, what campaigns did, what became of coupons."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from click.testing import CliRunner

import sessionkit as sk
from sessionkit import questions
from sessionkit.cli import main
from sessionkit.errors import UsageError
from sessionkit.generate import generate
from sessionkit.result import Result
from tests.asking import Row, at, columns, source
from tests.oracle_facts import exact

D = Decimal
BOUGHT: Row = {"created_at": at("2024-01-01"), "updated_at": at("2024-01-03"), "total": "100"}


def event(number: int, kind: str, *effects: Row, of: str = "a") -> list[Row]:
    """The effects of an event of a session, on the day of its number."""
    told = {
        "of": of,
        "event_id": number,
        "event_type": f"talon_session_{kind}",
        "created_at": at(f"2024-01-{number:02}"),
    }
    return [{**told, "place": place, **one} for place, one in enumerate(effects)]


def response(day: int, state: str, *effects: Row, of: str = "a") -> list[Row]:
    """The effects beside a session in a response."""
    version = at(f"2024-01-{day:02}")
    told = {"of": of, "version_at": version, "created_at": version, "state": state}
    return [{**told, "place": place, **one} for place, one in enumerate(effects)]


def off(value: str, label: str = "Summer", campaign: int | None = 1, **more: Any) -> Row:
    """A discount; of one item where it has a position."""
    kind = "setDiscountPerItem" if "position" in more else "setDiscount"
    told = {"effect_type": kind, "campaign_id": campaign, "label": label, "value": value}
    return {**told, **more}


def back(value: str, label: str = "Summer", campaign: int | None = 1, **more: Any) -> Row:
    return {**off(value, label, campaign, **more), "effect_type": "rollbackDiscount"}


def does(kind: str, campaign: int | None = 1, **more: Any) -> Row:
    return {"effect_type": kind, "campaign_id": campaign, **more}


def shop(*effects: list[Row], **session: Any) -> dict[str, pa.Table]:
    """One session, and its effects."""
    return source({**BOUGHT, **session}, effects=[row for rows in effects for row in rows])


def told(result: Result, *names: str) -> list[tuple[Any, ...]]:
    return columns(result, "campaign_id", *(names or ("session_count", "discount_total")))


EVALUATED: dict[str, tuple[dict[str, pa.Table], list[tuple[Any, ...]]]] = {
    "effects sent again at each update": (
        shop(
            event(1, "created", off("10")),
            event(2, "updated", off("10"), off("3", "Tea")),
            event(3, "closed", off("10"), off("3", "Tea")),
        ),
        [(1, 1, D(13))],
    ),
    "what is not sent again is gone": (
        shop(event(1, "created", off("10"), off("5", campaign=2)), event(2, "closed", off("10"))),
        [(1, 1, D(10))],
    ),
    "without a closing the last update": (
        shop(event(2, "updated", off("4")), event(1, "created", off("9")), state="open"),
        [(1, 1, D(4))],
    ),
    "a closing goes before an update that is told later": (
        shop(event(1, "closed", off("10")), event(2, "updated", off("4"))),
        [(1, 1, D(10))],
    ),
    "after a reopening what came after it": (
        shop(
            event(1, "closed", off("10")),
            event(2, "reopened", back("10")),
            event(3, "updated", off("4", campaign=2)),
            state="open",
        ),
        [(2, 1, D(4))],
    ),
    "a reopening and nothing after it": (
        shop(
            event(1, "closed", off("10"), does("updateAttribute", 5)),
            event(2, "reopened", back("10")),
            state="open",
        ),
        [(5, 1, D(0))],
    ),
    "what a rollback after revoking takes back": (
        shop(
            event(1, "closed", off("10"), off("5", "Tea", 2), does("addFreeItem", 2)),
            event(2, "revoked", back("10"), back("5", "Tea", 2)),
            state="cancelled",
        ),
        [(2, 1, D(0))],
    ),
    "the same name in two campaigns": (
        shop(
            event(1, "closed", off("10"), off("20", campaign=2)),
            event(2, "partially_returned", back("7", campaign=2)),
        ),
        [(1, 1, D(10)), (2, 1, D(13))],
    ),
    "the same name at two places of the cart": (
        shop(
            event(
                1,
                "closed",
                off("3", "Tea#1", position=1, sub_position=0),
                off("3", "Tea#1", position=1, sub_position=1),
                off("3", "Tea#2", position=2),
            ),
            event(2, "partially_returned", back("3", "Tea#1", position=1, sub_position=1)),
            event(3, "partially_returned", back("1", "Tea#2", position=2)),
        ),
        [(1, 1, D(5))],
    ),
    "more than was given cannot be taken back": (
        shop(
            event(1, "closed", off("3"), off("4"), off("1", "Tea")),
            event(2, "partially_returned", back("5")),
            event(3, "revoked", back("5"), back("5", "Cup")),
        ),
        [(1, 1, D(1))],
    ),
    "what is taken back of two of one name is taken back once": (
        shop(event(1, "closed", off("3"), off("4")), event(2, "revoked", back("5"))),
        [(1, 1, D(2))],
    ),
    "rollbacks of the evaluation that counts are older": (
        shop(event(1, "updated", off("3")), event(2, "closed", off("4"), back("3"))),
        [(1, 1, D(4))],
    ),
    "what calls, tells, rejects or fails holds nothing": (
        shop(
            event(
                1,
                "closed",
                does("triggerWebhook", 1),
                does("showNotification", 2),
                does("rejectCoupon", 3, coupon_code="X"),
                does("rejectReferral", 4),
                does("error", 5),
                does("rollbackAddedLoyaltyPoints", 6),
                does("somethingNew", 7),
                does("addFreeItem", None),
            )
        ),
        [(7, 1, D(0)), (None, 1, D(0))],
    ),
    "a response to the version that the session is in": (
        shop(response(2, "open", off("9")), response(3, "closed", off("4"))),
        [(1, 1, D(4))],
    ),
    "a response to an older version": (shop(response(2, "open", off("9"))), []),
    "a response to a return goes with the one before it": (
        shop(
            response(2, "closed", off("9"), off("1", "Tea", 2)),
            response(3, "partially_returned", back("4"), back("1", "Tea", 2)),
            state="partially_returned",
        ),
        [(1, 1, D(5))],
    ),
    "a response goes before exports, but for what is rolled back later": (
        shop(
            response(3, "closed", off("9")),
            event(2, "partially_returned", back("1")),
            event(3, "closed", off("9"), off("50", campaign=2)),
            event(4, "partially_returned", back("2")),
        ),
        [(1, 1, D(7))],
    ),
}


@pytest.mark.parametrize("case", EVALUATED)
def test_the_last_evaluation_counts_less_what_was_rolled_back(case: str) -> None:
    tables, expected = EVALUATED[case]
    assert told(sk.campaign_summary(tables, population="all")) == expected


def test_events_without_numbers_follow_their_times() -> None:
    effects = [*event(1, "updated", off("1")), *event(2, "updated", off("2"))]
    bare = [{**row, "event_id": None} for row in effects]
    assert told(sk.campaign_summary(source(BOUGHT, effects=bare[::-1]))) == [(1, 1, D(2))]
    untyped = [{**row, "event_type": None} for row in bare]
    untyped += [{**row, "event_type": None} for row in event(3, "updated", back("1"))]
    assert told(sk.campaign_summary(source(BOUGHT, effects=untyped))) == [(1, 1, D(1))]


SMALL = "0.000000000000000001"
TWO = source(
    {**BOUGHT, "discounts_known": True, "discount_total": "20", "profile_id": "ann"},
    {**BOUGHT, "total": f"12345678901234567890.{SMALL[2:]}", "profile_id": "ann"},
    {**BOUGHT, "total": "7"},
    {**BOUGHT, "total": "1000", "state": "open"},
    effects=[
        *event(
            1, "closed", off("12"), off("5", "Tea", 2), does("acceptCoupon", 2, coupon_code="X")
        ),
        *event(1, "closed", off(SMALL, desired_value="3"), off("1", "T"), of="b"),
        *event(2, "partially_returned", back("1", "T"), of="b"),
        *event(1, "updated", off("99"), of="d"),
    ],
)


def test_figures_of_campaigns_are_exact_and_residual_is_what_no_effect_explains() -> None:
    found = sk.campaign_summary(TWO, total_row=True)
    names = ("session_count", "customer_count", "gross_total", "discount_total", "coupon_count",
             "unmet", "residual", "residual_count")  # fmt: skip
    both = D(f"12345678901234567990.{SMALL[2:]}")
    assert told(found, *names) == [
        (1, 2, 1, both, 12 + D(SMALL), 0, 3 - D(SMALL), D(3), 1),
        (2, 1, 1, D(100), D(5), 1, D(0), D(3), 1),
        (None, 2, 1, both, 17 + D(SMALL), 1, 3 - D(SMALL), D(3), 1),
    ]
    assert found.table["is_total"].to_pylist() == [False, False, True]
    assert set(found.definition) == set(found.table.column_names)
    assert any("session_count, gross_total and residual do not" in note for note in found.notes)
    assert any(note.startswith("1 session is held by no campaign (1") for note in found.notes)


def test_residual_is_null_where_the_discount_itself_came_from_effects() -> None:
    tables = shop(response(3, "closed", off("9")))
    assert told(sk.campaign_summary(tables), "residual", "residual_count") == [(1, None, 0)]
    assert columns(sk.totals(tables), "discount_total", "discount_known_count") == [(D(9), 1)]


def test_gross_is_the_same_under_every_dimension_with_one_value_per_session() -> None:
    plain = sk.campaign_summary(TWO, population="all")
    sums = dict(told(plain, "gross_total"))
    for by in ("state", "store_id", "month", "customer_type", "discounted", "has_coupon"):
        found = sk.campaign_summary(TWO, population="all", by=by)
        for campaign, total in sums.items():
            rows = [value for one, value in told(found, "gross_total") if one == campaign]
            assert exact(rows) == total, by


def test_campaigns_compare_two_times() -> None:
    tables = source(
        {**BOUGHT, "total": "10"},
        {**BOUGHT, "created_at": at("2024-02-01"), "total": "4"},
        effects=[*event(1, "closed", off("3")), *event(1, "closed", off("1"), of="b")],
    )
    found = sk.campaign_summary(tables, compare=("2024-01", "2024-02"))
    names = ("discount_total", "discount_total_before", "gross_total_difference")
    assert told(found, *names) == [(1, D(1), D(3), D(-6))]


# --- discounts that only effects tell -------------------------------------------------------------


def knowledge(tables: dict[str, pa.Table], **given: Any) -> list[tuple[Any, ...]]:
    names = ("discount_total", "discount_known_count", "discount_ambiguous_count",
             "discount_unknown_count")  # fmt: skip
    return columns(sk.totals(tables, **given), *names)


@pytest.mark.parametrize("known", [None, False])
def test_a_response_tells_the_discounts_of_its_version(known: bool | None) -> None:
    tables = shop(response(3, "closed", off("9"), off("1", "Tea#1")), discounts_known=known)
    assert knowledge(tables) == [(D(10), 1, 0, 0)]
    assert knowledge(tables, empty_discounts={1: "zero"}) == [(D(10), 1, 0, 0)]
    labels = columns(sk.discount_summary(tables), "label", "discount_total", "depth")
    assert labels == [("Summer", D(9), 0.09), ("Tea#1", D(1), 0.01)]
    assert columns(sk.discount_stacks(tables), "labels") == [(["Summer", "Tea"],)]
    assert columns(sk.totals(tables, where={"label": "Tea#1"}), "session_count") == [(1,)]
    assert columns(sk.totals(tables, by="discounted"), "discounted") == [("yes",)]


def test_one_source_per_session_never_a_sum_of_two() -> None:
    effects = response(3, "closed", off("9"))
    session = {"discounts_known": True, "discount_total": "4"}
    by_map = source({**BOUGHT, **session}, effects=effects,
                    discounts=[{"of": "a", "label": "Summer", "value": "4"}])  # fmt: skip
    single = shop(effects, **session)
    for tables, label in ((by_map, "Summer"), (single, None)):
        assert knowledge(tables, effects_complete=True) == [(D(4), 1, 0, 0)]
        found = sk.discount_summary(tables, effects_complete=True)
        assert columns(found, "label", "discount_total", "row_count") == [(label, D(4), 1)]
    none = shop(effects, discounts_known=True, discount_total="0")
    assert knowledge(none) == [(D(0), 1, 0, 0)]


def test_a_response_to_another_version_and_an_export_alone_tell_none() -> None:
    assert knowledge(shop(response(2, "closed", off("9")))) == [(None, 0, 0, 1)]
    assert knowledge(shop(response(3, "open", off("9")))) == [(None, 0, 0, 1)]
    assert knowledge(shop(event(1, "closed", off("9")), discounts_known=None)) == [(None, 0, 1, 0)]


COVERED = source(
    {**BOUGHT, "created_at": at("2024-01-01")},
    {**BOUGHT, "created_at": at("2024-01-02")},
    {**BOUGHT, "created_at": at("2024-01-02"), "updated_at": at("2024-01-05")},
    {**BOUGHT, "application_id": 2},
    effects=event(1, "closed", off("9")),
)
"""One session with effects, two without, and one of an application that no export is of."""


@pytest.mark.parametrize(
    ("complete", "expected"),
    [
        (None, (None, 0, 3)),
        (False, (None, 0, 3)),
        (True, (D(9), 3, 0)),
        ("all", (D(9), 3, 0)),
        (("2024-01-02", None), (D(0), 2, 1)),
        ((None, "2024-01-05"), (D(9), 2, 1)),
        ("2024-01-01..2024-01-05", (D(9), 2, 1)),
        ((at("2024-01-01T00:00:01"), at("2024-01-05T00:00:01")), (D(0), 2, 1)),
    ],
)
def test_complete_exports_tell_discounts_and_that_there_are_none(
    complete: Any, expected: tuple[Any, ...]
) -> None:
    found = sk.totals(COVERED, effects_complete=complete, where={"application_id": 1})
    names = ("discount_total", "discount_known_count", "discount_unknown_count")
    assert columns(found, *names) == [expected]
    other = sk.totals(COVERED, effects_complete=complete, where={"application_id": 2})
    assert columns(other, "discount_known_count") == [(0,)]


def test_what_was_revoked_was_given_and_reverted() -> None:
    tables = shop(
        event(1, "closed", off("10")),
        event(2, "revoked", back("10")),
        state="cancelled",
        closed_at=at("2024-01-01"),
    )
    found = sk.discount_summary(tables, effects_complete=True)
    names = ("label", "discount_total", "discount_given", "discount_reverted")
    assert columns(found, *names) == [("Summer", None, D(10), D(10))]
    kept = shop(event(1, "closed", off("10")), event(2, "partially_returned", back("4")))
    found = sk.discount_summary(kept, effects_complete=True)
    assert columns(found, *names) == [("Summer", D(6), D(6), D(0))]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("soon", "effects_complete: expected True, or since and until .* got 'soon'"),
        (5, "effects_complete: expected True"),
        (("2024-01-02",), "effects_complete: expected True"),
        (("2024-01-02", "2024-01-02"), "what begins at 2024-01-02 cannot end at 2024-01-02"),
        ("x..2024-01-02", "effects_complete: expected a day"),
    ],
)
def test_a_time_that_is_none_is_told(given: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        sk.totals({}, effects_complete=given)


# --- coupons and referrals ------------------------------------------------------------------------

CODES = source(
    {**BOUGHT, "coupon_codes": ["X", "Y"], "referral_code": "R"},
    {**BOUGHT, "coupon_codes": ["X"], "referral_code": "R", "state": "cancelled"},
    {**BOUGHT, "coupon_codes": ["X"], "referral_code": "R", "state": "open"},
    coupons=[{"of": of, "code": code} for of, code in (("a", "X"), ("a", "Y"), ("b", "X"),
                                                       ("c", "X"))],
    effects=[
        *event(1, "updated", does("rejectCoupon", coupon_code="Y", rejection_reason="Expired"),
               does("rejectCoupon", coupon_code="Z", rejection_reason="NotFound")),
        *event(2, "closed", does("acceptCoupon", coupon_code="X"),
               does("rejectCoupon", coupon_code="Y", rejection_reason="Expired"),
               does("acceptReferral", referral_code="R")),
        *event(1, "closed", does("acceptCoupon", coupon_code="X"),
               does("redeemReferral", referral_code="R"), of="b"),
        *event(2, "revoked", does("rollbackCoupon", coupon_code="X"),
               does("rollbackReferral", referral_code="R"), of="b"),
        *event(1, "updated", does("rejectCoupon", coupon_code="Y", rejection_reason="Expired"),
               of="b"),
    ],
)  # fmt: skip
"""X was accepted and kept once, and taken back once; of the third session nothing is told."""


def test_codes_were_accepted_or_rejected() -> None:
    found = sk.coupon_summary(CODES, total_row=True)
    names = ("coupon_code", "session_count", "accepted_count", "rejected_count")
    assert columns(found, *names) == [("X", 3, 1, 0), ("Y", 1, 0, 1), (None, 3, 1, 1)]
    both = sk.coupon_summary(CODES, coupon_pattern="^")
    assert columns(both, *names) == [("X", 3, 1, 0), ("Y", 1, 0, 1)]
    none = sk.coupon_summary(CODES, population="open")
    assert columns(none, *names) == [("X", 1, None, None)]
    found = sk.referral_summary(CODES)
    assert columns(found, "referral_code", *names[1:]) == [("R", 3, 1, 0)]


def test_rejections_count_once_at_whatever_evaluation() -> None:
    found = sk.coupon_rejections(CODES, total_row=True)
    names = ("rejection_reason", "rejection_count", "session_count", "code_count", "kept_whole",
             "revoked", "closed_count", "closed_share", "gross_total")  # fmt: skip
    assert columns(found, *names) == [
        ("Expired", 2, 2, 1, 1, 1, 2, 1.0, D(200)),
        ("NotFound", 1, 1, 1, 1, 0, 1, 1.0, D(100)),
        (None, 3, 2, 2, 1, 1, 2, 1.0, D(200)),
    ]
    assert set(found.definition) == set(found.table.column_names)
    assert any(note.startswith("1 session has no rejected coupon") for note in found.notes)


# --- without effects, and the whole way -----------------------------------------------------------


@pytest.mark.parametrize("ask", [questions.campaign_summary, questions.coupon_rejections])
def test_without_effects_there_is_a_note_and_no_row(ask: Callable[..., Result]) -> None:
    bare = ask(source(BOUGHT))
    assert len(bare) == 0
    assert [n for n in bare.notes if n.startswith("The source holds sessions and no effects")]
    empty = ask({})
    assert empty.table.schema == bare.table.schema
    assert not any("no effects" in note for note in empty.notes)
    assert ask(CODES).table.schema == bare.table.schema
    total = ask({}, total_row=True)
    assert columns(total, "session_count", "gross_total") == [(0, D(0))]


def test_charts_are_drawn_of_both() -> None:
    altair = pytest.importorskip("altair")
    for result in (sk.campaign_summary(TWO), sk.coupon_rejections(CODES)):
        assert isinstance(result.chart(), altair.TopLevelMixin)


HEADER = (
    "campaign_id,start_date,end_date,revenue,sessions,average_session_value,"
    "average_items_per_session,coupons,discounts\n"
)
JANUARY = "2024-01-01T00:00:00+00:00,2024-02-01T00:00:00+00:00"


def test_rows_of_campaigns_are_reconciled() -> None:
    closed = {**BOUGHT, "closed_at": at("2024-01-02"), "unit_count": 2, "items_total": "90"}
    shipping = {"effect_type": "setDiscountPerAdditionalCost"}
    tables = source(
        closed,
        {**closed, "total": "50", "state": "partially_returned"},
        {**closed, "total": "1"},
        {**closed, "closed_at": at("2024-02-01")},
        effects=[
            *event(1, "closed", off("10"), off("4", "Tea#1", 2, position=1), off("3") | shipping,
                   off("1", scope="additionalCosts"), does("acceptCoupon", coupon_code="X")),
            *event(1, "closed", off("5"), does("acceptCoupon", coupon_code="Y"), of="b"),
            *event(2, "partially_returned", back("2"), of="b"),
            *event(1, "closed", does("triggerWebhook"), of="c"),
            *event(1, "closed", off("99"), of="d"),
        ],
    )  # fmt: skip
    text = HEADER + "".join(
        f"{row}\n"
        for row in (
            f"Total,{JANUARY},151.00,3,50.33,2.00,N/A,N/A",
            f"Influenced,{JANUARY},150.00,2,75.00,2.00,2,17.00",
            f"1,{JANUARY},150.00,2,75.00,2.00,2,13.00",
            f"2,{JANUARY},100.00,1,100.00,2.00,1,4.00",
            f"3,{JANUARY},0.00,0,0.00,0.00,0,0.00",
        )
    )
    found = sk.reconcile(tables, io.StringIO(text))
    rows = [
        row
        for row in found.table.to_pylist()
        if row["partially_returned"] in ("in", None) and row["basis"] != "items"
    ]
    ours = {(row["campaign_id"], row["figure"]): row["ours"] for row in rows}
    wrong = [row for row in rows if row["agrees"] is False]
    assert [(row["campaign_id"], row["figure"], row["cause"]) for row in wrong] == [
        ("2", "coupons", "unexplained")
    ]
    assert ours["Influenced", "discounts"] == D(17)
    assert ours["1", "coupons"] == D(2)
    assert ours["2", "coupons"] == D(0)
    assert ours["3", "sessions"] == ours["3", "discounts"] == D(0)
    assert ours["Total", "coupons"] is None
    assert not any("need effects" in note for note in found.notes)
    out = [row for row in found.table.to_pylist() if row["partially_returned"] == "out"]
    without = {(row["campaign_id"], row["figure"]): (row["ours"], row["cause"]) for row in out}
    assert without["1", "discounts"] == (D(10), "with-partially-returned")


def test_the_commands_print_the_same(tmp_path: Path) -> None:
    sk.SessionTables.of(CODES).write(tmp_path / "out")
    for name in ("campaign-summary", "coupon-rejections"):
        ended = CliRunner().invoke(
            main, [name, str(tmp_path / "out"), "--format", "json", "--population", "all", "-q"]
        )
        assert ended.exit_code == 0, ended.stderr
        ask = getattr(sk, name.replace("-", "_"))
        assert json.loads(ended.stdout) == json.loads(ask(CODES, population="all").to_json())
    told = ["totals", str(tmp_path / "out"), "--format", "json", "-q"]
    bare = json.loads(CliRunner().invoke(main, told).stdout)
    whole = json.loads(CliRunner().invoke(main, [*told, "--effects-complete", "all"]).stdout)
    assert (bare[0]["discount_known_count"], whole[0]["discount_known_count"]) == (0, 1)


def test_exports_tell_the_discounts_that_maps_told(tmp_path: Path) -> None:
    dialects = ["v1_session", "effects_export"]
    out = generate(tmp_path, sessions=150, seed=3, dialects=dialects)
    tables = sk.read(str(out / "dumps")).as_dict()
    unknown = pa.nulls(tables["sessions"].num_rows, pa.bool_())
    place = tables["sessions"].schema.get_field_index("discounts_known")
    field = tables["sessions"].schema.field(place)
    blind = {
        **tables,
        "sessions": tables["sessions"].set_column(place, field, unknown),
        "discounts": tables["discounts"].slice(0, 0),
    }
    by = ("application_id", "label")
    seen = sk.discount_summary(tables, by=by).table
    assert sk.discount_summary(blind, by=by).table.num_rows == 0
    told = sk.discount_summary(blind, by=by, effects_complete=True).table
    names = [*by, "discount_total", "session_count", "gross_total", "discount_known_count"]
    real = [row for row in seen.select(names).to_pylist() if row["discount_total"]]
    assert real
    assert [row for row in told.select(names).to_pylist() if row["discount_total"]] == real
    residuals = sk.campaign_summary(tables, by="application_id").table["residual"].to_pylist()
    assert residuals
    assert set(residuals) == {D(0)}
