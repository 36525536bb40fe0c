"""Discounts: summed to the session before they are counted, apart from what is not known."""

from __future__ import annotations

from decimal import Decimal

from sessionkit import questions
from tests.asking import at, columns, source

KNOWN = {"discounts_known": True}
REVOKED = {"state": "cancelled", "closed_at": at("2024-01-02")}
SALE = source(
    {**KNOWN, "total": "100", "discount_total": "15"},
    {**KNOWN, "total": "50", "discount_total": "5"},
    {**KNOWN, "total": "80", "discount_total": "0"},
    {**KNOWN, "total": "20", "discount_total": "4"},
    {**KNOWN, "total": "10", "discount_total": "0"},
    {"total": "1000", "discounts_known": None},
    {"total": "1000", "discounts_known": False},
    {**KNOWN, "total": "40", "discount_total": "3", **REVOKED},
    {**KNOWN, "total": "40", "discount_total": "9", "state": "cancelled", "times_known": True},
    discounts=[
        {"of": "a", "label": "10% off#0", "value": "6"},
        {"of": "a", "label": "10% off#1", "value": "4"},
        {"of": "a", "label": "Deal #2", "value": "5"},
        {"of": "b", "label": "10% off#0", "value": "7"},
        {"of": "b", "label": "Deal #2", "value": "-2"},
        {"of": "c", "label": "Deal #2", "value": "0"},
        {"of": "h", "label": "Late", "value": "3"},
        {"of": "i", "label": "Late", "value": "9"},
    ],
)  # fmt: skip
"""Completed: a, b, c with maps, d with a single total, e without a discount, f ambiguous, g not
known. Beside them h is revoked and i was cancelled while open."""


def test_every_figure_of_every_base_label() -> None:
    beside = {
        "known_discount_total": Decimal(24),
        "discount_known_count": 5,
        "discount_ambiguous_count": 1,
        "discount_unknown_count": 1,
    }
    found = questions.discount_summary(SALE, by="base_label").table.to_pylist()
    assert [beside.items() <= row.items() for row in found] == [True] * 4
    assert [{k: v for k, v in row.items() if k not in beside} for row in found] == [
        {
            "base_label": "10% off", "discount_total": Decimal(17), "share": 17 / 24,
            "session_count": 2, "row_count": 3, "avg_discount": 8.5, "median_discount": 8.5,
            "p90_discount": 9.7, "min_discount": Decimal(7), "max_discount": Decimal(10),
            "gross_total": Decimal(150), "depth": 17 / 150, "avg_depth": (0.1 + 0.14) / 2,
            "depth_count": 2, "zero_count": 0, "negative_count": 0,
            "discount_given": Decimal(17), "discount_reverted": Decimal(0),
        },
        {
            "base_label": "Deal #2", "discount_total": Decimal(3), "share": 3 / 24,
            "session_count": 3, "row_count": 3, "avg_discount": 1.5, "median_discount": 1.5,
            "p90_discount": 4.3, "min_discount": Decimal(-2), "max_discount": Decimal(5),
            "gross_total": Decimal(230), "depth": 3 / 230, "avg_depth": (0.05 - 0.04) / 2,
            "depth_count": 2, "zero_count": 1, "negative_count": 1,
            "discount_given": Decimal(3), "discount_reverted": Decimal(0),
        },
        {
            "base_label": "Late", "discount_total": Decimal(0), "share": 0.0,
            "session_count": 0, "row_count": 0, "avg_discount": None, "median_discount": None,
            "p90_discount": None, "min_discount": None, "max_discount": None,
            "gross_total": Decimal(0), "depth": None, "avg_depth": None,
            "depth_count": 0, "zero_count": 0, "negative_count": 0,
            "discount_given": Decimal(3), "discount_reverted": Decimal(3),
        },
        {
            "base_label": None, "discount_total": Decimal(4), "share": 4 / 24,
            "session_count": 1, "row_count": 1, "avg_discount": 4.0, "median_discount": 4.0,
            "p90_discount": 4.0, "min_discount": Decimal(4), "max_discount": Decimal(4),
            "gross_total": Decimal(20), "depth": 0.2, "avg_depth": 0.2,
            "depth_count": 1, "zero_count": 0, "negative_count": 0,
            "discount_given": Decimal(4), "discount_reverted": Decimal(0),
        },
    ]  # fmt: skip


