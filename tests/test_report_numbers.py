"""What people read: money with two decimals, ratios as percentages, times in a fitting unit."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from sessionkit.page.grid import cell, grid, heading
from sessionkit.page.numbers import exact, printable, text


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("0", "0.00"),
        ("1850", "1,850.00"),
        ("1234567.5", "1,234,567.50"),
        ("-0.125", "-0.13"),
        ("0.005", "0.01"),
        ("-0.004", "0.00"),
        ("33.333333333333336", "33.33"),
        ("99999999999999999999.999999999999999999", "100,000,000,000,000,000,000.00"),
        ("12345678901234567890.100000000000000000", "12,345,678,901,234,567,890.10"),
    ],
)
def test_money_is_rounded_to_two_decimals_a_half_away_from_zero(value: str, shown: str) -> None:
    assert text("gross_total", Decimal(value)) == shown


@pytest.mark.parametrize(
    ("column", "value", "shown"),
    [
        ("share", 0.3333, "33.3%"),
        ("discount_rate", 1.25, "125.0%"),
        ("from_first_high", 0.5, "50.0%"),
        ("avg_depth", 0.05, "5.0%"),
        ("avg_session_value", 1234.567, "1,234.57"),
        ("median_seconds", 59.0, "59 s"),
        ("median_seconds", 90.0, "1.5 min"),
        ("median_age_seconds", 86400.0, "24 h"),
        ("p90_seconds", 8640000.0, "100 days"),
        ("session_count", 1200, "1,200"),
        ("application_id", 1200, "1200"),
        ("partial", True, "yes"),
        ("month", date(2026, 1, 1), "2026-01-01"),
        ("created_at", datetime(2026, 1, 31, 9, 5, tzinfo=UTC), "2026-01-31 09:05:00 UTC"),
        ("dialects", ["csv_export", "v1_session"], "csv_export, v1_session"),
        ("dialects", [], "–"),
        ("label", "", '""'),
        ("share", -0.0001, "0.0%"),
        ("avg_session_value", -0.001, "0.00"),
        ("net_total", None, "–"),
    ],
)
def test_a_value_is_written_as_its_column_means_it(column: str, value: object, shown: str) -> None:
    assert text(column, value) == shown


def test_the_exact_value_stands_behind_what_is_shown() -> None:
    shown = cell("gross_total", Decimal("1850.500000000000000000"))
    assert (shown.text, shown.exact, shown.number) == ("1,850.50", "1850.5", True)
    assert not shown.rounded
    assert cell("gross_total", Decimal("0.001"))[:5] == ("0.00", "0.001", True, None, True)
    assert exact(0.1) == "0.1"
    assert exact(0.1 + 0.2) == "0.3"
    assert exact(False) == "false"


def test_characters_that_command_a_terminal_become_pictures() -> None:
    assert printable("a\x1b]0;x\x07b\x9b31m\u202ec\u2028d\tü") == "a␛]0;x␇b\ufffd31mc␤d␉ü"


def test_headings_are_words() -> None:
    assert [heading(name) for name in ("session_count", "avg_discount", "p90_seconds")] == [
        "sessions",
        "avg discount",
        "9 in 10 within",
    ]


def test_a_long_table_is_cut_and_says_so() -> None:
    rows = [{"label": str(number), "row_count": number} for number in range(5)]
    cut = grid("t", "Labels", rows, ("label", "row_count"), limit=2, what="label")
    assert [[one.text for one in row] for row in cut.rows] == [["0", "0"], ["1", "1"]]
    assert cut.cut == "Shown are the first 2 labels of 5."
    assert grid("t", "Labels", rows, ("label", "row_count"), limit=5).cut is None
