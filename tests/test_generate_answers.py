"""The answers of `generate` against a count of its files by the standard library."""

from __future__ import annotations

from collections import defaultdict
from decimal import Context, Decimal
from pathlib import Path
from typing import Any

import pytest

from sessionkit.generate import generate
from sessionkit.generate.facts import plain
from tests.generated import Seen, answers_of, seen, sessions_in

WIDE = Context(prec=100)
STATES = {"partiallyreturned": "partially_returned"}
COMPLETED = ("closed", "partiallyreturned")


def total_of(amounts: list[Decimal]) -> Decimal:
    total = Decimal(0)
    for amount in amounts:
        total = WIDE.add(total, amount)
    return total


def records_of(out: Path, dialect: str) -> tuple[dict[str, Any], list[Seen]]:
    answers, folder = answers_of(out), out / "dumps"
    if dialect == "csharp_omits_zeros":
        answers, folder = answers["dumps_csharp"], out / "dumps_csharp"
    found = [
        seen({"total": "0"} | record if dialect == "csharp_omits_zeros" else record, dialect)
        for name in answers["files"]
        for record in sessions_in(folder, name, dialect)
    ]
    return answers, found


def latest(found: list[Seen]) -> dict[tuple[int, str], list[Seen]]:
    """Records by session, the one that counts last."""
    by_key: dict[tuple[int, str], list[Seen]] = defaultdict(list)
    for one in found:
        by_key[one.key].append(one)
    for versions in by_key.values():
        versions.sort(key=lambda one: str(one.updated))
    return by_key


def rows_of(current: list[Seen]) -> dict[str, int]:
    lines = [line for one in current for line in one.lines]
    return {
        "sessions": len(current),
        "cart_items": len(lines),
        "discounts": sum(len(one.labels) for one in current),
        "additional_costs": sum(len(one.costs) for one in current)
        + sum(len(line.costs) for line in lines),
        "item_prices": sum(len(line.prices) for line in lines),
        "coupons": sum(len(one.codes) for one in current),
        "identifiers": sum(len(one.identifiers) for one in current),
        "attributes": sum(len(one.attributes) for one in current)
        + sum(len(line.attributes) for line in lines),
    }


@pytest.mark.parametrize(
    "dialect",
    ["v1_session", "csv_export", "v2_response", "session_list", "python_sdk", "csharp_omits_zeros"],
)
def test_answers_hold_for_a_dialect_alone(tmp_path: Path, dialect: str) -> None:
    out = generate(tmp_path, sessions=300, seed=8, dialects=[dialect])
    answers, found = records_of(out, dialect)
    by_key = latest(found)
    current = [versions[-1] for versions in by_key.values()]
    assert answers["records"] == len(found)
    assert answers["sessions"] == len(current)
    assert answers["repeats"] + answers["older"] == len(found) - len(current)
    assert answers["repeats"] == sum(
        one.updated == versions[-1].updated and one.state == versions[-1].state
        for versions in by_key.values()
        for one in versions[:-1]
    )
    effects = answers["tables"].pop("effects")
    assert (effects > 0) == (dialect == "v2_response")
    assert answers["tables"] == rows_of(current)
    for application, by_state in answers["states_by_application"].items():
        told = [STATES.get(s.state, s.state) for s in current if str(s.key[0]) == application]
        assert by_state == {state: told.count(state) for state in by_state}
    for application, populations in answers["totals"].items():
        mine = [one for one in current if str(one.key[0]) == application]
        assert_figures(populations["all"], mine)
        done = [one for one in mine if one.state in COMPLETED]
        assert_figures(populations["completed"], done)


