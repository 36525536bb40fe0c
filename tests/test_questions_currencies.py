"""Currencies: amounts of different ones are never added, and an answer says why."""

from __future__ import annotations

from typing import Any

import pytest

from sessionkit import questions
from sessionkit.errors import UsageError
from sessionkit.result import Result
from tests.asking import Row, columns, source


def attributes(**told: str) -> list[Row]:
    """Attributes called A of sessions, as JSON text."""
    return [
        {"of": of, "name": "A", "kind": "list" if value[0] == "[" else "string", "value": value}
        for of, value in told.items()
    ]


def codes(result: Result) -> list[tuple[Any, ...]]:
    return columns(result, "application_id", "gross_total")


TWO = source({"application_id": 1, "total": "1"}, {"application_id": 2, "total": "2"})


def test_applications_without_a_known_common_currency_are_not_added() -> None:
    for given in ({}, {"currencies": {1: "EUR"}}, {"currencies": {1: "EUR", 2: "USD"}}):
        result = questions.totals(TWO, total_row=True, **given)
        assert codes(result) == [(1, 1), (2, 2), (1, 1), (2, 2)]
        assert "application_id joined the groups" in result.notes[0]


def test_applications_of_one_currency_are_added() -> None:
    for currencies in ("EUR", {1: "EUR", "2": "EUR"}):
        result = questions.totals(TWO, currencies=currencies)
        assert columns(result, "gross_total") == [(3,)]
        assert not any("joined" in note for note in result.notes)


def test_a_question_about_one_application_needs_no_currency() -> None:
    result = questions.totals(TWO, where={"application_id": 2})
    assert result.table.column_names[0] == "session_count"


def test_currencies_keep_amounts_apart_where_they_group() -> None:
    result = questions.totals(TWO, by="currency", currencies={1: "EUR", 2: "USD"})
    assert columns(result, "currency", "gross_total") == [("EUR", 1), ("USD", 2)]
    half = questions.totals(TWO, by="currency", currencies={1: "EUR"})
    assert columns(half, "currency", "gross_total") == [("EUR", 1), (None, 2)]
    none = questions.totals(TWO, by="currency")
    assert codes(none) == [(1, 1), (2, 2)]


def test_an_attribute_can_hold_the_currency() -> None:
    tables = source(
        {"total": "1"}, {"total": "2"}, {"total": "4", "application_id": 2}, {"total": "8"},
        attributes=attributes(a='"EUR"', b='"USD"', c='"EUR"'),
    )  # fmt: skip
    result = questions.totals(tables, currencies="attributes.A", by="currency")
    assert columns(result, "currency", "gross_total") == [("EUR", 5), ("USD", 2), (None, 8)]
    alone = questions.totals(tables, currencies="attributes.A")
    assert alone.table.column_names[0] == "currency"


def test_a_list_is_no_currency() -> None:
    tables = source({}, attributes=attributes(a='["EUR"]'))
    with pytest.raises(UsageError, match=r"attributes\.A holds lists"):
        questions.totals(tables, currencies="attributes.A")


def test_every_money_question_keeps_applications_apart_and_the_funnel_does_not() -> None:
    for ask in (questions.totals, questions.states, questions.outcomes):
        assert ask(TWO).table.column_names[0] == "application_id"
    told = source({"application_id": 1}, {"application_id": 2}, discounts=[])
    assert questions.discount_summary(told, by=()).table.column_names[0] == "application_id"
    assert questions.funnel(TWO).table.column_names[0] == "step"
