"""Comparisons give what plain Python gives, over random sessions of two years."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from sessionkit.questions import QUESTIONS
from tests import oracle, oracle_compare
from tests.builders import shop
from tests.test_questions_oracle import CODES, arguments, check

Row = dict[str, Any]
STEP = 8
EUR = {270: "EUR", 322: "EUR", 500: "EUR"}
MARCH = datetime(2024, 3, 1, tzinfo=UTC)
APRIL = datetime(2024, 4, 1, tzinfo=UTC)
BERLIN = "Europe/Berlin"


def day(text: str) -> datetime:
    return datetime.fromisoformat(text)


CASES: dict[str, Row] = {
    "month before": {"compare": "previous", "since": MARCH, "until": APRIL, "currencies": EUR},
    "two months before": {
        "compare": "previous", "since": APRIL, "until": day("2024-06-01T00:00Z"),
        "by": ("store_id",),
    },
    "a month under way": {
        "compare": "previous", "since": day("2024-05-01T00:00Z"), "until": day("2024-06-01T00:00Z"),
        "as_of": day("2024-05-11T08:00Z"), "by": ("state",), "currencies": EUR,
    },
    "since then": {"compare": "previous", "since": day("2024-04-20T06:30Z"), "currencies": CODES,
                   "by": ("currency",)},
    "odd hours": {"compare": "previous", "since": day("2024-03-20T06:30Z"), "tz": BERLIN,
                  "until": day("2024-04-02T18:15Z"), "by": ("customer_type",), "currencies": EUR},
    "a year before": {"compare": "year", "since": MARCH, "by": ("application_id",)},
    "a leap month": {"compare": "year", "since": day("2024-02-29T00:00Z"), "until": APRIL,
                     "time_basis": "closed", "currencies": EUR, "by": ("has_coupon",)},
    "two given": {"compare": ("2024-03", "2024-05"), "by": ("coupon_code",), "total_row": True,
                  "currencies": EUR},
    "two years": {"compare": ("2023", "2024"), "tz": "America/New_York", "by": ("store_id",)},
    "each month": {"compare": "previous", "by": ("month",), "currencies": EUR, "tz": BERLIN},
    "each month, a year": {"compare": "year", "by": ("month", "store_id"), "currencies": EUR},
    "each day": {"compare": "previous", "by": ("day",), "time_basis": "closed", "currencies": EUR,
                 "since": MARCH, "until": day("2024-03-25T00:00Z")},
    "each day, a year": {"compare": "year", "by": ("day",), "currencies": EUR,
                         "since": day("2024-02-25T00:00Z"), "until": day("2024-03-10T00:00Z")},
    "each week": {"compare": "previous", "by": ("state", "week"), "tz": BERLIN, "currencies": EUR,
                  "since": day("2024-03-13T12:00Z"), "until": day("2024-05-20T12:00Z")},
    "each week, a year": {"compare": "year", "by": ("week",), "time_basis": "updated"},
    "quarters": {"compare": "previous", "by": ("quarter",), "as_of": day("2024-05-02T10:00Z"),
                 "currencies": EUR},
    "years": {"compare": "previous", "by": ("year", "discounted"), "currencies": EUR},
    "months laid over": {"compare": ("2023-Q1", "2024-Q2"), "by": ("month",), "currencies": EUR},
    "days laid over": {"compare": ("2024-03", "2024-04"), "by": ("day",), "currencies": EUR},
    "one shop": {"compare": "previous", "by": ("month",), "where": {"application_id": [270]},
                 "net": (322, 270), "empty_is_none": (270,)},
    "everything": {"compare": "year", "by": ("quarter",), "population": oracle.STATES},
}  # fmt: skip

NAMED = {
    "2024-03": ("2024-03-01", "2024-04-01"), "2024-05": ("2024-05-01", "2024-06-01"),
    "2024-04": ("2024-04-01", "2024-05-01"), "2023": ("2023-01-01", "2024-01-01"),
    "2024": ("2024-01-01", "2025-01-01"), "2023-Q1": ("2023-01-01", "2023-04-01"),
    "2024-Q2": ("2024-04-01", "2024-07-01"),
}  # fmt: skip
"""The named periods, from when to when."""


def two_years(seed: int) -> dict[str, pa.Table]:
    """A shop of which every other session is a leap year and a bit older."""
    tables = shop(seed, 36)
    sessions = tables["sessions"]
    for name in ("created_at", "updated_at", "closed_at", "cancelled_at"):
        moved = [
            moment and (moment - timedelta(days=366) if place % 2 else moment)
            for place, moment in enumerate(sessions[name].to_pylist())
        ]
        place = sessions.schema.get_field_index(name)
        kind = sessions.schema.field(name)
        sessions = sessions.set_column(place, kind, pa.array(moved, kind.type))
    return {**tables, "sessions": sessions}


def expected(name: str, tables: dict[str, pa.Table], case: Row) -> list[Row]:
    case = dict(case)
    compare = case.pop("compare")
    default = oracle.STATES if name == "states" else oracle.COMPLETED
    asked = oracle.Question(**{"population": default, **case})
    if name == "states":
        asked.by = tuple(one for one in asked.by if one != "state")
    if not isinstance(compare, str):
        before, now = (tuple(map(datetime.fromisoformat, NAMED[one])) for one in compare)
        compare = before, now
        zone = oracle_compare.ZoneInfo(asked.tz)
        asked.since, asked.until = (moment.replace(tzinfo=zone) for moment in now)
    nothing = oracle_compare.nothing_at_all
    if name == "discount_summary":
        nothing = oracle_compare.no_discount
    return oracle_compare.compared(getattr(oracle, name), tables, asked, compare, nothing)


@pytest.mark.parametrize("seed", range(24))
@pytest.mark.parametrize("name", ["totals", "states", "discount_summary"])
def test_comparisons_equal_those_of_plain_python(name: str, seed: int) -> None:
    tables = two_years(seed)
    for case in list(CASES.values())[seed % STEP :: STEP]:
        if name == "discount_summary":
            case = case | {"by": ("base_label", *case.get("by", ()))[seed % 2 :]}
            if "coupon_code" in case["by"]:
                case = case | {"by": ("coupon_code",)}
        found = QUESTIONS[name].function(tables, **arguments(case)).table.to_pylist()
        check(found, expected(name, tables, case))
