"""The periods that are named: where each begins and ends, to the day, on the clock of a zone."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from sessionkit.errors import UsageError
from sessionkit.questions.periods import Period, compared_with, month_after

ZONE = ZoneInfo("UTC")


def days(given: object, zone: ZoneInfo = ZONE) -> tuple[datetime | None, datetime | None]:
    told = compared_with((given, "1999"), zone)
    assert isinstance(told, tuple)
    return told[0].since, told[0].until


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("2024", (2024, 1, 1), (2025, 1, 1)),
        ("2024-Q1", (2024, 1, 1), (2024, 4, 1)),
        ("2024-q2", (2024, 4, 1), (2024, 7, 1)),
        ("2024-Q3", (2024, 7, 1), (2024, 10, 1)),
        ("2024-Q4", (2024, 10, 1), (2025, 1, 1)),
        ("2024-01", (2024, 1, 1), (2024, 2, 1)),
        ("2024-02", (2024, 2, 1), (2024, 3, 1)),
        ("2024-12", (2024, 12, 1), (2025, 1, 1)),
        ("2024-02-29", (2024, 2, 29), (2024, 3, 1)),
        ("2024-12-31", (2024, 12, 31), (2025, 1, 1)),
        ("2024-W01", (2024, 1, 1), (2024, 1, 8)),
        ("2020-W53", (2020, 12, 28), (2021, 1, 4)),
        ("0001", (1, 1, 1), (2, 1, 1)),
        ("9998", (9998, 1, 1), (9999, 1, 1)),
        (" 2024 ", (2024, 1, 1), (2025, 1, 1)),
        ("2024-01-05..2024-01-07", (2024, 1, 5), (2024, 1, 7)),
        (date(2024, 2, 29), (2024, 2, 29), (2024, 3, 1)),
        (("2024-01-05", date(2024, 1, 6)), (2024, 1, 5), (2024, 1, 6)),
    ],
)
def test_a_period_has_its_first_day_and_ends_before_the_next(
    text: object, since: tuple[int, int, int], until: tuple[int, int, int]
) -> None:
    assert days(text) == (datetime(*since, tzinfo=UTC), datetime(*until, tzinfo=UTC))


def test_days_begin_on_the_clock_of_the_zone() -> None:
    assert days("2024-04", ZoneInfo("Europe/Berlin")) == (
        datetime(2024, 3, 31, 22, tzinfo=UTC),
        datetime(2024, 4, 30, 22, tzinfo=UTC),
    )


NONE = "0000 9999 2024-13 2024-00 2023-02-29 2024-W54 2023-W53 2024-Q5 2024-Q0 24 2024-1 x ٢٠٢٤"
NO_STRETCH = ["2024-01-01..", "..2024-01-01", "2024-01-02..2024-01-01", ("2024-01-01",)]
NEITHER = ["", 2024, ("2024-01-02", "2024-01-02"), ["a", "b"], None]


@pytest.mark.parametrize("given", [*NONE.split(), *NO_STRETCH, *NEITHER])
def test_what_names_no_period_is_refused(given: object) -> None:
    with pytest.raises(UsageError):
        compared_with((given, "2024"), ZONE)


@pytest.mark.parametrize(
    ("months", "expected"),
    [
        (0, (2026, 5)),
        (7, (2026, 12)),
        (8, (2027, 1)),
        (-4, (2026, 1)),
        (-5, (2025, 12)),
        (24, (2028, 5)),
    ],
)
def test_months_are_counted_over_the_ends_of_years(months: int, expected: tuple[int, int]) -> None:
    assert month_after(2026, 5, months) == date(*expected, 1)


def test_nothing_and_words_are_told_apart() -> None:
    assert compared_with(None, ZONE) is None
    assert compared_with("previous", ZONE) == "previous"
    assert compared_with("year", ZONE) == "year"
    assert compared_with(("2024", "2025"), ZONE) == (
        Period(datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)),
        Period(datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)),
    )
    for given in ("2024", ("2024",), ("2024", "2025", "2026"), 7):
        with pytest.raises(UsageError):
            compared_with(given, ZONE)
