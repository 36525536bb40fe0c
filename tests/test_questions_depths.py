"""Depths and stacks: every session of the population has its place, and no border slips."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_DOWN, Context, Decimal
from typing import Any

import pytest

from sessionkit import questions
from sessionkit.columns import MONEY_TYPE
from sessionkit.errors import UsageError
from sessionkit.result import Result
from tests.asking import Row, at, columns, source
from tests.builders import shop
from tests.oracle_stacks import BANDS

KNOWN = {"discounts_known": True}
SINGLE = ["application_id", "store_id", "state", "day", "week", "month", "quarter", "year",
          "customer_type", "discounted", "has_coupon", "currency"]  # fmt: skip
SEVERAL = ["coupon_code", "label", "base_label", "attributes.Channel"]


def bands(*pairs: tuple[str | None, str]) -> list[str]:
    """The band of each session of a total and a discount, one by one."""
    found = []
    for total, off in pairs:
        tables = source({**KNOWN, "total": total, "discount_total": off})
        rows = questions.discount_depth(tables).table.to_pylist()
        (band,) = [row["band"] for row in rows if row["session_count"]]
        found.append(band)
    return found


def test_a_border_belongs_to_the_lower_band() -> None:
    assert bands(("100", "5"), ("100", "5.000000000000000001"), ("100", "4.999")) == [
        "0–5 %", "5–10 %", "0–5 %",
    ]  # fmt: skip
    assert bands(("100", "10"), ("100", "95"), ("100", "100"), ("100", "100.01")) == [
        "5–10 %", "90–95 %", "95–100 %", "> 100 %",
    ]  # fmt: skip
    assert bands(("100", "0"), ("100", "0.000000000000000001"), ("100", "-0.01")) == [
        "0", "0–5 %", "< 0",
    ]  # fmt: skip


def test_borders_that_floats_miss_are_met() -> None:
    for k in range(1, 21):
        for total in ("0.02", "0.000000000000000020", "33.333333333333333340", "7000000"):
            border = Decimal(total) * k / 20
            over = border + Decimal("1e-18")
            lower, upper = bands((total, str(border)), (total, str(over)))
            assert lower == f"{5 * k - 5}–{5 * k} %"
            assert upper != lower


def test_amounts_of_twenty_digits_have_a_depth_too() -> None:
    huge = "99999999999999999999.999999999999999999"
    assert bands((huge, huge), (huge, "50000000000000000000"), (huge, "1")) == [
        "95–100 %", "50–55 %", "0–5 %",
    ]  # fmt: skip
    assert bands(("0.000000000000000001", huge), ("1", f"-{huge}")) == ["> 100 %", "< 0"]


def test_the_side_of_a_border_is_told_to_the_last_digit_at_every_size() -> None:
    last, wide = Decimal("1e-18"), Context(prec=60)
    sessions, expected = [], {}
    nines = "9" * 18
    for total in ("0.3", f"{nines}.{nines}", "1" + "0" * 18, f"49{nines}.97", f"99{nines}.{nines}"):
        for k in range(1, 20):
            border = wide.divide(wide.multiply(Decimal(total), Decimal(k)), Decimal(20))
            under = border.quantize(last, ROUND_DOWN, wide)
            for off, place in ((under, k), (wide.add(under, last), k + 1)):
                store = f"{len(sessions):03}"
                sessions.append({**KNOWN, "total": total, "discount_total": off, "store_id": store})
                expected[store] = f"{5 * place - 5}–{5 * place} %"
    named = [row | {"integration_id": row["store_id"]} for row in sessions]
    rows = questions.discount_depth(source(*named), by="store_id").table.to_pylist()
    assert {row["store_id"]: row["band"] for row in rows if row["session_count"]} == expected


def test_sessions_without_a_depth_have_bands_of_their_own() -> None:
    assert bands(("0", "5"), ("-1", "0"), (None, "5")) == ["total ≤ 0", "total ≤ 0", "no total"]
    tables = source(
        {"total": "10", "discounts_known": None},
        {"total": None, "discounts_known": False},
        {"total": "20", "discounts_known": False},
    )
    found = questions.discount_depth(tables)
    assert columns(found, "band", "session_count", "gross_total", "discount_total")[-2:] == [
        ("ambiguous", 1, Decimal(10), None),
        ("unknown", 2, Decimal(20), None),
    ]
    assert set(columns(found, "discount_known_count", "discount_ambiguous_count")) == {(0, 1)}
    assert set(columns(found, "discount_unknown_count", "group_session_count")) == {(2, 3)}


def test_a_row_of_depths_in_full() -> None:
    tables = source(
        {**KNOWN, "total": "100", "discount_total": "7"},
        {**KNOWN, "total": "50.01", "discount_total": "4.5"},
        {**KNOWN, "total": "10", "discount_total": "0"},
        {"total": "1", "state": "open"},
    )
    found = questions.discount_depth(tables).table.to_pylist()
    assert found[3] == {
        "band": "5–10 %", "session_count": 2, "group_session_count": 3, "share": 2 / 3,
        "gross_total": Decimal("150.01"), "discount_total": Decimal("11.5"),
        "depth_from": 0.05, "depth_to": 0.1, "discount_known_count": 3,
        "discount_ambiguous_count": 0, "discount_unknown_count": 0,
    }  # fmt: skip


def test_all_bands_are_there_without_a_session_and_in_every_group() -> None:
    empty = questions.discount_depth({})
    assert [row["band"] for row in empty.table.to_pylist()] == list(BANDS)
    assert set(columns(empty, "session_count", "share", "gross_total")) == {(0, None, 0)}
    assert len(questions.discount_depth({}, by="month")) == 0
    two = source({"store_id": "n"}, {"store_id": "s"})
    assert len(questions.discount_depth(two, by="store_id", total_row=True)) == 3 * len(BANDS)


def test_totals_after_discounts_are_brought_back_before_the_depth() -> None:
    tables = source({**KNOWN, "total": "90", "discount_total": "10"})
    for basis, band in ((None, "10–15 %"), ({1: "after_discounts"}, "5–10 %")):
        rows = questions.discount_depth(tables, total_basis=basis).table.to_pylist()
        assert [row["band"] for row in rows if row["session_count"]] == [band]


STACKED = source(
    {**KNOWN, "total": "100", "discount_total": "16"},
    {**KNOWN, "total": "50", "discount_total": "4"},
    {**KNOWN, "total": "40", "discount_total": "4"},
    {**KNOWN, "total": "20", "discount_total": "2"},
    {**KNOWN, "total": "10", "discount_total": "0"},
    {"total": "10"},
    {**KNOWN, "total": "-10", "discount_total": "0"},
    discounts=[
        {"of": "a", "label": "B", "value": "6"},
        {"of": "a", "label": "A#0", "value": "4"},
        {"of": "a", "label": "A#1", "value": "6"},
        {"of": "b", "label": "A", "value": "4"},
        {"of": "b", "label": "B#7", "value": "0"},
        {"of": "c", "label": "A", "value": "4"},
        {"of": "g", "label": "A", "value": "0"},
    ],
)
"""a and b stack A and B; c and g have A alone; d has a single total, e none, f is not known."""


def test_stacks_in_full() -> None:
    beside = {
        "carrying_count": 5, "stack_count": 3, "discount_known_count": 6,
        "discount_ambiguous_count": 0, "discount_unknown_count": 1,
    }  # fmt: skip
    found = questions.discount_stacks(STACKED).table.to_pylist()
    assert [beside.items() <= row.items() for row in found] == [True] * 3
    assert [{k: v for k, v in row.items() if k not in beside} for row in found] == [
        {
            "labels": ["A", "B"], "session_count": 2, "stack_depth": 2, "share": 0.4,
            "discount_total": Decimal(20), "gross_total": Decimal(150),
            "avg_depth": (0.16 + 0.08) / 2, "depth_count": 2, "place": 1,
        },
        {
            "labels": ["A"], "session_count": 2, "stack_depth": 1, "share": 0.4,
            "discount_total": Decimal(4), "gross_total": Decimal(30),
            "avg_depth": 0.1, "depth_count": 1, "place": 2,
        },
        {
            "labels": None, "session_count": 1, "stack_depth": None, "share": 0.2,
            "discount_total": Decimal(2), "gross_total": Decimal(20),
            "avg_depth": 0.1, "depth_count": 1, "place": 3,
        },
    ]  # fmt: skip


def test_a_limit_says_what_it_leaves_out() -> None:
    found = questions.discount_stacks(STACKED, limit=2)
    assert columns(found, "place", "stack_count") == [(1, 3), (2, 3)]
    assert "1 rarer stack is not shown; a higher limit shows more." in found.notes
    for limit in (None, 3):
        told = questions.discount_stacks(STACKED, limit=limit).notes
        assert not any("shown" in note for note in told)


def test_every_group_has_the_limit_for_itself() -> None:
    found = questions.discount_stacks(STACKED, limit=1, by="discounted", total_row=True)
    assert columns(found, "is_total", "discounted", "labels", "session_count") == [
        (False, "no", ["A"], 1),
        (False, "yes", ["A", "B"], 2),
        (True, None, ["A", "B"], 2),
    ]


@pytest.mark.parametrize("limit", [0, -1, True, 2.5, "3"])
def test_a_limit_that_is_none_is_refused(limit: Any) -> None:
    with pytest.raises(UsageError, match="limit: expected a whole number from 1, or None"):
        questions.discount_stacks({}, limit=limit)


def test_stacks_by_label_tell_what_goes_with_it() -> None:
    found = questions.discount_stacks(STACKED, by="base_label", where={"base_label": "B"})
    assert columns(found, "base_label", "labels") == [("A", ["A", "B"]), ("B", ["A", "B"])]


def test_no_discount_is_no_stack() -> None:
    plain = source({**KNOWN, "total": "10", "discount_total": "0"}, {"discounts_known": None})
    found = questions.discount_stacks(plain, total_row=True)
    assert len(found) == 0
    assert found.table.schema.field("discount_total").type == MONEY_TYPE
    assert len(questions.discount_stacks({}, total_row=True)) == 0


@pytest.mark.parametrize("name", ["discount_depth", "discount_stacks"])
@pytest.mark.parametrize("population", ["completed", "all"])
def test_sums_are_the_same_under_every_dimension_with_one_value(name: str, population: str) -> None:
    tables = shop(7, sessions=200)
    ask: Callable[..., Result] = getattr(questions, name)
    own: Row = {"limit": None} if name == "discount_stacks" else {}
    given = {"currencies": "EUR", "population": population, **own}

    def sums(**by: Any) -> tuple[Decimal, Decimal, int]:
        found = ask(tables, **by, **given).table.to_pylist()
        parts = [(row["gross_total"], row["discount_total"] or 0, row["session_count"])
                 for row in found]  # fmt: skip
        gross, off, count = (sum(part) for part in zip(*parts, strict=True))
        return gross, off, count

    whole = sums()
    assert all(whole)
    for dimension in SINGLE:
        assert sums(by=dimension) == whole, dimension
    if name == "discount_depth":
        assert whole[2] == sum(questions.totals(tables, **given).table["session_count"].to_pylist())


def test_discounts_add_up_under_every_dimension() -> None:
    tables = shop(7, sessions=200)
    given = {"currencies": "EUR", "population": "all"}
    names = ("discount_total", "discount_given", "discount_reverted")
    whole = columns(questions.discount_summary(tables, by=(), **given), *names)[0]
    assert None not in whole
    for by in [*SINGLE, "label", "base_label", ("label", "month"), ("base_label", "label")]:
        found = columns(questions.discount_summary(tables, by=by, **given), *names)
        added = tuple(sum(one or 0 for one in part) for part in zip(*found, strict=True))
        assert added == whole, by
    for by in SEVERAL:
        last = columns(questions.discount_summary(tables, by=by, total_row=True, **given), *names)
        assert last[-1] == whole, by


def test_what_was_given_is_not_known_where_no_such_session_tells_it() -> None:
    revoked = {"state": "cancelled", "closed_at": at("2024-01-02")}
    tables = source(
        {"store_id": "n"},
        {"store_id": "o", **KNOWN, "discount_total": "0"},
        {"store_id": "p", **KNOWN, "discount_total": "2", "state": "open"},
        {"store_id": "q", **KNOWN, "discount_total": "3"},
        {"store_id": "q", **revoked},
        {"store_id": "r", **KNOWN, "discount_total": "4", **revoked},
        {"store_id": "r", **revoked},
    )
    found = questions.discount_summary(tables, by="store_id", population="all")
    assert columns(found, "store_id", "discount_given", "discount_reverted") == [
        ("n", None, Decimal(0)),
        ("o", Decimal(0), Decimal(0)),
        ("p", Decimal(0), Decimal(0)),
        ("q", Decimal(3), None),
        ("r", Decimal(4), Decimal(4)),
    ]


def test_a_comparison_lays_bands_side_by_side() -> None:
    tables = shop(7, sessions=200)
    given: Row = {"currencies": "EUR", "by": "application_id"}
    found = questions.discount_depth(tables, compare=("2024-03", "2024-04"), **given)
    bounds = {"since": "2024-04-01", "until": "2024-05-01"}
    before = {"since": "2024-03-01", "until": "2024-04-01"}
    names = ("band", "depth_from", "depth_to", "session_count", "gross_total", "share")
    assert columns(found, *names) == columns(
        questions.discount_depth(tables, **given, **bounds), *names
    )
    names_before = (*names[:3], *(f"{name}_before" for name in names[3:]))
    assert columns(found, *names_before) == columns(
        questions.discount_depth(tables, **given, **before), *names
    )
    assert "share_change" not in found.table.column_names


def test_depths_and_stacks_can_be_drawn() -> None:
    depths = questions.discount_depth(STACKED).chart().to_dict()
    assert depths["encoding"]["x"]["title"] == "band"
    assert depths["encoding"]["y"]["title"] == "session_count"
    stacks = questions.discount_stacks(STACKED).chart().to_dict()
    assert [row["along"] for row in stacks["data"]["values"]] == ["A + B", "A", "–"]
