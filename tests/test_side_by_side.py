"""Comparisons on a terminal: a line for each figure, now and before beside it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pyarrow as pa

from sessionkit import questions
from sessionkit.result import Result
from sessionkit.side_by_side import compared_text
from tests.asking import at, source


def sold(day: str, total: str, **more: Any) -> dict[str, Any]:
    return {"created_at": at(day), "total": total, **more}


SALES = source(sold("2026-02-01", "10"), sold("2026-03-01", "20.5"), sold("2026-03-31", "20.5"))
MARCH = {"since": "2026-03-01", "until": "2026-04-01", "compare": "previous"}


def test_a_figure_stands_in_one_line_and_what_did_not_change_in_a_sentence() -> None:
    text = questions.totals(SALES, by="store_id", **MARCH).to_text(90)
    assert text == (
        "store_id                –\n"
        "                         now  before  difference   change\n"
        "session_count              2       1           1  100.00%\n"
        "gross_total               41      10          31  310.00%\n"
        "total_known_count          2       1           1  100.00%\n"
        "discount_unknown_count     2       1           1  100.00%\n"
        "returned_known_count       2       1           1  100.00%\n"
        "unit_count                 2       1           1  100.00%\n"
        "line_count                 2       1           1  100.00%\n"
        "avg_session_value       20.5      10        10.5  105.00%\n"
        "median_session_value    20.5      10        10.5  105.00%\n"
        "As before: customer_count 0, items_total 0, priced_count 0, additional_cost_total 0,\n"
        "discount_total –, discount_known_count 0, discount_ambiguous_count 0,\n"
        "discount_known_gross_total 0, net_total –, returned_total 0, avg_units_per_session 1,\n"
        "discounted_count 0, discount_rate –, discount_penetration –."
    )


def compared(**figures: tuple[Any, ...]) -> pa.Table:
    """A row with figures: now, before, the difference, and the change where there is one."""
    endings = ("", "_before", "_difference", "_change")
    return pa.table(
        {
            f"{name}{ending}": [value]
            for name, values in figures.items()
            for ending, value in zip(endings, values, strict=False)
        }
    )


WIDE = compared(
    gross_total=(Decimal("1234.5"), Decimal("1000"), Decimal("234.5"), 0.2345),
    share=(0.5, 0.25, 0.25),
    count=(3, 3, 0, 0.0),
)


def test_without_room_the_change_of_a_rate_is_its_difference() -> None:
    assert compared_text(WIDE, 42, WIDE.column_names) == (
        "                 now  before    change\n"
        "gross_total  1,234.5   1,000    23.45%\n"
        "share         50.00%  25.00%  25.00 pp\n"
        "As before: count 3."
    )
    assert str(compared_text(WIDE, 60, WIDE.column_names)).splitlines() == [
        "                 now  before  difference  change",
        "gross_total  1,234.5   1,000       234.5  23.45%",
        "share         50.00%  25.00%    25.00 pp",
        "As before: count 3.",
    ]


def test_figures_that_only_look_the_same_are_told() -> None:
    table = compared(mean=(0.12341, 0.12342, -0.00001, -0.00008), rest=(1, 1, 0, 0.0))
    assert str(compared_text(table, 50)).splitlines()[1].split()[:3] == ["mean", "0.1234", "0.1234"]


def test_a_table_that_fits_in_lines_or_is_too_wide_is_shown_as_ever() -> None:
    assert str(compared_text(WIDE, 500)).splitlines()[0].split()[:2] == [
        "gross_total",
        "gross_total_before",
    ]
    assert compared_text(WIDE, 30) is None
    assert Result(WIDE).to_text(30).splitlines()[0].startswith("gross_total  ")
    assert compared_text(pa.table({"n": [1], "n_before": [2]}), 10) is None


def test_no_row_is_no_line() -> None:
    empty = questions.totals(SALES, by="month", compare="year", where={"store_id": "none"})
    assert empty.to_text(90).splitlines()[0].split()[:3] == ["month", "partial", "month_before"]
