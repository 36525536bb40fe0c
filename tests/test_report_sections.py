"""The sections: comparisons, charts over time, flows, sizes, and what is left out of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from sessionkit import questions
from sessionkit.errors import UsageError
from sessionkit.page import report
from sessionkit.page.basket_values import basket_values, size_of
from sessionkit.page.sidecar import sidecar
from sessionkit.tables import COUPONS, DISCOUNTS, EFFECTS, SESSIONS, SNAPSHOTS
from tests.page_reader import Element, Page
from tests.rows import rows

Tables = dict[str, pa.Table]


def on(month: int, day: int, total: str | None = "1", **more: Any) -> dict[str, Any]:
    at = datetime(2026, month, day, 12, tzinfo=UTC)
    return {
        "application_id": 270,
        "integration_id": f"{month}-{day}-{total}",
        "created_at": at,
        "state": "closed",
        "total": total,
        **more,
    }


def written(tmp_path: Path, *sessions: dict[str, Any], **more: Any) -> Page:
    tables = {"sessions": rows(SESSIONS, *sessions), **more.pop("tables", {})}
    return Page(report(tables, tmp_path / "page.html", **more))


def tile(page: Page, name: str) -> list[str]:
    """What a tile says, its value first."""
    tiles = [one for one in page.root.all("div") if one.attributes.get("class") == "tile"]
    (found,) = [one for one in tiles if one.all("dt")[0].text == name]
    return [one.text for one in found.all("dd")]


def figure(page: Page, caption: str) -> Element:
    (found,) = [one for one in page.root.all("figure") if one.all("figcaption")[0].text == caption]
    return found


# ---- key figures


def test_the_last_two_whole_months_are_compared(tmp_path: Path) -> None:
    days = [on(1, 20), on(2, 1, "150"), on(2, 28, "50"), on(3, 1, "300.004"), on(3, 31, "0")]
    page = written(tmp_path, *days, on(4, 2, "7"), currencies="EUR")
    assert tile(page, "gross total") == ["508.00", "Mar 2026: 300.00", "▲ 50.0%"]
    assert tile(page, "sessions") == ["6", "Mar 2026: 2", "= 0.0%"]
    assert tile(page, "average basket") == ["84.67", "Mar 2026: 150.00", "▲ 50.0%"]
    said = "▲ and ▼ compare Mar 2026, the last whole month in the data, with Feb 2026."
    assert said in page.root.text


def test_short_data_are_compared_by_week_and_shorter_ones_by_day(tmp_path: Path) -> None:
    weeks = written(tmp_path, on(3, 2), on(3, 8), on(3, 9), on(3, 15, "2"), on(3, 20))
    assert tile(weeks, "gross total")[1:] == ["week of 9 Mar 2026: 3.00", "▲ 50.0%"]
    days = written(tmp_path, on(3, 1), on(3, 2, "4"), on(3, 3, "1"), on(3, 4))
    assert tile(days, "gross total")[1:] == ["3 Mar 2026: 1.00", "▼ 75.0%"]


def test_nothing_is_compared_where_no_two_periods_are_whole(tmp_path: Path) -> None:
    page = written(tmp_path, on(1, 20), on(2, 1), on(2, 28), on(3, 25))
    assert tile(page, "gross total") == ["4.00"]
    assert "The data do not hold two whole months in a row to compare." in page.root.text


def test_what_is_not_known_of_discounts_stands_beside_them(tmp_path: Path) -> None:
    known: dict[str, Any] = {"discounts_known": True, "discount_total": "5"}
    unknown: dict[str, Any] = {"discounts_known": False}
    page = written(
        tmp_path,
        on(1, 1, "100", **known),
        on(1, 2, "100", discounts_known=None),
        on(1, 3, "100", **unknown),
    )
    assert tile(page, "discount total")[-2:] == [
        "at least: 1 session unclear",
        "without 1 session not known",
    ]
    assert tile(page, "net total")[0] == "95.00"
    assert tile(page, "net total")[-1] == "of 1 session with known discounts"
    assert tile(page, "discount rate") == ["–", "not told where discounts are unclear"]
    page = written(tmp_path, on(1, 1, "100", **unknown))
    assert tile(page, "discount total") == ["–", "discounts of no session are known"]


def test_a_rounded_amount_has_the_exact_one_behind_it(tmp_path: Path) -> None:
    page = written(tmp_path, on(1, 1, "33.335000000000000001"))
    exact = "33.335000000000000001"
    shown = [one for one in page.root.all("data") if one.attributes["value"] == exact]
    assert len(shown) > 3
    assert {one.text for one in shown} == {"33.34"}
    assert {one.attributes["title"] for one in shown} == {exact}


# ---- over time


def test_a_week_without_a_session_has_its_place(tmp_path: Path) -> None:
    page = written(tmp_path, on(1, 6), on(1, 12), on(2, 2), on(3, 2))
    drawn = figure(page, "Completed sessions").all("rect")
    assert [one.attributes["height"] for one in drawn] == [
        *["150.0"] * 2,
        *["0.0"] * 2,
        "150.0",
        *["0.0"] * 3,
        "150.0",
    ]
    assert page.column("times-0", "week") == [
        "2026-01-05",
        "2026-01-12",
        "2026-02-02",
        "2026-03-02",
    ]
    assert [one.attributes["class"] for one in (drawn[0], drawn[-1])] == ["weak", "weak"]


def test_a_long_time_is_cut_into_months_and_the_table_says_what_it_leaves_out(
    tmp_path: Path,
) -> None:
    sessions = [
        on(1 + n % 12, 1, str(n), created_at=datetime(2020 + n // 12, 1 + n % 12, 1, tzinfo=UTC))
        for n in range(40)
    ]
    page = written(tmp_path, *sessions)
    assert page.column("times-0", "month")[0] == "2021-05-01"
    assert page.column("times-0", "month")[-1] == "2023-04-01"
    assert "Shown are the last 24 of 40 months." in page.root.text
    assert len(figure(page, "Completed sessions").all("rect")) == 40


def test_discounts_over_time_are_drawn_for_each_label_on_the_same_axis(tmp_path: Path) -> None:
    def given(day: int, label: str, value: str) -> dict[str, Any]:
        id = f"1-{day}-10"
        return {"application_id": 270, "integration_id": id, "label": label, "value": value}

    known: dict[str, Any] = {"discounts_known": True, "discount_total": "4"}
    discounts = rows(
        DISCOUNTS,
        given(1, "A#1", "1"),
        given(1, "A#2", "3"),
        given(3, "A", "2"),
        given(3, "B", "1"),
    )
    sessions = [on(1, day, "10", **known) for day in (1, 3)]
    sessions.append(on(1, 2, "10", discounts_known=True, discount_total="0"))
    page = written(tmp_path, *sessions, tables={"discounts": discounts})
    assert page.column("labels-0", "label") == ["A", "B"]
    assert page.column("labels-0", "discount total") == ["6", "1"]
    heights = [
        [float(one.attributes["height"]) for one in figure(page, name).all("rect")]
        for name in ("A", "B")
    ]
    assert heights == [[90.0, 0.0, 45.0], [0.0, 0.0, 22.5]]


# ---- states


def test_the_flow_adds_up_from_created_to_the_ends(tmp_path: Path) -> None:
    page = written(
        tmp_path,
        on(1, 1),
        on(1, 2, state="partially_returned"),
        on(1, 3, state="open"),
        on(1, 4, state="cancelled", times_known=True),
        on(1, 5, state="cancelled"),
    )
    drawn = figure(page, "What became of the sessions")
    texts = [one.text for one in drawn.all("text")]
    assert texts[:2] == ["created", "5"]
    told = dict(zip(texts[::2], texts[1::2], strict=True))
    assert told["closed"] == "2 (40.0%)"
    assert told["not closed"] == "2 (40.0%)"
    assert told["not known"] == "1 (20.0%)"
    assert told["kept whole"] == "1 (20.0%)"
    assert len(drawn.all("path")) == 3 + 5


def test_what_may_not_follow_is_marked(tmp_path: Path) -> None:
    def seen(state: str, hour: int) -> dict[str, Any]:
        return {
            "application_id": 270,
            "integration_id": "1-1-1",
            "created_at": datetime(2026, 1, 1, 12, tzinfo=UTC),
            "version_at": datetime(2026, 1, 1, hour, tzinfo=UTC),
            "state": state,
            "digest": f"{hour}",
        }

    history = rows(SNAPSHOTS, seen("cancelled", 13), seen("closed", 14))
    page = written(tmp_path, on(1, 1), tables={"snapshots": history})
    table = page.table("transitions-table")
    assert table[0][1:] == ["open", "closed", "partially returned", "cancelled"]
    (found,) = [
        one for one in page.root.all("table") if one.attributes["id"] == "transitions-table"
    ]
    assert "1 illegal" in [one.text for one in found.all("td")]


# ---- baskets


def test_baskets_are_sized_by_their_exact_total() -> None:
    totals = ["-1", "0", "0.999999999999999999", "1", "1.999999999999999999", "2", "5"]
    totals += ["9.99", "10", "4999999999999999999.99", None]
    sessions = [on(1, n + 1, total) for n, total in enumerate(totals)]
    found = basket_values({"sessions": rows(SESSIONS, *sessions)}).table.to_pylist()
    assert [(row["place"], row["session_count"]) for row in found] == [
        (-2, 1),
        (-1, 1),
        (0, 1),
        (1, 2),
        (2, 1),
        (3, 2),
        (4, 1),
        (56, 1),
        (None, 1),
    ]
    assert found[3]["gross_total"] == Decimal("2.999999999999999999")
    assert size_of(56) == "2E+18–5E+18"


def test_the_histogram_of_baskets_has_no_gap(tmp_path: Path) -> None:
    page = written(tmp_path, on(1, 1, "1.5"), on(1, 2, "30"), on(1, 3, "30"), on(1, 4, None))
    drawn = figure(page, "Completed sessions, by total in currency not named").all("rect")
    assert [float(one.attributes["height"]) for one in drawn] == [75.0, 0.0, 0.0, 0.0, 150.0]
    assert page.column("baskets-0", "sessions") == ["1", "2", "1"]
    assert page.column("baskets-0", "total") == ["1–2", "20–50", "not known"]
    assert "Half are below 30.00; the average is 20.50" in page.root.text


# ---- codes


def test_of_many_codes_the_most_entered_are_shown(tmp_path: Path) -> None:
    entered = [("COMMON", n) for n in range(1, 29)] + [(f"ONCE-{n:02d}", n) for n in range(1, 29)]
    coupons = rows(
        COUPONS,
        *[
            {"application_id": 270, "integration_id": f"1-{n}-1", "code": code}
            for code, n in entered
        ],
    )
    sessions = [on(1, n, coupon_codes=["COMMON", f"ONCE-{n:02d}"]) for n in range(1, 29)]
    page = written(tmp_path, *sessions, tables={"coupons": coupons})
    assert page.column("coupons-0", "coupon code")[:2] == ["COMMON", "ONCE-01"]
    assert page.column("coupons-0", "sessions")[:2] == ["28", "1"]
    assert len(page.column("coupons-0", "sessions")) == 20
    assert "29 coupon codes; the one entered most is in 28 sessions." in page.root.text
    assert "9 further coupon codes stand in no row." in page.root.text


# ---- campaigns


def test_campaigns_have_a_section_where_there_are_effects(tmp_path: Path) -> None:
    def effect(place: int, campaign: int, value: str) -> dict[str, Any]:
        return {
            "application_id": 270,
            "integration_id": "1-1-10",
            "event_id": 1,
            "event_type": "talon_session_closed",
            "created_at": datetime(2026, 1, 1, 12, tzinfo=UTC),
            "place": place,
            "campaign_id": campaign,
            "effect_type": "setDiscount",
            "label": "A",
            "value": value,
        }

    effects = rows(EFFECTS, effect(0, 7, "1.5"), effect(1, 8, "2.25"))
    page = written(tmp_path, on(1, 1, "10"), tables={"effects": effects})
    assert "What did the campaigns do?" in [one.text for one in page.root.all("h2")]
    assert page.column("campaigns-0", "campaign") == ["8", "7"]
    assert page.column("campaigns-0", "discount total") == ["2.25", "1.5"]
    drawn = figure(page, "Discounts by campaign, currency not named")
    assert [one.text for one in drawn.all("text")] == ["Campaign 8", "2.25", "Campaign 7", "1.50"]


# ---- the figures for programs


def test_the_figures_are_written_exactly_with_what_the_page_cuts_off(tmp_path: Path) -> None:
    labels = [
        {"application_id": 270, "integration_id": "1-1-9", "label": f"L{n}", "value": f"{n}.001"}
        for n in range(30)
    ]
    known: dict[str, Any] = {"discounts_known": True, "discount_total": "435.03"}
    tables = {
        "sessions": rows(SESSIONS, on(1, 1, "9", **known)),
        "discounts": rows(DISCOUNTS, *labels),
    }
    path = tmp_path / "page.json"
    report(tables, tmp_path / "page.html", json=path, title="T", currencies={270: "EUR"})
    told = json.loads(path.read_text(encoding="utf-8"))
    assert (told["title"], told["arguments"]["currencies"]) == ("T", {"270": "EUR"})
    labels_told = told["answers"]["labels"]
    assert labels_told["question"] == "discount_summary"
    assert labels_told["arguments"] == {"by": ["currency", "base_label"]}
    assert len(labels_told["rows"]) == 30
    dearest = max(labels_told["rows"], key=lambda row: Decimal(row["discount_total"]))
    assert (dearest["base_label"], dearest["discount_total"]) == ("L29", "29.001")
    asked = questions.totals(tables, by="currency", currencies={270: "EUR"})
    completed = told["answers"]["completed"]
    assert completed["definition"] == dict(asked.definition)
    assert completed["notes"] == list(asked.notes)
    assert completed["rows"] == [pytest.approx(row) for row in json.loads(asked.to_json())]
    assert completed["rows"][0]["discount_total"] == "435.03"
    assert told["reading"]["span"]["session_count"] == 1


def test_of_codes_those_entered_most_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered = {270: ("RARE", "OFTEN", "OFTEN", "ALSO", "ALSO", "ALSO"), 322: ("ONE", "TWO")}
    sessions = [
        {**on(1, 1), "application_id": application, "integration_id": f"{place}"}
        for application, codes in entered.items()
        for place in range(len(codes))
    ]
    coupons = [
        {"application_id": application, "integration_id": f"{place}", "code": code}
        for application, codes in entered.items()
        for place, code in enumerate(codes)
    ]
    tables = {"sessions": rows(SESSIONS, *sessions), "coupons": rows(COUPONS, *coupons)}

    def told(most: int) -> tuple[list[tuple[int, str]], int | None]:
        monkeypatch.setitem(sidecar.__globals__, "MOST_CODES", most)
        report(tables, tmp_path / "page.html", json=tmp_path / "page.json")
        answer = json.loads((tmp_path / "page.json").read_text(encoding="utf-8"))["answers"]
        found = answer["coupons"]
        codes = [(row["application_id"], row["coupon_code"]) for row in found["rows"]]
        return codes, found.get("rows_left_out")

    assert told(2) == ([(270, "ALSO"), (270, "OFTEN"), (322, "ONE"), (322, "TWO")], 1)
    assert told(1) == ([(270, "ALSO"), (322, "ONE")], 3)
    assert told(5)[1] is None
    assert len(told(5)[0]) == 5


def test_the_page_is_the_same_with_and_without_the_figures(tmp_path: Path) -> None:
    tables = {"sessions": rows(SESSIONS, on(1, 1))}
    alone = report(tables, tmp_path / "a.html").read_bytes()
    assert report(tables, tmp_path / "b.html", json=tmp_path / "b.json").read_bytes() == alone
    report({}, tmp_path / "c.html", json=tmp_path / "c.json")
    assert json.loads((tmp_path / "c.json").read_text())["answers"]["all"]["rows"]


def test_page_and_figures_cannot_be_the_same_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be the same file"):
        report({}, tmp_path / "a.html", json=tmp_path / "." / "a.html")
    assert not (tmp_path / "a.html").exists()


# ---- size


def test_a_page_of_very_much_stays_below_a_megabyte(tmp_path: Path) -> None:
    sessions, discounts, coupons = [], [], []
    for n in range(3000):
        application, at = 1 + n % 40, datetime(2019 + n % 7, 1 + n % 12, 1 + n % 28, tzinfo=UTC)
        one = {"application_id": application, "integration_id": f"S-{n}"}
        known = {"discounts_known": True, "discount_total": "1", "coupon_codes": [f"{n}" * 30]}
        sessions.append({**one, "created_at": at, "state": "closed", "total": f"{n}.001", **known})
        discounts.append({**one, "label": f"{n} " + "夏のセール" * 60, "value": "1"})
        coupons.append({**one, "code": f"{n}" * 30})
    tables = {
        "sessions": rows(SESSIONS, *sessions),
        "discounts": rows(DISCOUNTS, *discounts),
        "coupons": rows(COUPONS, *coupons),
    }
    page = Page(report(tables, tmp_path / "page.html"))
    assert 200_000 < len(page.source.encode()) < 1_000_000
    assert "55 other labels" in page.root.text