def test_labels_are_the_default_and_stay_as_they_are() -> None:
    result = questions.discount_summary(SALE)
    assert columns(result, "label", "discount_total") == [
        ("10% off#0", Decimal(13)),
        ("10% off#1", Decimal(4)),
        ("Deal #2", Decimal(3)),
        ("Late", Decimal(0)),
        (None, Decimal(4)),
    ]
    assert any("the row of each of its labels" in note for note in result.notes)


def test_discounts_add_up_over_labels_to_those_of_the_sessions() -> None:
    labels = questions.discount_summary(SALE, total_row=True)
    whole = questions.discount_summary(SALE, by=())
    *parts, total = columns(labels, "discount_total", "discount_given")
    assert tuple(map(sum, zip(*parts, strict=True))) == total
    assert columns(whole, "discount_total", "discount_given") == [total]


def test_the_total_row_holds_each_session_once() -> None:
    result = questions.discount_summary(SALE, total_row=True)
    last = columns(result, "is_total", "label", "session_count", "gross_total")[-1]
    assert last == (True, None, 4, Decimal(250))


def test_without_labels_groups_without_a_discount_have_a_row_too() -> None:
    tables = source(
        {**KNOWN, "store_id": "n", "total": "10", "discount_total": "0"},
        {**KNOWN, "store_id": "s", "total": "10", "discount_total": "1"},
        {"store_id": "w", "total": "10"},
    )
    result = questions.discount_summary(tables, by="store_id")
    assert columns(
        result, "store_id", "discount_total", "session_count", "discount_unknown_count"
    ) == [
        ("n", Decimal(0), 0, 0),
        ("s", Decimal(1), 1, 0),
        ("w", None, 0, 1),
    ]


def test_given_and_reverted_do_not_ask_for_the_population() -> None:
    for population in ("completed", "cancelled", "open", "all"):
        result = questions.discount_summary(SALE, population=population, where={"label": "Late"})
        assert columns(result, "discount_given", "discount_reverted") == [(Decimal(3), Decimal(3))]


def test_what_was_reverted_is_not_known_where_it_is_of_no_revoked_session() -> None:
    tables = source({**KNOWN, "discount_total": "3"}, {**REVOKED, "total": "5"})
    names = ("discount_given", "discount_reverted")
    assert columns(questions.discount_summary(tables, by=()), *names) == [(Decimal(3), None)]
    only = questions.discount_summary(tables, by=(), where={"state": "closed"})
    assert columns(only, *names) == [(Decimal(3), Decimal(0))]


def test_a_share_is_one_of_the_discounts_in_the_time_asked_for() -> None:
    tables = source(
        {**KNOWN, "created_at": at("2024-01-01"), "discount_total": "30"},
        {**KNOWN, "created_at": at("2024-02-01"), "discount_total": "4"},
        discounts=[
            {"of": "a", "label": "x", "value": "30"},
            {"of": "b", "label": "x", "value": "1"},
            {"of": "b", "label": "y", "value": "3"},
        ],
    )
    result = questions.discount_summary(tables, since="2024-02-01")
    assert columns(result, "label", "share", "known_discount_total") == [
        ("x", 0.25, Decimal(4)),
        ("y", 0.75, Decimal(4)),
    ]


def test_a_label_in_where_keeps_the_sessions_that_hold_it_whole() -> None:
    result = questions.discount_summary(SALE, where={"label": "10% off#1"})
    assert columns(result, "label", "discount_total") == [
        ("10% off#0", Decimal(6)),
        ("10% off#1", Decimal(4)),
        ("Deal #2", Decimal(5)),
    ]


def test_a_negative_or_missing_total_has_no_depth() -> None:
    tables = source(
        {**KNOWN, "total": "-5", "discount_total": "1"},
        {**KNOWN, "total": None, "discount_total": "1"},
        discounts=[
            {"of": "a", "label": "x", "value": "1"},
            {"of": "b", "label": "x", "value": "1"},
        ],
    )
    result = questions.discount_summary(tables)
    assert columns(result, "gross_total", "depth", "avg_depth", "depth_count") == [
        (Decimal(-5), None, None, 0)
    ]


def test_what_is_not_known_is_told() -> None:
    notes = " ".join(questions.discount_summary(SALE).notes)
    assert "1 session has an empty discount map" in notes
    assert "The discounts of 1 session are not known" in notes


def test_no_discount_is_no_row_with_labels_and_one_without() -> None:
    plain = source({**KNOWN, "total": "10", "discount_total": "0"})
    assert len(questions.discount_summary(plain)) == 0
    assert columns(questions.discount_summary({}, by=()), "session_count", "discount_total") == [
        (0, None)
    ]
    assert columns(questions.discount_summary({}, total_row=True), "is_total", "label") == [
        (True, None)
    ]
