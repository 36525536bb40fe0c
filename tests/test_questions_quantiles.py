"""Medians and ninth deciles against SciPy, which interpolates as spreadsheets do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

import pyarrow as pa
import pytest
from scipy import stats

import sessionkit
from sessionkit import questions
from sessionkit.generate import generate
from sessionkit.lifecycle import COMPLETED
from sessionkit.tables import SNAPSHOTS

Row = dict[str, Any]
Tables = dict[str, pa.Table]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """Generated sessions that tell when they were closed, and what their discounts are."""
    dialects = ["csv_export", "v1_session"]
    out = generate(tmp_path_factory.mktemp("made"), sessions=700, seed=21, dialects=dialects)
    tables = sessionkit.read(out / "dumps")
    names = ("sessions", "discounts", "coupons", "findings", "effects")
    return {name: getattr(tables, name) for name in names} | {"snapshots": SNAPSHOTS.empty()}


def expected(values: list[float], at: float) -> Any:
    if not values:
        return None
    return pytest.approx(float(stats.quantile(values, at, method="linear")), rel=1e-14)


def check(
    found: pa.Table,
    names: dict[str, float],
    keys: tuple[str, ...],
    values: Callable[[Row], list[float]],
) -> None:
    """Hold the quantiles of an answer, row by row, against those of values."""
    told = 0
    for row in found.to_pylist():
        group = values({key: row[key] for key in keys})
        for name, at in names.items():
            assert row[name] == expected(group, at), (row, name)
            told += len(group) > 2
    assert told > 5


def by_application(tables: Tables) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    for session in tables["sessions"].to_pylist():
        found[session["application_id"]].append(session)
    return found


def test_the_median_session_value(made: Tables) -> None:
    def values(group: Row) -> list[float]:
        return [
            float(s["total"])
            for s in made["sessions"].to_pylist()
            if s["state"] in COMPLETED
            and s["total"] is not None
            and (s["application_id"], s["store_id"]) == (group["application_id"], group["store_id"])
        ]

    keys = ("application_id", "store_id")
    found = questions.totals(made, by=keys).table
    check(found, {"median_session_value": 0.5}, keys, values)


def seconds_to_close(sessions: Iterable[Row]) -> list[float]:
    return [
        (s["closed_at"] - s["created_at"]).total_seconds()
        for s in sessions
        if s["closed_at"] is not None
    ]


def test_the_time_to_close(made: Tables) -> None:
    def values(group: Row) -> list[float]:
        return seconds_to_close(
            s for s in made["sessions"].to_pylist() if s["state"] == group["state"]
        )

    names = {"median_seconds": 0.5, "p90_seconds": 0.9}
    found = questions.time_to_close(made, by="state").table
    check(found, names, ("state",), values)


def test_the_times_of_the_funnel(made: Tables) -> None:
    sessions = by_application(made)

    def values(group: Row) -> list[float]:
        own = sessions[group["application_id"]]
        kept = [s for s in own if s["state"] in COMPLETED]
        return {
            "created": [0.0 for _ in own],
            "closed": seconds_to_close(own),
            "kept": seconds_to_close(kept),
        }[group["name"]]

    names = {"median_seconds": 0.5, "p90_seconds": 0.9}
    found = questions.funnel(made, by="application_id").table
    check(found, names, ("application_id", "name"), values)


def test_the_ages_of_outcomes(made: Tables) -> None:
    sessions = by_application(made)
    moments = [
        one
        for s in made["sessions"].to_pylist()
        for name in ("created_at", "updated_at", "closed_at", "cancelled_at")
        if (one := s[name]) is not None
    ]
    states = {"kept_whole": "closed", "partially_returned": "partially_returned",
              "in_progress": "open"}  # fmt: skip

    def values(group: Row) -> list[float]:
        return [
            (max(moments) - s["created_at"]).total_seconds()
            for s in sessions[group["application_id"]]
            if s["state"] == states[group["outcome"]]
        ]

    found = questions.outcomes(made, by="application_id").table
    found = found.filter(pa.compute.is_in(found["outcome"], pa.array(states)))
    check(found, {"median_age_seconds": 0.5}, ("application_id", "outcome"), values)


def test_the_discounts_of_a_label(made: Tables) -> None:
    completed = {
        (s["application_id"], s["integration_id"])
        for s in made["sessions"].to_pylist()
        if s["state"] in COMPLETED
    }

    def values(group: Row) -> list[float]:
        return [
            float(row["value"])
            for row in made["discounts"].to_pylist()
            if (row["application_id"], row["integration_id"]) in completed
            and (row["application_id"], row["label"]) == (group["application_id"], group["label"])
            and row["value"] != 0
        ]

    keys = ("application_id", "label")
    found = questions.discount_summary(made, by=keys).table
    found = found.filter(pa.compute.is_valid(found["label"]))
    check(found, {"median_discount": 0.5, "p90_discount": 0.9}, keys, values)


def test_the_time_between_two_states(made: Tables) -> None:
    """From its creation to its first stop: of a session of one version, its closing or update."""

    def values(group: Row) -> list[float]:
        if group["from_state"] != "(none)":
            return []
        found = []
        for s in made["sessions"].to_pylist():
            times = {"closed": s["closed_at"], "open": s["updated_at"]}
            alone = s["state"] == group["to_state"] and s["cancelled_at"] is None
            moment = times[group["to_state"]] or s["updated_at"] if alone else None
            found += [(moment - s["created_at"]).total_seconds()] if moment else []
        return found

    with_one_stop = pa.compute.is_in(made["sessions"]["state"], pa.array(["open", "closed"]))
    made = made | {"sessions": made["sessions"].filter(with_one_stop)}
    found = questions.transitions(made, currencies="EUR").table
    pairs = {(row["from_state"], row["to_state"]) for row in found.to_pylist()}
    assert pairs >= {("(none)", "open"), ("(none)", "closed")}
    for row in found.to_pylist():
        if row["from_state"] == "(none)":
            group = values(row)
            assert len(group) == row["timed_count"] > 20
            assert row["median_seconds"] == expected(group, 0.5)
