"""RFM: a score says how many customers do worse, and equal values score alike."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from sessionkit import questions
from tests.asking import at, columns, source
from tests.builders import shop

KNOWN = {"discounts_known": True}
ANN, BOB = {"profile_id": "ann"}, {"profile_id": "bob"}


def bought(**days: list[str]) -> dict[str, Any]:
    """Sessions of customers on days, worth 10 each."""
    return source(
        *(
            {"profile_id": name, "total": "10", "created_at": at(day)}
            for name, several in days.items()
            for day in several
        )
    )


FIVE = bought(
    a=["2024-01-05"],
    b=["2024-01-04"] * 2,
    c=["2024-01-03"] * 3,
    d=["2024-01-02"] * 4,
    e=["2024-01-01"] * 5,
)


def test_five_customers_have_the_five_scores() -> None:
    result = questions.rfm(FIVE, as_of="2024-01-05T12:00:00Z")
    names = ("profile_id", "recency_days", "frequency", "money", "rfm")
    assert columns(result, *names) == [
        ("a", 0, 1, 10, "511"),
        ("b", 1, 2, 20, "422"),
        ("c", 2, 3, 30, "333"),
        ("d", 3, 4, 40, "244"),
        ("e", 4, 5, 50, "155"),
    ]


def test_equal_values_score_alike_and_the_worst_is_1() -> None:
    day, late = "2024-01-01", "2024-02-01"
    tables = bought(a=[day], b=[day], c=[day], d=[day], e=[day], f=[day, day], g=[late])
    result = questions.rfm(tables)
    scores = columns(result, "profile_id", "recency_score", "frequency_score", "money_score")
    assert scores == [("g", 5, 1, 1), ("f", 1, 5, 5), *((one, 1, 1, 1) for one in "abcde")]
    assert columns(questions.rfm(bought(a=[day])), "rfm") == [("111",)]


def test_recency_is_whole_days_of_24_hours() -> None:
    tables = bought(a=["2024-03-30T12:00:01+00:00"], b=["2024-03-30T12:00:00+00:00"])
    for tz in ("UTC", "Europe/Berlin"):
        result = questions.rfm(tables, as_of="2024-03-31T12:00:00Z", tz=tz)
        assert columns(result, "profile_id", "recency_days") == [("a", 0), ("b", 1)]


def test_money_is_exact_and_what_it_covers_is_told() -> None:
    tables = source(
        {**ANN, **KNOWN, "total": "33.333333333333336", "discount_total": "0.000000000000000001"},
        {**ANN, **KNOWN, "total": "0.1", "discount_total": "0"},
        {**ANN, "total": "5"},
        {**BOB, "total": None},
    )
    names = ("profile_id", "money", "money_known_count", "money_score", "rfm")
    gross, net = questions.rfm(tables), questions.rfm(tables, money="net")
    assert columns(gross, *names) == [
        ("ann", Decimal("38.433333333333336"), 3, 1, "131"),
        ("bob", None, 0, None, None),
    ]
    assert columns(net, *names)[0][1:3] == (Decimal("33.433333333333335999"), 2)
    assert "In 1 row the total of some" in gross.notes[-1]
    assert "In 2 rows the discounts of some" in net.notes[-1]


def test_net_money_adds_up_to_the_net_total_of_totals() -> None:
    tables = shop(5, sessions=200)
    known = {"customer_type": ["new", "returning", "unknown"]}
    given = {"currencies": "EUR", "where": known}
    whole = questions.totals(tables, **given).table.to_pylist()[0]
    for money, total in (("net", "net_total"), ("gross", "gross_total")):
        rows = questions.rfm(tables, money=money, **given).table["money"].to_pylist()
        assert sum(one for one in rows if one is not None) == whole[total]


def test_a_score_counts_only_customers_who_have_the_figure() -> None:
    dated = [{"closed_at": at(f"2024-01-0{day}"), "total": "1"} for day in (1, 2)]
    lacking = [{"total": None}] * 8
    tables = source(*({**one, "profile_id": str(n)} for n, one in enumerate([*dated, *lacking])))
    result = questions.rfm(tables, time_basis="closed")
    scores = ("profile_id", "recency_score", "money_score")
    assert columns(result, *scores)[:3] == [("1", 3, 1), ("0", 1, 1), ("2", None, None)]


def test_a_session_at_the_moment_itself_is_not_later() -> None:
    result = questions.rfm(bought(a=["2024-01-01", "2024-01-03"]), as_of="2024-01-03")
    assert columns(result, "frequency", "recency_days") == [(2, 0)]
    assert not any("later than as_of" in note for note in result.notes)


def test_sessions_without_a_time_count_but_have_no_recency() -> None:
    day = {"closed_at": at("2024-01-02")}
    tables = source({**ANN, **day, "total": "3"}, {**ANN, "total": "4"}, {**BOB, "total": "5"})
    result = questions.rfm(tables, time_basis="closed", as_of="2024-01-05")
    names = ("profile_id", "last_at", "recency_days", "frequency", "recency_score", "rfm")
    assert columns(result, *names) == [
        ("ann", at("2024-01-02"), 3, 2, 1, "133"),
        ("bob", None, None, 1, None, None),
    ]


def test_sessions_after_as_of_are_left_out_and_told() -> None:
    result = questions.rfm(FIVE, as_of="2024-01-02T12:00:00Z")
    assert columns(result, "profile_id", "recency_days") == [("d", 0), ("e", 1)]
    assert any(note.startswith("6 sessions are later than as_of") for note in result.notes)


def test_customers_by_number_and_guests() -> None:
    tables = source(
        {"profile_id": "ann", "profile_internal_id": 7},
        {"profile_internal_id": 7},
        {"profile_internal_id": 8},
        {"profile_id": "guest-1", "profile_internal_id": 9},
        {},
    )
    result = questions.rfm(tables, guests="^guest-")
    assert columns(result, "profile_id", "profile_internal_id", "frequency") == [
        ("ann", None, 2),
        (None, 8, 1),
    ]


BOUGHT = [
    (f"c{k * k % 13}", date(2024, 1, 1) + timedelta(days=k * 53 % 91), k * k * 7 % 97 + k % 4 / 4)
    for k in range(40)
]
LIFETIMES = {
    "c0": (4, 65, 92, 42.625),
    "c1": (6, 78, 80, 25.041666666666668),
    "c10": (6, 53, 86, 57.541666666666664),
    "c12": (6, 78, 87, 55.375),
    "c3": (6, 60, 70, 67.20833333333333),
    "c4": (6, 74, 77, 52.041666666666664),
    "c9": (6, 59, 63, 44.541666666666664),
}
"""What `lifetimes` 0.11.3 (with pandas 1.5.3) tells of BOUGHT: purchases, age at the last one, age
at the end, money per purchase. It came of

    frame = pandas.DataFrame(BOUGHT, columns=["who", "day", "worth"])
    lifetimes.utils.summary_data_from_transaction_data(
        frame, "who", "day", "worth",
        observation_period_end="2024-04-02", include_first_transaction=True,
    )
"""


def test_rfm_equals_what_lifetimes_tells() -> None:
    tables = source(
        *(
            {
                "integration_id": str(place),
                "profile_id": who,
                "total": str(worth),
                "created_at": at(f"{day}T00:00"),
            }
            for place, (who, day, worth) in enumerate(BOUGHT)
        )
    )
    result = questions.rfm(tables, as_of="2024-04-02")
    found = {
        who: (times, days, float(money) / times)
        for who, times, days, money in columns(
            result, "profile_id", "frequency", "recency_days", "money"
        )
    }
    expected = {
        who: (times, age - last, pytest.approx(worth, rel=1e-12))
        for who, (times, last, age, worth) in LIFETIMES.items()
    }
    assert found == expected
