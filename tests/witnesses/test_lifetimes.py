"""RFM against lifetimes: how often, how recently and for how much each customer bought."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from sessionkit import questions
from sessionkit.tables import SESSIONS
from tests.asking import at, columns
from tests.builders import shop
from tests.oracle_facts import COMPLETED, Data, Question, customer
from tests.rows import rows

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from lifetimes.utils import summary_data_from_transaction_data

pytestmark = pytest.mark.filterwarnings("ignore::Warning:lifetimes")

Row = dict[str, Any]
Tables = Mapping[str, pa.Table]
SEEDS = range(20)
GUESTS = "^guest-"
DAY = 86_400_000_000
"""Microseconds, which is how finely lifetimes is asked: a purchase is a period of its own."""


def bought(tables: Tables) -> list[Row]:
    """The purchases of named customers."""
    data = Data(tables)
    q = Question(guests=GUESTS)
    return [
        {"customer": name, "at": s["created_at"], "total": s["total"]}
        for s in data.sessions
        if s["state"] in COMPLETED and (name := customer(data, s, q)) is not None
    ]


def summary(purchases: list[Row], end: datetime) -> dict[Any, Row]:
    """What lifetimes says of each customer, who is named by a text there."""
    frame = pd.DataFrame(
        {
            "customer": [repr(one["customer"]) for one in purchases],
            "at": [one["at"].replace(tzinfo=None) for one in purchases],
            "total": [float(one["total"]) for one in purchases],
        }
    )
    told = summary_data_from_transaction_data(
        frame, "customer", "at", "total",
        observation_period_end=end.replace(tzinfo=None),
        freq="us",
        include_first_transaction=True,
    )  # fmt: skip
    return told.to_dict("index")


def scored(tables: Tables, end: datetime) -> dict[str, Row]:
    """What the package says of each customer, named likewise."""
    result = questions.rfm(tables, as_of=end, currencies="EUR", guests=GUESTS)
    found = result.table.to_pylist()
    return {repr(row["profile_id"] or row["profile_internal_id"]): row for row in found}


@pytest.fixture
def tables(seed: int) -> dict[str, pa.Table]:
    """Random sessions that all have a total, of customers who never came before."""
    found = shop(seed, sessions=90)
    told = [
        {**s, "first_session": True, "total": 10 if s["total"] is None else s["total"]}
        for s in found["sessions"].to_pylist()
    ]
    return {**found, "sessions": rows(SESSIONS, *told)}


@pytest.fixture(params=["the end of a day", "after all", "days after a purchase"])
def end(request: pytest.FixtureRequest, tables: Tables) -> datetime:
    """A moment to look back from."""
    days_after: datetime = bought(tables)[0]["at"] + timedelta(days=30)
    moments = (at("2024-04-15T23:59:59.999999"), at("2024-07-01T08:30:00.25"), days_after)
    return moments[request.param_index]


@pytest.mark.parametrize("seed", SEEDS)
def test_recency_frequency_and_money(tables: Tables, end: datetime) -> None:
    expected, found = summary(bought(tables), end), scored(tables, end)
    assert found.keys() == expected.keys()
    assert len(found) > 3
    for name, told in expected.items():
        row = found[name]
        assert row["frequency"] == row["money_known_count"] == told["frequency"]
        assert row["recency_days"] == int(told["T"] - told["recency"]) // DAY
        mean = float(row["money"]) / row["frequency"]
        assert mean == pytest.approx(told["monetary_value"], rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_months_in_which_customers_began(tables: Tables, end: datetime) -> None:
    began = Counter(
        (end - timedelta(microseconds=told["T"])).date().replace(day=1).isoformat()
        for told in summary(bought(tables), end).values()
    )
    result = questions.cohort_retention(tables, as_of=end, currencies="EUR", guests=GUESTS)
    names = ("age", "cohort", "customer_count")
    assert {row[1:] for row in columns(result, *names) if row[0] == 0} == set(began.items())


@pytest.mark.parametrize("seed", SEEDS)
def test_how_many_customers_came_back(tables: Tables) -> None:
    purchases = bought(tables)
    last = max(one["at"] for one in purchases)
    times = [told["frequency"] for told in summary(purchases, last).values()]
    result = questions.customer_summary(
        tables, currencies="EUR", guests=GUESTS, population="completed"
    )
    names = [f"customer_{name}_count" for name in ("1", "2", "3_plus")]
    expected = (times.count(1), times.count(2), sum(one > 2 for one in times))
    assert columns(result, "customer_type", *names)[0] == ("new", *expected)
