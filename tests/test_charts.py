"""A chart for every answer: what is drawn, and that each is drawn whole, as SVG too."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from importlib.resources import files
from itertools import pairwise
from typing import Any

import pyarrow as pa
import pytest
import vl_convert

from sessionkit import questions
from sessionkit.charting import COLOURS
from sessionkit.columns import MONEY_TYPE
from sessionkit.drawn import DRAWN
from sessionkit.errors import UsageError
from sessionkit.pictures import MOST_BARS, picture_of
from sessionkit.questions import QUESTIONS
from sessionkit.result import Result
from tests.asking import at, source
from tests.builders import shop

SHOP = shop(1)
EMPTY: dict[str, pa.Table] = {}


def svg_of(result: Result) -> str:
    """The chart as a browser would draw it; a chart that cannot be is an error."""
    return str(vl_convert.vegalite_to_svg(result.chart().to_dict()))


def marks_of(result: Result) -> list[dict[str, Any]]:
    values: list[dict[str, Any]] = result.chart().to_dict()["data"]["values"]
    return values


def money(*amounts: str | None) -> pa.Array:
    return pa.array([None if one is None else Decimal(one) for one in amounts], MONEY_TYPE)


# ---- every question


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_question_has_a_chart_of_its_own_that_can_be_drawn(name: str) -> None:
    assert name in DRAWN, f"say in DRAWN what is drawn of {name}"
    answer = QUESTIONS[name].function(SHOP)
    drawn = svg_of(answer)
    assert name.replace("_", " ") in drawn
    assert len(re.findall("<path", drawn)) >= len(marks_of(answer))


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_chart_of_nothing_says_so(name: str) -> None:
    answer = QUESTIONS[name].function(EMPTY)
    if not len(answer):
        assert "no row to draw" in svg_of(answer)
    else:
        assert svg_of(answer)


@pytest.mark.parametrize("name", sorted({name for name, one in QUESTIONS.items() if one.compares}))
def test_a_comparison_can_be_drawn(name: str) -> None:
    answer = QUESTIONS[name].function(SHOP, by="month", compare="previous", currencies="EUR")
    assert svg_of(answer)


@pytest.mark.parametrize("name", QUESTIONS)
def test_what_is_drawn_is_what_the_answer_says(name: str) -> None:
    """Each mark is a figure of the table, written out in words."""
    answer = QUESTIONS[name].function(SHOP, currencies="EUR")
    drawn = DRAWN[name]
    if drawn.counted:
        assert sum(mark["figure"] for mark in marks_of(answer)) == len(answer)
        return
    figures = [one for one in (*drawn.figures, *drawn.alone) if one in answer.table.column_names]
    there = {
        None if value is None else float(value)
        for figure in figures
        for value in answer.table[figure].to_pylist()
    }
    assert {mark["figure"] for mark in marks_of(answer)} <= there


# ---- what stands where


def test_states_stand_along_their_counts() -> None:
    drawn = questions.states(source({}, {})).chart().to_dict()
    assert drawn["data"]["values"][1] == {"along": "closed", "figure": 2.0, "shown": "2"}
    assert drawn["encoding"]["x"]["title"] == "session_count"
    assert drawn["encoding"]["y"]["field"] == "along"


def test_amounts_of_two_applications_share_no_axis() -> None:
    two = source(
        {"application_id": 1, "total": Decimal("10"), "integration_id": "a"},
        {"application_id": 2, "total": Decimal("3000"), "integration_id": "b"},
    )
    drawn = questions.totals(two).chart().to_dict()
    panels = {mark["panel"] for mark in drawn["data"]["values"]}
    assert panels == {"1", "2"}
    assert drawn["resolve"]["scale"]["x"] == "independent"
    counts = questions.states(two).chart().to_dict()
    assert "facet" not in counts
    assert {mark["series"] for mark in counts["data"]["values"]} == {"1", "2"}


def test_periods_are_drawn_over_time_by_the_days_they_begin_with() -> None:
    table = source(
        {"created_at": at("2024-03-05"), "total": Decimal(5)},
        {"created_at": at("2024-04-05"), "total": Decimal(7)},
    )
    drawn = questions.totals(table, by="month", currencies="EUR").chart().to_dict()
    found = [(mark["along"], mark["figure"]) for mark in drawn["data"]["values"]]
    assert found == [("2024-03", 5.0), ("2024-04", 7.0)]
    assert drawn["mark"]["type"] == "bar"


def test_many_periods_are_a_line_on_the_clock_of_no_place() -> None:
    days = [date(2024, 1, 1) + timedelta(days=number) for number in range(60)]
    answer = Result(pa.table({"day": days, "n": list(range(60))}))
    drawn = answer.chart().to_dict()
    assert drawn["mark"]["type"] == "line"
    assert drawn["encoding"]["x"]["scale"] == {"type": "utc"}
    assert drawn["data"]["values"][59]["along"] == "2024-02-29"


def test_labels_are_drawn_the_largest_first_and_what_is_left_out_is_said() -> None:
    sessions = [{"discounts_known": True, "discount_total": Decimal(n)} for n in range(1, 61)]
    named = [{**one, "integration_id": f"s{place}"} for place, one in enumerate(sessions)]
    rows = [
        {"of": f"s{place}", "label": f"label {place:02}", "value": Decimal(place + 1)}
        for place in range(60)
    ]
    answer = questions.discount_summary(source(*named, discounts=rows), currencies="EUR")
    drawn = answer.chart().to_dict()
    labels = [mark["along"] for mark in drawn["data"]["values"]]
    assert labels == [f"label {place:02}" for place in range(59, 59 - MOST_BARS, -1)]
    assert drawn["title"]["subtitle"] == f"drawn: {MOST_BARS} of 60"


def test_sessions_with_a_coupon_are_stacked_by_how_they_ended() -> None:
    two = source(
        {"state": "closed"},
        {"state": "open"},
        coupons=[{"of": "a", "code": "X"}, {"of": "b", "code": "X"}],
    )
    drawn = questions.coupon_summary(two).chart().to_dict()
    found = {m["series"]: m["figure"] for m in drawn["data"]["values"] if m["along"] == "X"}
    assert (found["kept whole"], found["in progress"], found["revoked"]) == (1.0, 1.0, 0.0)
    assert drawn["encoding"]["x"]["stack"] == "zero"


def test_a_comparison_stands_beside_what_it_is_compared_with() -> None:
    table = source(
        {"created_at": at("2024-03-05"), "total": Decimal(5)},
        {"created_at": at("2024-04-05"), "total": Decimal(7)},
    )
    answer = questions.totals(table, by="month", compare="previous", currencies="EUR")
    marks = marks_of(answer)
    april = {mark["series"]: mark["figure"] for mark in marks if mark["along"] == "2024-04"}
    assert april == {"gross total": 7.0, "gross total before": 5.0}


def test_a_total_row_is_not_drawn_beside_its_parts() -> None:
    answer = questions.totals(source({}, {}), by="state", total_row=True, currencies="EUR")
    assert len(answer) == len(marks_of(answer)) + 1


def test_a_score_counts_customers_and_scores_stand_in_their_order() -> None:
    picture = questions.rfm(SHOP, currencies="EUR").chart().to_dict()
    across = picture["layer"][0]["encoding"]["x"]["sort"]
    assert across == sorted(across)


def test_applications_are_called_by_their_names() -> None:
    table = pa.table({"application_id": [1, 2], "n": [3, 4]})
    assert [one["along"] for one in picture_of("sql", table, (), {1: "Shop"}).marks] == [
        "1 Shop",
        "2",
    ]


def test_reconcile_draws_how_far_off_each_figure_is() -> None:
    table = pa.table(
        {
            "campaign_id": ["Total", "Total"],
            "start_at": pa.array([at("2024-03-01")] * 2, pa.timestamp("us", "UTC")),
            "figure": ["revenue", "coupons"],
            "basis": ["total", None],
            "partially_returned": ["in", None],
            "theirs": money("200", None),
            "difference": money("-10", None),
        }
    )
    (mark,) = picture_of("reconcile", table).marks
    assert mark["along"] == "Total 2024-03-01 revenue total, returned in"
    assert mark["figure"] == -0.05


def test_an_answer_without_a_figure_cannot_be_drawn() -> None:
    with pytest.raises(UsageError, match=r"labels: there is no figure to draw among label\."):
        Result(pa.table({"label": ["x"]}), "labels").chart()


@pytest.mark.parametrize(
    "label", ["<script>alert(1)</script>", 'quoted "#1"', "back\\slash", "", "\x1b[31m", "a.b[c]"]
)
def test_any_label_can_be_drawn(label: str) -> None:
    answer = Result(pa.table({"label": [label], "n": [1]}))
    drawn = svg_of(answer)
    assert "<script" not in drawn
    assert "\x1b" not in drawn


def test_nothing_is_where_a_figure_is_null() -> None:
    answer = Result(pa.table({"label": ["a", "b"], "total": money("1.5", None)}))
    assert [mark["figure"] for mark in marks_of(answer)] == [1.5, None]
    assert svg_of(answer)


@pytest.mark.parametrize("ask", [questions.totals, questions.states, questions.funnel])
def test_a_chart_holds_no_more_than_can_be_told_apart(ask: Callable[..., Result]) -> None:
    answer = ask(SHOP, by=["day", "attributes.Channel", "customer_type"])
    assert len(marks_of(answer)) <= 2000
    assert "drawn: " in str(answer.chart().to_dict()["title"])


def test_the_row_of_totals_is_not_drawn_nor_told_apart() -> None:
    table = source({"store_id": "s"}, {"store_id": "t"}, {"store_id": "t"})
    for by in (["store_id"], []):
        answer = questions.states(table, by=by, total_row=True, currencies="EUR")
        drawn = answer.chart().to_dict()
        assert "is_total" in answer.table.column_names
        assert sum(mark["figure"] for mark in drawn["data"]["values"]) == 3
        assert "is_total" not in json.dumps(drawn)
        assert {mark.get("series") for mark in drawn["data"]["values"]} == (
            {"s", "t"} if by else {None}
        )


def test_cohorts_have_a_panel_each_only_where_they_are_told_apart() -> None:
    table = source(
        {"profile_id": "a", "discounts_known": True, "discount_total": Decimal(1)},
        {"profile_id": "b", "discounts_known": True, "discount_total": Decimal(0)},
    )
    drawn = questions.cohort_retention(table).chart().to_dict()
    assert [mark.get("panel") for mark in drawn["data"]["values"]] == [None]
    apart = questions.cohort_retention(table, by="first_discounted").chart().to_dict()
    assert [mark["panel"] for mark in apart["data"]["values"]] == ["no", "yes"]


def test_panels_are_lower_and_many_bands_wider() -> None:
    one = source({"application_id": 1, "total": Decimal(1)})
    two = source({"application_id": 1}, {"application_id": 2})
    alone = questions.totals(one, by="month", currencies="EUR").chart().to_dict()
    below = questions.totals(two, by="month").chart().to_dict()["spec"]
    assert (alone["width"], alone["height"]) == (480, 240)
    assert (below["width"], below["height"]) == (480, 150)
    bands = questions.discount_depth(one).chart().to_dict()
    assert (bands["width"], bands["height"]) == (720, 240)


def lightness(colour: str) -> float:
    """How light a colour is on grey paper, from 0 to 100: L* of CIELAB."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    luminance = sum(w * one for w, one in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
    return 116 * luminance ** (1 / 3) - 16 if luminance > 0.008856 else 903.3 * luminance


def test_colours_are_apart_on_grey_paper() -> None:
    assert [round(lightness(one)) for one in ("#000000", "#ffffff", "#777777")] == [0, 100, 50]
    for count, least in ((2, 25), (4, 12), (len(COLOURS), 6)):
        shades = sorted(lightness(one) for one in COLOURS[:count])
        assert min(after - before for before, after in pairwise(shades)) >= least
    assert max(shades) < 85, "the lightest is apart from the paper"


def test_bars_of_the_page_are_apart_on_grey_paper() -> None:
    style = (files("sessionkit.page") / "templates" / "style.css").read_text(encoding="utf-8")
    palettes = [dict(re.findall(r"--(\w+): (#\w{6})", one)) for one in style.split(":root {")[1:]]
    assert len(palettes) == 3
    for palette in palettes:
        paper, ink, bar, weak = (lightness(palette[n]) for n in ("paper", "ink", "bar", "weak"))
        assert abs(bar - weak) > 30
        assert abs(bar - paper) > 40
        assert abs(ink - paper) > 70
