"""Arguments: a wrong one is an error that says what would be right; none of it reaches SQL."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from sessionkit import questions
from sessionkit.errors import UsageError
from sessionkit.questions import QUESTIONS
from sessionkit.questions.asked import Common
from sessionkit.questions.moments import length_of
from sessionkit.result import Result
from tests.asking import columns, source

NASTY = [
    "'; drop table sessions; --",
    'x" or 1=1 --',
    "'||(select 1)||'",
    "$value",
    "getvariable('tz')",
    "a\\'b",
    "/* x",
    "\x00",
    "{0}",
    "%s",
]
ASK = [QUESTIONS[name].function for name in QUESTIONS]


PAIRS = [
    (ASK[place % len(ASK)], NASTY[place % len(NASTY)]) for place in range(max(len(ASK), len(NASTY)))
]


@pytest.mark.parametrize(("ask", "text"), PAIRS)
def test_a_name_that_is_sql_is_an_unknown_name(ask: Callable[..., Result], text: str) -> None:
    tables = source({"total": "1"})
    for given in (
        {"by": text},
        {"by": f"attributes.{text}"},
        {"where": {text: "x"}},
        {"where": {f"attributes.{text}": "x"}},
        {"currencies": f"attributes.{text}"},
    ):
        with pytest.raises(UsageError, match="unknown dimension"):
            ask(tables, **given)


@pytest.mark.parametrize("text", NASTY)
def test_a_value_that_is_sql_is_a_value(text: str) -> None:
    if text == "\x00":
        text = "a\x00b"
    told = {"of": "a", "name": text, "kind": "string", "value": '"v"'}
    tables = source(
        {"store_id": text, "profile_id": "ann"},
        {"store_id": "other"},
        attributes=[told],
        cart_items=[{"of": "a", "sku": text, "category": text}],
        discounts=[{"of": "a", "label": text}],
        coupons=[{"of": "a", "code": text}],
    )
    for name in ("store_id", "sku", "label"):
        result = questions.totals(tables, where={name: [text]})
        assert columns(result, "session_count") == [(1,)], name
    by = questions.totals(tables, by=[f"attributes.{text}", "store_id"], currencies=text)
    assert columns(by, f"attributes.{text}", "store_id") == [("v", text), (None, "other")]
    assert columns(questions.totals(tables, by="currency", currencies=text), "currency") == [
        (text,)
    ]


def test_the_text_that_ran_names_no_attribute_but_as_a_bound_value() -> None:
    told = {"of": "a", "name": "it's; x", "kind": "string", "value": '"v"'}
    sql = questions.totals(source({}, attributes=[told]), by="attributes.it's; x").sql
    lines = [line for line in sql.splitlines() if "it's" in line or "it''s" in line]
    assert lines == [
        "set variable \"attribute_names\" = ['it''s; x'];",
        "set variable \"values_1_attribute\" = 'it''s; x';",
    ]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"by": "mnoth"}, "Did you mean 'month'.*There are: application_id"),
        ({"by": "attributes.Chanel"}, r"attributes.Channel'\?.*attributes.Channel"),
        ({"by": "attributes."}, "unknown dimension"),
        ({"by": "sku"}, "'sku' can stand in `where`, not in `by`"),
        ({"by": 5}, "by: expected names of dimensions, got 5"),
        ({"by": [["month"]]}, "by: expected names of dimensions"),
        ({"where": {"colour": "x"}}, "unknown dimension 'colour'.*sku"),
        ({"where": "state"}, "where: expected a mapping"),
        ({"where": {"state": []}}, "where: state: there is no value"),
        ({"where": {"state": "done"}}, "unknown value of state in where 'done'.*closed, open"),
        ({"where": {"application_id": "x"}}, "application_id: expected a whole number, got 'x'"),
        ({"where": {"month": "March"}}, "month: expected a day such as 2024-03-01, got 'March'"),
        ({"where": {"store_id": object}}, "store_id: expected text or a number"),
        ({"population": "finished"}, "unknown population 'finished'.*completed, open"),
        ({"population": ["closed", "x"]}, "unknown population 'x'"),
        ({"population": 5}, "population: expected a name or states, got 5"),
        ({"since": "yesterday"}, "since: expected a day such as 2024-03-01 .* got 'yesterday'"),
        ({"until": 2024}, "until: expected a day"),
        ({"as_of": "2024-13-01"}, "as_of: expected a day"),
        ({"since": "2024-02-01", "until": "2024-02-01"}, "is not before until"),
        ({"time_basis": "paid"}, "unknown time_basis 'paid'.*closed, created"),
        ({"tz": "Europe/Berln"}, "unknown time zone 'Europe/Berln'. Did you mean 'Europe/Berlin'"),
        ({"tz": "../../etc/passwd"}, "unknown time zone"),
        ({"tz": None}, "unknown time zone"),
        ({"currencies": {"x": "EUR"}}, "the number of an application, got 'x'"),
        ({"currencies": {1: " "}}, "currencies: expected a code such as EUR"),
        ({"currencies": 5}, "currencies: expected a code such as EUR, got 5"),
        ({"guests": "(?=x)"}, r"guests: '\(\?=x\)' is no regular expression: invalid perl"),
        ({"guests": ""}, "guests: expected a regular expression"),
        ({"empty_discounts": {1: "none"}}, "unknown value of empty_discounts 'none'.*zero"),
        ({"empty_discounts": "zero"}, r"expected a mapping such as \{270: 'zero'\}"),
        ({"total_basis": {1: "net"}}, "after_discounts, before_discounts"),
        ({"total_basis": {True: "after_discounts"}}, "expected the number of an application"),
        ({"bye": "month"}, "unknown argument 'bye'.*currencies"),
    ],
)  # fmt: skip
def test_a_wrong_argument_is_told_and_what_would_be_right(
    given: dict[str, Any], message: str
) -> None:
    told = {"of": "a", "name": "Channel", "kind": "string", "value": '"v"'}
    with pytest.raises(UsageError, match=message):
        questions.totals(source({}, attributes=[told]), **given)


@pytest.mark.parametrize(
    "length", ["", "7", "7 x", "-1d", "0s", "d", "200y", "40000d", 7, timedelta(0)]
)
def test_a_length_of_time_that_is_none_is_refused(length: Any) -> None:
    with pytest.raises(UsageError, match="timeout: expected"):
        questions.outcomes({}, timeout=length)
    with pytest.raises(UsageError, match="window: expected"):
        questions.funnel({}, window=length)


def test_a_length_of_time_is_at_most_100_years_and_49_characters() -> None:
    hundred_years = timedelta(days=36_525)
    assert length_of("window", hundred_years) == length_of("window", "36525d") == hundred_years
    with pytest.raises(UsageError, match=r"at most 100 years, got 36525 days, 0:00:00.000001"):
        length_of("window", hundred_years + timedelta(microseconds=1))
    assert length_of("window", "0" * 47 + "5s") == timedelta(seconds=5)
    with pytest.raises(UsageError, match=r"such as 7d, 12h or 30m, got '000"):
        length_of("window", "0" * 48 + "5s")
    with pytest.raises(UsageError, match="such as 7d, 12h or 30m, got 'soon'"):
        length_of("window", "soon")


def test_any_attribute_will_do_where_there_is_no_session() -> None:
    for ask in ASK:
        assert len(ask({}, by="attributes.Anything")) == 0


def test_help_names_every_common_argument() -> None:
    for ask in ASK:
        shown = set(inspect.signature(ask).parameters)
        assert set(Common.__annotations__) <= shown
        assert "common" not in shown


def test_every_question_has_a_summary_a_grain_and_a_function_of_its_name() -> None:
    for name, question in QUESTIONS.items():
        assert question.function is getattr(questions, name)
        assert question.summary.endswith(".")
        assert question.grain