def assert_figures(figures: dict[str, Any], group: list[Seen]) -> None:
    lines = [line for one in group for line in one.lines]
    costs = [cost for one in group for cost in one.costs.values()]
    costs += [cost for line in lines for cost in line.costs.values()]
    items = [WIDE.multiply(line.price, line.quantity) for line in lines]
    assert figures["session_count"] == len(group)
    assert figures["line_count"] == len(lines)
    assert figures["unit_count"] == sum(line.quantity for line in lines)
    assert figures["gross_total"] == plain(total_of([one.total for one in group]))
    assert figures["items_total"] == plain(total_of(items))
    assert figures["additional_cost_total"] == plain(total_of(costs))
    if figures["discount_total"] is not None:
        values = [value for one in group for value in one.granted.values()]
        assert figures["discount_total"] == plain(total_of(values))


@pytest.mark.parametrize("dialect", ["v1_session", "csv_export", "v2_response"])
def test_labels_and_months_are_of_completed_sessions(tmp_path: Path, dialect: str) -> None:
    out = generate(tmp_path, sessions=300, seed=9, dialects=[dialect])
    answers = answers_of(out)
    by_key = latest(records_of(out, dialect)[1])
    done = [v[-1] for v in by_key.values() if v[-1].state in COMPLETED]
    for application, labels in answers["discounts"].items():
        mine = [one for one in done if str(one.key[0]) == application]
        assert set(labels) == {label for one in mine for label in one.granted}
        for label, figures in labels.items():
            values = [one.granted[label] for one in mine if label in one.granted]
            assert figures == {
                "discount_total": plain(total_of(values)),
                "session_count": len(values),
                "row_count": len(values),
            }
    for application, months in answers["totals_by_month"].items():
        mine = [one for one in done if str(one.key[0]) == application]
        assert sum(month["session_count"] for month in months.values()) == len(mine)
        gross = total_of([Decimal(month["gross_total"]) for month in months.values()])
        assert plain(gross) == answers["totals"][application]["completed"]["gross_total"]


def test_what_is_known_of_discounts_depends_on_the_dialect(tmp_path: Path) -> None:
    def counts(dialect: str) -> set[str]:
        answers = answers_of(generate(tmp_path / dialect, sessions=200, dialects=[dialect]))
        ways = ("known", "ambiguous", "unknown")
        return {
            way
            for figures in answers["totals"].values()
            for way in ways
            if figures["all"][f"discount_{way}_count"]
        }

    assert counts("v1_session") == counts("single_session") == {"known"}
    assert counts("v2_session") == {"unknown"}
    assert counts("v2_response") == {"known", "unknown"}  # after a return
    assert counts("csv_export") == counts("session_list") == {"known", "ambiguous"}


def test_no_record_is_lost_in_the_counts(tmp_path: Path) -> None:
    answers = answers_of(generate(tmp_path, sessions=500, seed=2, defects=True))
    for about in (answers, answers["dumps_csharp"]):
        fates = ("sessions", "repeats", "older", "effects", "rejects")
        assert about["records"] == sum(about[fate] for fate in fates)
        assert about["records"] == sum(file["records"] for file in about["files"].values())
        assert about["rejects"] == len(about["planted"])
        for file in about["files"].values():
            ends = ("current", "older", "effects", "rejects")
            assert file["records"] == sum(file[end] for end in ends)


def test_costs_that_v1_cannot_tell_come_from_the_csv_export(tmp_path: Path) -> None:
    both = ["v1_session", "csv_export"]
    out = generate(tmp_path, sessions=600, seed=4, dialects=both)
    answers = answers_of(out)
    found = [
        seen(record, about["dialect"])
        for name, about in answers["files"].items()
        for record in sessions_in(out / "dumps", name, about["dialect"])
    ]
    rows = completed = 0
    for versions in latest(found).values():
        second = max(version_of(one) for one in versions)
        current = [one for one in versions if version_of(one) == second]
        told = {name for one in current for name in one.costs}
        rows += len(told) + sum(len(line.costs) for line in current[0].lines)
        completed += bool(told) and any(not one.costs for one in current)
    assert answers["tables"]["additional_costs"] == rows
    assert completed > 5


def version_of(one: Seen) -> str:
    """The second of the update, the finest that the CSV export has."""
    assert one.updated is not None
    return one.updated.replace(microsecond=0).isoformat()
